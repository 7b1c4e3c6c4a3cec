/** A BLAS in plain loops, for machines that have none: it refuses what a real one would, and adds in an order of its own. */
import { plain, rowMajor, turned } from "../src/backends/blas.js";
import type { Blas, Gemm, Gemv } from "../src/backends/blasSlot.js";
import type { TypedArray } from "../src/dtype.js";
import type { Precision } from "../src/scalar.js";
import { rounding } from "./elementary/samples.js";

function demand(condition: boolean, what: string): void {
  if (!condition) throw new Error(`plain BLAS: ${what}`);
}

/** An element of a stored matrix, turned or not, after the checks that libraries make, and those they cannot make. */
function matrix(
  turn: number,
  rows: number,
  columns: number,
  a: TypedArray,
  lda: number,
): (i: number, j: number) => number {
  demand(turn === plain || turn === turned, `turn ${turn}`);
  const [lines, length] = turn === plain ? [rows, columns] : [columns, rows];
  demand(Number.isInteger(lda) && lda >= Math.max(1, length), `lda ${lda} for lines of ${length}`);
  demand(a.length >= (lines - 1) * lda + length, `${a.length} elements for ${lines} lines of ${length}, ${lda} apart`);
  return turn === plain ? (i, j) => a[i * lda + j]! : (i, j) => a[j * lda + i]!;
}

/** The terms from the last to the first. */
function backwards(precision: Precision, k: number, term: (h: number) => number): number {
  const round = rounding[precision];
  let sum = 0;
  for (let h = k - 1; h >= 0; h--) sum = round(sum + round(term(h)));
  return sum;
}

function gemmIn(precision: Precision): Gemm {
  return (order, turnA, turnB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) => {
    demand(order === rowMajor && alpha === 1 && beta === 0, "order, alpha or beta");
    demand(m > 1 && n > 1 && k > 0, `sizes ${m}, ${n}, ${k}`);
    const [x, y] = [matrix(turnA, m, k, a, lda), matrix(turnB, k, n, b, ldb)];
    demand(ldc >= n && c.length >= (m - 1) * ldc + n, `ldc ${ldc}`);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) c[i * ldc + j] = backwards(precision, k, (h) => x(i, h) * y(h, j));
  };
}

function gemvIn(precision: Precision): Gemv {
  return (order, turn, rows, columns, alpha, a, lda, x, xStep, beta, y, yStep) => {
    demand(order === rowMajor && alpha === 1 && beta === 0 && yStep === 1, "order, alpha, beta or step");
    const [m, k] = turn === plain ? [rows, columns] : [columns, rows];
    demand(m > 0 && k > 0 && xStep > 0 && x.length > (k - 1) * xStep && y.length >= m, `sizes ${m}, ${k}, ${xStep}`);
    const element = matrix(turn, m, k, a, lda);
    // As libraries may: what was there is multiplied by 0, not forgotten.
    for (let i = 0; i < m; i++) y[i] = 0 * y[i]! + backwards(precision, k, (h) => element(i, h) * x[h * xStep]!);
  };
}

export const plainBlas: Blas = {
  float32: { gemm: gemmIn("float32"), gemv: gemvIn("float32") },
  float64: { gemm: gemmIn("float64"), gemv: gemvIn("float64") },
};
