/**
 * Sums, and dots with one column, of neighbouring outputs, as WebAssembly text in the canonical order of `order.ts`: its
 * eight lanes are lines of a scratch.
 * @module
 */
import { bytesOf, laneType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { block, lanes } from "./order.js";
import { fewBytes, fewText, lanesText, someBytes } from "./wasmFewText.js";
import { constant, get, least, locals, loop, minus, parameters, plus, range, set, step, times } from "./wasmText.js";

/**
 * Bytes of neighbouring outputs that `columns` sums up at once: long runs of a row are fetched ahead, and eight lanes of
 * them stay in the second-level cache.
 */
export const columnsBytes = 49152;
/** Bytes that `columns` handles in one turn of its inner loop; it reads and writes up to so many past the end of a row. */
export const columnsStep = 64;
/** Rows of one lane that `columns` adds at a time. */
const rowsTogether = 4;
/** Lines of the scratch of `columns`: eight lanes, and one for every level of a tree over 2^32 elements. */
const scratchLines = lanes + 28;

/** Bytes of scratch for rows of so many bytes. */
export const scratchRoom = (bytes: number): number =>
  scratchLines * Math.min(columnsBytes, Math.ceil(bytes / columnsStep) * columnsStep);

/** `left`: how many of `n` elements, more than a block, stand left in the topmost pair. */
export const leftText = `${set("$left", constant(block))}
  (loop $double (if (i32.lt_u (i32.shl ${get("$left")} ${constant(1)}) ${get("$n")}) (then
    ${set("$left", `(i32.shl ${get("$left")} ${constant(1)})`)}
    (br $double))))`;

/** Bytes up to the end of a turn of the inner loop of `columns`. */
const wholeSteps = (bytes: string): string =>
  `(i32.and ${plus(bytes, constant(columnsStep - 1))} ${constant(-columnsStep)})`;

/**
 * `some(bytes, n, p, row, [q, qStep,] out, scratch, upper)`: at most `columnsBytes` of neighbouring outputs over n rows.
 * Rows of one lane are added together, so that sums go through the scratch once for all of them.
 */
function someText(precision: Precision, dot: boolean): string {
  const type = laneType[precision];
  const name = dot ? "$dotSome" : "$sumSome";
  const q = dot ? ["$q", "$qStep"] : [];
  const sum = (a: string, b: string): string => `(${type}.add ${a} ${b})`;
  const load = (pointer: string, offset: number): string => `(v128.load offset=${offset} ${get(pointer)})`;
  const lane = (l: number): string => `(v128.load ${plus(get("$s"), times(get("$lane"), constant(l)))})`;
  const pair = (a: number, b: number): string => sum(lane(a), lane(b));
  const splat = precision === "float64" ? "v128.load64_splat" : "v128.load32_splat";
  const advance = (by: string): string => plus(get("$p"), times(by, get("$row")));
  const more = [...(dot ? [plus(get("$q"), times(get("$left"), get("$qStep"))), get("$qStep")] : [])].join(" ");
  const next = plus(get("$upper"), get("$lane"));
  const [few, all] = dot ? ["$dotFew", "$dotLanes"] : ["$sumFew", "$sumLanes"];
  const rows = ["$n", "$p", "$row", ...q].map(get).join(" ");
  const row = (i: string): string => plus(get("$p"), times(i, get("$row")));
  const factor = (i: string): string => `(${splat} ${plus(get("$q"), times(i, get("$qStep")))})`;
  /** Adds `count` rows of a lane, the first of them number `i`; to 0 if they are its `first` ones. */
  const pass = (label: string, i: string, count: number, first: boolean): string => {
    const rows = range(count);
    const at = (r: number): string => (r === 0 ? i : plus(i, constant(r * lanes)));
    const term = (r: number, v: number): string =>
      dot ? `(${type}.mul ${load(`$x${r}`, v * 16)} ${get(`$y${r}`)})` : load(`$x${r}`, v * 16);
    const start = (v: number): string => (first ? "(v128.const i64x2 0 0)" : load("$s", v * 16));
    const total = (v: number): string => rows.reduce((before, r) => sum(before, term(r, v)), start(v));
    return `${set("$s", plus(get("$scratch"), times(`(i32.and ${i} ${constant(lanes - 1)})`, get("$lane"))))}
      ${rows.map((r) => set(`$x${r}`, row(at(r)))).join("\n")}
      ${dot ? rows.map((r) => set(`$y${r}`, factor(at(r)))).join("\n") : ""}
      ${loop(
        label,
        "$c",
        constant(0),
        get("$bytes"),
        constant(columnsStep),
        `
        ${range(columnsStep / 16)
          .map((v) => `(v128.store offset=${v * 16} ${get("$s")} ${total(v)})`)
          .join("\n")}
        ${["$s", ...rows.map((r) => `$x${r}`)].map((x) => step(x, constant(columnsStep))).join("\n")}`,
      )}`;
  };
  return `(func ${name} ${parameters("$bytes", "$n", "$p", "$row", ...q, "$out", "$scratch", "$upper")}
    ${locals("i32", ["$left", "$i", "$j", "$c", "$s", "$lane", ...range(rowsTogether).map((r) => `$x${r}`)])}
    ${locals(
      "v128",
      range(rowsTogether).map((r) => `$y${r}`),
    )}
    ${set("$lane", wholeSteps(get("$bytes")))}
    (if (i32.gt_u ${get("$n")} ${constant(block)}) (then
      ${leftText}
      (call ${name} ${get("$bytes")} ${get("$left")} ${get("$p")} ${get("$row")} ${q.map(get).join(" ")} ${get("$out")} ${get("$scratch")} ${get("$upper")})
      (call ${name} ${get("$bytes")} ${minus(get("$n"), get("$left"))} ${advance(get("$left"))} ${get("$row")} ${more} ${get("$upper")} ${get("$scratch")} ${next})
      ${loop(
        "join",
        "$c",
        constant(0),
        get("$bytes"),
        constant(16),
        `
        (v128.store ${get("$out")} ${sum(load("$out", 0), load("$upper", 0))})
        ${step("$out", constant(16))}
        ${step("$upper", constant(16))}`,
      )}
      (return)))
    (if (i32.le_u ${get("$bytes")} ${constant(fewBytes)}) (then
      (call ${few} ${get("$bytes")} ${rows} ${get("$out")})
      (return)))
    (if (i32.le_u ${get("$bytes")} ${constant(someBytes)}) (then
      (call ${all} ${rows} ${get("$scratch")})) (else
    (if (i32.lt_u ${get("$n")} ${constant(lanes)})
      (then (memory.fill ${get("$scratch")} ${constant(0)} ${times(get("$lane"), constant(lanes))})))
    ${loop(
      "rows",
      "$i",
      constant(0),
      get("$n"),
      constant(1),
      `
      (if (i32.lt_u ${plus(get("$i"), constant((rowsTogether - 1) * lanes))} ${get("$n")})
        (then
          (if (i32.lt_u ${get("$i")} ${constant(lanes)})
            (then ${pass("first", get("$i"), rowsTogether, true)})
            (else ${pass("several", get("$i"), rowsTogether, false)})))
        (else ${loop(
          "one",
          "$j",
          get("$i"),
          get("$n"),
          constant(lanes),
          `
          (if (i32.lt_u ${get("$j")} ${constant(lanes)})
            (then ${pass("start", get("$j"), 1, true)})
            (else ${pass("terms", get("$j"), 1, false)}))`,
        )}))
      ${/* After eight lanes, the next rows that none has added. */ ""}
      (if (i32.eq (i32.and ${get("$i")} ${constant(lanes - 1)}) ${constant(lanes - 1)})
        (then ${step("$i", constant((rowsTogether - 1) * lanes))}))`,
    )}))
    ${set("$s", get("$scratch"))}
    ${loop(
      "tree",
      "$c",
      constant(0),
      get("$bytes"),
      constant(16),
      `
      (v128.store ${get("$out")} ${sum(sum(pair(0, 4), pair(2, 6)), sum(pair(1, 5), pair(3, 7)))})
      ${step("$out", constant(16))}
      ${step("$s", constant(16))}`,
    )})`;
}

/**
 * `sumColumns(m, n, p, row, out, scratch)`, `dotColumns(m, n, p, row, q, qStep, out, scratch)`: m neighbouring outputs
 * over n rows. Reads, and writes, up to `columnsStep` bytes past the end of a row of m elements.
 */
function allText(precision: Precision, dot: boolean): string {
  const [name, some, q] = dot ? ["dotColumns", "$dotSome", ["$q", "$qStep"]] : ["sumColumns", "$sumSome", []];
  const upper = plus(get("$scratch"), times(wholeSteps(least(get("$m"), constant(columnsBytes))), constant(lanes)));
  return `(func (export "${name}") ${parameters("$m", "$n", "$p", "$row", ...q, "$out", "$scratch")} ${locals("i32", ["$i"])}
    ${set("$m", times(get("$m"), constant(bytesOf[precision])))}
    ${loop(
      "chunks",
      "$i",
      constant(0),
      get("$m"),
      constant(columnsBytes),
      `
      (call ${some} ${least(minus(get("$m"), get("$i")), constant(columnsBytes))} ${get("$n")} ${plus(get("$p"), get("$i"))} ${get("$row")}
        ${q.map(get).join(" ")} ${plus(get("$out"), get("$i"))} ${get("$scratch")} ${upper})`,
    )})`;
}

/** The functions of sums, or of dots, of columns. */
export const columnsTexts = (precision: Precision, dot: boolean): readonly string[] =>
  [fewText, lanesText, someText, allText].map((make) => make(precision, dot));
