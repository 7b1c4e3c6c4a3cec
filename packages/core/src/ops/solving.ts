/**
 * Systems of linear equations. Derivatives are solutions of further systems with the same matrix.
 * @module
 */
import { eye } from "../filled.js";
import { promote } from "../dtype.js";
import { NumericError, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { neg } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { factor, substitute } from "./factorisation.js";
import { matmul } from "./linalg.js";
import { astype, reshape, stretch } from "./linear.js";
import { transpose } from "./shaping.js";
import { addTangents } from "./tangents.js";

/** A float tensor of square matrices. */
export function square(operator: string, x: TensorLike): Tensor {
  const t = computable(asTensor(operator, x), "float");
  const { shape } = t.layout;
  if (shape.length < 2 || shape.at(-1) !== shape.at(-2))
    throw new ShapeError(`${operator}: expected square matrices, shape […batch, n, n], got ${showShape(shape)}`);
  return t;
}

/** How many matrices a shape holds. */
export function matricesIn(shape: Shape): number {
  return sizeOf(shape.slice(0, -2));
}

/** Refuses a matrix by its place in the batch. */
export function refuse(operator: string, expected: string, remedy: string, shape: Shape, matrix: number): never {
  const batch = shape.slice(0, -2);
  let rest = matrix;
  const index = batch.map(() => 0);
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    index[axis] = rest % batch[axis]!;
    rest = Math.floor(rest / batch[axis]!);
  }
  const where = batch.length === 0 ? "" : ` at ${showShape(index)} of the batch`;
  throw new NumericError(`${operator}: expected ${expected}${where}; ${remedy}`);
}

interface SolveParams {
  /** Who is named in errors. */
  readonly operator: string;
}

const solvePrimitive: Primitive<SolveParams> = {
  name: "solve",
  kernel: {
    kind: "routine",
    run: ([a, b], [shape, right], { operator }, output) => {
      const [n, m] = right!.slice(-2) as [number, number];
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++) {
        const { lu, rows, singular, scale } = factor(a!, matrix * n * n, n);
        if (singular)
          refuse(
            operator,
            "an invertible matrix, got one that is singular up to rounding",
            "drop dependent rows, or add a small multiple of the identity",
            shape!,
            matrix,
          );
        const x = new Float64Array(n * m);
        rows.forEach((row, i) => {
          x.set(b!.subarray((matrix * n + row) * m, (matrix * n + row + 1) * m), i * m);
        });
        substitute(lu, n, x, m, true, true);
        substitute(lu, n, x, m, false, false);
        output.set(scale === 1 ? x : x.map((element) => element * scale), matrix * n * m);
      }
    },
  },
  shape: ([, b]) => b!,
  dtype: null,
  vjp: (index, ct, [a], x, params) => {
    const right = solved(transpose(a!), ct, params.operator);
    return index === 1 ? right : neg(matmul(right, transpose(x)));
  },
  jvp: ([ta, tb], [a], x, { operator }) => {
    const moved = ta ? neg(matmul(ta, x)) : null;
    return solved(a!, addTangents(moved, tb!)!, operator);
  },
};

/** The solution for matrices `a` and `b` of one dtype and batch shape, in the name of `operator`. */
export function solved(a: Tensor, b: Tensor, operator: string): Tensor {
  return apply(solvePrimitive, [a, b], { operator });
}

/** Operands of a solver. */
export interface System {
  readonly a: Tensor;
  readonly b: Tensor;
  /** From the solution as a matrix to the shape that `b` asks for. */
  readonly finish: (x: Tensor) => Tensor;
}

/** The operands with one dtype and one batch shape, a right-hand vector as a column. */
export function systemOf(operator: string, a: TensorLike, b: TensorLike): System {
  let left = square(operator, a);
  let right = computable(asTensor(operator, b), "float");
  const dtype = promote(left.dtype, right.dtype);
  [left, right] = [astype(left, dtype), astype(right, dtype)];
  const [p, q] = [left.layout.shape, right.layout.shape];
  const vector = q.length === 1 || sameShape(q, p.slice(0, -1));
  if (vector) right = reshape(right, [...q, 1]);
  const columns = right.layout.shape;
  const n = p.at(-1)!;
  if (columns.length < 2 || columns.at(-2) !== n)
    throw new ShapeError(
      `${operator}: expected a right-hand side with ${n} rows for matrices ${showShape(p)}, got ${showShape(q)}; transpose or reshape it`,
    );
  const batch = broadcastShapes(operator, p.slice(0, -2), columns.slice(0, -2));
  return {
    a: stretch(left, [...batch, n, n]),
    b: stretch(right, [...batch, n, columns.at(-1)!]),
    finish: (x) => (vector ? reshape(x, x.layout.shape.slice(0, -1)) : x),
  };
}

/**
 * Solution of a linear system, $X = A^{-1} B$, by elimination with partial pivoting; leading axes broadcast. Integers
 * compute in the default float.
 *
 * - `a`: shape `[…batch, n, n]`
 * - `b`: shape `[…batch, n, m]`, `[n]`, or one vector for each matrix of `a`, `[…batch, n]`
 * @returns shape `[…batch, n, m]`, without the last axis for vectors
 * @derivative $\bar B = A^{-\top} \bar X$, $\bar A = -\bar B X^\top$ with the cotangent $\bar X$
 * @throws {@link ShapeError} if the matrices are not square or the sizes do not fit
 * @throws {@link NumericError} if a matrix is singular up to rounding
 * @example
 * ```ts
 * import { solve, tensor } from "@cotangent/core";
 * solve(tensor([[2, 0], [1, 1]]), tensor([4, 5])).toArray(); // → [2,3]
 * ```
 * @see Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 9; Giles, Collected matrix derivative
 * results for forward and reverse mode algorithmic differentiation (2008), section 2.3
 */
export const solve: (a: TensorLike, b: TensorLike) => Tensor = function solve(a, b) {
  const system = systemOf("solve", a, b);
  return system.finish(solved(system.a, system.b, "solve"));
};

/**
 * Inverse matrix, $Y = A^{-1}$, by elimination with partial pivoting. To multiply by it, `solve` is faster and more
 * accurate.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns the shape of `x`
 * @derivative $\bar A = -Y^\top \bar Y Y^\top$ with the cotangent $\bar Y$
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if a matrix is singular up to rounding
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[2, 0], [1, 1]]).inverse().toArray(); // → [[0.5,0],[-0.5,1]]
 * ```
 */
export const inverse: (x: TensorLike) => Tensor = (x) => inverted(square("inverse", x), "inverse");

/** The inverse of square float matrices, in the name of `operator`. */
export function inverted(x: Tensor, operator: string): Tensor {
  return solved(x, stretch(identity(x), x.layout.shape), operator);
}

/** The identity matrix that fits. */
export function identity(x: Tensor): Tensor {
  const n = x.layout.shape.at(-1)!;
  return eye(n, n, { dtype: x.dtype });
}
