/**
 * Sums, and dots, of few columns as WebAssembly text: the eight lanes of the canonical order, or all columns of one lane,
 * stay in registers.
 * @module
 */
import { laneType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { lanes } from "./order.js";
import { constant, get, lines, locals, loop, parameters, plus, range, set, step, times } from "./wasmText.js";

/** Rows of at most so many bytes are added up all lanes of a vector at once, */
export const fewBytes = 64;
/** and of so many, a lane of all vectors at once. */
export const someBytes = 128;

/** What both functions are made of: eight accumulators, one term for each row. */
function partsOf(precision: Precision, dot: boolean) {
  const type = laneType[precision];
  const splat = precision === "float64" ? "v128.load64_splat" : "v128.load32_splat";
  const accumulators = range(lanes).map((i) => `$a${i}`);
  const sum = (a: string, b: string): string => `(${type}.add ${a} ${b})`;
  const addTo = (i: number, offset: number, factor: string): string => {
    const x = `(v128.load offset=${offset} ${get("$p")})`;
    return set(accumulators[i]!, sum(get(accumulators[i]!), dot ? `(${type}.mul ${x} ${factor})` : x));
  };
  const clear = lines(accumulators, (i) => set(accumulators[i]!, "(v128.const i64x2 0 0)"));
  const factor = `(${splat} ${get("$q")})`;
  return { accumulators, sum, addTo, clear, factor, q: dot ? ["$q", "$qStep"] : [] };
}

/** `few(bytes, n, p, row, [q, qStep,] out)`: at most `fewBytes` of neighbouring outputs over n rows, at most a block. */
export function fewText(precision: Precision, dot: boolean): string {
  const { accumulators, sum, addTo, clear, factor, q } = partsOf(precision, dot);
  const [a, b, c, d, e, f, g, h] = accumulators.map(get) as [string, ...string[]];
  /** Row after row, each to the next lane; one block of code a row, so that V8 does not fetch them all first. */
  const row = (i: number): string => `(br_if $added (i32.eqz ${get("$i")}))
    ${addTo(i, 0, factor)}
    ${step("$p", get("$row"))} ${dot ? step("$q", get("$qStep")) : ""} ${step("$i", constant(-1))}`;
  return `(func ${dot ? "$dotFew" : "$sumFew"} ${parameters("$bytes", "$n", "$p", "$row", ...q, "$out")}
    ${locals("i32", ["$c", "$i", "$first", "$q0"])} ${locals("v128", accumulators)}
    ${set("$first", get("$p"))}
    ${dot ? set("$q0", get("$q")) : ""}
    ${loop(
      "vectors",
      "$c",
      constant(0),
      get("$bytes"),
      constant(16),
      `
      ${clear}
      ${set("$p", plus(get("$first"), get("$c")))}
      ${dot ? set("$q", get("$q0")) : ""}
      ${set("$i", get("$n"))}
      (block $added (loop $add
        ${lines(accumulators, row)}
        (br $add)))
      (v128.store ${get("$out")} ${sum(sum(sum(a, e!), sum(c!, g!)), sum(sum(b!, f!), sum(d!, h!)))})
      ${step("$out", constant(16))}`,
    )})`;
}

/**
 * `lanes(n, p, row, [q, qStep,] scratch)`: the lanes, each `someBytes` long, of sums over n rows, at most a block. Reads so
 * many bytes of every row.
 */
export function lanesText(precision: Precision, dot: boolean): string {
  const { accumulators, addTo, clear, factor, q } = partsOf(precision, dot);
  const half = lanes / 2;
  const add = (from: number): string => lines(range(half), (v) => addTo(v + from, (v + from) * 16, get("$y")));
  const next = (name: string, by: string, rows: number): string => step(name, times(get(by), constant(rows)));
  return `(func ${dot ? "$dotLanes" : "$sumLanes"} ${parameters("$n", "$p", "$row", ...q, "$scratch")}
    ${locals("i32", ["$i", "$j", "$firstP", "$firstQ"])} ${locals("v128", [...accumulators, "$y"])}
    ${set("$firstP", get("$p"))}
    ${dot ? set("$firstQ", get("$q")) : ""}
    ${loop(
      "lanes",
      "$i",
      constant(0),
      constant(lanes),
      constant(1),
      `
      ${clear}
      ${set("$p", get("$firstP"))}
      ${dot ? set("$q", get("$firstQ")) : ""}
      ${loop(
        "rows",
        "$j",
        get("$i"),
        get("$n"),
        constant(lanes),
        `
        ${dot ? set("$y", factor) : ""}
        ${/* V8 fetches all that a block reads first; two blocks need fewer registers. No row stands in the scratch. */ ""}
        (block $never
          ${add(0)}
          (br_if $never (i32.eq ${get("$p")} ${get("$scratch")}))
          ${add(half)})
        ${next("$p", "$row", lanes)} ${dot ? next("$q", "$qStep", lanes) : ""}`,
      )}
      ${lines(accumulators, (v) => `(v128.store offset=${v * 16} ${get("$scratch")} ${get(accumulators[v]!)})`)}
      ${step("$scratch", constant(someBytes))}
      ${step("$firstP", get("$row"))} ${dot ? step("$firstQ", get("$qStep")) : ""}`,
    )})`;
}
