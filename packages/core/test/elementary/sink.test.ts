/** Where statements of a generated loop stand, and that nothing is computed before its branch or after its use. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sink, type Value } from "../../src/readings/sink.js";

const value = (name: string, text: string): Value => ({ name, text });
const choice = (name: string, mask: string, x: string, y: string): Value => ({ name, text: `${mask} ? ${x} : ${y}`, choice: { mask, x, y } }); // prettier-ignore

describe("statements stand where they are needed", () => {
  test("what one side alone uses is computed in its branch", () => {
    const long = [value("v0", "x0 * x0"), value("v1", "v0 + 1"), value("v2", "v1 * v1"), choice("v3", "(x0 < 0)", "v2", "x0")]; // prettier-ignore
    expect(sink(long, ["v3"]).join("\n").split("\n")).toEqual([
      "let v3 = 0, v0 = 0, v1 = 0, v2 = 0;",
      "if ((x0 < 0)) {",
      "v0 = x0 * x0;",
      "v1 = v0 + 1;",
      "v2 = v1 * v1;",
      "v3 = v2;",
      "} else {",
      "v3 = x0;",
      "}",
    ]);
  });

  test("a value that both sides use stays before the choice; one that nothing uses is left out", () => {
    const values = [value("v0", "x0 + 1"), value("v1", "v0 * 7"), choice("v2", "(x0 < 0)", "v0", "x0"), choice("v3", "(x0 < 1)", "x0", "v0"), value("v4", "v2 + v3")]; // prettier-ignore
    const text = sink(values, ["v4"]).join("\n");
    expect(text.startsWith("const v0 = x0 + 1;")).toBe(true);
    expect(text).not.toContain("v1");
  });
});

/** Random programs of sums, products and choices over two inputs; each value uses earlier ones. */
const program = fc
  .array(fc.tuple(fc.nat(2), fc.nat(), fc.nat(), fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 25 })
  .map((steps) => {
    const names = ["x0", "x1"];
    return steps.map(([kind, a, b, c, limit], i): Value => {
      const pick = (n: number): string => names[n % names.length]!;
      const name = `v${i}`;
      const made =
        kind === 2
          ? choice(name, `(${pick(c)} < ${limit})`, pick(a), pick(b))
          : value(name, `${pick(a)} ${kind === 0 ? "+" : "*"} ${pick(b)}`);
      names.push(name);
      return made;
    });
  });

test("any program gives the value of its statements in order", () => {
  fc.assert(
    fc.property(program, fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), (values, x0, x1) => {
      const run = (statements: readonly string[], result: string): unknown =>
        (new Function("x0", "x1", `"use strict"; ${statements.join("\n")} return ${result};`) as (...xs: number[]) => unknown)(x0, x1); // prettier-ignore
      const result = values.at(-1)!.name;
      const plain = values.map(({ name, text }) => `const ${name} = ${text};`);
      expect(run(sink(values, [result]), result)).toBe(run(plain, result));
    }),
    { numRuns: 1000 },
  );
});
