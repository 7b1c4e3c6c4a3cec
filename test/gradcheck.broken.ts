/** Operators whose rules are wrong on purpose: copies of right ones with one thing broken. */
import {
  add,
  broadcastTo,
  cos,
  exp,
  matmul,
  mul,
  neg,
  permute,
  reshape,
  slice,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  zerosLike,
  type Tensor,
} from "@cotangent/core";
import { mapKernel, type Kernel } from "../packages/core/src/kernel.js";
import { apply, type Primitive, type Vjp } from "../packages/core/src/primitive.js";

/** A broken operator of one tensor of shape `[2, 2]`, or larger, to one of the same shape. */
export interface Broken {
  readonly says: string;
  readonly name: string;
  readonly call: (x: Tensor) => Tensor;
  /** Found as misconduct rather than as a wrong derivative. */
  readonly problem?: true;
  /** Right to order 1; its derivative is wrong. */
  readonly order?: 2;
}

type Shapes = Primitive<unknown>["shape"];
type Jvp = Extract<Primitive<unknown>["jvp"], (...args: never) => unknown>;

function operator(
  name: string,
  kernel: Kernel<unknown>,
  vjp: Vjp<unknown>,
  jvp: Primitive<unknown>["jvp"] = "scalar",
  shape: Shapes = null,
): (...xs: Tensor[]) => Tensor {
  const primitive = { name, kernel, shape, dtype: null, vjp, jvp } as Primitive<unknown>;
  return (...xs) => apply(primitive, xs, undefined);
}

const tanhKernel = (): Kernel<unknown> => mapKernel((s, x) => s.tanh(x!));
const mulKernel = (): Kernel<unknown> => mapKernel((s, x, y) => s.mul(x!, y!));
const one = (x: Tensor): Tensor => sub(1, mul(x, x));

const contract: Kernel<unknown> = { kind: "contract" };
const productShape: Shapes = ([a, b]) => [a![0]!, b![1]!];
const sumOver = (axis: number): Kernel<unknown> => ({ kind: "reduce", monoid: "sum", axes: () => [axis] });
const without = (axis: number): Shapes => ([x]) => x!.filter((_, i) => i !== axis); // prettier-ignore
const sumShape = without(0);

/** A map over a typed array, with what else it does. */
const routine = (each: (v: number) => number, also?: (x: Float64Array) => void): Kernel<unknown> => ({
  kind: "routine",
  run: ([x], _shapes, _params, output) => {
    x!.forEach((v, i) => (output[i] = each(v)));
    also?.(x as Float64Array);
  },
});
const sineJvp: Jvp = ([t], [x]) => mul(t!, cos(x!));

let saved: Tensor | null = null;
let calls = 0;

const square = (x: Tensor): Tensor => matmul(x, transpose(x));

export const broken: readonly Broken[] = [
  { says: "wrong factor", name: "factor", call: operator("factor", tanhKernel(), (_, ct, _x, y) => mul(2, mul(ct, one(y)))) },
  { says: "slightly wrong factor", name: "slight", call: operator("slight", tanhKernel(), (_, ct, _x, y) => mul(1.00001, mul(ct, one(y)))) },
  { says: "wrong sign", name: "sign", call: operator("sign", tanhKernel(), (_, ct, _x, y) => neg(mul(ct, one(y)))) },
  { says: "output instead of its derivative", name: "sameAgain", call: operator("sameAgain", tanhKernel(), (_, ct, _x, y) => mul(ct, y)) },
  { says: "input taken for output", name: "swapped", call: operator("swapped", tanhKernel(), (_, ct, x) => mul(ct, one(x[0]!))) },
  { says: "cotangent forgotten", name: "noCotangent", call: operator("noCotangent", tanhKernel(), (_, _ct, _x, y) => one(y)) },
  { says: "added constant", name: "offset", call: operator("offset", tanhKernel(), (_, ct, _x, y) => add(mul(ct, one(y)), 0.01)) },
  { says: "flat by mistake", name: "flat", call: operator("flat", tanhKernel(), () => null) },
  {
    says: "lost term in a product", name: "lostTerm",
    call: (x) => operator("lostTerm", mulKernel(), (i, ct, [, b]) => (i === 0 ? mul(ct, b!) : null))(x, tanh(x)),
  },
  {
    says: "operands of a product exchanged", name: "exchanged",
    call: (x) => operator("exchanged", mulKernel(), (i, ct, xs) => mul(ct, xs[i]!))(x, exp(x)),
  },
  {
    says: "missing accumulation of a used-twice operand", name: "once",
    call: (x) => operator("once", mulKernel(), (i, ct, [, b]) => (i === 0 ? mul(ct, b!) : zerosLike(ct)))(x, x),
  },
  {
    says: "missing broadcast sum", name: "noSum",
    call: (x: Tensor): Tensor => {
      const spread = operator(
        "noSum",
        {
          kind: "view",
          view: ({ strides }) => ({
            layout: { shape: [x.shape[0]!, x.shape[1]!], strides: [0, strides[0]!], size: x.size, contiguous: false, reordered: null },
            shift: 0,
          }),
        },
        (_, ct) => slice(ct, [0]),
        ([t]) => broadcastTo(t!, x.shape),
        () => x.shape,
      );
      return mul(x, spread(slice(x, [0])));
    },
  },
  {
    says: "broadcast sum of the wrong shape", name: "keptSum",
    call: (x) =>
      mul(x, operator("keptSum", sumOver(0), (_, ct) => ct, ([t]) => sum(t!, { axis: 0 }), sumShape)(x)),
  },
  {
    says: "wrong axis", name: "axis",
    call: (x) =>
      mul(x, operator(
        "axis", sumOver(0), (_, ct, [y]) => transpose(broadcastTo(ct, [...y!.shape].reverse())),
        ([t]) => sum(t!, { axis: 0 }), sumShape,
      )(x)),
  },
  {
    says: "transposed operand", name: "transposedOperand",
    call: (x) => operator(
      "transposedOperand", contract,
      (i, ct, [a, b]) => (i === 0 ? matmul(ct, b!) : matmul(transpose(a!), ct)), "linear", productShape,
    )(square(x), add(square(x), x)),
  },
  {
    says: "transposed result", name: "transposedResult",
    call: (x) => operator(
      "transposedResult", contract,
      (i, ct, [a, b]) => (i === 0 ? transpose(matmul(ct, transpose(b!))) : matmul(transpose(a!), ct)),
      ([t, u], [a, b]) => add(t == null ? 0 : matmul(t, b!), u == null ? 0 : matmul(a!, u)), productShape,
    )(matmul(x, cos(x)), add(square(x), x)),
  },
  {
    says: "permutation not undone", name: "permuted",
    call: (x: Tensor): Tensor => {
      const wide = reshape(add(x, tensor([[[1]], [[2]], [[0]]])), [3, x.shape[0]!, x.shape[1]!]);
      const turned = operator(
        "permuted",
        {
          kind: "view",
          view: ({ shape: s, strides: t, size }) => ({
            layout: { shape: [s[1]!, s[2]!, s[0]!], strides: [t[1]!, t[2]!, t[0]!], size, contiguous: false, reordered: null }, shift: 0,
          }),
        },
        (_, ct, [y]) => reshape(ct, y!.shape),
        ([t]) => permute(t!, [1, 2, 0]),
        ([s]) => [s![1]!, s![2]!, s![0]!],
      )(wide);
      return sum(mul(turned, tensor([1, 2, 4])), { axis: -1 });
    },
  },
  {
    says: "stale saved value", name: "stale",
    call: (() => {
      const stale = operator(
        "stale", routine(Math.tanh),
        (_, ct) => mul(ct, one(tanh(saved!))), ([t], _x, y) => mul(t!, one(y)),
      );
      return (x: Tensor) => {
        saved = x.mul(1);
        const y = stale(x);
        saved = saved.add(0.5);
        return y;
      };
    })(),
  },
  {
    says: "branch on a value", name: "branch",
    call: operator("branch", tanhKernel(), (_, ct, [x], y) =>
      x!.toTypedArray()[0]! > 0 ? mul(ct, one(y)) : ct),
  },
  {
    says: "branch on the wrong side of a kink", name: "otherSide",
    call: operator("otherSide", mapKernel((s, x) => s.select(s.less(s.constant(0), x!), x!, s.mul(s.constant(0.5), x!))),
      (_, ct, [x]) => mul(ct, add(mul(0.5, x!.greater(0).astype("float64")), 0.25))),
  },
  {
    says: "in-place change of an input", name: "inPlace", problem: true,
    call: operator("inPlace", routine(Math.sin, (x) => (x[0]! += 1)), (_, ct, [x]) => mul(ct, cos(x!)), sineJvp),
  },
  {
    says: "another value every time", name: "impure", problem: true,
    call: operator("impure", routine((v) => Math.sin(v) + calls++ * 1e-3), (_, ct, [x]) => mul(ct, cos(x!)), sineJvp),
  },
  {
    says: "maximum to both sides", name: "bothSides",
    call: (x) => operator("bothSides", mapKernel((s, a, b) => s.select(s.less(a!, b!), b!, a!)),
      (_, ct) => ct, (ts, [a, b]) => add(mul(a!.greater(b!).astype("float64"), ts[0] ?? 0), mul(b!.greater(a!).astype("float64"), ts[1] ?? 0)))(x, neg(x).add(0.3)),
  },
  {
    says: "wrong in forward mode only", name: "forwardOnly",
    call: operator("forwardOnly", routine(Math.sin), (_, ct, [x]) => mul(ct, cos(x!)), ([t], [x]) => mul(2, mul(t!, cos(x!)))),
  },
  {
    says: "a rule that cannot be differentiated", name: "opaque", order: 2,
    call: operator("opaque", routine(Math.sin), (_, ct, [x]) => mul(ct, tensor(cos(x!).toTypedArray(), { shape: x!.shape })),
      ([t], [x]) => mul(t!, tensor(cos(x!).toTypedArray(), { shape: x!.shape }))),
  },
]; // prettier-ignore

/** What stands around the broken operator: right ones, three a step, that neither forget their inputs nor grow. */
export function around(call: (x: Tensor) => Tensor, steps: number, at: number): (x: Tensor) => Tensor {
  return (x) => {
    let [y, other] = [x, exp(x)];
    for (let i = 0; i < steps; i++) {
      if (i === at) y = add(y, tanh(call(y)));
      if (i % 3 === 0) other = add(other, mul(tanh(y), 0.25));
      else if (i % 3 === 1) y = sub(y, mul(cos(other), 0.25));
      else y = add(y, mul(tanh(other), 0.125));
    }
    return sum(mul(y, other));
  };
}
