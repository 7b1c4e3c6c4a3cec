/**
 * Products of matrices that lie in memory, as calls of WebAssembly's functions in parts.
 * @module
 */
import { bytesOf } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { InRoom, whole, type Call, type Cut, type Part, type Range, type Work } from "./parts.js";
import type { WasmFunctions } from "./wasmModule.js";
import { productRoom, tileColumns, tileRows } from "./wasmProductText.js";
import { scratchRoom } from "./wasmColumnsText.js";
import { exactRanges, joinShort, vectorBytes } from "./wasmReduceParts.js";

/** Products of matrices `[m, k]` and `[k, n]`, one for each batch; addresses and steps in bytes. */
export interface Products {
  readonly precision: Precision;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** From row to row, and from column to column. */
  readonly aLine: number;
  readonly aStep: number;
  /** From column to column, and from row to row. */
  readonly bLine: number;
  readonly bStep: number;
  /** Addresses of the operands. */
  readonly batches: readonly { readonly a: number; readonly b: number }[];
  /** Where the products stand one after the other. */
  readonly c: number;
}

/** Columns, or rows, of a part, for which the other operand is packed once more. */
const worthPacking = 96;
/** Multiplications a nanosecond, roughly. */
const speed: Readonly<Record<Precision, number>> = { float64: 10, float32: 20 };
const dotSpeed: Readonly<Record<Precision, number>> = { float64: 3, float32: 6 };
/** Neighbouring results of dots of columns that are whole cache lines. */
const lineBytes = 64;

/** A piece of one of the products; `exact` if another part writes what stands after it. */
type Piece = (batch: number, range: Range, exact: boolean) => Part;

/** Products that are cut along an axis of `n` elements; pieces have at least `least` of them, if there are as many. */
interface Cuttable {
  readonly batches: number;
  readonly n: number;
  readonly unit: number;
  readonly worth: number;
  readonly least: number;
  readonly time: number;
  readonly piece: Piece;
}

/** Cuts the batches, or where there are few of them, each one. */
function partsOf({ batches, n, unit, worth, least, time, piece }: Cuttable, cut: Cut): Part[] {
  const all = { from: 0, to: n };
  const each = (count: number, make: (i: number) => Part): Part =>
    Array.from({ length: count }, (_, i) => make(i)).flat();
  const some = cut(batches, 1, 1, time);
  if (some.length > 2 || batches >= 2 * some.length)
    return some.map(({ from, to }) =>
      each(to - from, (i) => piece(from + i, all, from + i === to - 1 && to < batches)),
    );
  const ranges = joinShort(cut(n, unit, worth, time / batches), least);
  if (ranges.length === 1) return [each(batches, (batch) => piece(batch, all, false))];
  return Array.from({ length: batches }, (_, batch) =>
    ranges.map((range) => piece(batch, range, batch < batches - 1)),
  ).flat();
}

/** Products with at least two columns, from packed operands. */
export function productParts(products: Products, functions: WasmFunctions, cut: Cut): Work {
  const { precision, m, n, k, aLine, aStep, bLine, bStep, batches, c } = products;
  const size = bytesOf[precision];
  const { multiply } = functions;
  const wide = n > m;
  const piece = (batch: number, { from, to }: Range): Part => {
    const { a, b } = batches[batch]!;
    const [row, column] = wide ? [0, from] : [from, 0];
    const [rows, columns] = wide ? [m, to - from] : [to - from, n];
    return [{
      run: multiply!,
      args: [
        rows, columns, k, a + row * aLine, aLine, aStep, b + column * bLine, bLine, bStep,
        c + ((batch * m + row) * n + column) * size, n * size, new InRoom(0),
      ],
    }]; // prettier-ignore
  };
  const [lines, unit] = wide ? [n, tileColumns[precision]] : [m, tileRows];
  const time = (batches.length * m * n * k) / speed[precision];
  const cuttable = { batches: batches.length, n: lines, unit, worth: worthPacking, least: 1, time, piece };
  return { parts: partsOf(cuttable, cut), room: productRoom(precision) };
}

/** Whether the elements of both operands of a product with one column stand as the functions want them. */
export function areDots({ m, k, precision, aLine, aStep, bStep }: Omit<Products, "batches" | "c">): boolean {
  const size = bytesOf[precision];
  // Rows are added up with their vectors side by side, columns line by line.
  return aStep === size || k === 1 ? bStep === size || k === 1 : aLine === size || m === 1;
}

/** Products with one column, which add up in the order of sums. */
export function dotParts(products: Products, functions: WasmFunctions, cut: Cut): Work {
  const { precision, m, k, aLine, aStep, bStep, batches, c } = products;
  const size = bytesOf[precision];
  const { dotRows, dotColumns } = functions;
  const byRow = aStep === size || k === 1;
  const unit = byRow ? 4 : lineBytes / size;
  const time = (batches.length * m * k) / dotSpeed[precision];
  const room = new InRoom(0);
  const least = byRow ? 1 : vectorBytes / size;
  const call = (batch: number, { from, to }: Range): Call => {
    const { a, b } = batches[batch]!;
    const [p, o] = [a + from * aLine, c + (batch * m + from) * size];
    return byRow
      ? { run: dotRows!, args: [to - from, k, p, aLine, b, o] }
      : { run: dotColumns!, args: [to - from, k, p, aStep, b, bStep, o, room] };
  };
  const piece = (batch: number, range: Range, exact: boolean): Part =>
    (exact ? exactRanges(range, least)! : [range]).map((columns) => call(batch, columns));
  const cuttable = { batches: batches.length, n: m, unit, worth: unit, least, time, piece };
  // A vector past the end of so few columns would be another part's.
  const parts = partsOf(cuttable, m < least ? whole : cut);
  return { parts, room: byRow ? 0 : scratchRoom(m * size) };
}
