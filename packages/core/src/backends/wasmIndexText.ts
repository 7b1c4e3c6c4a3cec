/**
 * Picking and adding by index as WebAssembly text. Steps are in bytes; negative indices count from the end. Each function
 * returns -1, or the address of the first index that is out of range.
 * @module
 */
import { bytesOf, laneType, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { constant, get, locals, loop, parameters, plus, set, step, times } from "./wasmText.js";

const indices = ["$m", "$e", "$eRow", "$size", "$step"] as const;

/** Sets `$at` to the place in `$base` that the index at `$pointer` names, out of `$size`. */
const find = (pointer: string, base: string): string => `
  ${set("$at", `(i32.load ${get(pointer)})`)}
  (if (i32.lt_s ${get("$at")} ${constant(0)}) (then ${step("$at", get("$size"))}))
  (if (i32.ge_u ${get("$at")} ${get("$size")}) (then (return ${get(pointer)})))
  ${set("$at", plus(get(base), times(get("$at"), get("$step"))))}`;

const rows = (body: string, steps: readonly (readonly [string, string])[]): string =>
  loop(
    "rows",
    "$i",
    constant(0),
    get("$m"),
    constant(1),
    `${body}\n${steps.map(([name, by]) => step(name, get(by))).join("\n")}`,
  );

const rowSteps = [
  ["$e", "$eRow"],
  ["$x", "$xRow"],
  ["$u", "$uRow"],
] as const;

/** `gatherRows`, `scatterRows`: one index for a whole row of `bytes` neighbouring bytes. */
function rowsText(scatter: boolean, precision: Precision): string {
  const [type, number, size] = [laneType[precision], numberType[precision], bytesOf[precision]];
  const add = (kind: string, width: number): string =>
    loop(
      kind,
      "$c",
      width === 16 ? constant(0) : get("$c"),
      width === 16 ? `(i32.and ${get("$bytes")} ${constant(-16)})` : get("$bytes"),
      constant(width),
      `${set("$p", plus(get("$at"), get("$c")))}
      ${
        width === 16
          ? `(v128.store ${get("$p")} (${type}.add (v128.load ${get("$p")}) (v128.load ${plus(get("$u"), get("$c"))})))`
          : `(${number}.store ${get("$p")} (${number}.add (${number}.load ${get("$p")}) (${number}.load ${plus(get("$u"), get("$c"))})))`
      }`,
    );
  const body = scatter
    ? `${add("vectors", 16)} ${add("rest", size)}`
    : `(memory.copy ${get("$u")} ${get("$at")} ${get("$bytes")})`;
  return `(func (export "${scatter ? "scatter" : "gather"}Rows")
    ${parameters(...indices, "$x", "$xRow", "$u", "$uRow", "$bytes")} (result i32) ${locals("i32", ["$i", "$c", "$p", "$at"])}
    ${rows(`${find("$e", "$x")} ${body}`, rowSteps)}
    ${constant(-1)})`;
}

/** `gather`, `scatter`: an index for every element. */
function elementsText(scatter: boolean, precision: Precision): string {
  const number = numberType[precision];
  const load = (name: string): string => `(${number}.load ${get(name)})`;
  const [to, value]: readonly [string, string] = scatter
    ? ["$at", `(${number}.add ${load("$at")} ${load("$v")})`]
    : ["$v", load("$at")];
  return `(func (export "${scatter ? "scatter" : "gather"}")
    ${parameters(...indices, "$x", "$xRow", "$u", "$uRow", "$n", "$eColumn", "$xColumn", "$uColumn")} (result i32)
    ${locals("i32", ["$i", "$c", "$f", "$y", "$v", "$at"])}
    ${rows(
      `${set("$f", get("$e"))} ${set("$y", get("$x"))} ${set("$v", get("$u"))}
      ${loop(
        "columns",
        "$c",
        constant(0),
        get("$n"),
        constant(1),
        `
        ${find("$f", "$y")}
        (${number}.store ${get(to)} ${value})
        ${step("$f", get("$eColumn"))} ${step("$y", get("$xColumn"))} ${step("$v", get("$uColumn"))}`,
      )}`,
      rowSteps,
    )}
    ${constant(-1)})`;
}

/** The functions of picking and adding in a precision. */
export function indexTexts(precision: Precision): readonly string[] {
  return [rowsText, elementsText].flatMap((make) => [false, true].map((scatter) => make(scatter, precision)));
}
