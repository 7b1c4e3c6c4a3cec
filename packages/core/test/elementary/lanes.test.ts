import { describe, expect, it } from "vitest";
import { mapText, type MapOperand } from "../../src/backends/wasmMapText.js";
import { compileModule, functionOf, instantiate, wasmApi } from "../../src/backends/wasmModule.js";
import { lanesOf } from "../../src/readings/lanes.js";
import { numbers } from "../../src/readings/numbers.js";
import type { Precision, ScalarExpression } from "../../src/scalar.js";
import { expressions, special, type Expression } from "./expressions.js";
import { anyBits, between, bitsOf, rounding, wordsFrom } from "./samples.js";

const memory = new wasmApi!.Memory({ initial: 16 });
const arrays = { float64: Float64Array, float32: Float32Array };
const dense: MapOperand = { stored: "number", repeated: false };

/** The function over whole arrays, as WebAssembly computes it. */
function compiled(expression: Expression, precision: Precision): (xs: number[], ys: number[]) => number[] {
  const { text } = mapText(expression as unknown as ScalarExpression, [dense, dense], 0, precision, "number");
  const { map } = instantiate(compileModule([functionOf("map", text)]), memory);
  return (xs, ys) => {
    const bytes = 16 * xs.length;
    const make = (place: number): Float64Array | Float32Array =>
      new arrays[precision](memory.buffer, place * bytes, xs.length);
    make(0).set(xs);
    make(1).set(ys);
    map!(1, xs.length, 2 * bytes, 0, 0, 0, bytes, 0);
    return [...make(2)];
  };
}

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const round = rounding[precision];
  const s = numbers(precision);

  it.each(Object.keys(expressions))("%s has the same bits in lanes and as numbers", (name) => {
    const expression = expressions[name]!;
    const word = wordsFrom(11);
    const xs = special.flatMap((x) => special.map(() => round(x)));
    const ys = special.flatMap(() => special.map((y) => round(y)));
    for (let i = 0; i < 3000; i++) {
      xs.push(anyBits(precision, word), between(precision, word, -5, 5), between(precision, word, -800, 800));
      ys.push(anyBits(precision, word), between(precision, word, -5, 5), between(precision, word, -2, 2));
    }
    const results = compiled(expression, precision)(xs, ys);
    xs.forEach((x, i) => {
      const value = expression(s, x, ys[i]!);
      if (bitsOf(results[i]!) !== bitsOf(value))
        expect.fail(`${name}(${x}, ${ys[i]!}): lanes give ${results[i]!}, numbers give ${value}`);
    });
  });
});

describe("text over lanes", () => {
  it("computes equal sub-expressions once, what never changes before the loops, and nothing that is not used", () => {
    const text = lanesOf(
      (s, x, y) => {
        s.div(x!, y!);
        return s.add(s.mul(x!, x!), s.add(s.mul(x!, x!), s.sqrt(s.add(y!, s.constant(1)))));
      },
      [
        { name: "$x", level: 2 },
        { name: "$y", level: 1 },
      ],
      "float64",
    );
    expect(text.statements.map((list) => list.length)).toEqual([1, 2, 3]);
    expect(text.cost).toBe(3);
    expect(text.results[0]!).toMatchObject({ level: 2 });
  });
});
