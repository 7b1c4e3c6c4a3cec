import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  backward,
  GradientError,
  GraphError,
  noGrad,
  scalar,
  ShapeError,
  stopGradient,
  tensor,
  variable,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";
import { recipes, tensorValues } from "./graphs.js";

describe("Gradients.get and has", () => {
  test("a variable, an interior tensor and the output itself", () => {
    const x = variable(3);
    const y = x.square();
    const z = y.mul(5);
    const gradients = z.backward();
    expect([x, y, z].map((t) => gradients.get(t).item())).toEqual([30, 5, 1]);
    expect([x, y, z].map((t) => gradients.has(t))).toEqual([true, true, true]);
  });

  test("zeros of shape and dtype where the output does not depend", () => {
    const x = tensor([[1, 2]], { dtype: "float32", requiresGrad: true });
    const y = variable(2);
    const gradients = y.square().backward();
    expect(bits(gradients.get(x))).toBe("float32 [1, 2] 0 0");
    expect(gradients.has(x)).toBe(false);
  });

  test("a tensor downstream of the output counts as independent", () => {
    const x = variable(2);
    const y = x.square();
    const later = y.mul(3);
    const gradients = y.backward();
    expect(gradients.has(later)).toBe(false);
    expect(gradients.get(later).item()).toBe(0);
  });

  test("nothing flows through stopGradient", () => {
    const x = variable(2);
    const y = variable(5);
    const gradients = stopGradient(x.square()).mul(y).backward();
    expect([gradients.has(x), gradients.get(x).item(), gradients.get(y).item()]).toEqual([false, 0, 4]);
  });

  test.each([
    ["a constant", () => tensor([1, 2]), /untracked tensor of shape \[2\].*variable\(/],
    ["a result of noGrad", () => noGrad(() => variable(2).mul(3)), /untracked tensor/],
    ["a number", () => 3 as unknown as Tensor, /expected a tensor, got 3/],
    ["nothing", () => undefined as unknown as Tensor, /expected a tensor, got undefined/],
  ])("refuses %s", (_name, make, message) => {
    const gradients = variable(2).square().backward();
    for (const ask of [() => gradients.get(make()), () => gradients.has(make())]) {
      expect(ask).toThrow(GraphError);
      expect(ask).toThrow(message);
    }
  });
});

describe("backward refuses", () => {
  const vector = (): Tensor => tensor([1, 2], { requiresGrad: true }).mul(2);
  test.each([
    ["an output without history", () => backward(scalar(2).mul(3)), GraphError, /without history/],
    ["an output computed under noGrad", () => backward(noGrad(() => variable(2).mul(3))), GraphError, /noGrad/],
    ["what is not a tensor", () => backward(3 as never), GraphError, /expected a tensor, got 3/],
    ["a vector without cotangent", () => backward(vector()), GradientError, /scalar output, got shape \[2\].*sum\(\)/],
    ["a shape [1] without cotangent", () => backward(variable(tensor([1])).mul(2)), GradientError, /got shape \[1\]/],
    ["a cotangent of another shape", () => vector().backward({ cotangent: tensor([[1, 2]]) }), ShapeError, /\[2\].*\[1, 2\]/],
    ["a cotangent that would broadcast", () => vector().backward({ cotangent: tensor(1) }), ShapeError, /\[2\], got \[\]/],
    ["a cotangent of another dtype", () => vector().backward({ cotangent: tensor([1, 2], { dtype: "float32" }) }), GradientError, /float64, got float32.*astype/],
    ["a misspelt option", () => vector().backward({ cotangents: tensor([1, 2]) } as never), ArgumentError, /unknown option "cotangents".*cotangent, createGraph/],
  ])("%s", (_name, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  }); // prettier-ignore
});

describe("backward", () => {
  test("of a variable itself is 1", () => {
    const x = variable(7);
    expect(x.backward().get(x).item()).toBe(1);
    const single = variable(tensor(2, { dtype: "float32" }));
    expect(bits(single.backward().get(single))).toBe("float32 [] 1");
  });

  test("starts from the cotangent: the same bits as the product with it, summed", () => {
    const values = fc.array(fc.double({ noNaN: true, min: -2, max: 2 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(values, values, (data, weights) => {
        const x = tensor(data, { shape: [2, 3], requiresGrad: true });
        const cotangent = tensor(weights, { shape: [2, 3] });
        const y = x.tanh().mul(x);
        const direct = y.backward({ cotangent });
        expect(bits(direct.get(x))).toBe(bits(y.mul(cotangent).sum().backward().get(x)));
        expect(bits(direct.get(y))).toBe(bits(cotangent));
      }),
    );
  });

  test("gives the same bits again, recorded or not, and changes nothing", () => {
    fc.assert(
      fc.property(recipes(12), (recipe) => {
        const values = tensorValues(recipe, recipe.leaves.map(variable));
        const before = values.map(bits);
        const root = values.at(-1)!;
        const [first, second, recorded] = [root.backward(), root.backward(), root.backward({ createGraph: true })];
        for (const t of values) {
          expect(bits(second.get(t))).toBe(bits(first.get(t)));
          expect(bits(recorded.get(t))).toBe(bits(first.get(t)));
        }
        expect(values.map(bits)).toEqual(before);
      }),
    );
  });

  test.each([
    ["x + x", (x: Tensor) => x.add(x), 2],
    ["x x", (x: Tensor) => x.mul(x), 6],
    ["x / x", (x: Tensor) => x.div(x), 0],
    ["x - x", (x: Tensor) => x.sub(x), 0],
    ["x² + x³ over one square", (x: Tensor) => [x.square()].map((s) => s.add(s.mul(x)))[0]!, 6 + 27],
    ["(x + 1)(x - 1)", (x: Tensor) => x.add(1).mul(x.sub(1)), 6],
  ])("adds up paths: %s", (_name, f, slope) => {
    const x = variable(3);
    expect(f(x).backward().get(x).item()).toBe(slope);
  });

  test("sixty diamonds in a row: 2^60 paths, one sweep", () => {
    const x = variable(1);
    let y = x;
    for (let i = 0; i < 60; i++) y = y.add(y);
    expect(y.backward().get(x).item()).toBe(2 ** 60);
  });

  test("float32 contributions add up in float32", () => {
    const x = tensor(1, { dtype: "float32", requiresGrad: true });
    const [big, small] = [2 ** 24, 1];
    // 2^24 + 1 is no float32; the order is that of the sweep, the latest node first.
    const y = x.mul(small).add(x.mul(big));
    expect(y.backward().get(x).item()).toBe(2 ** 24);
  });
});

describe("createGraph", () => {
  test("derivatives of x⁵ to order 6", () => {
    const x = variable(2);
    let y = x.pow(5);
    const slopes: number[] = [];
    for (let order = 1; order < 6; order++) {
      y = y.backward({ createGraph: true }).get(x);
      slopes.push(y.item());
    }
    expect(slopes).toEqual([80, 160, 240, 240, 120]);
    expect(y.backward().get(x).item()).toBe(0);
  });

  test("mixed partials agree in both orders: ∂²(x²y³)/∂x∂y = 6xy²", () => {
    const [x, y] = [variable(2), variable(3)];
    const z = x.square().mul(y.pow(3));
    const first = z.backward({ createGraph: true });
    expect(first.get(x).backward().get(y).item()).toBe(108);
    expect(first.get(y).backward().get(x).item()).toBe(108);
  });

  test("without it gradients have no history, inside of noGrad or out", () => {
    const x = variable(2);
    const y = x.square().mul(x);
    expect(y.backward().get(x).requiresGrad).toBe(false);
    expect(y.backward({ createGraph: true }).get(x).requiresGrad).toBe(true);
    expect(noGrad(() => y.backward().get(x).item())).toBe(12);
  });

  test("without it a tracked cotangent leaves no history either, whatever the operator", () => {
    const ct = variable(tensor([1]));
    const x = variable(tensor([2]));
    const through = (y: Tensor): boolean => y.backward({ cotangent: ct }).get(x).requiresGrad;
    expect(through(x.mul(3))).toBe(false);
    // Rules that return `ct` hand on the seed itself, but not its node.
    expect(through(x.add(3))).toBe(false);
  });
});
