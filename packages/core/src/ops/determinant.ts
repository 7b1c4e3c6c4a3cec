/**
 * Determinants, their signs and logarithms.
 * @module
 */
import type { RoutineKernel } from "../kernel.js";
import { apply, type Primitive } from "../primitive.js";
import { numbers } from "../readings/numbers.js";
import type { Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul, sub } from "./arithmetic.js";
import { log } from "./elementary.js";
import { cofactors, factor, type Factors } from "./factorisation.js";
import { matmul } from "./linalg.js";
import { reshape, sum } from "./linear.js";
import { transpose } from "./shaping.js";
import { identity, inverted, matricesIn, solved, square } from "./solving.js";

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
  kernel: perMatrix(({ lu, sign, singular }, n) => {
    let product: number = singular ? 0 : sign;
    for (let i = 0; i < n; i++) product *= singular ? 1 : lu[i * n + i]!;
    return product;
  }),
  shape: batchOf,
  dtype: null,
  vjp: (_, ct, [x]) => mul(asMatrices(ct), apply(cofactorPrimitive, [x!], undefined)),
  jvp: ([t], [x]) => inner(t!, apply(cofactorPrimitive, [x!], undefined)),
};

/** The derivative of the determinant, $C = \det A \, A^{-⊤}$ where that exists. */
const cofactorPrimitive: Primitive = {
  name: "cofactors",
  kernel: {
    kind: "routine",
    run: ([a], [shape], _, output) => {
      const n = shape!.at(-1)!;
      for (let matrix = 0; matrix < matricesIn(shape!); matrix++)
        output.set(cofactors(a!, matrix * n * n, n), matrix * n * n);
    },
  },
  shape: null,
  dtype: null,
  // (⟨ct, C⟩ I − C ct^⊤) A^-⊤; of a 1 × 1 matrix the only cofactor is 1.
  vjp: (_, ct, [x], c) => {
    if (x!.layout.shape.at(-1)! < 2) return null;
    const trace = mul(asMatrices(inner(ct, c)), identity(x!));
    return transpose(solved(x!, sub(trace, matmul(ct, transpose(c))), "det"));
  },
  // tr(S) C − C S^⊤ with S = A^-1 dA.
  jvp: ([t], [x], c) => {
    if (x!.layout.shape.at(-1)! < 2) return null;
    const change = solved(x!, t!, "det");
    return sub(mul(asMatrices(inner(change, identity(x!))), c), matmul(c, transpose(change)));
  },
};

/**
 * Determinant, $y = \det A$: by elimination with partial pivoting; 0 for matrices that are singular up to rounding, 1
 * for empty ones.
 *
 * - `x`: shape `[…batch, n, n]`
 * @returns shape `[…batch]`
 * @derivative $\partial y / \partial A = C$, the matrix of cofactors, $\det A \, A^{-\top}$ where that exists
 * @kink the first derivative is right for singular matrices too; the second one needs an invertible matrix
 * @throws {@link ShapeError} if the matrices are not square
 * @throws {@link NumericError} if the second derivative of a singular matrix is asked for
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).det().item(); // → -2
 * grad((x) => x.det())(tensor([[1, 2], [2, 4]])).toArray(); // → [[4,-2],[-2,1]]
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
  kernel: perMatrix(({ lu, singular }, n) => {
    const { log } = numbers("float64");
    let total = singular ? -Infinity : 0;
    for (let i = 0; i < n && !singular; i++) total += log(Math.abs(lu[i * n + i]!));
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
