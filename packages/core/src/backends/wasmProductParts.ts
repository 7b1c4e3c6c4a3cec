/**
 * Products of matrices that lie in memory, as calls of WebAssembly's functions in parts.
 * @module
 */
import { bytesOf } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { InCommon, InRoom, work, type Call, type Cut, type Part, type Range, type Work } from "./parts.js";
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
/** Columns of a part, for which the left operand is packed once more. */
const worthPacking = 96;
/** Rows of a part, which read all packed columns. */
const worthPanels = 32;
/** Multiplications a nanosecond, roughly. */
const speed: Readonly<Record<Precision, number>> = { float64: 10, float32: 20 };
const dotSpeed: Readonly<Record<Precision, number>> = { float64: 3, float32: 6 };
/** Neighbouring results of dots of columns that are whole cache lines. */
const lineBytes = 64;

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Whether batches, rather than rows or columns of each, are what threads share. */
const areMany = (batches: number, pieces: number): boolean => pieces > 2 || batches >= 2 * pieces;

/** Products with at least two columns, from packed operands. */
export function productParts(products: Products, functions: WasmFunctions, cut: Cut): Work {
  const { precision, m, n, k, aLine, aStep, bLine, bStep, batches, c } = products;
  const size = bytesOf[precision];
  const width = tileColumns[precision];
  const [pack, multiply] = [functions[`pack${width}`]!, functions["multiply"]!];
  const panel = k * width * size;
  const right = align(Math.ceil(n / width) * panel);
  const left = align((Math.min(m, rowsAtOnce) + tileRows) * Math.min(k, depth) * size);
  const tile = tileRows * width * size;
  /** Room for packed columns. */
  type Packed = (offset: number) => InRoom | InCommon;
  const packing = (batch: number, columns: Range, terms: Range, packed: Packed): Call => {
    const from = batches[batch]!.b + columns.from * bLine + terms.from * bStep;
    const to = packed((columns.from / width) * panel + terms.from * width * size);
    return { run: pack, args: [columns.to - columns.from, terms.to - terms.from, from, bLine, bStep, to, panel] };
  };
  const multiplying = (batch: number, rows: Range, columns: Range, packed: Packed): Call[] => {
    const calls: Call[] = [];
    for (let row = rows.from; row < rows.to; row += rowsAtOnce)
      calls.push({
        run: multiply,
        args: [
          Math.min(rowsAtOnce, rows.to - row), columns.to - columns.from, k,
          batches[batch]!.a + row * aLine, aLine, aStep, packed((columns.from / width) * panel),
          c + ((batch * m + row) * n + columns.from) * size, n * size, new InRoom(0), new InRoom(left),
        ],
      }); // prettier-ignore
    return calls;
  };
  const [allRows, allColumns, allTerms] = [m, n, k].map((to) => ({ from: 0, to })) as [Range, Range, Range];
  const time = (batches.length * m * n * k) / speed[precision];
  const some = cut(batches.length, 1, 1, time);
  if (areMany(batches.length, some.length)) {
    const packed = (offset: number): InRoom => new InRoom(left + align(tile) + offset);
    const parts = some.map(({ from, to }) =>
      Array.from({ length: to - from }, (_, i) => [
        packing(from + i, allColumns, allTerms, packed),
        ...multiplying(from + i, allRows, allColumns, packed),
      ]).flat(),
    );
    return work(parts, left + align(tile) + right);
  }
  const packed = (offset: number): InCommon => new InCommon(offset);
  const each = time / batches.length;
  const phases = batches.flatMap((_, batch): (readonly Part[])[] => {
    if (n > m)
      // Rows are packed once for every part.
      return [
        cut(n, width, worthPacking, each).map((columns) => [
          packing(batch, columns, allTerms, packed),
          ...multiplying(batch, allRows, columns, packed),
        ]),
      ];
    const pieces =
      k > n
        ? cut(k, 1, 1, each).map((terms) => packing(batch, allColumns, terms, packed))
        : cut(n, width, width, each).map((columns) => packing(batch, columns, allTerms, packed));
    const lines = cut(m, tileRows, worthPanels, each);
    return [pieces.map((call) => [call]), lines.map((rows) => multiplying(batch, rows, allColumns, packed))];
  });
  return { phases, room: left + align(tile), common: right };
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
  const piece = (batch: number, { from, to }: Range): Call => {
    const { a, b } = batches[batch]!;
    const [p, o] = [a + from * aLine, c + (batch * m + from) * size];
    return byRow
      ? { run: dotRows!, args: [to - from, k, p, aLine, b, o] }
      : { run: dotColumns!, args: [to - from, k, p, aStep, b, bStep, o, room] };
  };
  const all = { from: 0, to: m };
  const some = cut(batches.length, 1, 1, time);
  if (areMany(batches.length, some.length)) {
    const parts = some.map(({ from, to }) => Array.from({ length: to - from }, (_, i) => piece(from + i, all)));
    return work(parts, scratchBytes);
  }
  const ranges = cut(m, unit, unit, time / batches.length);
  const each = batches.map((_, batch) => ranges.map((range): Part => [piece(batch, range)]));
  return work(ranges.length === 1 ? [each.flat(2)] : each.flat(), scratchBytes);
}
