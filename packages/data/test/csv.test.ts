/** CSV text: what was written comes back to the bit, and what is wrong is named with its line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "@cotangent/core";
import { fromRows, parseCsv } from "@cotangent/data";

const cell = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Without blanks at the ends, which are trimmed. */
const name = fc.stringMatching(/^[a-zäß "',;.|<>&_0-9]{1,8}$/).filter((text) => text.trim() === text);
const table = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.record({
    columns: fc.array(name, { minLength: columns, maxLength: columns }),
    rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 20 }),
  }),
);
const form = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  newline: fc.constantFrom("\n", "\r\n", "\r"),
  mark: fc.constantFrom("", "\ufeff"),
  end: fc.boolean(),
  blank: fc.constantFrom("", " ", "  "),
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const written = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

test("a table comes back to the bit, whatever the delimiter, the line ends, blanks and byte order mark", () => {
  fc.assert(
    fc.property(table, form, ({ columns, rows }, { delimiter, newline, mark, end, blank }) => {
      const lines = [columns.map(quoted), ...rows.map((row) => row.map((v) => blank + written(v) + blank))];
      const text = mark + lines.map((line) => line.join(delimiter)).join(newline) + (end ? newline : "");
      expect(parseCsv(text, { delimiter })).toEqual({ columns, rows });
    }),
  );
});

test("line ends may differ from line to line", () => {
  expect(parseCsv("a,b\r\n1,2\n3,4\r\n5,6\r7,8")).toEqual({ columns: ["a", "b"], rows: [[1, 2], [3, 4], [5, 6], [7, 8]] });
  expect(() => parseCsv("a,b\n1,2\r\n3,x\n")).toThrow(/line 3, column "b"/);
}); // prettier-ignore

test("what is no text, and delimiters that are none, are arguments", () => {
  for (const text of [undefined, 5, Uint8Array.of(97)]) expect(() => parseCsv(text as never)).toThrow(ArgumentError);
  expect(() => parseCsv("a\n1", { delimiter: "" })).toThrow(
    /^parseCsv: expected delimiter to be a text, got the string ""/,
  );
});

test("numbers may be written in any way that JavaScript reads", () => {
  expect(parseCsv('a,b,c,d\n+1,.5,"-2",1e-3').rows).toEqual([[1, 0.5, -2, 0.001]]);
});

test("blank lines are passed over", () => {
  expect(parseCsv("a,b\n\n1,2\n\n\n3,4\n\n").rows).toEqual([[1, 2], [3, 4]]); // prettier-ignore
});

describe("what is wrong is named with its line", () => {
  test.each([
    ["a row too short", "a,b\n1,2\n3", /expected 2 values in line 3 of the CSV text, got 1/],
    ["a row too long", "a,b\n1,2,3\n3,4", /expected 2 values in line 2 of the CSV text, got 3/],
    ["a delimiter too many", "a,b\n1,2\n3,4,", /expected 2 values in line 3 of the CSV text, got 3/],
    ["text", "a,b\n1,2\n3,x\n", /expected a finite number in line 3, column "b" of the CSV text, got "x"/],
    ["text in the first row", "a,b\nx,2", /line 2, column "a" of the CSV text, got "x"/],
    ["a missing value", "a,b\n1,2\n,4", /line 3, column "a" of the CSV text, got a missing value/],
    ["a blank value", "a,b\n1,2\n3,   ", /line 3, column "b" of the CSV text, got a missing value/],
    ["a quoted missing value", 'a,b\n"",2', /line 2, column "a" of the CSV text, got a missing value/],
    ["NaN", "a,b\n1,NaN", /line 2, column "b" of the CSV text, got "NaN"/],
    ["an infinity", "a,b\n-Infinity,1", /line 2, column "a" of the CSV text, got "-Infinity"/],
    ["a number out of range", "a\n1e999", /line 2, column "a" of the CSV text, got "1e999"/],
    ["a decimal comma", 'a\n"1,5"', /got "1,5"/],
    ["another delimiter", "a;b\n1;2", /line 2, column "a;b" of the CSV text, got "1;2"/],
    ["Windows' line ends", "a,b\r\n1,2\r\n3,x", /line 3, column "b"/],
    ["a line after blank ones", "a,b\n\n\n1,x", /line 4, column "b"/],
    ["a line after a header of two", 'a,"b\nc"\n1,2\n3,x', /line 4, column/],
    ["a quote that is not closed", 'a,b\n1,2\n"3,4', /line 3/],
    ["a quote inside", 'a,b\n1,2\n3"3,4', /line 3/],
  ])("%s", (_name, text, message) => {
    expect(() => parseCsv(text)).toThrow(DataError);
    expect(() => parseCsv(text)).toThrow(message);
    expect(() => parseCsv(text, { source: "my.csv" })).toThrow(/of my\.csv|in my\.csv/);
  });

  test.each([
    ["nothing", "", /a header line and at least one row in the CSV text, got nothing/],
    ["blank lines", "\n\r\n\n", /got nothing/],
    ["a byte order mark", "\ufeff", /got nothing/],
    ["a header", "a,b", /got only a header/],
    ["a header and blank lines", "a,b\n\n\n", /got only a header/],
  ])("%s alone is no table", (_name, text, message) => {
    expect(() => parseCsv(text)).toThrow(DataError);
    expect(() => parseCsv(text)).toThrow(message);
  });

  test("a long cell is cut", () => {
    const error = ((): unknown => {
      try {
        return parseCsv(`a\n${"long".repeat(10000)}`);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message.length).toBeLessThan(200);
  });

  test("misspelt options", () => {
    expect(() => parseCsv("a\n1", { delimeter: ";" } as never)).toThrow(ArgumentError);
  });
});

test("fromRows takes the last column as the class", () => {
  const { columns, rows } = parseCsv("x,y,class\n1,2,0\n3,4,7\n");
  const { features, labels, featureNames, name: called } = fromRows(rows, columns, { name: "mine" });
  expect(features.toArray()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  expect([features.dtype, labels.dtype]).toEqual(["float64", "int32"]);
  expect(labels.toArray()).toEqual([0, 7]);
  expect([featureNames, called]).toEqual([["x", "y"], "mine"]);
});
