/**
 * Sums and extremes of what lies in memory, as calls of WebAssembly's functions in parts.
 * @module
 */
import { bytesOf } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { block, leftPart } from "./order.js";
import { InRoom, type Call, type Cut, type Part, type Range, type Work } from "./parts.js";
import type { Callable, WasmFunctions } from "./wasmModule.js";
import { scratchRoom } from "./wasmColumnsText.js";

/** `outer` times a matrix of `n` rows and `inner` columns, each reduced to one row; addresses in bytes. */
export interface Reduction {
  readonly monoid: "sum" | "max" | "min";
  readonly precision: Precision;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  readonly from: number;
  readonly to: number;
}

/** Room for results of pieces of one line. */
export interface Partials {
  readonly address: number;
  /** The whole memory. */
  numbers(precision: Precision): Float64Array | Float32Array;
}
export const partialsBytes = 512;

/** Bytes that are read a nanosecond, roughly. */
const speed = 30;
/** Columns functions write whole vectors. */
export const vectorBytes = 16;
const lineBytes = 64;

export function reduceParts(reduction: Reduction, functions: WasmFunctions, cut: Cut, partials: Partials | null): Work {
  const { monoid, precision, outer, n, inner, from, to } = reduction;
  const size = bytesOf[precision];
  const time = (outer * n * inner * size) / speed;
  if (inner === 1) {
    const rows = functions[`${monoid}Rows`]!;
    if (outer === 1 && partials !== null) {
      const pieces = cut(n, block, block, time).length;
      if (pieces > 1) return lineParts(reduction, rows, pieces, partials);
    }
    const parts = cut(outer, 4, 4, time).map((range): Part => [
      { run: rows, args: [range.to - range.from, n, from + range.from * n * size, n * size, to + range.from * size] },
    ]);
    return { parts, room: 0 };
  }
  const columns = functions[`${monoid}Columns`]!;
  const more = monoid === "sum" ? [new InRoom(0)] : [];
  const call = (i: number, { from: first, to: end }: Range): Call => ({
    run: columns,
    args: [
      end - first,
      n,
      from + (i * n * inner + first) * size,
      inner * size,
      to + (i * inner + first) * size,
      ...more,
    ],
  });
  const room = monoid === "sum" ? scratchRoom(inner * size) : 0;
  const all = { from: 0, to: inner };
  const some = cut(outer, 1, 1, time);
  // A vector past the end of the last row of a part would be one of another part.
  const end = exactRanges(all, vectorBytes / size);
  if (end !== null && (some.length > 2 || outer >= 2 * some.length)) {
    const parts = some.map((range): Part => [
      ...Array.from({ length: range.to - 1 - range.from }, (_, i) => call(range.from + i, all)),
      ...(range.to === outer ? [all] : end).map((columns) => call(range.to - 1, columns)),
    ]);
    return { parts, room };
  }
  const worth = lineBytes / size;
  const ranges =
    outer === 1 || end !== null ? joinShort(cut(inner, worth, worth, time / outer), vectorBytes / size) : [all];
  const each = Array.from({ length: outer }, (_, i) =>
    ranges.map((range): Part => {
      const exact = i === outer - 1 || ranges.length === 1 ? null : exactRanges(range, vectorBytes / size);
      return (exact ?? [range]).map((columns) => call(i, columns));
    }),
  );
  return { parts: ranges.length === 1 ? [each.flat(2)] : each.flat(), room };
}

/**
 * Ranges for functions that work on `group` elements at a time, none of which runs past the end: the last one begins
 * where it ends there, and does some elements twice. `null`: there are too few elements.
 */
export function exactRanges({ from, to }: Range, group: number): readonly Range[] | null {
  const n = to - from;
  if (n % group === 0) return [{ from, to }];
  if (n < group) return null;
  return [
    { from, to: from + Math.floor(n / group) * group },
    { from: to - group, to },
  ];
}

/** Ranges of which the last one has at least `least` elements, if there are as many. */
export function joinShort(ranges: readonly Range[], least: number): readonly Range[] {
  const [before, last] = ranges.slice(-2);
  if (last === undefined || last.to - last.from >= least) return ranges;
  return [...ranges.slice(0, -2), { from: before!.from, to: last.to }];
}

/** A piece of a line, by its number; or two, which are combined. */
type Tree = number | readonly [Tree, Tree];

/** One line in the pieces of the canonical tree that are no longer than one of `pieces` equal ones. */
function lineParts(
  { monoid, precision, n, from, to }: Reduction,
  rows: Callable,
  pieces: number,
  partials: Partials,
): Work {
  const size = bytesOf[precision];
  const parts: Part[] = [];
  const most = Math.max(block, n / pieces);
  const grow = (start: number, count: number): Tree => {
    if (count > most) {
      const left = leftPart(count);
      return [grow(start, left), grow(start + left, count - left)];
    }
    const piece = parts.length;
    parts.push([{ run: rows, args: [1, count, from + start * size, count * size, partials.address + piece * size] }]);
    return piece;
  };
  const tree = grow(0, n);
  const combine = { sum: (a: number, b: number) => a + b, max: Math.max, min: Math.min }[monoid];
  const round = precision === "float32" ? Math.fround : (x: number): number => x;
  const finish = (): void => {
    const numbers = partials.numbers(precision);
    const valueOf = (tree: Tree): number =>
      typeof tree === "number"
        ? numbers[partials.address / size + tree]!
        : round(combine(valueOf(tree[0]), valueOf(tree[1])));
    numbers[to / size] = valueOf(tree);
  };
  return { parts, room: 0, finish };
}
