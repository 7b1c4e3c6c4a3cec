/** CSV in pieces: the same numbers as in one piece, typed columns, and all wrong cells named. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { ArgumentError, DataError } from "@cotangent/core";
import { parseCsv } from "@cotangent/data";
import { readCsvDataset, streamCsv, type ColumnType, type CsvBatch, type StreamCsvOptions } from "@cotangent/data/node";

const folder = mkdtempSync(join(tmpdir(), "cotangent-csv-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "data.csv");

async function batches(text: string, options?: StreamCsvOptions): Promise<CsvBatch[]> {
  writeFileSync(path, text);
  const list: CsvBatch[] = [];
  for await (const batch of streamCsv(path, options)) list.push(batch);
  return list;
}
const columns = async (text: string, options?: StreamCsvOptions): Promise<Record<string, unknown[]>> => {
  const list = await batches(text, { size: 2, ...options });
  const names = [...list[0]!.columns.keys()];
  return Object.fromEntries(names.map((name) => [name, list.flatMap((batch) => [...batch.columns.get(name)!])]));
};
async function refusal(run: Promise<unknown>): Promise<Error> {
  return run.then(
    () => {
      throw new Error("nothing was refused");
    },
    (error: Error) => error,
  );
}

test("any table in batches of any size is what parseCsv reads at once", async () => {
  const cell = fc.double({ noNaN: true, noDefaultInfinity: true });
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n }), { minLength: 1, maxLength: 30 }));
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 10 }), async (rows, size) => {
      const head = rows[0]!.map((_, i) => `c${i}`);
      const text = [head, ...rows].map((row) => row.join(",")).join("\n");
      const list = await batches(text, { size });
      expect(list.map((batch) => batch.size)).toEqual(
        Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => Math.min(size, rows.length - i * size)),
      );
      const whole = parseCsv(text);
      head.forEach((name, i) => {
        const values = list.flatMap((batch) => [...(batch.columns.get(name) as Float64Array)]);
        expect(values).toEqual(whole.rows.map((row) => row[i]));
      });
    }),
    { numRuns: 60 },
  );
});

test("columns of every type", async () => {
  const text = "n,i,c,l,t,s\n1.5,1,red,b,x,?\n-2,-7,blue,a,,?\n3e2,0,red,b,z,?\n";
  const types = { i: "integer", c: "category", l: ["a", "b"], t: "text", s: "skip" } as const;
  const [first, last] = await batches(text, { types, size: 2 });
  expect(await columns(text, { types })).toEqual({
    n: [1.5, -2, 300],
    i: [1, -7, 0],
    c: [0, 1, 0],
    l: [1, 0, 1],
    t: ["x", "", "z"],
  });
  expect([first!.columns.get("n"), first!.columns.get("i")]).toEqual([Float64Array.of(1.5, -2), Int32Array.of(1, -7)]);
  expect([...last!.categories]).toEqual([["c", ["red", "blue"]], ["l", ["a", "b"]]]); // prettier-ignore
});

test("header, delimiter, quotes, blank lines, byte order mark", async () => {
  expect(await columns("1;2\n\n3;4", { header: false, delimiter: ";" })).toEqual({ 0: [1, 3], 1: [2, 4] });
  expect(await columns("1,2\r\n3,4\n5,6", { header: ["x", "y"] })).toEqual({ x: [1, 3, 5], y: [2, 4, 6] });
  expect(await columns("1,2\r\n3,4\r\n", { header: ["x", "y"] })).toEqual({ x: [1, 3], y: [2, 4] });
  expect(await columns('\ufeff"a ""x""","b\nc"\n "1" , 2 \n')).toEqual({ 'a "x"': [1], "b\nc": [2] });
  expect(await columns("__proto__,constructor\n1,2\n", { types: { ["constructor" as string]: "integer" } })).toEqual(
    Object.fromEntries([["__proto__", [1]], ["constructor", [2]]]), // prettier-ignore
  );
});

describe("missing values", () => {
  const text = "a,b,c\n1,,x\n,2,\n3,4,y\n5,NA,z\n";
  const types: Readonly<Record<string, ColumnType>> = { c: "category" };

  test("are reported, all of them", async () => {
    const error = await refusal(batches(text, { types, missing: ["", "NA"], size: 1 }));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toBe(
      `streamCsv: expected a finite number in line 2, column "b" of ${path}, got a missing value; also
  line 3, column "a": a missing value
  line 3, column "c": a missing value
  line 5, column "b": a missing value`,
    );
  });

  test("become NaN, or take their rows with them", async () => {
    const numbers = "a,b\n1,\nNA,2\n3,4\n";
    const missing = ["", "NA"];
    expect(await columns(numbers, { missing, onMissing: "nan" })).toEqual({ a: [1, NaN, 3], b: [NaN, 2, 4] });
    expect(await columns(numbers, { missing, onMissing: "drop" })).toEqual({ a: [3], b: [4] });
    expect(await columns(text, { missing, onMissing: "drop", types: { b: "skip", c: "skip" } })).toEqual({
      a: [1, 3, 5],
    });
    expect((await refusal(batches(text, { types, onMissing: "nan" }))).message).toMatch(/a category in line 3/);
    expect((await refusal(batches("a\nNA\n", { missing, onMissing: "drop" }))).message).toMatch(/at least one row/);
  });

  test("at most 20 are listed, and no batch follows the first", async () => {
    writeFileSync(path, `a\n1\n2\n${"x\n".repeat(1e5)}`);
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const batch of streamCsv(path, { size: 1 })) seen.push(batch.size);
    };
    const { message } = await refusal(run());
    expect(message.split("\n").length).toBe(21);
    expect(message).toMatch(/line 4, column "a" of .*, got "x"; also\n {2}line 5, .*\n {2}line 23, column "a": "x"\n {2}and more$/s); // prettier-ignore
    expect(seen).toEqual([1, 1]);
    expect(() => parseCsv(`a\n${"x\n".repeat(1e5)}`)).toThrow(/line 21, column "a": "x"\n {2}and more$/);
  });
});

describe("what is wrong is named", () => {
  test.each<[string, string, StreamCsvOptions, RegExp]>([
    ["text", "a,b\n1,x", {}, /a finite number in line 2, column "b" of .*, got "x"/],
    ["a fraction", "a\n1.5", { types: { a: "integer" } }, /an integer that fits int32 in line 2, column "a" .* got "1.5"/],
    ["a large integer", "a\n2147483648", { types: { a: "integer" } }, /an integer that fits int32/],
    ["another category", "a\nred", { types: { a: ["blue"] } }, /one of blue in line 2, column "a" .* got "red"/],
    ["a row too short", "a,b\n1,2\n3", {}, /expected 2 values in line 3 of .*, got 1/],
    ["names too few", "1,2", { header: ["a"] }, /expected 1 values in line 1 of .*, got 2/],
    ["a name twice", "a,b,a\n1,2,3", {}, /got "a" twice; give names/],
    ["a header alone", "a,b\n", {}, /at least one row in .*, got none/],
    ["nothing", "", {}, /at least one row in .*, got nothing/],
    ["a quote inside", 'a\n1"2\n', {}, /comma-separated text in .*, got what cannot be parsed/],
    ["a quote that is not closed", `a\n"${"1\n".repeat(1e5)}`, {}, /got what cannot be parsed/],
  ])("%s", async (_name, text, options, message) => {
    const error = await refusal(batches(text, options));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^streamCsv: expected /);
  }); // prettier-ignore

  test("a file that is not there, or a folder", async () => {
    for (const [wrong, reason] of [[join(folder, "none"), "there is no such file"], [folder, "it is a folder"]] as const) {
      const error = await refusal(streamCsv(wrong).next());
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toBe(`streamCsv: expected a readable file at ${wrong}, but ${reason}`);
    }
  }); // prettier-ignore

  test.each<[StreamCsvOptions, RegExp]>([
    [{ size: 0 }, /a size that is an integer from 1, got 0/],
    [{ header: 1 as never }, /header to be true, false or names, got 1/],
    [{ delimiter: "" }, /delimiter to be a text/],
    [{ missing: "NA" as never }, /missing to be a list of texts/],
    [{ onMissing: "ignore" as never }, /onMissing to be/],
    [{ types: { a: "float" as never } }, /types.a to be "number", .* or a list, got the string "float"/],
    [{ sise: 3 } as never, /unknown option "sise"/],
  ])("options %j", (options, message) => {
    expect(() => streamCsv(path, options)).toThrow(ArgumentError);
    expect(() => streamCsv(path, options)).toThrow(message);
  });

  test("a type of no column", async () => {
    const error = await refusal(batches("a,b\n1,2", { types: { c: "integer" } }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(/got one of "c"; it has a, b/);
  });
});

test("a reader that stops early closes the file", async () => {
  writeFileSync(path, `a\n${"1\n".repeat(1e6)}`);
  for (let i = 0; i < 20; i++) for await (const { size } of streamCsv(path)) if (size > 0) break;
});

describe("readCsvDataset", () => {
  const read = async (text: string, options: object): ReturnType<typeof readCsvDataset> => {
    writeFileSync(path, text);
    return readCsvDataset(path, options as never);
  };

  test("categories as columns of zeros and ones, in any batch; labels as classes", async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `${i},${["r", "g", "b"][i % 3]!},${i % 2 ? "yes" : "no"}`);
    const types = { colour: "category", ok: ["no", "yes"] } as const;
    const data = await read(`n,colour,ok\n${rows.join("\n")}\n`, { target: "ok", types, name: "mine" });
    expect([data.features.shape, data.features.dtype, data.labels.dtype]).toEqual([[9000, 4], "float64", "int32"]);
    expect(data.features.slice([[8998, 9000]]).toArray()).toEqual([[8998, 0, 1, 0], [8999, 0, 0, 1]]); // prettier-ignore
    expect(data.labels.slice([[8998, 9000]]).toArray()).toEqual([0, 1]);
    expect(data).toMatchObject({ name: "mine", classNames: ["no", "yes"] });
    expect(data.featureNames).toEqual(["n", "colour=r", "colour=g", "colour=b"]);
  });

  test("integers as features become floats, numbers as labels stay", async () => {
    const data = await read("y,a\n0.5,1\n1.5,2\n", { target: "y", types: { a: "integer" } });
    expect([data.features.toArray(), data.labels.toArray()]).toEqual([[[1], [2]], [0.5, 1.5]]); // prettier-ignore
    expect([data.features.dtype, data.labels.dtype, data.classNames]).toEqual(["float64", "float64", []]);
  });

  test.each<[string, string, object, RegExp]>([
    ["no target", "a\n1", {}, /target to be the name of a column, got undefined/],
    ["another target", "a,b\n1,2", { target: "c" }, /got "c"; it has a, b/],
    ["text", "a,b\nx,2", { target: "b", types: { a: "text" } }, /in column "a" of .*, got text; give its type/],
    ["nothing beside the target", "a\n1", { target: "a" }, /features beside "a"/],
    ["NaN let through", "a,b\n,2", { target: "b", onMissing: "nan" }, /dataset: expected finite features, got NaN in row 0, column a/],
    ["a missing value", "a,b\n,2", { target: "b" }, /^readCsvDataset: expected a finite number in line 2, column "a"/],
  ])("%s", async (_name, text, options, message) => {
    expect((await refusal(read(text, options))).message).toMatch(message);
  }); // prettier-ignore
});
