/**
 * Largest and smallest elements as WebAssembly text. No order shows in them: `order.ts`.
 * @module
 */
import { bytesOf, laneType, lanesIn, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { constant, get, least, locals, loop, minus, parameters, plus, range, set, step, times } from "./wasmText.js";
import { columnsBytes } from "./wasmColumnsText.js";

type Extreme = "max" | "min";

/** What every element beats, in all lanes. */
function worst(extreme: Extreme, precision: Precision): string {
  const value = extreme === "max" ? "-inf" : "inf";
  return `(v128.const ${laneType[precision]} ${range(lanesIn[precision])
    .map(() => value)
    .join(" ")})`;
}

/** Accumulators of a row: an engine's largest of two vectors is a chain of instructions that others need not wait for. */
const accumulators = range(4).map((i) => `$a${i}`);

/** `maxRows(m, n, p, row, out)`: one output for each of m rows of n neighbouring elements. */
function rowsText(precision: Precision, extreme: Extreme): string {
  const [type, number, size] = [laneType[precision], numberType[precision], bytesOf[precision]];
  const [first, second, third, fourth] = accumulators as [string, string, string, string];
  const all = 16 * accumulators.length;
  const best = (a: string, b: string): string => `(${number}.${extreme} ${a} ${b})`;
  const bestLanes = (a: string, b: string): string => `(${type}.${extreme} ${a} ${b})`;
  const update = (name: string, i: number): string =>
    set(name, bestLanes(get(name), `(v128.load offset=${i * 16} ${get("$x")})`));
  const lanes = range(lanesIn[precision]).map((l) => `(${type}.extract_lane ${l} ${get(first)})`);
  /** Where the last whole group of so many bytes ends. */
  const wholeOf = (bytes: number): string =>
    plus(get("$p"), `(i32.and ${minus(get("$end"), get("$p"))} ${constant(-bytes)})`);
  const one = `
    ${accumulators.map((name) => set(name, worst(extreme, precision))).join("\n")}
    ${set("$end", plus(get("$p"), times(get("$n"), constant(size))))}
    ${set("$whole", wholeOf(all))}
    ${loop("groups", "$x", get("$p"), get("$whole"), constant(all), accumulators.map(update).join("\n"))}
    ${set(first, bestLanes(bestLanes(get(first), get(second)), bestLanes(get(third), get(fourth))))}
    ${set("$from", get("$whole"))}
    ${set("$whole", wholeOf(16))}
    ${loop("vectors", "$x", get("$from"), get("$whole"), constant(16), update(first, 0))}
    ${set("$best", lanes.reduce(best))}
    ${loop("rest", "$x", get("$whole"), get("$end"), constant(size), set("$best", best(get("$best"), `(${number}.load ${get("$x")})`)))}
    (${number}.store ${get("$out")} ${get("$best")})
    ${step("$p", get("$row"))}
    ${step("$out", constant(size))}`;
  return `(func (export "${extreme}Rows") ${parameters("$m", "$n", "$p", "$row", "$out")}
    ${locals("i32", ["$i", "$x", "$from", "$whole", "$end"])} ${locals("v128", accumulators)} ${locals(number, ["$best"])}
    ${loop("rows", "$i", constant(0), get("$m"), constant(1), one)})`;
}

/** `maxColumns(m, n, p, row, out)`: m neighbouring outputs over n rows. Reads and writes up to 15 bytes past the end. */
function columnsText(precision: Precision, extreme: Extreme): string {
  const at = (base: string): string => plus(base, get("$c"));
  return `(func (export "${extreme}Columns") ${parameters("$m", "$n", "$p", "$row", "$out")}
    ${locals("i32", ["$g", "$h", "$c", "$x", "$end"])}
    ${set("$m", times(get("$m"), constant(bytesOf[precision])))}
    ${loop(
      "chunks",
      "$g",
      constant(0),
      get("$m"),
      constant(columnsBytes),
      `
      ${set("$end", plus(get("$g"), least(minus(get("$m"), get("$g")), constant(columnsBytes))))}
      ${loop("fill", "$c", get("$g"), get("$end"), constant(16), `(v128.store ${at(get("$out"))} ${worst(extreme, precision)})`)}
      ${set("$x", get("$p"))}
      ${loop(
        "rows",
        "$h",
        constant(0),
        get("$n"),
        constant(1),
        `
        ${loop(
          "terms",
          "$c",
          get("$g"),
          get("$end"),
          constant(16),
          `
          (v128.store ${at(get("$out"))} (${laneType[precision]}.${extreme} (v128.load ${at(get("$out"))}) (v128.load ${at(get("$x"))})))`,
        )}
        ${step("$x", get("$row"))}`,
      )}`,
    )})`;
}

/** The functions of largest and smallest elements in a precision. */
export function extremeTexts(precision: Precision): readonly string[] {
  return (["max", "min"] as const).flatMap((extreme) => [
    rowsText(precision, extreme),
    columnsText(precision, extreme),
  ]);
}
