/** grad and valueAndGrad: trees, options, closures. */
import { describe, expect, test } from "vitest";
import {
  backward,
  grad,
  GradientError,
  noGrad,
  scalar,
  tensor,
  valueAndGrad,
  variable,
  vjp,
  withDefaultDtype,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";

const cube = (x: Tensor): Tensor => x.mul(x).mul(x);

describe("grad", () => {
  test("nests: derivatives of x³ to order 4", () => {
    const [d1, d2, d3, d4] = [grad(cube), grad(grad(cube)), grad(grad(grad(cube))), grad(grad(grad(grad(cube))))];
    expect([d1(2), d2(2), d3(2), d4(2)].map((t) => t.item())).toEqual([12, 12, 6, 0]);
  });

  test("of a function that ignores its argument is zero, however deep", () => {
    const f = (_x: Tensor): Tensor => scalar(4);
    expect([grad(f)(2).item(), grad(grad(f))(2).item()]).toEqual([0, 0]);
  });

  test("takes a number, a constant or a variable; marks none of them", () => {
    const [constant, tracked] = [tensor(2), variable(2)];
    expect([grad(cube)(2), grad(cube)(constant), grad(cube)(tracked)].map((t) => t.item())).toEqual([12, 12, 12]);
    expect(constant.requiresGrad).toBe(false);
  });

  test.each([
    ["the second argument", { argnums: 1 }, 2],
    ["the first, by default", {}, 12],
  ])("argnums: %s", (_name, options, slope) => {
    const f = (x: Tensor, y: Tensor): Tensor => x.square().mul(y.add(1)).sub(y.mul(2));
    expect((grad<[Tensor, Tensor]>(f, options)(tensor(2), tensor(2)) as Tensor).item()).toBe(slope);
  });

  test("argnums: a list gives a list, in its order", () => {
    const f = (x: Tensor, y: Tensor, z: Tensor): Tensor => x.mul(2).add(y.mul(3)).add(z.mul(5));
    const [byZ, byX] = grad<[Tensor, Tensor, Tensor], { argnums: [2, 0] }>(f, { argnums: [2, 0] })(
      tensor(1),
      tensor(1),
      tensor(1),
    );
    expect([byZ!.item(), byX!.item()]).toEqual([5, 2]);
  });

  test("arguments that are not differentiated reach the function as they are", () => {
    expect(grad((x: Tensor, n: number) => x.mul(n + 1))(2, 3).item()).toBe(4);
    // @ts-expect-error a number where the function takes a tensor
    expect(grad((x: Tensor, y: Tensor) => x.mul(y))(2, 3).item()).toBe(3);
  });

  test("argnums: an argument named twice", () => {
    const gradients = grad((x: Tensor) => x.square(), { argnums: [0, 0] })(3);
    // One argument at two places is lifted once for each.
    expect(gradients.map((g) => g.item())).toEqual([6, 6]);
  });

  test("inside of noGrad still differentiates, and records nothing", () => {
    const x = variable(2);
    const slope = noGrad(() => grad(cube)(x));
    expect([slope.item(), slope.requiresGrad]).toEqual([12, false]);
  });

  test("nothing flows through a part under noGrad", () => {
    expect(grad((x: Tensor) => noGrad(() => x.square()).mul(x))(3).item()).toBe(9);
  });
});

describe("trees", () => {
  interface Params {
    layers: { weight: Tensor; bias: Tensor }[];
    rate: number;
  }

  test("the gradient has the tree's structure, shapes and dtypes; untouched leaves get zeros", () => {
    const params = {
      layers: [{ weight: tensor([[1, 2]]), bias: tensor([3], { dtype: "float32" }) }],
      unused: { deep: [tensor([[1, 2], [3, 4]], { dtype: "float32" })] },
      rate: 4,
      empty: {},
    }; // prettier-ignore
    const gradient = grad((p: Params) => p.layers[0]!.weight.mul(p.rate).sum().add(p.layers[0]!.bias.square().sum()))(
      params,
    );
    expect(Object.keys(gradient)).toEqual(["layers", "unused", "rate", "empty"]);
    const all = gradient as unknown as { layers: { weight: Tensor; bias: Tensor }[]; unused: { deep: Tensor[] }; rate: Tensor };
    expect(bits(all.layers[0]!.weight)).toBe("float64 [1, 2] 4 4");
    expect(bits(all.layers[0]!.bias)).toBe("float32 [1] 6");
    expect(bits(all.unused.deep[0]!)).toBe("float32 [2, 2] 0 0 0 0");
    expect(bits(all.rate)).toBe("float64 [] 3");
  }); // prettier-ignore

  test("number leaves are float64 scalars, whatever the default dtype", () => {
    const g = withDefaultDtype("float32", () => grad((p: { a: Tensor }) => p.a.square())({ a: tensor(3, { dtype: "float64" }) }));
    expect(bits(g.a)).toBe("float64 [] 6");
    expect(withDefaultDtype("float32", () => bits(grad(cube)(2)))).toBe("float64 [] 12");
  }); // prettier-ignore

  test("one tensor in two places is two leaves", () => {
    const w = tensor([1, 2]);
    const g = grad((p: { a: Tensor; b: Tensor }) => p.a.mul(p.b.square()).sum())({ a: w, b: w });
    expect([g.a.toArray(), g.b.toArray()]).toEqual([
      [1, 4],
      [2, 8],
    ]);
  });

  test.each([
    ["int32", { list: [0.5, tensor([1], { dtype: "int32" })] }, /got int32 at "list\[1\]".*astype/],
    ["bool", { a: { mask: tensor([true]) } }, /got bool at "a\.mask"/],
    ["text", { w: tensor(1), name: "adam" }, /"name".*the string "adam"/],
  ])("refuses a leaf of %s with its path", (_name, tree, message) => {
    const calls = [() => grad((_: object) => scalar(1))(tree), () => vjp((_: object) => scalar(1), tree)];
    for (const call of calls) {
      expect(call).toThrow(message);
      expect(call).toThrow(GradientError);
    }
  });
});

describe("valueAndGrad", () => {
  test("gives the value beside the gradient", () => {
    const [value, gradient] = valueAndGrad(cube)(2);
    expect([value.item(), gradient.item(), value.requiresGrad, gradient.requiresGrad]).toEqual([8, 12, false, false]);
  });

  test("hasAux: [[value, aux], gradient], aux with anything in it and without history", () => {
    const f = (x: Tensor): [Tensor, { steps: number; seen: Tensor[]; note: string }] => {
      const y = x.square();
      return [y.sum(), { steps: 3, seen: [y, x], note: "ok" }];
    };
    const [[value, aux], gradient] = valueAndGrad(f, { hasAux: true })(tensor([1, 2]));
    expect([value.item(), aux.steps, aux.note, gradient.toArray()]).toEqual([5, 3, "ok", [2, 4]]);
    expect(aux.seen.map((t) => t.toArray())).toEqual([[1, 4], [1, 2]]); // prettier-ignore
    expect(aux.seen.map((t) => t.requiresGrad)).toEqual([false, false]);
  });

  test("hasAux: what depends on a variable outside keeps its history", () => {
    const w = variable(2);
    const f = (x: Tensor): [Tensor, Tensor] => [x.square(), w.mul(x)];
    const [[, aux]] = valueAndGrad(f, { hasAux: true })(3);
    // The auxiliary part keeps its history, whatever the value depends on.
    expect(aux.requiresGrad).toBe(true);
    expect(backward(aux).get(w).item()).toBe(3);
  });

  test.each([
    ["a lone tensor", (x: Tensor) => x as never],
    ["three parts", (x: Tensor) => [x, x, x] as never],
  ])("hasAux: refuses %s", (_name, f) => {
    expect(() => valueAndGrad(f, { hasAux: true })(1)).toThrow(GradientError);
    expect(() => valueAndGrad(f, { hasAux: true })(1)).toThrow(/\[value, auxiliary\] with hasAux/);
  });

  test("argnums and hasAux together", () => {
    const f = (x: Tensor, y: Tensor): [Tensor, number] => [x.mul(y), 7];
    const [[value, aux], [gx, gy]] = valueAndGrad<
      [Tensor, Tensor],
      { argnums: [0, 1]; hasAux: true },
      [Tensor, number]
    >(f, { argnums: [0, 1], hasAux: true })(3, 5);
    expect([value.item(), aux, gx!.item(), gy!.item()]).toEqual([15, 7, 5, 3]);
  });
});
