/** The laws that tie vjp, jvp, jacobian, hessian and hvp together, on random compositions. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, hessian, hvp, jacobian, jvp, stack, tensor, vjp, type Tensor } from "@cotangent/core";
import { compositions, direction } from "./compositions.js";

const numRuns = 150;

/** The sum of products, and the sum of their magnitudes, to which rounding errors are relative. */
function inner(a: Tensor, b: Tensor): { value: number; scale: number } {
  const products = a.mul(b);
  return { value: products.sum().item(), scale: products.abs().sum().item() };
}

function norm(x: Tensor): number {
  return x.square().sum().sqrt().item();
}

/**
 * Far more than the roundings of six steps of at most a hundred terms each: 2^-52 · 600 is 1.3e-13. Slopes of order 1 may
 * cancel altogether (a softmax of equal elements), so the scale has the norms of the directions in it.
 */
const relative = 1e-12;

function expectClose(a: Tensor, b: Tensor, scale = 0): void {
  expect(a.shape).toEqual(b.shape);
  expect(a.dtype).toBe(b.dtype);
  expect(norm(a.sub(b))).toBeLessThanOrEqual(relative * (norm(a) + norm(b) + scale));
}

describe("vjp and jvp", () => {
  test("⟨u, J v⟩ = ⟨Jᵀ u, v⟩, and both give the function's value", () => {
    fc.assert(
      fc.property(compositions(6), ({ x, f, seed }) => {
        const v = direction(x.shape, seed + 100);
        const [y, tangent] = jvp(f, [x], [v]);
        const u = direction(y.shape, seed + 200);
        const [again, pullback] = vjp(f, x);
        const cotangent = pullback(u)[0];
        expect(y.toTypedArray()).toEqual(f(x).toTypedArray());
        expect(again.toTypedArray()).toEqual(y.toTypedArray());
        expect([tangent.shape, cotangent.shape]).toEqual([y.shape, x.shape]);
        const [forward, reverse] = [inner(u, tangent), inner(cotangent, v)];
        const scale = forward.scale + reverse.scale + norm(u) * norm(v);
        expect(Math.abs(forward.value - reverse.value)).toBeLessThanOrEqual(relative * scale);
      }),
      { numRuns: 500 },
    );
  });

  test("are linear: twice the direction gives exactly twice the result", () => {
    fc.assert(
      fc.property(compositions(5), ({ x, f, seed }) => {
        const v = direction(x.shape, seed + 100);
        const [y, tangent] = jvp(f, [x], [v]);
        expect(jvp(f, [x], [v.mul(2)])[1].toTypedArray()).toEqual(tangent.mul(2).toTypedArray());
        const u = direction(y.shape, seed + 200);
        const [, pullback] = vjp(f, x);
        expect(pullback(u.mul(2))[0].toTypedArray()).toEqual(pullback(u)[0].mul(2).toTypedArray());
      }),
      { numRuns },
    );
  });

  test("jvp of a pullback is the pullback, and so is its transpose's transpose", () => {
    fc.assert(
      fc.property(compositions(4), ({ x, f, seed }) => {
        const [y, pullback] = vjp(f, x);
        const [u, v] = [direction(y.shape, seed + 200), direction(x.shape, seed + 100)];
        const transposed = (ct: Tensor): Tensor => pullback(ct)[0];
        expectClose(jvp(transposed, [y], [u])[1], pullback(u)[0], norm(u));
        expectClose(vjp(transposed, y)[1](v)[0], jvp(f, [x], [v])[1], norm(v) + norm(y));
      }),
      { numRuns },
    );
  });

  test("several primals: tangents add up, cotangents come one a primal", () => {
    const f = (a: Tensor, b: { c: Tensor }): Tensor => a.mul(b.c);
    const [a, c] = [tensor([1, 2]), tensor([3, 5])];
    expect(jvp(f, [a, { c }], [tensor([1, 0]), { c: tensor([0, 1]) }])[1].toArray()).toEqual([3, 2]);
    const [byA, byB] = vjp(f, a, { c })[1](tensor([1, 10]));
    expect([byA.toArray(), byB.c.toArray()]).toEqual([
      [3, 50],
      [1, 20],
    ]);
  });

  test("one tensor as two primals keeps its tangents apart", () => {
    const x = tensor(3);
    const f = (a: Tensor, b: Tensor): Tensor => a.square().mul(b);
    expect(jvp(f, [x, x], [1, 0])[1].item()).toBe(18);
    expect(jvp(f, [x, x], [0, 1])[1].item()).toBe(9);
    expect(vjp(f, x, x)[1](tensor(1)).map((t) => t.item())).toEqual([18, 9]);
  });

  test("of the identity and of a constant function", () => {
    const [x, v] = [tensor([1, 2]), tensor([3, 4])];
    expect(jvp((y) => y, [x], [v])[1].toArray()).toEqual([3, 4]);
    expect(jvp((_y) => tensor(1), [x], [v])[1].toArray()).toBe(0);
    expect(vjp((y) => y, x)[1](v)[0].toArray()).toEqual([3, 4]);
    expect(vjp((_y) => tensor(1), x)[1](tensor(1))[0].toArray()).toEqual([0, 0]);
  });

  test("float32 tangents stay float32", () => {
    const x = tensor([0.5], { dtype: "float32" });
    const tangent = jvp((y) => y.tanh().mul(0.3), [x], [tensor([1], { dtype: "float32" })])[1];
    expect(tangent.dtype).toBe("float32");
    expect(tangent.item()).toBe(Math.fround(tangent.item()));
  });
});

describe("jacobian", () => {
  test("stacks the tangents of unit directions, shape […output, …input]", () => {
    fc.assert(
      fc.property(compositions(4), ({ x, f }) => {
        const y = f(x);
        const columns = Array.from({ length: x.size }, (_, i) => {
          const unit = tensor(
            Array.from({ length: x.size }, (_v, j) => (i === j ? 1 : 0)),
            { shape: x.shape },
          );
          return jvp(f, [x], [unit])[1];
        });
        const J = jacobian(f)(x);
        expectClose(J, stack(columns, { axis: -1 }).reshape([...y.shape, ...x.shape]), 1);
      }),
      { numRuns: 80 },
    );
  });

  test.each([
    ["number to number", (x: Tensor) => x.square(), 3, [], 6],
    ["number to vector", (x: Tensor) => stack([x, x.square()]), 3, [2], [1, 6]],
    ["vector to number", (x: Tensor) => x.square().sum(), tensor([1, 2]), [2], [2, 4]],
    ["vector to [1]", (x: Tensor) => x.sum({ keepDims: true }), tensor([1, 2]), [1, 2], [[1, 1]]],
    ["vector to nothing", (x: Tensor) => x.slice([[0, 0]]), tensor([1, 2]), [0, 2], []],
    ["a constant function", (_x: Tensor) => tensor([5]), tensor([1, 2]), [1, 2], [[0, 0]]],
  ])("%s", (_name, f, x, shape, value) => {
    const J = jacobian(f)(x);
    expect(J.shape).toEqual(shape);
    expect(J.toArray()).toEqual(value);
  });
});

describe("trees", () => {
  type Params = { readonly w: Tensor; readonly b: readonly [Tensor, number] };
  const params: Params = { w: tensor([[1, 2]]), b: [tensor([3, 4]), 5] };
  const single = { x: tensor(2, { dtype: "float32" }), y: tensor([3, 4]) };
  const as = (p: Params): { w: Tensor; b: [Tensor, Tensor] } => p as never;

  test("jacobian gives a tree of jacobians, dtypes and number leaves kept apart", () => {
    const f = (p: Params): Tensor => as(p).w.mul(as(p).b[0]).mul(as(p).b[1]).reshape([2]);
    const J = jacobian(f)(params);
    expect([J.w.shape, J.b[0].shape, J.b[1].shape]).toEqual([[2, 1, 2], [2, 2], [2]]);
    expect(J.w.toArray()).toEqual([[[15, 0]], [[0, 20]]]);
    expect(J.b[0].toArray()).toEqual([[5, 0], [0, 10]]);
    expect(J.b[1].toArray()).toEqual([3, 8]);
    const mixed = jacobian(({ x, y }: typeof single) => x.astype("float64").mul(y))(single);
    expect([mixed.x.dtype, mixed.y.dtype, mixed.x.toArray(), mixed.y.toArray()]).toEqual(["float32", "float64", [3, 4], [[2, 0], [0, 2]]]);
    const none = jacobian(({ x, y }: typeof single) => y.mul(x.astype("float64")).slice([[0, 0]]))(single);
    expect([none.x.shape, none.x.dtype, none.y.shape]).toEqual([[0], "float32", [0, 2]]);
    expect(jacobian((list: readonly Tensor[]) => list[0]!.square())([tensor([1, 2])])[0]!.toArray()).toEqual([[2, 0], [0, 4]]);
    expect(jacobian((_: object) => tensor([1]))({})).toEqual({});
  });

  test("hessian gives a tree of trees: the blocks of the hessian of all leaves in one vector", () => {
    const f = (p: Params): Tensor => as(p).w.square().sum().mul(as(p).b[0].prod()).mul(as(p).b[1]);
    const H = hessian(f)(params);
    const flat = (v: Tensor): Tensor =>
      f({ w: v.slice([[0, 2]]).reshape([1, 2]), b: [v.slice([[2, 4]]), v.slice([4]) as never] });
    const whole = hessian(flat)(tensor([1, 2, 3, 4, 5])).toArray() as number[][];
    const block = (rows: number[], columns: number[]): number[] => rows.flatMap((i) => columns.map((j) => whole[i]![j]!));
    expect(H.w.w.shape).toEqual([1, 2, 1, 2]);
    expect([...H.w.w.toTypedArray()]).toEqual(block([0, 1], [0, 1]));
    expect([...H.w.b[0].toTypedArray()]).toEqual(block([0, 1], [2, 3]));
    expect(H.b[1].w.shape).toEqual([1, 2]);
    expect([...H.b[1].w.toTypedArray()]).toEqual(block([4], [0, 1]));
    expect([...H.b[0].b[1].toTypedArray()]).toEqual(block([2, 3], [4]));
    expect(H.b[1].b[1].item()).toBe(0);
    expect(grad((t: Tensor) => hessian(({ x }: { x: Tensor }) => x.pow(3).sum())({ x: t }).x.x.sum())(tensor([1, 2])).toArray()).toEqual([6, 6]);
  });
}); // prettier-ignore

describe("hessian and hvp", () => {
  const scalars = compositions(4).map(({ x, f, seed }) => {
    const weights = direction(f(x).shape, seed + 300);
    return { x, seed, f: (z: Tensor): Tensor => f(z).mul(weights).sum() };
  });

  test("the hessian is symmetric; hvp is its product with the direction, and what jvp of grad gives", () => {
    fc.assert(
      fc.property(scalars, ({ x, f, seed }) => {
        const v = direction(x.shape, seed + 100);
        const n = x.size;
        const H = hessian(f)(x);
        expect(H.shape).toEqual([...x.shape, ...x.shape]);
        const square = H.reshape([n, n]);
        // Second derivatives by cancelling terms of order 1 are off by roundings of these.
        expectClose(square, square.transpose(), n);
        const product = hvp(f)(x, v);
        expectClose(product, square.matmul(v.reshape([n])).reshape(x.shape), n);
        expectClose(product, jvp((z) => grad(f)(z), [x], [v])[1], n);
        expectClose(product, vjp((z) => grad(f)(z), x)[1](v)[0], n);
      }),
      { numRuns: 80 },
    );
  });

  test("hvp over a tree gives a tree, dtypes kept", () => {
    const f = (p: { a: Tensor; b: Tensor[] }): Tensor => p.a.square().sum().mul(p.b[0]!);
    const [x, v] = [
      { a: tensor([1, 2]), b: [tensor(3)] },
      { a: tensor([1, 0]), b: [tensor(2)] },
    ];
    const product = hvp(f)(x, v);
    expect([product.a.toArray(), product.b[0]!.item()]).toEqual([[6 + 4, 8], 2]);
  });

  test("hvp over leaves of two dtypes keeps each leaf's dtype", () => {
    const single = (value: number): Tensor => tensor(value, { dtype: "float32" });
    const f = (p: { a: Tensor; b: Tensor }): Tensor => p.a.mul(p.b).square();
    const product = hvp(f)({ a: single(2), b: tensor(3) }, { a: single(1), b: tensor(0) });
    expect([product.a.item(), product.b.item(), product.b.dtype]).toEqual([18, 24, "float64"]);
    // The leaves are not promoted to the widest dtype.
    expect(product.a.dtype).toBe("float32");
  });
});
