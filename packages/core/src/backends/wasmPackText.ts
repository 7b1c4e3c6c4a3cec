/**
 * Operands of products packed into panels, as WebAssembly text.
 * @module
 */
import { bytesOf, lanesIn } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { constant, get, least, locals, loop, parameters, plus, range, set, step, times } from "./wasmText.js";

/** Bytes of neighbouring lines that are read from one row of an operand at a time. */
const runBytes = 256;

/**
 * `pack<width>(lines, k, from, lineStep, step, to, panel)`: lines of k elements into panels of `width` lines each,
 * element by element side by side; the last panel is filled up with zeros. Panels are `panel` bytes apart.
 */
export function packText(width: number, precision: Precision): string {
  const size = bytesOf[precision];
  const lanes = lanesIn[precision];
  const vectors = range((width * size) / 16);
  const bits = size * 8;
  const group = runBytes / size;
  const lane = (i: number): string => plus(get("$p"), i === 0 ? constant(0) : times(get("$lineStep"), constant(i)));
  const gathered = (v: number): string =>
    range(lanes)
      .slice(1)
      .reduce(
        (vector, l) => `(v128.load${bits}_lane ${l} ${lane(v * lanes + l)} ${vector})`,
        `(v128.load${bits}_zero ${lane(v * lanes)})`,
      );
  const number = precision === "float64" ? "f64" : "f32";
  return `(func $pack${width} (export "pack${width}") ${parameters("$lines", "$k", "$from", "$lineStep", "$step", "$to", "$panel")}
    ${locals("i32", ["$line", "$h", "$p", "$q", "$g", "$l", "$end", "$whole"])}
    ${set("$whole", `(i32.and ${get("$lines")} ${constant(-width)})`)}
    (if (i32.eq ${get("$lineStep")} ${constant(size)})
      (then ${loop(
        "groups",
        "$g",
        constant(0),
        get("$whole"),
        constant(group),
        `
        ${set("$end", least(plus(get("$g"), constant(group)), get("$whole")))}
        ${loop(
          "rows",
          "$h",
          constant(0),
          get("$k"),
          constant(1),
          `
          ${set("$p", plus(get("$from"), plus(times(get("$g"), constant(size)), times(get("$h"), get("$step")))))}
          ${set("$q", plus(plus(get("$to"), times(`(i32.div_u ${get("$g")} ${constant(width)})`, get("$panel"))), times(get("$h"), constant(width * size))))}
          ${loop(
            "panels",
            "$line",
            get("$g"),
            get("$end"),
            constant(width),
            `
            ${vectors.map((v) => `(v128.store offset=${v * 16} ${get("$q")} (v128.load offset=${v * 16} ${get("$p")}))`).join("\n")}
            ${step("$p", constant(width * size))}
            ${step("$q", get("$panel"))}`,
          )}`,
        )}`,
      )})
      (else ${loop(
        "lines",
        "$line",
        constant(0),
        get("$whole"),
        constant(width),
        `
        ${set("$p", plus(get("$from"), times(get("$line"), get("$lineStep"))))}
        ${set("$q", plus(get("$to"), times(`(i32.div_u ${get("$line")} ${constant(width)})`, get("$panel"))))}
        ${loop(
          "elements",
          "$h",
          constant(0),
          get("$k"),
          constant(1),
          `
          ${vectors.map((v) => `(v128.store offset=${v * 16} ${get("$q")} ${gathered(v)})`).join("\n")}
          ${step("$p", get("$step"))}
          ${step("$q", constant(width * size))}`,
        )}`,
      )}))
    (if (i32.lt_u ${get("$whole")} ${get("$lines")}) (then
      ${set("$q", plus(get("$to"), times(`(i32.div_u ${get("$whole")} ${constant(width)})`, get("$panel"))))}
      ${loop(
        "rest",
        "$h",
        constant(0),
        get("$k"),
        constant(1),
        loop(
          "restLines",
          "$l",
          constant(0),
          constant(width),
          constant(1),
          `
        ${set("$line", plus(get("$whole"), get("$l")))}
        (${number}.store ${get("$q")} (if (result ${number}) (i32.lt_u ${get("$line")} ${get("$lines")})
          (then (${number}.load ${plus(plus(get("$from"), times(get("$line"), get("$lineStep"))), times(get("$h"), get("$step")))}))
          (else (${number}.const 0))))
        ${step("$q", constant(size))}`,
        ),
      )})))`;
}
