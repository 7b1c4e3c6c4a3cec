/**
 * Factorisations of one square matrix, the only loops of linear algebra that matrix products cannot do. They run in
 * float64 whatever the dtype, on copies, so results are rounded once.
 * @module
 */
import type { TypedArray } from "../dtype.js";

/** $P s A = L U$ with the ones on the diagonal of L left out. */
export interface Factors {
  /** Row-major: L below the diagonal, U on and above it. */
  readonly lu: Float64Array;
  /** The row of A that stands at each place. */
  readonly rows: Int32Array;
  /** The determinant of P. */
  readonly sign: 1 | -1;
  /** Whether A is singular as far as rounding can tell. */
  readonly singular: boolean;
  /** s: 1, or a power of two below it where elements near the largest numbers would overflow. */
  readonly scale: number;
}

/** The distance from 1 to the next number of the elements' type. */
function epsilonOf(data: TypedArray): number {
  return data instanceof Float32Array ? 2 ** -23 : 2 ** -52;
}

/** The matrix at `offset` as an array of its own. */
export function workOf(data: TypedArray, offset: number, n: number): Float64Array {
  return Float64Array.from(data.subarray(offset, offset + n * n));
}

export function swapRows(matrix: Float64Array, n: number, i: number, j: number): void {
  for (let column = 0; column < n; column++) {
    const kept = matrix[i * n + column]!;
    matrix[i * n + column] = matrix[j * n + column]!;
    matrix[j * n + column] = kept;
  }
}

/** Subtracts multiples of row `k` from those below, and leaves the factors in its column. */
export function eliminate(lu: Float64Array, n: number, k: number): void {
  for (let i = k + 1; i < n; i++) {
    const factor = (lu[i * n + k]! /= lu[k * n + k]!);
    for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!;
  }
}

/** Keeps sums of the largest numbers finite. */
const smaller = 2 ** -64;

/**
 * Gaussian elimination with partial pivoting of the `n` × `n` matrix at `offset`. The factors are those of a matrix
 * within $n ε |L||U|$ of A in every element (Higham 2002, theorem 9.3), so a pivot below its element of that bound
 * cannot be told from 0. A NaN goes on to the result.
 */
export function factor(data: TypedArray, offset: number, n: number): Factors {
  const tolerance = n * epsilonOf(data);
  const factors = eliminated(workOf(data, offset, n), n, tolerance, 1);
  if (factors.lu.every(Number.isFinite)) return factors;
  return eliminated(workOf(data, offset, n).map((x) => x * smaller), n, tolerance, smaller); // prettier-ignore
}

/** The factors of a matrix, in its place. */
function eliminated(lu: Float64Array, n: number, tolerance: number, scale: number): Factors {
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  let sign: 1 | -1 = 1;
  let singular = false;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    let best = Math.abs(lu[k * n + k]!);
    for (let i = k + 1; i < n; i++) {
      const size = Math.abs(lu[i * n + k]!);
      if (size > best || Number.isNaN(size)) [pivot, best] = [i, size];
    }
    let bound = tolerance * best;
    for (let j = 0; j < k; j++) bound += tolerance * Math.abs(lu[pivot * n + j]! * lu[j * n + k]!);
    // Of an infinite pivot, the bound is infinite too.
    if (best <= bound && best < Infinity) {
      singular = true;
      break;
    }
    if (pivot !== k) {
      swapRows(lu, n, k, pivot);
      [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
      sign = sign === 1 ? -1 : 1;
    }
    eliminate(lu, n, k);
  }
  return { lu, rows, sign, singular, scale };
}

/** Solves $T X = Y$ in place for the triangle of the `n` × `n` matrix; `y` holds rows of `m` numbers. */
export function substitute(
  matrix: Float64Array,
  n: number,
  y: Float64Array,
  m: number,
  lower: boolean,
  unitDiagonal: boolean,
): void {
  for (let place = 0; place < n; place++) {
    const i = lower ? place : n - 1 - place;
    const [from, to] = lower ? [0, i] : [i + 1, n];
    for (let k = from; k < to; k++) {
      const factor = matrix[i * n + k]!;
      if (factor !== 0) for (let j = 0; j < m; j++) y[i * m + j]! -= factor * y[k * m + j]!;
    }
    if (!unitDiagonal) for (let j = 0; j < m; j++) y[i * m + j]! /= matrix[i * n + i]!;
  }
}

/** The lower L with $L L^⊤ = A$, from the lower triangle; `null` if A is not positive definite as far as rounding can tell. */
export function choleskyFactor(data: TypedArray, offset: number, n: number): Float64Array | null {
  const l = workOf(data, offset, n);
  const tolerance = n * epsilonOf(data);
  for (let i = 0; i < n; i++) {
    const full = l[i * n + i]!;
    for (let j = 0; j <= i; j++) {
      let rest = l[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= l[i * n + k]! * l[j * n + k]!;
      if (j < i) l[i * n + j] = rest / l[j * n + j]!;
      else if (rest > tolerance * full) l[i * n + i] = Math.sqrt(rest);
      else return null;
    }
    l.fill(0, i * n + i + 1, (i + 1) * n);
  }
  return l;
}
