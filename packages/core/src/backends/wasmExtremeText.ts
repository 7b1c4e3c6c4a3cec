/**
 * Largest and smallest elements as WebAssembly text. No order shows in them: `order.ts`.
 * @module
 */
import { bytesOf, get, laneType, lanesIn, numberType, splat } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { constant, least, locals, loop, minus, parameters, plus, range, set, step, times } from "./wasmText.js";
import { columnsBytes } from "./wasmSumText.js";

type Extreme = "max" | "min";

/** `maxRows(m, n, p, row, out)`: one output for each of m rows of n neighbouring elements. */
function rowsText(precision: Precision, extreme: Extreme): string {
  const [type, number, size] = [laneType[precision], numberType[precision], bytesOf[precision]];
  const best = (a: string, b: string): string => `(${number}.${extreme} ${a} ${b})`;
  const all = range(lanesIn[precision]).map((l) => `(${type}.extract_lane ${l} ${get("$a")})`);
  return `(func (export "${extreme}Rows") ${parameters("$m", "$n", "$p", "$row", "$out")}
    ${locals("i32", ["$i", "$x", "$whole", "$end"])} ${locals("v128", ["$a"])} ${locals(number, ["$best"])}
    ${loop(
      "rows",
      "$i",
      constant(0),
      get("$m"),
      constant(1),
      `
      ${set("$a", splat(extreme === "max" ? -Infinity : Infinity, precision))}
      ${set("$end", plus(get("$p"), times(get("$n"), constant(size))))}
      ${set("$whole", plus(get("$p"), times(`(i32.and ${get("$n")} ${constant(-lanesIn[precision])})`, constant(size))))}
      ${loop("vectors", "$x", get("$p"), get("$whole"), constant(16), set("$a", `(${type}.${extreme} ${get("$a")} (v128.load ${get("$x")}))`))}
      ${set("$best", all.reduce(best))}
      ${loop("rest", "$x", get("$whole"), get("$end"), constant(size), set("$best", best(get("$best"), `(${number}.load ${get("$x")})`)))}
      (${number}.store ${get("$out")} ${get("$best")})
      ${step("$p", get("$row"))}
      ${step("$out", constant(size))}`,
    )})`;
}

/** `maxColumns(m, n, p, row, out)`: m neighbouring outputs over n rows. Reads and writes up to 15 bytes past the end. */
function columnsText(precision: Precision, extreme: Extreme): string {
  const start = splat(extreme === "max" ? -Infinity : Infinity, precision);
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
      ${loop("fill", "$c", get("$g"), get("$end"), constant(16), `(v128.store ${at(get("$out"))} ${start})`)}
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
