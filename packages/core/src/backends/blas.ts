/**
 * Matrix products by a C BLAS, on the arrays where the operands stand. Off until `useBlas` has found one: a BLAS adds in
 * an order of its own, so the bits are not those of `order.ts`.
 * @module
 */
import type { Operand } from "../backend.js";
import { isFloat, type TypedArray } from "../dtype.js";
import type { Precision } from "../scalar.js";
import { contiguousLayout } from "../shape.js";
import { fillSlot, type Blas, type Gemv, type Products } from "./blasSlot.js";
import { rowMajorElements } from "./wasmOperands.js";

/** From now on this library computes products; `null`: none does. */
export function setBlas(library: Blas | null): void {
  if (library === null) fillSlot(null, null);
  else fillSlot(library, { takes: takenBy(library), run: (x, y, output) => runBlas(library, x, y, output) });
}

export const rowMajor = 101;
export const plain = 111;
export const turned = 112;

/** Products of fewer multiplications are done before a library has been called. */
const least = 2048;
/** Sizes and steps are 32-bit integers in most libraries. */
const mostSteps = 2 ** 31 - 1;

/** Whether a library is to compute a product. */
const takenBy =
  (library: Blas): Products["takes"] =>
  (x, y, output) => {
    if (!isFloat(output.dtype) || x.dtype !== output.dtype || y.dtype !== output.dtype) return false;
    const { shape } = x.layout;
    const rank = shape.length;
    const [m, k, n] = [shape[rank - 2]!, shape[rank - 1]!, y.layout.shape[rank - 1]!];
    if (m * k * n < least || Math.max(m, k, n) > mostSteps) return false;
    return (m > 1 && n > 1) || library[output.dtype].gemv !== null;
  };

/** How a matrix is stored: row by row, or `turned`, column by column; `leading` elements from one line to the next. */
interface Storage {
  readonly turn: number;
  readonly leading: number;
}

/** The storage of a matrix whose rows are `line` and columns `step` elements apart; `null`: none that a BLAS knows. */
function storageOf(rows: number, columns: number, line: number, step: number): Storage | null {
  if ((step === 1 || columns === 1) && (rows === 1 || (line >= columns && line <= mostSteps)))
    return { turn: plain, leading: rows === 1 ? columns : line };
  if ((line === 1 || rows === 1) && step >= rows && step <= mostSteps) return { turn: turned, leading: step };
  return null;
}

/** A matrix of a product: its elements from `data[offset]` on. */
interface Matrix {
  readonly data: TypedArray;
  readonly offset: number;
  readonly storage: Storage;
}

function matrixOf(x: Operand, offset: number, rows: number, columns: number, line: number, step: number): Matrix {
  const { data, dtype } = x;
  const storage = storageOf(rows, columns, line, step);
  if (storage !== null) return { data, offset, storage };
  const layout = { ...contiguousLayout([rows, columns]), strides: [line, step], contiguous: false, reordered: null };
  const dense = rowMajorElements({ data, offset, layout, dtype });
  return { data: dense, offset: 0, storage: { turn: plain, leading: columns } };
}

/** The elements from `offset` on. */
const from = (data: TypedArray, offset: number): TypedArray => (offset === 0 ? data : data.subarray(offset));

/** A product of floats of one dtype, with at least one element in each operand; a vector needs `gemv`. */
export function runBlas(library: Blas, x: Operand, y: Operand, output: Operand): void {
  const { gemm, gemv } = library[output.dtype as Precision];
  const { shape, strides } = x.layout;
  const { strides: ys } = y.layout;
  const rank = shape.length;
  const [m, k, n] = [shape[rank - 2]!, shape[rank - 1]!, y.layout.shape[rank - 1]!];
  const [aLine, aStep] = [strides[rank - 2]!, strides[rank - 1]!];
  const [bLine, bStep] = [ys[rank - 2]!, ys[rank - 1]!];
  let batches = 1;
  for (let axis = 0; axis < rank - 2; axis++) batches *= shape[axis]!;
  for (let batch = 0; batch < batches; batch++) {
    let [oa, ob] = [x.offset, y.offset];
    for (let axis = rank - 3, rest = batch; axis >= 0; axis--) {
      oa += (rest % shape[axis]!) * strides[axis]!;
      ob += (rest % shape[axis]!) * ys[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    const start = output.offset + batch * m * n;
    // A row times a matrix is the transposed matrix times a column.
    if (n === 1) timesVector(gemv!, m, k, x, oa, aLine, aStep, y, ob, bLine, output.data, start);
    else if (m === 1) timesVector(gemv!, n, k, y, ob, bStep, bLine, x, oa, aStep, output.data, start);
    else {
      const a = matrixOf(x, oa, m, k, aLine, aStep);
      const b = matrixOf(y, ob, k, n, bLine, bStep);
      gemm(
        rowMajor, a.storage.turn, b.storage.turn, m, n, k,
        1, from(a.data, a.offset), a.storage.leading, from(b.data, b.offset), b.storage.leading,
        0, from(output.data, start), n,
      ); // prettier-ignore
    }
  }
}

function timesVector(
  gemv: Gemv,
  rows: number,
  k: number,
  x: Operand,
  offset: number,
  line: number,
  step: number,
  v: Operand,
  vOffset: number,
  vStep: number,
  out: TypedArray,
  start: number,
): void {
  const { data, offset: first, storage } = matrixOf(x, offset, rows, k, line, step);
  // Steps backwards and steps of 0 mean something else to a BLAS, or nothing.
  const column = matrixOf(v, vOffset, k, 1, vStep, 1);
  const isTurned = storage.turn === turned;
  // Some libraries multiply what was there by 0, and what was there may be NaN.
  out.fill(0, start, start + rows);
  gemv(
    rowMajor, storage.turn, isTurned ? k : rows, isTurned ? rows : k,
    1, from(data, first), storage.leading, from(column.data, column.offset), column.storage.leading,
    0, from(out, start), 1,
  ); // prettier-ignore
}
