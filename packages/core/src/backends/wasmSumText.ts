/**
 * Sums, and dots with one column, as WebAssembly text in the canonical order of `order.ts`: its eight lanes are the
 * lanes of two (float32) or four (float64) vectors, or lines of a scratch for neighbouring outputs.
 * @module
 */
import { bytesOf, laneType, lanesIn, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { block, lanes } from "./order.js";
import { constant, get, least, locals, loop, minus, parameters, plus, range, set, step, times } from "./wasmText.js";

/** Bytes of neighbouring outputs that `columns` sums up at once: the eight lanes of so many stay in the first-level cache. */
export const columnsBytes = 2048;
/** Bytes that `columns` handles in one turn of its inner loop; it reads and writes up to so many past the end of a row. */
export const columnsStep = 64;
/** Scratch of `columns`: eight lanes, and a line for every level of a tree over 2^32 elements. */
export const scratchBytes = (lanes + 28) * columnsBytes;

/** `left`: how many of `n` elements, more than a block, stand left in the topmost pair. */
const leftText = `${set("$left", constant(block))}
  (loop $double (if (i32.lt_u (i32.shl ${get("$left")} ${constant(1)}) ${get("$n")}) (then
    ${set("$left", `(i32.shl ${get("$left")} ${constant(1)})`)}
    (br $double))))`;

/** `line(p, n)` or, in a dot, `line(p, q, n)`: of neighbouring elements. */
function lineText(precision: Precision, dot: boolean): string {
  const type = laneType[precision];
  const number = numberType[precision];
  const size = bytesOf[precision];
  const width = lanesIn[precision];
  const vectors = range(lanes / width);
  const integers = precision === "float64" ? "i64x2" : "i32x4";
  const pointers = dot ? ["$p", "$q"] : ["$p"];
  const name = dot ? "$dotLine" : "$sumLine";
  const load = (pointer: string, v: number): string => `(v128.load offset=${v * 16} ${get(pointer)})`;
  const term = (v: number): string => (dot ? `(${type}.mul ${load("$p", v)} ${load("$q", v)})` : load("$p", v));
  const add = (v: number, x: string): string => set(`$a${v}`, `(${type}.add ${get(`$a${v}`)} ${x})`);
  const here = (v: number): string =>
    range(width)
      .map((l) => v * width + l)
      .join(" ");
  const rest = precision === "float64" ? `(i64x2.splat (i64.extend_i32_u ${get("$n")}))` : `(i32x4.splat ${get("$n")})`;
  const lane = (l: number): string => `(${type}.extract_lane ${l} ${get("$a0")})`;
  const sum = (a: string, b: string): string => `(${number}.add ${a} ${b})`;
  const half = vectors.length / 2;
  return `(func ${name} ${parameters(...pointers, "$n")} (result ${number})
    ${locals("i32", ["$left", "$end"])} ${locals(
      "v128",
      vectors.map((v) => `$a${v}`),
    )}
    (if (i32.gt_u ${get("$n")} ${constant(block)}) (then
      ${leftText}
      (return ${sum(
        `(call ${name} ${pointers.map(get).join(" ")} ${get("$left")})`,
        `(call ${name} ${pointers.map((x) => plus(get(x), times(get("$left"), constant(size)))).join(" ")} ${minus(get("$n"), get("$left"))})`,
      )})))
    ${set("$end", plus(get("$p"), times(`(i32.and ${get("$n")} ${constant(-lanes)})`, constant(size))))}
    (block $whole (loop $next
      (br_if $whole (i32.ge_u ${get("$p")} ${get("$end")}))
      ${vectors.map((v) => add(v, term(v))).join("\n")}
      ${pointers.map((x) => step(x, constant(lanes * size))).join("\n")}
      (br $next)))
    ${set("$n", `(i32.and ${get("$n")} ${constant(lanes - 1)})`)}
    (if ${get("$n")} (then
      ${vectors.map((v) => add(v, `(v128.and ${term(v)} (${integers}.lt_s (v128.const ${integers} ${here(v)}) ${rest}))`)).join("\n")}))
    ${range(half)
      .map((v) => add(v, get(`$a${v + half}`)))
      .join("\n")}
    ${precision === "float64" ? add(0, get("$a1")) : ""}
    ${precision === "float64" ? sum(lane(0), lane(1)) : sum(sum(lane(0), lane(2)), sum(lane(1), lane(3)))})`;
}

/**
 * `sumRows(m, n, p, row, out)`, `dotRows(m, n, p, row, q, out)`: one output for each of m rows of n neighbouring
 * elements. Reads up to 31 bytes past the end of a row, and of q.
 */
function rowsText(precision: Precision, dot: boolean): string {
  const size = bytesOf[precision];
  const [name, line, q] = dot ? ["dotRows", "$dotLine", ["$q"]] : ["sumRows", "$sumLine", []];
  return `(func (export "${name}") ${parameters("$m", "$n", "$p", "$row", ...q, "$out")} ${locals("i32", ["$i"])}
    ${loop(
      "rows",
      "$i",
      constant(0),
      get("$m"),
      constant(1),
      `
      (${numberType[precision]}.store ${get("$out")} (call ${line} ${["$p", ...q, "$n"].map(get).join(" ")}))
      ${step("$p", get("$row"))}
      ${step("$out", constant(size))}`,
    )})`;
}

/** `columns(bytes, n, p, row, [q, qStep,] out, scratch, upper)`: at most `columnsBytes` of neighbouring outputs over n rows. */
function columnsText(precision: Precision, dot: boolean): string {
  const type = laneType[precision];
  const name = dot ? "$dotSome" : "$sumSome";
  const q = dot ? ["$q", "$qStep"] : [];
  const turn = range(columnsStep / 16);
  const sum = (a: string, b: string): string => `(${type}.add ${a} ${b})`;
  const load = (pointer: string, offset: number): string => `(v128.load offset=${offset} ${get(pointer)})`;
  const lane = (l: number): string => load("$s", l * columnsBytes);
  const pair = (a: number, b: number): string => sum(lane(a), lane(b));
  const splat = precision === "float64" ? "v128.load64_splat" : "v128.load32_splat";
  const term = (v: number): string => (dot ? `(${type}.mul ${load("$x", v * 16)} ${get("$y")})` : load("$x", v * 16));
  const advance = (by: string): string => plus(get("$p"), times(by, get("$row")));
  const more = [...(dot ? [plus(get("$q"), times(get("$left"), get("$qStep"))), get("$qStep")] : [])].join(" ");
  const next = plus(get("$upper"), constant(columnsBytes));
  return `(func ${name} ${parameters("$bytes", "$n", "$p", "$row", ...q, "$out", "$scratch", "$upper")}
    ${locals("i32", ["$left", "$i", "$c", "$s", "$x"])} ${locals("v128", ["$y"])}
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
    (memory.fill ${get("$scratch")} ${constant(0)} ${constant(lanes * columnsBytes)})
    ${loop(
      "rows",
      "$i",
      constant(0),
      get("$n"),
      constant(1),
      `
      ${set("$s", plus(get("$scratch"), times(`(i32.and ${get("$i")} ${constant(lanes - 1)})`, constant(columnsBytes))))}
      ${set("$x", get("$p"))}
      ${dot ? set("$y", `(${splat} ${get("$q")})`) : ""}
      ${loop(
        "terms",
        "$c",
        constant(0),
        get("$bytes"),
        constant(columnsStep),
        `
        ${turn.map((v) => `(v128.store offset=${v * 16} ${get("$s")} ${sum(load("$s", v * 16), term(v))})`).join("\n")}
        ${step("$s", constant(columnsStep))}
        ${step("$x", constant(columnsStep))}`,
      )}
      ${step("$p", get("$row"))}
      ${dot ? step("$q", get("$qStep")) : ""}`,
    )}
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
function allColumnsText(precision: Precision, dot: boolean): string {
  const [name, some, q] = dot ? ["dotColumns", "$dotSome", ["$q", "$qStep"]] : ["sumColumns", "$sumSome", []];
  const upper = plus(get("$scratch"), constant(lanes * columnsBytes));
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

/** The functions of sums, or of dots, in a precision. */
export function sumTexts(precision: Precision, dot: boolean): readonly string[] {
  return [lineText, rowsText, columnsText, allColumnsText].map((make) => make(precision, dot));
}
