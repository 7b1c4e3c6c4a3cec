/**
 * Factorisations of one square matrix, the only loops of linear algebra that matrix products cannot do. They run in
 * float64 whatever the dtype, on copies, so results are rounded once.
 * @module
 */
import type { TypedArray } from "../dtype.js";

/** $P A = L U$ with the ones on the diagonal of L left out. */
export interface Factors {
  /** Row-major: L below the diagonal, U on and above it. */
  readonly lu: Float64Array;
  /** The row of A that stands at each place. */
  readonly rows: Int32Array;
  /** The determinant of P. */
  readonly sign: 1 | -1;
  /** Whether A is singular as far as rounding can tell. */
  readonly singular: boolean;
}

/** The distance from 1 to the next number of the elements' type. */
function epsilonOf(data: TypedArray): number {
  return data instanceof Float32Array ? 2 ** -23 : 2 ** -52;
}

/** The matrix at `offset` as an array of its own. */
function workOf(data: TypedArray, offset: number, n: number): Float64Array {
  return Float64Array.from(data.subarray(offset, offset + n * n));
}

function swapRows(matrix: Float64Array, n: number, i: number, j: number): void {
  for (let column = 0; column < n; column++) {
    const kept = matrix[i * n + column]!;
    matrix[i * n + column] = matrix[j * n + column]!;
    matrix[j * n + column] = kept;
  }
}

/** Subtracts multiples of row `k` from those below, and leaves the factors in its column. */
function eliminate(lu: Float64Array, n: number, k: number): void {
  for (let i = k + 1; i < n; i++) {
    const factor = (lu[i * n + k]! /= lu[k * n + k]!);
    for (let j = k + 1; j < n; j++) lu[i * n + j]! -= factor * lu[k * n + j]!;
  }
}

/**
 * Gaussian elimination with partial pivoting of the `n` × `n` matrix at `offset`. The factors are those of a matrix
 * within $n ε |L||U|$ of A in every element (Higham 2002, theorem 9.3), so a pivot below its element of that bound
 * cannot be told from 0. A NaN goes on to the result.
 */
export function factor(data: TypedArray, offset: number, n: number): Factors {
  const lu = workOf(data, offset, n);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const tolerance = n * epsilonOf(data);
  let sign: 1 | -1 = 1;
  let singular = false;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    let best = Math.abs(lu[k * n + k]!);
    for (let i = k + 1; i < n; i++) {
      const size = Math.abs(lu[i * n + k]!);
      if (size > best || Number.isNaN(size)) [pivot, best] = [i, size];
    }
    let bound = best;
    for (let j = 0; j < k; j++) bound += Math.abs(lu[pivot * n + j]! * lu[j * n + k]!);
    if (best <= tolerance * bound) {
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
  return { lu, rows, sign, singular };
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

/**
 * The matrix of cofactors $C_{ij} = ∂ \det A / ∂ A_{ij}$, of singular matrices too. With complete pivoting
 * $P A Q = L U$, and the adjugate is $\det P \det Q \; Q \,\mathrm{adj}(U)\, L^{-1} P$, in which nothing is divided by
 * the last pivot: with $U = \begin{pmatrix} V & u \\ 0 & d \end{pmatrix}$,
 * $\mathrm{adj}\, U = \det V \begin{pmatrix} d V^{-1} & -V^{-1} u \\ 0 & 1 \end{pmatrix}$.
 */
export function cofactors(data: TypedArray, offset: number, n: number): Float64Array {
  const result = new Float64Array(n * n);
  if (n === 0) return result;
  const lu = workOf(data, offset, n);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const columns = rows.slice();
  let scale = 1;
  for (let k = 0; k < n - 1; k++) {
    const [row, column] = largest(lu, n, k);
    if (row !== k) {
      swapRows(lu, n, k, row);
      [rows[k], rows[row]] = [rows[row]!, rows[k]!];
      scale = -scale;
    }
    if (column !== k) {
      for (let i = 0; i < n; i++) [lu[i * n + k], lu[i * n + column]] = [lu[i * n + column]!, lu[i * n + k]!];
      [columns[k], columns[column]] = [columns[column]!, columns[k]!];
      scale = -scale;
    }
    // The rank is below n - 1, so every minor vanishes.
    if (lu[k * n + k] === 0) return result;
    scale *= lu[k * n + k]!;
    eliminate(lu, n, k);
  }
  const y = new Float64Array(n * n);
  for (let i = 0; i < n; i++) y[i * n + i] = 1;
  substitute(lu, n, y, n, true, true);
  const last = (n - 1) * n;
  const d = lu[last + n - 1]!;
  for (let i = 0; i < n - 1; i++)
    for (let j = 0; j < n; j++) y[i * n + j] = d * y[i * n + j]! - lu[i * n + n - 1]! * y[last + j]!;
  const upper = new Float64Array((n - 1) * (n - 1));
  for (let i = 0; i < n - 1; i++) upper.set(lu.subarray(i * n, i * n + n - 1), i * (n - 1));
  substitute(upper, n - 1, y, n, false, false);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[rows[j]! * n + columns[i]!] = scale * y[i * n + j]!;
  return result;
}

/** Where the largest element of the rows and columns from `k` on stands; a NaN counts as largest. */
function largest(matrix: Float64Array, n: number, k: number): readonly [number, number] {
  let [row, column, best] = [k, k, -1];
  for (let i = k; i < n; i++)
    for (let j = k; j < n; j++) {
      const size = Math.abs(matrix[i * n + j]!);
      if (size > best || Number.isNaN(size)) [row, column, best] = [i, j, size];
    }
  return [row, column];
}
