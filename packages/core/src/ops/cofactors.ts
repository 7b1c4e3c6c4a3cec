/**
 * Cofactors of one square matrix, and how they change: first and second derivatives of the determinant, of singular
 * matrices too. With complete pivoting $P A Q = L D U$, ones on the diagonals of L and U, whose other elements are at
 * most 1. Then $\det(A + T) = \det P \det Q \det(D + L^{-1} P T Q U^{-1})$, and the derivatives at the diagonal D are
 * products of pivots, in which nothing is divided by one.
 *
 * @see Golub and Van Loan, Matrix Computations (2013), section 3.4.8
 * @module
 */
import type { TypedArray } from "../dtype.js";
import { eliminate, substitute, swapRows, workOf } from "./factorisation.js";

interface CompleteFactors {
  /** Row-major: L below the diagonal, U above it. */
  readonly lu: Float64Array;
  /** D; zeros from the rank on. */
  readonly pivots: Float64Array;
  /** The row and the column of A that stand at each place. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** $\det P \det Q$. */
  readonly sign: number;
}

function completeFactors(data: TypedArray, offset: number, n: number): CompleteFactors {
  const lu = workOf(data, offset, n);
  const pivots = new Float64Array(n);
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const columns = rows.slice();
  let sign = 1;
  for (let k = 0; k < n; k++) {
    const [row, column] = largest(lu, n, k);
    if (row !== k) {
      swapRows(lu, n, k, row);
      [rows[k], rows[row]] = [rows[row]!, rows[k]!];
      sign = -sign;
    }
    if (column !== k) {
      for (let i = 0; i < n; i++) [lu[i * n + k], lu[i * n + column]] = [lu[i * n + column]!, lu[i * n + k]!];
      [columns[k], columns[column]] = [columns[column]!, columns[k]!];
      sign = -sign;
    }
    const pivot = (pivots[k] = lu[k * n + k]!);
    // What is left is 0 altogether.
    if (pivot === 0) break;
    eliminate(lu, n, k);
    for (let j = k + 1; j < n; j++) lu[k * n + j]! /= pivot;
  }
  return { lu, pivots, rows, columns, sign };
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

function transposed(matrix: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[j * n + i] = matrix[i * n + j]!;
  return result;
}

/** The product of the pivots but those at `i` and `j`. */
function productWithout(pivots: Float64Array, i: number, j: number): number {
  let product = 1;
  for (let k = 0; k < pivots.length; k++) if (k !== i && k !== j) product *= pivots[k]!;
  return product;
}

/** From the gradient `g` at D to that at A, $\det P \det Q \; P^⊤ L^{-⊤} G U^{-⊤} Q^⊤$. */
function carriedBack({ lu, rows, columns, sign }: CompleteFactors, g: Float64Array, n: number): Float64Array {
  const right = transposed(g, n);
  substitute(lu, n, right, n, false, true);
  const both = transposed(right, n);
  substitute(transposed(lu, n), n, both, n, false, true);
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) result[rows[i]! * n + columns[j]!] = sign * both[i * n + j]!;
  return result;
}

/** The matrix of cofactors $C_{ij} = ∂ \det A / ∂ A_{ij}$ of the `n` × `n` matrix at `offset`. */
export function cofactors(data: TypedArray, offset: number, n: number): Float64Array {
  const factors = completeFactors(data, offset, n);
  const g = new Float64Array(n * n);
  for (let i = 0; i < n; i++) g[i * n + i] = productWithout(factors.pivots, i, i);
  return carriedBack(factors, g, n);
}

/**
 * How the cofactors change along a matrix T, $∂ C(A + t T) / ∂ t$ at $t = 0$. At a diagonal D and along M it is
 * $\sum_{i \ne j} p_{ij} M_{ii}$ at $(j, j)$ and $-p_{ij} M_{ij}$ at $(j, i)$, where $p_{ij}$ is the product of the
 * other pivots.
 */
export function cofactorsAlong(data: TypedArray, direction: TypedArray, offset: number, n: number): Float64Array {
  const factors = completeFactors(data, offset, n);
  const { lu, pivots, rows, columns } = factors;
  const left = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) left[i * n + j] = direction[offset + rows[i]! * n + columns[j]!]!;
  substitute(lu, n, left, n, true, true);
  const m = transposed(left, n);
  substitute(transposed(lu, n), n, m, n, true, true);
  const g = new Float64Array(n * n);
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) {
      if (i === j) continue;
      const others = productWithout(pivots, i, j);
      g[j * n + j]! += others * m[i * n + i]!;
      g[j * n + i] = -others * m[j * n + i]!;
    }
  return carriedBack(factors, g, n);
}
