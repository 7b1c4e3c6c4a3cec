import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbers } from "../../src/readings/numbers.js";
import { prelude, runtime, sourceOf } from "../../src/readings/source.js";
import type { Precision, ScalarExpression } from "../../src/scalar.js";
import { expressions, special, type Expression } from "./expressions.js";
import { anyBits, between, bitsOf, rounding, wordsFrom } from "./samples.js";

function compiled(expression: Expression, precision: Precision): (x: number, y: number) => number {
  const { statements, result } = sourceOf(expression as unknown as ScalarExpression, ["x", "y"], precision);
  return new Function(
    "runtime",
    `"use strict"; ${prelude} return (x, y) => { ${statements.join("\n")} return ${result}; }`,
  )(runtime);
}

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const round = rounding[precision];
  const s = numbers(precision);

  it.each(Object.keys(expressions))("%s has the same bits as text and as numbers", (name) => {
    const expression = expressions[name]!;
    const run = compiled(expression, precision);
    const word = wordsFrom(7);
    const check = (x: number, y: number): void => {
      const [text, value] = [run(x, y), expression(s, x, y)];
      if (bitsOf(text) !== bitsOf(value)) expect.fail(`${name}(${x}, ${y}): text gives ${text}, numbers give ${value}`);
      if (!Object.is(round(text), text)) expect.fail(`${name}(${x}, ${y}): ${text} is no ${precision}`);
    };
    for (const x of special) for (const y of special) check(round(x), round(y));
    for (let i = 0; i < 3000; i++) {
      check(anyBits(precision, word), anyBits(precision, word));
      check(between(precision, word, -5, 5), between(precision, word, -5, 5));
    }
  });
});

describe("text", () => {
  it("gives literals that read back as the same number", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const { statements, result } = sourceOf((s) => s.constant(value), [], "float64");
        expect(statements).toEqual([]);
        expect(new Function(`return 0 - ${result}`)()).toBe(0 - value);
        expect(new Function(`return ${result}`)()).toBe(value);
      }),
    );
  });

  it("computes equal sub-expressions once", () => {
    const { statements, result } = sourceOf((s, x) => s.add(s.mul(x!, x!), s.mul(x!, x!)), ["x"], "float64");
    expect(statements).toEqual(["const v0 = x * x;", "const v1 = v0 + v0;"]);
    expect(result).toBe("v1");
  });

  it("rounds every step in float32", () => {
    const { statements } = sourceOf((s, x) => s.add(s.mul(x!, s.constant(0.1)), x!), ["x"], "float32");
    expect(statements).toEqual(["const v0 = Math.fround(x * 0.10000000149011612);", "const v1 = Math.fround(v0 + x);"]);
  });
});

describe("rounding to integers", () => {
  it("goes to the nearest, half to even, and keeps the sign of zero", () => {
    const s = numbers("float64");
    const pairs: [number, number][] = [
      [0.5, 0],
      [1.5, 2],
      [2.5, 2],
      [-0.5, -0],
      [-0.2, -0],
      [-1.5, -2],
      [0.49999999999999994, 0],
      [2 ** 52 + 1, 2 ** 52 + 1],
      [-0, -0],
      [-Infinity, -Infinity],
      [4503599627370495.5, 4503599627370496],
    ];
    for (const [x, y] of pairs) expect(s.round(x)).toBe(y);
    expect(s.round(NaN)).toBeNaN();
  });
});
