/** Axes and dtypes at the edge: scalars as lines of one element, null for an option, results of int32 and bool. */
import { describe, expect, test } from "vitest";
import { CotangentError, grad, jvp, ShapeError, tensor, vmap, zeros, type DType, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";

const at0 = tensor(0, { dtype: "int32" });

/** Operators along one axis or several, and what they give of the scalar 3 (PyTorch's results). */
const alongScalars: Readonly<Record<string, readonly [call: (x: Tensor, axis: number) => Tensor, expected: unknown]>> = {
  sum: [(x, axis) => ops.sum(x, { axis }), 3], mean: [(x, axis) => ops.mean(x, { axis }), 3],
  prod: [(x, axis) => ops.prod(x, { axis }), 3], max: [(x, axis) => ops.max(x, { axis }), 3],
  min: [(x, axis) => ops.min(x, { axis: [axis] }), 3], any: [(x, axis) => ops.any(x, { axis }), true],
  all: [(x, axis) => ops.all(x, { axis, keepDims: true }), true],
  logSumExp: [(x, axis) => ops.logSumExp(x, { axis, keepDims: true }), 3],
  argmax: [(x, axis) => ops.argmax(x, { axis }), 0], argmin: [(x, axis) => ops.argmin(x, { axis, keepDims: true }), 0],
  norm: [(x, axis) => ops.norm(x, { axis }), 3], variance: [(x, axis) => ops.variance(x, { axis, correction: 0 }), 0],
  std: [(x, axis) => ops.std(x, { axis, correction: 0 }), 0], median: [(x, axis) => ops.median(x, { axis }), 3],
  quantile: [(x, axis) => ops.quantile(x, [0.5, 1], { axis }), [3, 3]],
  softmax: [(x, axis) => ops.softmax(x, { axis }), 1], logSoftmax: [(x, axis) => ops.logSoftmax(x, { axis }), 0],
  cumsum: [(x, axis) => ops.cumsum(x, { axis }), 3], cumprod: [(x, axis) => ops.cumprod(x, { axis }), 3],
  sort: [(x, axis) => ops.sort(x, { axis }), 3], argsort: [(x, axis) => ops.argsort(x, { axis }), 0],
  topK: [(x, axis) => ops.topK(x, { k: 1, axis }).values, 3],
  "topK's indices": [(x, axis) => ops.topK(x, { k: 1, axis }).indices, 0],
  gather: [(x, axis) => ops.gather(x, at0, { axis }), 3], take: [(x, axis) => ops.take(x, at0, { axis }), 3],
  "take twice": [(x, axis) => ops.take(x, tensor([0, -1], { dtype: "int32" }), { axis }), [3, 3]],
  scatterAdd: [(x, axis) => ops.scatterAdd(x, at0, 4, { axis }), 7], flip: [(x, axis) => ops.flip(x, { axis }), 3],
  roll: [(x, axis) => ops.roll(x, { shift: 1, axis }), 3], repeat: [(x, axis) => ops.repeat(x, { repeats: 2, axis }), [3, 3]],
  squeeze: [(x, axis) => ops.squeeze(x, { axis }), 3], swapAxes: [(x, axis) => ops.swapAxes(x, axis, 0), 3],
  moveAxis: [(x, axis) => ops.moveAxis(x, 0, axis), 3], flatten: [(x, axis) => ops.flatten(x, { start: axis }), [3]],
  stack: [(x, axis) => ops.stack([x, x], { axis }), [3, 3]], unsqueeze: [(x, axis) => ops.unsqueeze(x, axis), [3]],
}; // prettier-ignore

describe("a scalar counts as one element along the axes 0 and -1", () => {
  test.each(Object.entries(alongScalars))("%s", (name, [call, expected]) => {
    const x = tensor(3);
    for (const axis of [0, -1]) expect(call(x, axis).toArray()).toEqual(expected);
    for (const axis of [1, -2, 0.5]) expect(() => call(x, axis), `axis ${axis}`).toThrow(ShapeError);
    for (const axis of [1, -2]) expect(() => call(x, axis)).toThrow(new RegExp(`^${name.split(/['\s]/)[0]!}: `));
    if (!["any", "all", "argmax", "argmin", "argsort", "topK's indices"].includes(name)) {
      const f = (v: Tensor): Tensor => call(v, -1).sum();
      const slope = grad(f)(x);
      expect(slope.shape).toEqual([]);
      expect(jvp<[Tensor]>(f, [x], [tensor(1)])[1].item()).toBe(slope.item());
      const rows = vmap(f)(tensor([3, 3])) as Tensor;
      expect(rows.toArray()).toEqual([f(x).item(), f(x).item()]);
    }
  });

  test.each(["concat", "split", "chunk", "unstack", "glu"] as const)("%s, which cuts or joins, has no axis in a scalar", (name) => {
    const call = {
      concat: () => ops.concat([1, 2]),
      split: () => ops.split(3, { sizes: 1 }),
      chunk: () => ops.chunk(3, { chunks: 1 }),
      unstack: () => ops.unstack(3),
      glu: () => ops.glu(3),
    }[name];
    expect(call).toThrow(new RegExp(`^${name}: expected at least one axis, got a scalar; reshape it to \\[1\\]`));
  }); // prettier-ignore
});

describe("null for an option is refused by name", () => {
  const x = tensor([[1, 2], [3, 4]]); // prettier-ignore
  const loose = ops as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  const operands: Readonly<Record<string, readonly unknown[]>> = {
    gather: [x, tensor([[0, 1]], { dtype: "int32" })], take: [x, at0], quantile: [x, 0.5], concat: [[x, x]], stack: [[x, x]],
    scatterAdd: [x, tensor([[0, 1]], { dtype: "int32" }), x],
  }; // prettier-ignore
  const more: Readonly<Record<string, object>> = {
    split: { sizes: 1 }, chunk: { chunks: 1 }, topK: { k: 1 }, roll: { shift: 1 }, repeat: { repeats: 1 },
  }; // prettier-ignore

  test.each([
    "sum", "mean", "prod", "max", "min", "any", "all", "logSumExp", "argmax", "argmin", "norm", "variance", "std", "median",
    "quantile", "softmax", "logSoftmax", "glu", "cumsum", "cumprod", "sort", "argsort", "topK", "gather", "take",
    "scatterAdd", "flip", "roll", "repeat", "squeeze", "concat", "stack", "split", "chunk", "unstack",
  ])("%s", (name) => {
    const call = (): unknown => loose[name]!(...(operands[name] ?? [x]), { ...more[name], axis: null });
    expect(call).toThrow(new RegExp(`^${name}: expected a value for the option axis, got null; leave it out`));
  }); // prettier-ignore

  test.each([
    ["softplus", "beta"], ["leakyRelu", "negativeSlope"], ["elu", "alpha"], ["celu", "alpha"], ["gelu", "approximate"],
    ["clamp", "min"], ["flatten", "start"], ["diagonal", "offset"], ["triu", "diagonal"], ["sum", "keepDims"],
  ] as const)("%s of %s", (name, option) => {
    expect(() => loose[name]!(x, { [option]: null })).toThrow(new RegExp(`^${name}: .*${option}, got null`));
  }); // prettier-ignore
});

describe("operators that only pick keep the dtype", () => {
  const of = (dtype: DType): [Tensor, Tensor] => [tensor([0, 1, 0], { dtype }), tensor([1, 0, 0], { dtype })];

  test.each(["bool", "int32", "float32", "float64"] as const)("maximum, minimum and where of %s", (dtype) => {
    const [x, y] = of(dtype);
    const as = (list: number[]): unknown => (dtype === "bool" ? list.map((v) => v === 1) : list);
    const results = [x.maximum(y), x.minimum(y), ops.where(tensor([true, false, true]), x, y)];
    expect(results.map((z) => z.dtype)).toEqual([dtype, dtype, dtype]);
    expect(results.map((z) => z.toArray())).toEqual([as([1, 1, 0]), as([0, 0, 0]), as([0, 0, 0])]);
  });

  test("beside a number, bool becomes int32, and both promote as ever", () => {
    const [x] = of("bool");
    expect([x.maximum(2).dtype, x.maximum(0.5).dtype, ops.where(x, x, 2).dtype]).toEqual(["int32", "float64", "int32"]);
    expect([x.maximum(tensor([1, 2, 3], { dtype: "int32" })).dtype, x.minimum(tensor(0.5)).dtype]).toEqual(["int32", "float64"]);
    expect([x.max().dtype, x.max().item()]).toEqual(["bool", 1]);
  }); // prettier-ignore

  test("relu6, hardTanh and clamp keep int32 between integer bounds; leakyRelu gives the default float", () => {
    const x = tensor([-7, 3, 9], { dtype: "int32" });
    const results = [x.relu6(), x.hardTanh(), x.hardTanh({ min: -2, max: 4 }), x.clamp({ min: 0 }), x.relu()];
    expect(results.map((y) => y.dtype)).toEqual(["int32", "int32", "int32", "int32", "int32"]);
    expect(results.map((y) => y.toArray())).toEqual([[0, 3, 6], [-1, 1, 1], [-2, 3, 4], [0, 3, 9], [0, 3, 9]]);
    expect([x.hardTanh({ min: -0.5 }).dtype, x.leakyRelu().dtype, x.elu().dtype]).toEqual(["float64", "float64", "float64"]);
  }); // prettier-ignore
});

describe("messages name what the caller called, and say what to do", () => {
  const x = tensor([1, 2, 3]);
  test.each<[RegExp, () => unknown]>([
    [/^stack: expected a tensor or a number, got undefined/, () => ops.stack([x, , x] as never)],
    [/^concat: expected a tensor or a number, got undefined/, () => ops.concat([x, , x] as never)],
    [/^permute: expected an axis from -1 to 0 for rank 1, got a Tensor/, () => ops.permute(x, [tensor(0)] as never)],
    [/^permute: expected a list of the 1 axes .*; write them as in \[0\]/, () => ops.permute(x, [0, 0])],
    [/^where: expected a tensor or a number, got true; make it a tensor with tensor/, () => ops.where(true as never, 1, 2)],
    [/^slice: expected an index from -3 to 2, got 3; a range/, () => ops.slice(x, [3])],
    [/^slice: expected no index along an axis of size 0, got 0; /, () => ops.slice(zeros([0]), [0])],
    [/^slice: expected \[start, stop, step\] of integers .* got \[a symbol,2\]; /, () => ops.slice(x, [[Symbol("s"), 2]] as never)],
    [/^pad: expected widths .*; write \[0, 0\]/, () => ops.pad(x, { widths: [[1n, 2]] } as never)],
    [/^einsum: expected letters.*; name each axis by a letter/, () => ops.einsum("i1", x)],
    [/^einsum: expected one term for each operand.*; part the terms by commas/, () => ops.einsum("i,i", x)],
    [/^einsum: expected 2 axes for the term.*; drop letters, or unsqueeze/, () => ops.einsum("ij", x)],
    [/^einsum: expected one size .*; give axes of different sizes different letters/, () => ops.einsum("i,i", x, zeros([2]))],
    [/^einsum: expected output letters .*; only known axes/, () => ops.einsum("i->j", x)],
    [/^flatten: expected axis 0 or -1 for a scalar/, () => ops.flatten(1, { start: 5 })],
  ])("%s", (says, run) => {
    expect(run).toThrow(CotangentError);
    expect(run).toThrow(says);
  }); // prettier-ignore
});
