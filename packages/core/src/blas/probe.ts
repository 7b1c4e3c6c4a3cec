/**
 * Tiny products whose results are known, before a library is trusted.
 * @module
 */
import type { Operand } from "../backend.js";
import { runBlas } from "../backends/blas.js";
import type { Blas } from "../backends/blasSlot.js";
import { newArray } from "../dtype.js";
import type { Precision } from "../scalar.js";
import { contiguousLayout } from "../shape.js";

/** Rows, terms and columns of products of matrices, and of those with a vector. */
const sizes = {
  gemm: [[3, 4, 5]],
  gemv: [[3, 4, 1], [1, 4, 5], [1, 4, 1]],
} as const; // prettier-ignore
/** Small whole numbers, whose sums are exact in any order, and one that has to come through as NaN where it meets 0. */
const element = (i: number): number => (i === 5 ? Infinity : ((i * 7) % 5) - 2);

/** A matrix of `rows` and `columns`, stored column by column if `turn`. */
function matrix(dtype: Precision, rows: number, columns: number, turn: boolean): Operand {
  const data = newArray(dtype, rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = element(i);
  const layout = contiguousLayout([rows, columns]);
  return {
    data,
    offset: 0,
    dtype,
    layout: turn ? { ...layout, strides: [1, rows], contiguous: false, reordered: null } : layout,
  };
}

const at = ({ data, layout: { strides } }: Operand, i: number, j: number): number =>
  data[i * strides[0]! + j * strides[1]!]!;

/** What a routine of a library does wrong; `null`: nothing. */
export function faultOf(library: Blas, routine: "gemm" | "gemv"): string | null {
  for (const dtype of ["float32", "float64"] as const)
    for (const [m, k, n] of sizes[routine])
      for (const [left, right] of [[false, false], [true, false], [false, true], [true, true]] as const) {
        const [x, y] = [matrix(dtype, m, k, left), matrix(dtype, k, n, right)];
        // One element more, which must stay; and what is there before must not be read.
        const data = newArray(dtype, m * n + 1).fill(NaN);
        data[m * n] = 42;
        runBlas(library, x, y, { data, offset: 0, dtype, layout: contiguousLayout([m, n]) });
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) {
            let sum = 0;
            for (let h = 0; h < k; h++) sum += at(x, i, h) * at(y, h, j);
            const got = data[i * n + j]!;
            if (got !== sum && !(Number.isNaN(got) && Number.isNaN(sum)))
              return `a product of [${m}, ${k}] and [${k}, ${n}] in ${dtype} has ${got} where ${sum} is right`;
          }
        if (data[m * n] !== 42) return `a product of [${m}, ${k}] and [${k}, ${n}] in ${dtype} writes past its end`;
      } // prettier-ignore
  return null;
}
