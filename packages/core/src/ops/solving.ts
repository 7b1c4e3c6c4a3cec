/**
 * Systems of linear equations. Derivatives are solutions of further systems with the same matrix.
 * @module
 */
import { eye, tensor } from "../construct.js";
import { promote } from "../dtype.js";
import { ArgumentError, checkOptions, describe, NumericError, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { broadcastShapes, sameShape, showShape, sizeOf, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul, neg } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { choleskyFactor, factor, substitute } from "./factorisation.js";
import { matmul } from "./linalg.js";
import { astype, reshape, stretch } from "./linear.js";
import { transpose } from "./shaping.js";

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
        const { lu, rows, singular } = factor(a!, matrix * n * n, n);
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
        output.set(x, matrix * n * m);
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
    return solved(a!, moved && tb ? add(moved, tb) : (moved ?? tb!), operator);
  },
};

/** The solution for matrices `a` and `b` of one dtype and batch shape, in the name of `operator`. */
export function solved(a: Tensor, b: Tensor, operator: string): Tensor {
  return apply(solvePrimitive, [a, b], { operator });
}

interface System {
  readonly a: Tensor;
  readonly b: Tensor;
  /** From the solution as a matrix to the shape that `b` asks for. */
  readonly finish: (x: Tensor) => Tensor;
}

/** The operands with one dtype and one batch shape, a right-hand vector as a column. */
function systemOf(operator: string, a: TensorLike, b: TensorLike): System {
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
      `${operator}: expected a right-hand side with ${n} rows for matrices ${showShape(p)}, got ${showShape(q)}`,
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
 * Inverse matrix, $A^{-1}$, by elimination with partial pivoting. To multiply by it, `solve` is faster and more accurate.
 *
 * - `x`: shape `[…batch, n, n]`
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

/** Options of `solveTriangular`. */
export interface TriangularOptions {
  /** Use the lower triangle of the matrix; otherwise the upper one. Default: false. */
  readonly lower?: boolean | undefined;
  /** Take the diagonal for ones, whatever stands there. Default: false. */
  readonly unitDiagonal?: boolean | undefined;
}

interface TriangularParams {
  readonly lower: boolean;
  readonly unitDiagonal: boolean;
}

const triangularPrimitive: Primitive<TriangularParams> = {
  name: "solveTriangular",
  kernel: {
    kind: "routine",
    run: ([a, b], [shape, right], { lower, unitDiagonal }, output) => {
      const [n, m] = right!.slice(-2) as [number, number];
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++) {
        const t = Float64Array.from(a!.subarray(matrix * n * n, (matrix + 1) * n * n));
        if (!unitDiagonal && t.some((x, i) => x === 0 && i % (n + 1) === 0))
          refuse(
            "solveTriangular",
            "a diagonal without zeros, got a singular matrix",
            "if ones are meant there, say { unitDiagonal: true }",
            shape!,
            matrix,
          );
        const x = Float64Array.from(b!.subarray(matrix * n * m, (matrix + 1) * n * m));
        substitute(t, n, x, m, lower, unitDiagonal);
        output.set(x, matrix * n * m);
      }
    },
  },
  shape: ([, b]) => b!,
  dtype: null,
  vjp: (index, ct, [a], x, params) => {
    const right = solvedTriangular(transpose(a!), ct, { ...params, lower: !params.lower });
    return index === 1 ? right : triangle(neg(matmul(right, transpose(x))), params);
  },
  jvp: ([ta, tb], [a], x, params) => {
    const moved = ta ? neg(matmul(triangle(ta, params), x)) : null;
    return solvedTriangular(a!, moved && tb ? add(moved, tb) : (moved ?? tb!), params);
  },
};

function solvedTriangular(a: Tensor, b: Tensor, params: TriangularParams): Tensor {
  return apply(triangularPrimitive, [a, b], params);
}

/** A constant matrix of weights: one for each side of the diagonal, one for the diagonal. */
function weights(like: Tensor, below: number, diagonal: number, above: number): Tensor {
  const n = like.layout.shape.at(-1)!;
  const data = Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i > j ? below : i === j ? diagonal : above;
  });
  return tensor(data, { shape: [n, n], dtype: like.dtype });
}

/** The elements that a triangular solver reads, zeros elsewhere. */
function triangle(x: Tensor, { lower, unitDiagonal }: TriangularParams): Tensor {
  return mul(x, weights(x, lower ? 1 : 0, unitDiagonal ? 0 : 1, lower ? 0 : 1));
}

/**
 * Solution of a triangular system, $X = T^{-1} B$, by substitution; leading axes broadcast. Only the triangle is read,
 * so the other elements have derivative 0.
 *
 * - `a`: shape `[…batch, n, n]`
 * - `b`: shape `[…batch, n, m]`, `[n]`, or one vector for each matrix of `a`, `[…batch, n]`
 * @throws {@link ShapeError} if the matrices are not square or the sizes do not fit
 * @throws {@link NumericError} if there is a 0 on the diagonal
 * @example
 * ```ts
 * import { solveTriangular, tensor } from "@cotangent/core";
 * solveTriangular(tensor([[2, 9], [1, 1]]), tensor([4, 5]), { lower: true }).toArray(); // → [2,3]
 * ```
 */
export const solveTriangular: (a: TensorLike, b: TensorLike, options?: TriangularOptions) => Tensor =
  function solveTriangular(a, b, options) {
    const system = systemOf("solveTriangular", a, b);
    checkOptions("solveTriangular", options, ["lower", "unitDiagonal"]);
    const { lower = false, unitDiagonal = false } = options ?? {};
    for (const value of [lower, unitDiagonal])
      if (typeof value !== "boolean")
        throw new ArgumentError(`solveTriangular: expected options that are true or false, got ${describe(value)}`);
    return system.finish(solvedTriangular(system.a, system.b, { lower, unitDiagonal }));
  };

const lowerTriangle: TriangularParams = { lower: true, unitDiagonal: false };

/** The lower triangle with half of the diagonal: what turns a symmetric change into one of a triangular factor. */
function halved(x: Tensor): Tensor {
  return mul(x, weights(x, 1, 0.5, 0));
}

const choleskyPrimitive: Primitive = {
  name: "cholesky",
  kernel: {
    kind: "routine",
    run: ([a], [shape], _, output) => {
      const n = shape!.at(-1)!;
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++) {
        const l = choleskyFactor(a!, matrix * n * n, n);
        if (l === null)
          refuse(
            "cholesky",
            "a positive definite matrix, got one that is not (up to rounding)",
            "add a small multiple of the identity",
            shape!,
            matrix,
          );
        output.set(l, matrix * n * n);
      }
    },
  },
  shape: null,
  dtype: null,
  // The derivative in L^-⊤ Φ(L^⊤ ct) L^-1, made symmetric; Murray (2016), equation 10.
  vjp: (_, ct, _x, l) => {
    const up = transpose(l);
    const left = solvedTriangular(up, halved(matmul(up, ct)), { lower: false, unitDiagonal: false });
    const both = transpose(solvedTriangular(up, transpose(left), { lower: false, unitDiagonal: false }));
    return mul(add(both, transpose(both)), 0.5);
  },
  // dL = L Φ(L^-1 dA L^-⊤); Murray (2016), equation 8.
  jvp: ([t], _x, l) => {
    const left = solvedTriangular(l, t!, lowerTriangle);
    return matmul(l, halved(transpose(solvedTriangular(l, transpose(left), lowerTriangle))));
  },
};

/**
 * Cholesky factor: the lower triangular L with positive diagonal and $L L^⊤ = A$. Of an unsymmetric matrix the
 * symmetric part $\tfrac12 (A + A^⊤)$ is factorised, so the derivative is symmetric.
 *
 * - `x`: shape `[…batch, n, n]`
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if a matrix is not positive definite up to rounding
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[4, 2], [2, 5]]).cholesky().toArray(); // → [[2,0],[1,2]]
 * ```
 * @see Murray, Differentiation of the Cholesky decomposition (2016), arXiv:1602.07527
 */
export const cholesky: (x: TensorLike) => Tensor = function cholesky(x) {
  const t = square("cholesky", x);
  return apply(choleskyPrimitive, [mul(add(t, transpose(t)), 0.5)], undefined);
};
