/**
 * Determinants, their signs and logarithms.
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { RoutineKernel } from "../kernel.js";
import { apply, type Primitive } from "../primitive.js";
import { numbers } from "../readings/numbers.js";
import type { Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul, sub } from "./arithmetic.js";
import { cofactors, cofactorsAlong } from "./cofactors.js";
import { log } from "./elementary.js";
import { factor, type Factors } from "./factorisation.js";
import { matmul } from "./linalg.js";
import { reshape, sum } from "./linear.js";
import { transpose } from "./shaping.js";
import { identity, inverted, matricesIn, solved, square } from "./solving.js";
import { addTangents } from "./tangents.js";

/** A number for each matrix, from its factors. */
function perMatrix<P>(number: (factors: Factors, n: number) => number): RoutineKernel<P> {
  return {
    kind: "routine",
    run: ([a], [shape], _, output) => {
      const n = shape!.at(-1)!;
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++)
        output[matrix] = number(factor(a!, matrix * n * n, n), n);
    },
  };
}

const batchOf = ([shape]: readonly Shape[]): Shape => shape!.slice(0, -2);

/** A number for each matrix as a 1 × 1 matrix, so that it broadcasts. */
function asMatrices(x: Tensor): Tensor {
  return reshape(x, [...x.layout.shape, 1, 1]);
}

/** The inner product of matrices. */
function inner(x: Tensor, y: Tensor): Tensor {
  return sum(mul(x, y), { axis: [-2, -1] });
}

const detPrimitive: Primitive = {
  name: "det",
  kernel: perMatrix(({ lu, sign, singular, scale }, n) => {
    if (singular) return 0;
    let product: number = sign;
    for (let i = 0; i < n; i++) product *= lu[i * n + i]! / scale;
    return product;
  }),
  shape: batchOf,
  dtype: null,
  vjp: (_, ct, [x]) => mul(asMatrices(ct), apply(cofactorPrimitive, [x!], undefined)),
  jvp: ([t], [x]) => inner(t!, apply(cofactorPrimitive, [x!], undefined)),
};

/** A routine that makes a matrix of each matrix of the first operand, from the buffers and its place. */
function perMatrixOf<P>(
  make: (inputs: readonly TypedArray[], offset: number, n: number) => Float64Array,
): RoutineKernel<P> {
  return {
    kind: "routine",
    run: (inputs, [shape], _, output) => {
      const n = shape!.at(-1)!;
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++)
        output.set(make(inputs, matrix * n * n, n), matrix * n * n);
    },
  };
}

/** The derivative of the determinant, C, which is $\det A \, A^{-⊤}$ where that exists. */
const cofactorPrimitive: Primitive = {
  name: "cofactors",
  kernel: perMatrixOf(([a], offset, n) => cofactors(a!, offset, n)),
  shape: null,
  dtype: null,
  // The second derivative of the determinant is symmetric, so both modes are one map. The only cofactor of 1 × 1 is 1.
  vjp: (_, ct, [x]) => (sizeOfMatrices(x!) < 2 ? null : cofactorsAlongDirection(x!, ct)),
  jvp: ([t], [x]) => (sizeOfMatrices(x!) < 2 ? null : cofactorsAlongDirection(x!, t!)),
};

function sizeOfMatrices(x: Tensor): number {
  return x.layout.shape.at(-1)!;
}

function cofactorsAlongDirection(x: Tensor, direction: Tensor): Tensor {
  return apply(cofactorsAlongPrimitive, [x, direction], undefined);
}

/** The derivative of the cofactors of the first operand along the second. */
const cofactorsAlongPrimitive: Primitive = {
  name: "cofactorsAlong",
  kernel: perMatrixOf(([a, t], offset, n) => cofactorsAlong(a!, t!, offset, n)),
  shape: null,
  dtype: null,
  vjp: (index, ct, [x, t]) => {
    if (index === 1) return cofactorsAlongDirection(x!, ct);
    return sizeOfMatrices(x!) < 3 ? null : cofactorsAlongTwo(x!, t!, ct);
  },
  jvp: ([moved, turned], [x, t]) => {
    const byX = moved && sizeOfMatrices(x!) > 2 ? cofactorsAlongTwo(x!, t!, moved) : null;
    const byT = turned && cofactorsAlongDirection(x!, turned);
    return addTangents(byX, byT);
  },
};

/**
 * The second derivative of the cofactors of an invertible matrix along S and T: with $M = A^{-1} S$ and $N = A^{-1} T$,
 * the gradient of the part of $\det A \det(I + s M + t N + u A^{-1} U)$ with the factor $s t u$ by U.
 */
function cofactorsAlongTwo(x: Tensor, s: Tensor, t: Tensor): Tensor {
  const [m, n] = [solved(x, s, "det"), solved(x, t, "det")];
  const c = apply(cofactorPrimitive, [x], undefined);
  const one = identity(x);
  const [traceM, traceN] = [asMatrices(inner(m, one)), asMatrices(inner(n, one))];
  const [mn, nm] = [matmul(m, n), matmul(n, m)];
  const whole = sub(mul(traceM, traceN), asMatrices(inner(mn, one)));
  const turned = sub(add(mn, nm), add(mul(traceM, n), mul(traceN, m)));
  return add(mul(whole, c), matmul(c, transpose(turned)));
}

/**
 * Determinant, $y = \det A$: by elimination with partial pivoting; 0 for matrices that are singular up to rounding, 1
 * for empty ones.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns shape `[…batch]`
 * @derivative $\partial y / \partial A = C$, the matrix of cofactors, $\det A \, A^{-\top}$ where that exists
 * @kink the first and second derivatives are right for singular matrices too; from the third one on, of 3 × 3 and larger
 *   ones, the matrix has to be invertible
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if the third derivative at a singular matrix is asked for
 * @example
 * ```ts
 * import { grad, hessian, tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).det().item(); // → -2
 * const singular = tensor([[1, 2], [2, 4]]);
 * grad((x) => x.det())(singular).toArray(); // → [[4,-2],[-2,1]]
 * hessian((x) => x.det())(singular).slice([0, 0]).toArray(); // → [[0,0],[0,1]]
 * ```
 * @see Magnus, Neudecker, Matrix Differential Calculus (2019), section 8.3
 */
export const det: (x: TensorLike) => Tensor = (x) => apply(detPrimitive, [square("det", x)], undefined);

const signPrimitive: Primitive = {
  name: "signDet",
  kernel: perMatrix(({ lu, sign, singular }, n) => {
    let product: number = singular ? 0 : sign;
    for (let i = 0; i < n; i++) product *= singular ? 1 : Math.sign(lu[i * n + i]!);
    return product;
  }),
  shape: batchOf,
  dtype: null,
  vjp: null,
  jvp: null,
};

/** A sum of logarithms, so that it neither over- nor underflows. */
const logAbsDetPrimitive: Primitive<{ readonly operator: string }> = {
  name: "logAbsDet",
  kernel: perMatrix(({ lu, singular, scale }, n) => {
    if (singular) return -Infinity;
    const { log } = numbers("float64");
    let total = scale === 1 ? 0 : -n * log(scale);
    for (let i = 0; i < n; i++) total += log(Math.abs(lu[i * n + i]!));
    return total;
  }),
  shape: batchOf,
  dtype: null,
  vjp: (_, ct, [x], _y, { operator }) => mul(asMatrices(ct), transpose(inverted(x!, operator))),
  jvp: ([t], [x], _y, { operator }) => inner(solved(x!, t!, operator), identity(x!)),
};

/** What `slogDet` gives: $\det A = s e^{l}$. */
export interface SignAndLog {
  /** -1, 0 or 1; flat. */
  readonly sign: Tensor;
  /** $\ln |\det A|$ in nats; `-Infinity` where the sign is 0. */
  readonly logAbsDet: Tensor;
}

function signAndLog(operator: string, x: TensorLike): SignAndLog {
  const t = square(operator, x);
  return { sign: apply(signPrimitive, [t], undefined), logAbsDet: apply(logAbsDetPrimitive, [t], { operator }) };
}

/**
 * Sign and logarithm of the determinant, $\det A = s e^{l}$, which stay finite where the determinant itself does not.
 * Matrices that are singular up to rounding give sign 0 and `-Infinity`.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns two tensors of shape `[…batch]`
 * @derivative $\partial l / \partial A = A^{-\top}$; the sign is flat
 * @kink singular matrices have no derivative
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if the derivative at a singular matrix is asked for
 * @example
 * ```ts
 * import { slogDet, tensor } from "@cotangent/core";
 * const { sign, logAbsDet } = slogDet(tensor([[0, 1e-200], [1e-200, 0]]));
 * sign.item(); // → -1
 * logAbsDet.item(); // → -921.034037
 * ```
 */
export const slogDet: (x: TensorLike) => SignAndLog = (x) => signAndLog("slogDet", x);

/**
 * Logarithm of the determinant, $y = \ln \det A$, in nats: `-Infinity` for matrices that are singular up to rounding,
 * and NaN, as any logarithm, where the determinant is negative; see `slogDet` for these.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns shape `[…batch]`
 * @derivative $\partial y / \partial A = A^{-\top}$
 * @kink singular matrices have no derivative
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if the derivative at a singular matrix is asked for
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[2, 0], [1, 3]]).logDet().item(); // → 1.791759
 * tensor([[1, 2], [2, 4]]).logDet().item(); // → -Infinity
 * ```
 */
export const logDet: (x: TensorLike) => Tensor = function logDet(x) {
  const { sign, logAbsDet } = signAndLog("logDet", x);
  // The logarithm of the sign is 0, -Infinity or NaN.
  return add(logAbsDet, log(sign));
};
