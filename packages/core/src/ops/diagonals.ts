/**
 * Diagonals and triangles of matrices.
 * @module
 */
import { arange } from "../filled.js";
import { checkOptions, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { checkShape, normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { sub } from "./arithmetic.js";
import { greaterEqual, lessEqual } from "./comparisons.js";
import { integerOption } from "./options.js";
import { astype, reshape, sum } from "./linear.js";
import { embed, diagonalAlong, diagonalStart } from "./regions.js";
import { where } from "./piecewise.js";

/** Options of `triu`, `tril` and `diag`. */
export interface TriangleOptions {
  /** Which diagonal: 0 the main one, positive above it, negative below. Default: 0. */
  readonly diagonal?: number | undefined;
}

function diagonalOf(operator: string, options: TriangleOptions | undefined): number {
  checkOptions(operator, options, ["diagonal"]);
  return integerOption(operator, "diagonal", options?.diagonal ?? 0);
}

function triangle(name: "triu" | "tril"): (x: TensorLike, options?: TriangleOptions) => Tensor {
  return function keepTriangle(x, options) {
    const t = asTensor(name, x);
    const diagonal = diagonalOf(name, options);
    const [rows, columns] = t.layout.shape.slice(-2);
    if (rows === undefined || columns === undefined)
      throw new ShapeError(`${name}: expected matrices […, rows, columns], got shape ${showShape(t.layout.shape)}`);
    const index = (n: number): Tensor => arange(0, n, 1, { dtype: "int32" });
    const above = sub(index(columns), reshape(index(rows), [rows, 1]));
    const kept = name === "triu" ? greaterEqual(above, diagonal) : lessEqual(above, diagonal);
    return astype(where(kept, t, 0), t.dtype);
  };
}

/**
 * Upper triangle: the elements $x_{ij}$ with $j - i \ge$ `diagonal`, 0 elsewhere (even where NaN or Infinity stood).
 *
 * - `x`: shape `[…batch, rows, columns]`
 * @derivative the same triangle of the cotangent, 0 elsewhere
 * @throws {@link ShapeError} if there are fewer than two axes
 * @throws {@link ArgumentError} if the diagonal is not an integer
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).triu().toArray(); // → [[1,2],[0,4]]
 * tensor([[1, 2], [3, 4]]).triu({ diagonal: 1 }).toArray(); // → [[0,2],[0,0]]
 * ```
 */
export const triu: (x: TensorLike, options?: TriangleOptions) => Tensor = triangle("triu");

/**
 * Lower triangle: the elements $x_{ij}$ with $j - i \le$ `diagonal`, 0 elsewhere (even where NaN or Infinity stood).
 *
 * - `x`: shape `[…batch, rows, columns]`
 * @derivative the same triangle of the cotangent, 0 elsewhere
 * @throws {@link ShapeError} if there are fewer than two axes
 * @throws {@link ArgumentError} if the diagonal is not an integer
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).tril().toArray(); // → [[1,0],[3,4]]
 * tensor([[1, 2], [3, 4]]).tril({ diagonal: -1 }).toArray(); // → [[0,0],[3,0]]
 * ```
 */
export const tril: (x: TensorLike, options?: TriangleOptions) => Tensor = triangle("tril");

/** Options of `diagonal`. */
export interface DiagonalOptions {
  /** Which diagonal: 0 the main one, positive above it, negative below. Default: 0. */
  readonly offset?: number | undefined;
  /** The axis of the rows. Default: 0. */
  readonly axis1?: number | undefined;
  /** The axis of the columns. Default: 1. */
  readonly axis2?: number | undefined;
}

/**
 * A diagonal, $y_i = x_{i,\,i + \text{offset}}$, of the matrices along two axes; empty where the offset lies outside.
 *
 * - `x`: shape `[…, rows, …, columns, …]`
 * @returns the other axes, then the diagonal
 * @derivative the cotangent on the diagonal, 0 elsewhere
 * @throws {@link ShapeError} if an axis is out of range, or both are the same
 * @throws {@link ArgumentError} if the offset is not an integer
 * @example
 * ```ts
 * import { tensor, zeros } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).diagonal().toArray(); // → [1,4]
 * tensor([[1, 2], [3, 4]]).diagonal({ offset: -1 }).toArray(); // → [3]
 * zeros([2, 5, 3]).diagonal({ axis1: 0, axis2: 2 }).shape; // → [5,2]
 * ```
 */
export const diagonal: (x: TensorLike, options?: DiagonalOptions) => Tensor = function diagonal(x, options) {
  const t = asTensor("diagonal", x);
  checkOptions("diagonal", options, ["offset", "axis1", "axis2"]);
  const offset = integerOption("diagonal", "offset", options?.offset ?? 0);
  if (t.rank < 2)
    throw new ShapeError(
      `diagonal: expected at least two axes, got shape ${showShape(t.layout.shape)}; use diag to make a matrix`,
    );
  const p = normalizeAxis("diagonal", options?.axis1, t.rank, 0);
  const q = normalizeAxis("diagonal", options?.axis2, t.rank, 1);
  if (p === q) throw new ShapeError(`diagonal: expected two different axes, got axis ${p} twice`);
  return diagonalAlong(t, offset, p, q);
};

/**
 * A vector as the diagonal of a matrix that is 0 elsewhere, $Y_{i i} = x_i$, or the diagonal of a matrix as a vector,
 * $y_i = X_{i i}$.
 *
 * - `x`: shape `[n]`, which gives `[n + |diagonal|, n + |diagonal|]`, or `[rows, columns]`
 * @derivative the diagonal of the cotangent; of a matrix, the cotangent on the diagonal, 0 elsewhere
 * @throws {@link ShapeError} if it is neither a vector nor a matrix
 * @throws {@link ArgumentError} if the diagonal is not an integer
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).diag().toArray(); // → [[1,0],[0,2]]
 * tensor([1]).diag({ diagonal: -1 }).toArray(); // → [[0,0],[1,0]]
 * tensor([[1, 2], [3, 4]]).diag().toArray(); // → [1,4]
 * ```
 */
export const diag: (x: TensorLike, options?: TriangleOptions) => Tensor = function diag(x, options) {
  const t = asTensor("diag", x);
  const offset = diagonalOf("diag", options);
  if (t.rank === 2) return diagonalAlong(t, offset, 0, 1);
  if (t.rank !== 1)
    throw new ShapeError(
      `diag: expected a vector or a matrix, got shape ${showShape(t.layout.shape)}; use diagonal for batches`,
    );
  const n = t.size + Math.abs(offset);
  checkShape("diag", [n, n]);
  return reshape(embed(t, [{ start: diagonalStart(offset, n), step: n + 1, count: t.size }], [n * n]), [n, n]);
};

/**
 * Sum of the main diagonal of a matrix, $y = \sum_i x_{ii}$.
 *
 * - `x`: shape `[rows, columns]`
 * @derivative $\partial y / \partial x_{ij} = 1$ for $i = j$, 0 elsewhere
 * @throws {@link ShapeError} if it is not a matrix
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).trace().item(); // → 5
 * ```
 */
export const trace: (x: TensorLike) => Tensor = function trace(x) {
  const t = asTensor("trace", x);
  if (t.rank !== 2)
    throw new ShapeError(
      `trace: expected a matrix, got shape ${showShape(t.layout.shape)}; for batches sum over what diagonal gives`,
    );
  return sum(diagonalAlong(t, 0, 0, 1));
};
