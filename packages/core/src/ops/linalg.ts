/**
 * Products of vectors and matrices.
 * @module
 */
import { promote } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { broadcastShapes, showShape, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { mul } from "./arithmetic.js";
import { astype, reshape, stretch } from "./linear.js";
import { swap } from "./lines.js";
import { unsqueeze } from "./shaping.js";
import { addTangents } from "./tangents.js";

const contractPrimitive: Primitive = {
  name: "matmul",
  kernel: { kind: "contract" },
  shape: (shapes) => {
    const [x, y] = [shapes[0]!, shapes[1]!];
    const shape = new Array<number>(x.length);
    for (let axis = 0; axis < x.length; axis++) shape[axis] = x[axis]!;
    shape[x.length - 1] = y[y.length - 1]!;
    return shape;
  },
  dtype: ([x]) => (x === "bool" ? "int32" : x!),
  vjp: (index, ct, inputs) =>
    index === 0 ? contract(ct, swap(inputs[1]!, -2, -1)) : contract(swap(inputs[0]!, -2, -1), ct),
  jvp: ([tx, ty], [x, y]) => {
    const left = tx && contract(tx, y!);
    const right = ty && contract(x!, ty);
    return addTangents(left, right);
  },
};

/** Product of `[…batch, m, k]` and `[…batch, k, n]` with equal batches. */
function contract(x: Tensor, y: Tensor): Tensor {
  return apply(contractPrimitive, [x, y], undefined);
}

/**
 * Matrix product, $Z = X Y$. A vector on the left counts as a row, on the right as a column; leading axes are
 * batches and broadcast. Each element adds its products in the order of k; a single column, in the order of `sum`; those
 * that {@link useBlas} hands to a library, in the library's own.
 *
 * - `x`: shape `[…batch, m, k]` or `[k]`
 * - `y`: shape `[…batch, k, n]` or `[k]`
 * @returns shape `[…batch, m, n]`, without the axis of a vector
 * @derivative $\bar X = \bar Z Y^\top$, $\bar Y = X^\top \bar Z$ with the cotangent $\bar Z$; summed over batches that
 *   were stretched
 * @throws {@link ShapeError} if an operand is a scalar, the inner sizes differ, or the batches do not broadcast
 * @example
 * ```ts
 * import { matmul, tensor } from "@cotangent/core";
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray(); // → [[17],[39]]
 * tensor([1, 2]).matmul(tensor([3, 4])).item(); // → 11
 * ```
 */
export const matmul: (x: TensorLike, y: TensorLike) => Tensor = function matmul(x, y) {
  let a = asTensor("matmul", x);
  let b = asTensor("matmul", y);
  if (a.dtype !== b.dtype) {
    const dtype = promote(a.dtype, b.dtype);
    a = astype(a, dtype);
    b = astype(b, dtype);
  }
  const [p, q] = [a.layout.shape, b.layout.shape];
  if (p.length === 0 || q.length === 0)
    throw new ShapeError(
      `matmul: expected vectors or matrices, got ${showShape(p)} and ${showShape(q)}; use mul for a scalar`,
    );
  const [k, l] = [p[p.length - 1]!, q[Math.max(0, q.length - 2)]!];
  if (k !== l) throw new ShapeError(innerSizes(p, q, k, l));
  if (p.length === 2 && q.length === 2) return contract(a, b);
  if (p.length === 1) a = unsqueeze(a, 0);
  if (q.length === 1) b = unsqueeze(b, 1);
  const batch = broadcastShapes("matmul", a.layout.shape.slice(0, -2), b.layout.shape.slice(0, -2));
  const z = contract(
    stretch(a, [...batch, ...a.layout.shape.slice(-2)]),
    stretch(b, [...batch, ...b.layout.shape.slice(-2)]),
  );
  if (p.length > 1 && q.length > 1) return z;
  return reshape(z, [...batch, ...(p.length > 1 ? [p.at(-2)!] : []), ...(q.length > 1 ? [q.at(-1)!] : [])]);
};

function innerSizes(p: Shape, q: Shape, k: number, l: number): string {
  const hint =
    q.length >= 2 && q.at(-1) === k
      ? "; did you mean y.transpose()?"
      : p.length >= 2 && p.at(-2) === l
        ? "; did you mean x.transpose()?"
        : "; the last size of x must equal the second to last of y";
  return `matmul: inner sizes differ, ${showShape(p)} times ${showShape(q)} (${k} vs ${l})${hint}`;
}

/**
 * Inner product of two vectors, $z = \sum_i x_i y_i$.
 *
 * - `x`: shape `[n]`
 * - `y`: shape `[n]`
 * @derivative $\partial z / \partial x_i = y_i$, $\partial z / \partial y_i = x_i$
 * @throws {@link ShapeError} if they are not vectors of one length
 * @example
 * ```ts
 * import { dot, tensor } from "@cotangent/core";
 * dot(tensor([1, 2, 3]), tensor([4, 5, 6])).item(); // → 32
 * ```
 */
export const dot: (x: TensorLike, y: TensorLike) => Tensor = function dot(x, y) {
  const [a, b] = vectors("dot", x, y);
  if (a.size !== b.size)
    throw new ShapeError(
      `dot: expected vectors of one length, got ${showShape(a.layout.shape)} and ${showShape(b.layout.shape)}; use matmul for matrices`,
    );
  return matmul(a, b);
};

/**
 * Outer product of two vectors, $Z_{ij} = x_i y_j$.
 *
 * - `x`: shape `[m]`
 * - `y`: shape `[n]`
 * @returns shape `[m, n]`
 * @derivative $\bar x = \bar Z y$, $\bar y = \bar Z^\top x$ with the cotangent $\bar Z$
 * @throws {@link ShapeError} if they are not vectors
 * @example
 * ```ts
 * import { outer, tensor } from "@cotangent/core";
 * outer(tensor([1, 2]), tensor([3, 4])).toArray(); // → [[3,4],[6,8]]
 * ```
 */
export const outer: (x: TensorLike, y: TensorLike) => Tensor = function outer(x, y) {
  const [a, b] = vectors("outer", x, y);
  return mul(unsqueeze(a, 1), b);
};

function vectors(operator: string, x: TensorLike, y: TensorLike): readonly [Tensor, Tensor] {
  const [a, b] = [asTensor(operator, x), asTensor(operator, y)];
  if (a.rank !== 1 || b.rank !== 1)
    throw new ShapeError(
      `${operator}: expected two vectors, got ${showShape(a.layout.shape)} and ${showShape(b.layout.shape)}; use matmul for matrices`,
    );
  return [a, b];
}
