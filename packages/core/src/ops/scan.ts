/**
 * Running sums and products, and products over axes. Their derivatives never divide, so zeros need no special case.
 * @module
 */
import { apply, type Primitive } from "../primitive.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul } from "./arithmetic.js";
import { alongAxis, fromLines, toLines, type LineOptions } from "./lines.js";
import { accumulated, accumulation, reducedShape, spread, sum } from "./linear.js";
import { type Reduction } from "./reduceOptions.js";
import { pad } from "./padding.js";
import { flip } from "./turning.js";

interface AxisParams {
  readonly axis: number;
}

/** The elements moved `by` places up along the axis, the last ones dropped and `value` at the beginning. */
function shifted(x: Tensor, by: number, axis: number, value: number): Tensor {
  const n = Math.min(by, x.layout.shape[axis]!);
  return pad(x, { widths: x.layout.shape.map((_, a) => (a === axis ? [n, -n] : [0, 0])), value });
}

const cumsumPrimitive: Primitive<AxisParams> = {
  name: "cumsum",
  kernel: { kind: "scan", monoid: "sum", axis: ({ axis }) => axis },
  shape: null,
  dtype: accumulated,
  vjp: (_, ct, _x, _y, { axis }) => flip(cumsum(flip(ct, { axis }), { axis }), { axis }),
  jvp: "linear",
};

/**
 * Running sum along an axis, $y_i = \sum_{j \le i} x_j$, added from the first element on; of bool or int32 as int32.
 *
 * - `x`: shape `[…, n, …]`; a scalar counts as one element
 * @returns the shape of `x`
 * @derivative $\bar x_i = \sum_{j \ge i} \bar y_j$, the running sum of the cotangent from the end
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).cumsum().toArray(); // → [1,3,6]
 * tensor([[1, 2], [3, 4]]).cumsum({ axis: 0 }).toArray(); // → [[1,2],[4,6]]
 * ```
 */
export const cumsum: (x: TensorLike, options?: LineOptions) => Tensor = (x, options) =>
  alongAxis("cumsum", x, options, ["axis"], (t, axis) => apply(cumsumPrimitive, [t], { axis }));

/**
 * $s_i = a_i s_{i-1} + b_i$ along the axis, from $s_{-1} = 0$, in rounds that double how far each element reaches back:
 * composed of operators, so that it differentiates to any order.
 */
function recurrence(a: Tensor, b: Tensor, axis: number): Tensor {
  const n = a.layout.shape[axis]!;
  let [factor, s] = [a, b];
  for (let reach = 1; reach < n; reach *= 2) {
    s = add(s, mul(factor, shifted(s, reach, axis, 0)));
    if (2 * reach < n) factor = mul(factor, shifted(factor, reach, axis, 1));
  }
  return s;
}

const cumprodPrimitive: Primitive<AxisParams> = {
  name: "cumprod",
  kernel: { kind: "scan", monoid: "product", axis: ({ axis }) => axis },
  shape: null,
  dtype: accumulated,
  // The product of what stands before, times $S_i = ct_i + x_{i+1} S_{i+1}$, a recurrence from the end.
  vjp: (_, ct, [x], y, { axis }) => {
    const behind = recurrence(shifted(flip(x!, { axis }), 1, axis, 0), flip(ct, { axis }), axis);
    return mul(shifted(y, 1, axis, 1), flip(behind, { axis }));
  },
  jvp: ([tangent], [x], y, { axis }) => recurrence(x!, mul(tangent!, shifted(y, 1, axis, 1)), axis),
};

/**
 * Running product along an axis, $y_i = \prod_{j \le i} x_j$, multiplied from the first element on; of bool or int32 as
 * int32.
 *
 * - `x`: shape `[…, n, …]`; a scalar counts as one element
 * @returns the shape of `x`
 * @derivative $\partial y_j / \partial x_i = \prod_{k \le j, k \ne i} x_k$ for $j \ge i$, 0 for $j < i$
 * @kink zeros have the right derivative, the products of the others
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([2, 3, 4]).cumprod().toArray(); // → [2,6,24]
 * grad((x) => x.cumprod().sum())(tensor([2, 0, 4])).toArray(); // → [1,10,0]
 * ```
 */
export const cumprod: (x: TensorLike, options?: LineOptions) => Tensor = (x, options) =>
  alongAxis("cumprod", x, options, ["axis"], (t, axis) => apply(cumprodPrimitive, [t], { axis }));

/** For each element, the product of the others that go into the same output. */
function others(x: Tensor, axes: readonly number[]): Tensor {
  const lines = toLines(x, axes);
  const axis = lines.rank - 1;
  const before = (t: Tensor): Tensor => shifted(cumprod(t), 1, axis, 1);
  return fromLines(mul(before(lines), flip(before(flip(lines, { axis })), { axis })), x.layout.shape, axes);
}

const prodPrimitive: Primitive<{ readonly axes: readonly number[] }> = {
  name: "prod",
  kernel: { kind: "reduce", monoid: "product", axes: ({ axes }) => axes },
  shape: reducedShape,
  dtype: accumulated,
  vjp: (_, ct, [x], _y, { axes }) => mul(spread(ct, x!.layout.shape, axes), others(x!, axes)),
  jvp: ([tangent], [x], _y, { axes }) => sum(mul(tangent!, others(x!, axes)), { axis: axes }),
};

/**
 * Product over axes, $y = \prod_i x_i$, in the fixed order of sums; of bool or int32 as int32, of nothing 1.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = \prod_{j \ne i} x_j$
 * @kink the product of the others, zeros or not
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).prod({ axis: 1 }).toArray(); // → [2,12]
 * grad((x) => x.prod())(tensor([2, 0, 3])).toArray(); // → [0,6,0]
 * ```
 */
export const prod: Reduction = accumulation(prodPrimitive);
