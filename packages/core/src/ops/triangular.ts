/**
 * Triangular systems, and the Cholesky factor, whose derivative solves them.
 * @module
 */
import { tensor } from "../construct.js";
import { checkOptions } from "../errors.js";
import { apply, type Primitive } from "../primitive.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul, neg } from "./arithmetic.js";
import { choleskyFactor, substitute } from "./factorisation.js";
import { matmul } from "./linalg.js";
import { transpose } from "./shaping.js";
import { matricesIn, refuse, square, systemOf } from "./solving.js";
import { booleanOption } from "./options.js";
import { addTangents } from "./tangents.js";

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
    return solvedTriangular(a!, addTangents(moved, tb!)!, params);
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
 * Solution of a triangular system, $X = T^{-1} B$, by substitution; leading axes broadcast. Only the triangle is read.
 *
 * - `a`: shape `[…batch, n, n]`
 * - `b`: shape `[…batch, n, m]`, `[n]`, or one vector for each matrix of `a`, `[…batch, n]`
 * @returns shape `[…batch, n, m]`, without the last axis for vectors
 * @derivative $\bar B = T^{-\top} \bar X$, $\bar T = -\bar B X^\top$ in the triangle that is read, 0 elsewhere
 * @throws {@link ShapeError} if the matrices are not square or the sizes do not fit
 * @throws {@link NumericError} if there is a 0 on the diagonal
 * @throws {@link ArgumentError} if an option is not true or false
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
    const lower = booleanOption("solveTriangular", "lower", options?.lower ?? false);
    const unitDiagonal = booleanOption("solveTriangular", "unitDiagonal", options?.unitDiagonal ?? false);
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
 * Cholesky factor, $L L^\top = A$: lower triangular with positive diagonal. Of an unsymmetric matrix the symmetric part
 * $\tfrac12 (A + A^\top)$ is factorised, so the derivative is symmetric.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns the shape of `x`
 * @derivative $\bar A = \tfrac12 (S + S^\top)$, $S = L^{-\top} \Phi(L^\top \bar L) L^{-1}$; $\Phi$ takes the lower
 *   triangle with half the diagonal
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
