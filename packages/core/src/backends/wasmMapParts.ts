/**
 * Elementwise loops over memory, as calls in parts.
 * @module
 */
import { lanesIn } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import type { Cut, Part, Range } from "./parts.js";
import type { Callable } from "./wasmModule.js";
import { exactRanges, joinShort } from "./wasmReduceParts.js";

/** Rows and columns of elements, several times; steps in bytes. */
export interface MapLoop {
  readonly precision: Precision;
  /** Instructions for every element. */
  readonly cost: number;
  /** Columns that a turn of the loop does: it never runs past whole turns. */
  readonly turn: number;
  readonly rows: number;
  readonly columns: number;
  /** For every time, the addresses of all operands. */
  readonly starts: readonly (readonly number[])[];
  readonly rowSteps: readonly number[];
  readonly columnSteps: readonly number[];
  readonly parameters: readonly number[];
}

/** Vector instructions a nanosecond, roughly. */
const speed = 8;
/** Nanoseconds that an element takes beside the instructions: it is read and written. */
const traffic = 0.1;

/** How long a map takes, roughly. */
export function mapTime(elements: number, cost: number, precision: Precision): number {
  return elements * (cost / lanesIn[precision] / speed + traffic);
}

/** Arguments of a call. */
type Arguments = readonly number[];

/** The loop in parts, each the arguments of some calls; of a single part where it is not worth while to cut it. */
export function mapParts(loop: MapLoop, cut: Cut): readonly (readonly Arguments[])[] {
  const { precision, cost, turn, rows, columns, starts, rowSteps, columnSteps, parameters } = loop;
  const call = (time: number, row: Range, column: Range): Arguments => [
    row.to - row.from,
    column.to - column.from,
    ...starts[time]!.flatMap((start, i) => [
      start + row.from * rowSteps[i]! + column.from * columnSteps[i]!,
      rowSteps[i]!,
    ]),
    ...parameters,
  ];
  const all: Range = { from: 0, to: columns };
  const every: Range = { from: 0, to: rows };
  const exact = exactRanges(all, turn);
  const single = starts.map((_, i) => call(i, every, all));
  // Every turn of the loop is whole, so what it writes past the end of a part would be another part's.
  if (exact === null) return [single];
  const lines = rows * starts.length;
  const duration = mapTime(lines * columns, cost, precision);
  const ranges = cut(lines, 1, 1, duration);
  if (ranges.length > 2 || lines >= 2 * ranges.length) {
    if (ranges.length === 1) return [single];
    return ranges.map(({ from, to }) => {
      const calls: Arguments[] = [];
      for (let line = from; line < to;) {
        const time = Math.floor(line / rows);
        const row = line - time * rows;
        const end = Math.min(rows, row + to - line);
        line += end - row;
        if (line < to || exact.length === 1) calls.push(call(time, { from: row, to: end }, all));
        else {
          if (end - 1 > row) calls.push(call(time, { from: row, to: end - 1 }, all));
          for (const column of exact) calls.push(call(time, { from: end - 1, to: end }, column));
        }
      }
      return calls;
    });
  }
  const pieces = joinShort(cut(columns, turn, turn, duration), turn);
  if (pieces.length === 1) return [single];
  return pieces.map((piece) =>
    (exactRanges(piece, turn) ?? [piece]).flatMap((column) => starts.map((_, i) => call(i, every, column))),
  );
}

/** The parts with their function. */
export const callsOf = (run: Callable, parts: readonly (readonly Arguments[])[]): Part[] =>
  parts.map((part) => part.map((args) => ({ run, args })));
