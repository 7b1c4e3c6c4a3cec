/**
 * Products of matrices that lie in memory, as calls of WebAssembly's functions in parts.
 * @module
 */
import type { Precision } from "../scalar.js";
import { bytesOf } from "../readings/lanes.js";
import { InRoom, type Call, type Cut, type Part, type Range, type Work } from "./parts.js";
import type { WasmFunctions } from "./wasmModule.js";
import { depth, tileColumns, tileRows } from "./wasmProductText.js";
import { scratchBytes } from "./wasmSumText.js";

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

/** Rows that are computed at a time; packed, they stay in the second-level cache. */
const rowsAtOnce = 128;
/** Columns, or rows, of a part, for which the other operand is packed once more. */
const worthPacking = 96;
/** Multiplications a nanosecond, roughly. */
const speed: Readonly<Record<Precision, number>> = { float64: 10, float32: 20 };
const dotSpeed: Readonly<Record<Precision, number>> = { float64: 3, float32: 6 };
/** Neighbouring results of dots of columns that are whole cache lines. */
const lineBytes = 64;

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** One piece of one product, or of each of several. */
type Piece = (batch: number, range: Range) => readonly Call[];

/** Cuts the batches, or where there are few of them, each one along an axis of `n` elements. */
function partsOf(batches: number, n: number, unit: number, worth: number, time: number, cut: Cut, piece: Piece): Part[] {
  const some = cut(batches, 1, 1, time);
  if (some.length > 2 || batches >= 2 * some.length)
    return some.map(({ from, to }) =>
      Array.from({ length: to - from }, (_, i) => piece(from + i, { from: 0, to: n })).flat(),
    );
  const ranges = cut(n, unit, worth, time / batches);
  const each = Array.from({ length: batches }, (_, batch) => ranges.map((range) => piece(batch, range)));
  return ranges.length === 1 ? [each.flat(2)] : each.flat();
}

/** Products with at least two columns, from packed operands. */
export function productParts(products: Products, functions: WasmFunctions, cut: Cut): Work {
  const { precision, m, n, k, aLine, aStep, bLine, bStep, batches, c } = products;
  const size = bytesOf[precision];
  const width = tileColumns[precision];
  const [pack, multiply] = [functions[`pack${width}`]!, functions["multiply"]!];
  const right = align(Math.ceil(n / width) * width * k * size);
  const left = align((Math.min(m, rowsAtOnce) + tileRows) * Math.min(k, depth) * size);
  const [packed, rowsPacked, tile] = [0, right, right + left].map((offset) => new InRoom(offset)) as [InRoom, InRoom, InRoom]; // prettier-ignore
  const piece = (batch: number, rows: Range, columns: Range): Call[] => {
    const { a, b } = batches[batch]!;
    const some = columns.to - columns.from;
    const from = b + columns.from * bLine;
    const calls: Call[] = [{ run: pack, args: [some, k, from, bLine, bStep, packed, k * width * size] }];
    for (let row = rows.from; row < rows.to; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows.to - row);
      const to = c + ((batch * m + row) * n + columns.from) * size;
      calls.push({
        run: multiply,
        args: [count, some, k, a + row * aLine, aLine, aStep, packed, to, n * size, rowsPacked, tile],
      });
    }
    return calls;
  };
  const wide = n > m;
  const all: Range = { from: 0, to: wide ? m : n };
  const time = (batches.length * m * n * k) / speed[precision];
  const parts = partsOf(batches.length, wide ? n : m, wide ? width : tileRows, worthPacking, time, cut, (batch, range) =>
    wide ? piece(batch, all, range) : piece(batch, range, all),
  );
  return { parts, room: right + left + tileRows * width * size };
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
  const parts = partsOf(batches.length, m, unit, unit, time, cut, (batch, { from, to }) => {
    const { a, b } = batches[batch]!;
    const [p, o] = [a + from * aLine, c + (batch * m + from) * size];
    return byRow
      ? [{ run: dotRows!, args: [to - from, k, p, aLine, b, o] }]
      : [{ run: dotColumns!, args: [to - from, k, p, aStep, b, bStep, o, room] }];
  });
  return { parts, room: scratchBytes };
}
