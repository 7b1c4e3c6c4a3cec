/** vmap and perSampleGradients: axes, trees, closures, misuse. The operators' laws stand in test/vmap.test.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backward,
  CotangentError,
  grad,
  hessian,
  jacobian,
  noGrad,
  perSampleGradients,
  random,
  stack,
  stopGradient,
  tensor,
  variable,
  vmap,
  withBackend,
  zeros,
  type Tensor,
} from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import { compositions, direction } from "./compositions.js";

const x = tensor([[1, 2], [3, 4], [5, 6]]); // prettier-ignore

describe("vmap", () => {
  test("random compositions are loops, bit for bit, on both backends", () => {
    fc.assert(
      fc.property(compositions(6), ({ x: one, f, seed }) => {
        const rows = [0, 1, 2].map((i) => direction(one.shape, seed + i));
        for (const backend of ["source", "reference"] as const) {
          const [batched, looped] = withBackend(backend, () => [vmap(f)(stack(rows)), stack(rows.map(f))]);
          expect(batched!.shape).toEqual(looped!.shape);
          expect(batched!.toTypedArray()).toEqual(looped!.toTypedArray());
        }
      }),
      { numRuns: 150 },
    );
  });

  test("inAxes and outAxes, from the front and the end", () => {
    const f = (a: Tensor, b: Tensor): Tensor => a.mul(b);
    const weights = tensor([[1, 10, 100], [2, 20, 200]]); // prettier-ignore
    expect(vmap(f, { inAxes: [0, 1] })(x, weights).toArray()).toEqual([[1, 4], [30, 80], [500, 1200]]);
    expect(vmap(f, { inAxes: [0, -1], outAxes: 1 })(x, weights).toArray()).toEqual([[1, 30, 500], [4, 80, 1200]]);
    expect(vmap((row: Tensor) => row.sum(), { inAxes: 1 })(x).toArray()).toEqual([9, 12]);
    expect(vmap((row: Tensor) => row.broadcastTo([4, 2]), { outAxes: -1 })(x).shape).toEqual([4, 2, 3]);
    const pair = vmap((row: Tensor) => [row, row.sum()], { outAxes: [1, 0] })(x);
    expect(pair.map((t) => t.shape)).toEqual([[2, 3], [3]]);
  }); // prettier-ignore

  test("trees in, trees out; what does not depend on the example is repeated", () => {
    const result = vmap((p: { a: Tensor; rest: Tensor[] }) => ({ sum: p.a.add(p.rest[0]!), all: [p.a.shape.length], w: zeros([2]) }))(
      { a: x, rest: [tensor([10, 20, 30])] },
    );
    expect(result.sum.toArray()).toEqual([[11, 12], [23, 24], [35, 36]]);
    expect([result.all[0]!.toArray(), result.w.shape]).toEqual([[1, 1, 1], [3, 2]]);
    // Anything at all may stand where nothing is mapped.
    expect(vmap((row: Tensor, how: string) => (how === "sum" ? row.sum() : row), { inAxes: [0, null] })(x, "sum").shape).toEqual([3]);
  }); // prettier-ignore

  test("gradient checks, which look at the branches taken, look at whole batches", () => {
    const f = (t: Tensor): Tensor => vmap((row: Tensor) => row.relu().mul(row.max()).sum())(t).sum();
    const [found] = compareGradients(f, tensor([[1, -2], [3, 4]]), { random: random(1) }); // prettier-ignore
    expect(found!.relativeError).toBeLessThan(1e-6);
  });

  test("no examples at all, and one", () => {
    expect(vmap((row: Tensor) => row.matmul(row))(zeros([0, 2])).shape).toEqual([0]);
    expect(vmap(grad((row: Tensor) => row.matmul(row)))(zeros([0, 2])).shape).toEqual([0, 2]);
    expect(vmap(grad((row: Tensor) => row.cumsum({ axis: 0 }).sum()))(zeros([1, 2])).toArray()).toEqual([[2, 1]]);
  });

  test("shapes, dtypes and printing are those of one example", () => {
    const seen: unknown[] = [];
    vmap((row: Tensor) => (seen.push(row.shape, row.rank, row.size, row.dtype, String(row)), row))(x);
    expect(seen).toEqual([[2], 1, 2, "float64", "one of 3 tensors of shape [2] and dtype float64"]);
  });

  test("variables in the closure: one gradient for all, or one for each example", () => {
    const w = variable(tensor([1, 10]));
    const losses = vmap((row: Tensor) => row.mul(w).sum().square())(x);
    const looped = stack([0, 1, 2].map((i) => x.slice([i]).mul(w).sum().square()));
    expect(backward(losses.sum()).get(w).toArray()).toEqual(backward(looped.sum()).get(w).toArray());
    const each = vmap((row: Tensor) => backward(row.mul(w).sum()).get(w))(x);
    expect(each.toArray()).toEqual(x.toArray());
    const slopes = vmap(grad((row: Tensor) => row.mul(w).square().sum()))(x);
    expect(backward(slopes.sum()).get(w).toArray()).toEqual([4 * 9, 40 * 12]);
  });

  test("noGrad and stopGradient stop inside of it what they stop outside", () => {
    const f = (stop: (t: Tensor) => Tensor) => (t: Tensor) => vmap((row: Tensor) => row.mul(stop(row.mul(2))).sum())(t).sum();
    for (const stop of [stopGradient, (t: Tensor) => noGrad(() => t.mul(1))])
      expect(grad(f(stop))(x).toArray()).toEqual(x.mul(2).toArray());
    expect(vmap(grad((row: Tensor) => row.mul(stopGradient(row)).sum()))(x).toArray()).toEqual(x.toArray());
  }); // prettier-ignore

  test("perturbations of levels are not confused", () => {
    const v = tensor([1, 2, 3]);
    expect(vmap(grad((a: Tensor) => a.mul(grad((b: Tensor) => a.add(b))(1))))(v).toArray()).toEqual([1, 1, 1]);
    // d/da Σ_b a b² over b: Σ b²; and the derivative by a of a·a inside of a map over b.
    expect(grad((a: Tensor) => vmap((b: Tensor) => grad((c: Tensor) => a.mul(c).mul(b))(b))(v).sum())(5).item()).toBe(6);
    const slopes = vmap(grad((row: Tensor) => row.pow(3).sum()));
    expect(grad((t: Tensor) => slopes(t).sum())(x).toArray()).toEqual(x.mul(6).toArray());
    const outer = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(10).add(b))(v))(v);
    expect(outer.toArray()).toEqual([[11, 12, 13], [21, 22, 23], [31, 32, 33]]);
    expect(vmap(hessian((row: Tensor) => row.prod()))(x).shape).toEqual([3, 2, 2]);
    expect(jacobian(vmap((a: Tensor) => a.square()))(v).toArray()).toEqual([[2, 0, 0], [0, 4, 0], [0, 0, 6]]);
  }); // prettier-ignore
});

test("variables of examples, and backward over them, inside of the function", () => {
  const batch = tensor([1, 2, 3]);
  const slope = (t: Tensor): Tensor => {
    const leaf = variable(t);
    return leaf.pow(3).backward().get(leaf);
  };
  expect(vmap(slope)(batch).toArray()).toEqual([3, 12, 27]);
  expect(vmap(vmap(slope))(x).toArray()).toEqual(x.square().mul(3).toArray());
  // A variable is a leaf: nothing flows on to what it was made of.
  expect(grad((t: Tensor) => vmap((one: Tensor) => variable(one).square())(t).sum())(batch).toArray()).toEqual([0, 0, 0]);
  const w = variable(2);
  expect(vmap((t: Tensor) => w.mul(t).backward().get(w))(batch).toArray()).toEqual([1, 2, 3]);
}); // prettier-ignore

describe("perSampleGradients", () => {
  test("are the gradients of a loop, for trees of parameters and batches", () => {
    const r = random(3);
    const params = { w: r.normal([4, 3]), b: [r.normal([3])] };
    const batch = { x: r.normal([5, 4]), label: tensor([0, 2, 1, 1, 0], { dtype: "int32" }) };
    const loss = (p: typeof params, e: typeof batch): Tensor =>
      e.x.matmul(p.w).add(p.b[0]!).tanh().logSoftmax().take(e.label).neg();
    const each = perSampleGradients(loss)(params, batch);
    const looped = [0, 1, 2, 3, 4].map((i) => grad(loss)(params, { x: batch.x.slice([i]), label: batch.label.slice([i]) }));
    expect(each.w.toArray()).toEqual(stack(looped.map((g) => g.w)).toArray());
    expect(each.b[0]!.toArray()).toEqual(stack(looped.map((g) => g.b[0]!)).toArray());
    const mean = grad((p: typeof params) => vmap(loss, { inAxes: [null, 0] })(p, batch).mean())(params);
    expect(each.w.mean({ axis: 0 }).sub(mean.w).abs().max().item()).toBeLessThan(1e-15);
  }); // prettier-ignore
});

let escaped: Tensor | null = null;
vmap((row: Tensor) => (escaped = row))(x);

test.each<[string, RegExp, () => unknown]>([
  ["ArgumentError", /^vmap: expected a function, got 3/, () => vmap(3 as never)],
  ["ArgumentError", /^vmap: unknown option "axes"; it takes inAxes, outAxes/, () => vmap((t) => t, { axes: 1 } as never)],
  ["ArgumentError", /^vmap: expected inAxes to be an axis or a list of axes and nulls, got 0.5/, () => vmap((t) => t, { inAxes: 0.5 })],
  ["ArgumentError", /^vmap: expected inAxes .*, got null/, () => vmap((t) => t, { inAxes: null as never })],
  ["ArgumentError", /^vmap: expected outAxes to be an axis or a list of axes, got null/, () => vmap((t) => t, { outAxes: [null as never] })],
  ["ArgumentError", /^vmap: expected inAxes with an entry for each of the 1 arguments, got 2/, () => vmap((t: Tensor) => t, { inAxes: [0, 0] })(x)],
  ["ArgumentError", /^vmap: expected an argument with an axis of examples, got none/, () => vmap((t: Tensor) => t, { inAxes: [null] })(x)],
  ["ArgumentError", /^vmap: expected arguments with an axis of examples, got none; what vmap\(f\) returns/, () => vmap(() => 1)()],
  ["ShapeError", /^vmap: expected an axis of examples 2, got shape \[3, 2\] in "arguments\[0\]"/, () => vmap((t: Tensor) => t, { inAxes: 2 })(x)],
  ["ShapeError", /^vmap: expected an axis of examples 0, got shape \[\] in "arguments\[0\]\.w"/, () => vmap((t: { w: Tensor }) => t.w)({ w: tensor(1) })],
  ["ShapeError", /^vmap: expected one number of examples, got 3 in "arguments\[0\]" and 2 in "arguments\[1\]"/, () => vmap((a: Tensor, b: Tensor) => a.add(b))(x, zeros([2, 2]))],
  ["ArgumentError", /^vmap: expected tensors of examples, got the number 3 in "arguments\[0\]"; give null/, () => vmap((t: Tensor) => t)(3 as never)],
  ["ArgumentError", /^vmap: expected a tensor, a number.*"arguments\[1\]", got the string "a"/, () => vmap((t: Tensor, _s: string) => t)(x, "a")],
  ["ArgumentError", /^vmap: expected a tensor, a number.*got undefined/, () => vmap((_t: Tensor) => undefined)(x)],
  ["ShapeError", /^vmap: expected outAxes from -1 to 0 for results of shape \[\], got 1/, () => vmap((t: Tensor) => t.sum(), { outAxes: 1 })(x)],
  ["ArgumentError", /^vmap: expected the function to return a list of 2 results, one for each of outAxes, got a Tensor$/, () => vmap((t: Tensor) => t, { outAxes: [0, 0] })(x)],
  ["GraphError", /^vmap: expected operators that can be batched, got a function that reads values/, () => vmap((t: Tensor) => (t.sum().item() > 0 ? t : t.neg()))(x)],
  ["GraphError", /^vmap: expected operators that can be batched/, () => vmap((t: Tensor) => tensor(t))(x)],
  ["GraphError", /^vmap: expected examples to be used inside of the function only, got one elsewhere/, () => escaped!.toArray()],
  ["GraphError", /^vmap: expected examples to be used inside of the function only, got one elsewhere/, () => escaped!.add(1)],
  ["GradientError", /^grad: expected a scalar output, got shape \[2\]/, () => vmap(grad((t: Tensor) => t))(x)],
  ["GradientError", /^grad: expected float leaves.*got int32/, () => vmap(grad((t: Tensor) => t.sum()))(x.astype("int32"))],
  ["ArgumentError", /^perSampleGradients: expected a function, got 3/, () => perSampleGradients(3 as never)],
  ["GradientError", /^perSampleGradients: expected a scalar output, got shape \[2\]/, () => perSampleGradients((w: Tensor, t: Tensor) => t.mul(w))(tensor(1), x)],
  ["GradientError", /^perSampleGradients: expected float leaves.*got int32/, () => perSampleGradients((w: Tensor, t: Tensor) => t.mul(w).sum())(tensor(1, { dtype: "int32" }), x)],
  ["ShapeError", /^perSampleGradients: expected one number of examples/, () => perSampleGradients((w: Tensor, [a]: Tensor[]) => a!.mul(w).sum())(tensor(1), [x, zeros([2])])],
])("%s %s", (type, says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
}); // prettier-ignore
