/** The reference: what each operator's docstring has to say, and the tables made of it. */
import { describe, expect, test } from "vitest";
import * as ops from "../packages/core/src/ops/index.js";
import { math } from "../scripts/math.mjs";
import { firstSentence, pagesOf, readOperators } from "../scripts/operators.mjs";

const operators = readOperators();
const names = Object.keys(ops).sort();

/** The formulas between dollar signs. */
const formulasIn = (text: string): string[] => [...text.matchAll(/\$([^$]+)\$/g)].map((match) => match[1]!);

describe("the first sentence", () => {
  test.each([
    ["One. Two.", "One."],
    ["Square root, $y = x^{0.5}$, of `1.5 .` and so on. More.", "Square root, $y = x^{0.5}$, of `1.5 .` and so on."],
    ["On two\nlines.\n\n- a list", "On two lines."],
    ["without a full stop", ""],
  ])("of %j", (text, expected) => expect(firstSentence(text)).toBe(expected));
});

test("the operators read are those exported", () => {
  expect(operators.map(({ name }) => name).sort()).toEqual(names);
});

describe.each(operators)("$name", ({ summary, derivative, shapes, kink, example }) => {
  test("has a first sentence, shapes, a derivative and an example", () => {
    expect(summary, "a first sentence with a formula, as TeX or code").toMatch(/\$[^$]+\$|`[^`]*= [^`]*`/);
    expect(derivative, "@derivative").not.toBe("");
    expect(shapes, "@returns, with the shape").toBe(true);
    expect(example, "@example").toBe(true);
  });

  test("has formulas that can be set", () => {
    for (const formula of formulasIn(`${summary} ${derivative} ${kink}`))
      expect(math(formula), formula).toMatch(/^<math>.*<\/math>$/s);
  });
});

describe("pages", () => {
  const pages = pagesOf(operators);
  const rowsOf = (text: string): string[] =>
    [...text.matchAll(/^\| \{@link @cotangent\/core!(\w+) /gm)].map((m) => m[1]!);

  test("the one of all operators has a row for each", () => {
    expect(rowsOf(pages.get("all.md")!).sort()).toEqual(names);
  });

  test("those of the families have a row for each, together", () => {
    const rows = [...pages].flatMap(([file, text]) => (file === "all.md" ? [] : rowsOf(text)));
    expect(rows.sort()).toEqual(names);
    for (const [file, text] of pages) expect(rowsOf(text).length, file).toBeGreaterThan(0);
  });

  test("every row has four cells", () => {
    for (const row of pages
      .get("all.md")!
      .split("\n")
      .filter((line) => line.startsWith("| {@link")))
      expect(row.split(/(?<!\\)\|/), row).toHaveLength(6);
  });
});
