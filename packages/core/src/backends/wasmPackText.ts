/**
 * Operands of products packed into panels, as WebAssembly text.
 * @module
 */
import { bytesOf, lanesIn } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import {
  constant,
  get,
  least,
  locals,
  loop,
  minus,
  parameters,
  pick,
  plus,
  range,
  set,
  step,
  times,
} from "./wasmText.js";

/** Panels that are filled from one row of an operand before the next one's turn. */
const panelsAtOnce = 8;

/** Vectors of neighbours in each line, turned into vectors across the lines. */
function turned(precision: Precision, lines: readonly string[]): readonly string[] {
  const [a, b, c, d] = lines.map(get) as [string, string, string, string];
  if (precision === "float64") return [pick(precision, a, b, 0, 2), pick(precision, a, b, 1, 3)];
  const low = [pick(precision, a, b, 0, 4, 1, 5), pick(precision, c, d, 0, 4, 1, 5)] as const;
  const high = [pick(precision, a, b, 2, 6, 3, 7), pick(precision, c, d, 2, 6, 3, 7)] as const;
  return [low, high].flatMap((pair) => [pick(precision, ...pair, 0, 1, 4, 5), pick(precision, ...pair, 2, 3, 6, 7)]);
}

/**
 * `gather(lines, k, from, lineStep, step, to, toStep)`: as many lines of k elements as a vector has lanes, side by side;
 * if there are fewer, the last one takes the places of the missing ones, where nobody looks.
 */
function gatherText(precision: Precision): string {
  const size = bytesOf[precision];
  const lanes = lanesIn[precision];
  const bits = size * 8;
  const pointers = range(lanes).map((i) => `$p${i}`);
  const vectors = range(lanes).map((i) => `$x${i}`);
  const last = minus(get("$lines"), constant(1));
  const together = pointers
    .slice(1)
    .reduce(
      (vector, p, i) => `(v128.load${bits}_lane ${i + 1} ${get(p)} ${vector})`,
      `(v128.load${bits}_zero ${get("$p0")})`,
    );
  return `(func $gather ${parameters("$lines", "$k", "$p0", "$lineStep", "$step", "$to", "$toStep")}
    ${locals("i32", [...pointers.slice(1), "$h"])} ${locals("v128", vectors)}
    ${pointers
      .slice(1)
      .map((p, i) => set(p, plus(get("$p0"), times(least(constant(i + 1), last), get("$lineStep")))))
      .join("\n")}
    (if (i32.eq ${get("$step")} ${constant(size)}) (then ${loop(
      "turns",
      "$h",
      constant(lanes),
      plus(get("$k"), constant(1)),
      constant(lanes),
      `
      ${pointers.map((p, i) => `${set(vectors[i]!, `(v128.load ${get(p)})`)} ${step(p, constant(16))}`).join("\n")}
      ${turned(precision, vectors)
        .map((x) => `(v128.store ${get("$to")} ${x}) ${step("$to", get("$toStep"))}`)
        .join("\n")}`,
    )}
      ${set("$k", `(i32.and ${get("$k")} ${constant(lanes - 1)})`)}))
    ${loop(
      "elements",
      "$h",
      constant(0),
      get("$k"),
      constant(1),
      `
      (v128.store ${get("$to")} ${together})
      ${pointers.map((p) => step(p, get("$step"))).join("\n")}
      ${step("$to", get("$toStep"))}`,
    )})`;
}

/**
 * `pack<width>(lines, k, from, lineStep, step, to, panel)`: lines of k elements into panels of `width` lines each,
 * element by element side by side; the last panel is filled up with anything. Panels are `panel` bytes apart. Reads up to
 * 63 bytes past the end of lines side by side.
 */
function panelsText(width: number, precision: Precision): string {
  const size = bytesOf[precision];
  const lanes = lanesIn[precision];
  const vectors = range((width * size) / 16);
  const group = panelsAtOnce * width;
  return `(func $pack${width} (export "pack${width}") ${parameters("$lines", "$k", "$from", "$lineStep", "$step", "$to", "$panel")}
    ${locals("i32", ["$line", "$h", "$p", "$q", "$g", "$end", "$row", "$place"])}
    (if (i32.eq ${get("$lineStep")} ${constant(size)})
      (then ${loop(
        "groups",
        "$g",
        constant(0),
        get("$lines"),
        constant(group),
        `
        ${set("$end", least(plus(get("$g"), constant(group)), get("$lines")))}
        ${set("$row", plus(get("$from"), times(get("$g"), constant(size))))}
        ${set("$place", plus(get("$to"), times(`(i32.div_u ${get("$g")} ${constant(width)})`, get("$panel"))))}
        ${loop(
          "rows",
          "$h",
          constant(0),
          get("$k"),
          constant(1),
          `
          ${set("$p", get("$row"))}
          ${set("$q", get("$place"))}
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
          )}
          ${step("$row", get("$step"))}
          ${step("$place", constant(width * size))}`,
        )}`,
      )})
      (else ${loop(
        "lines",
        "$line",
        constant(0),
        get("$lines"),
        constant(lanes),
        `
        (call $gather ${least(minus(get("$lines"), get("$line")), constant(lanes))} ${get("$k")}
          ${plus(get("$from"), times(get("$line"), get("$lineStep")))} ${get("$lineStep")} ${get("$step")}
          ${plus(plus(get("$to"), times(`(i32.div_u ${get("$line")} ${constant(width)})`, get("$panel"))), times(`(i32.and ${get("$line")} ${constant(width - 1)})`, constant(size)))}
          ${constant(width * size)})`,
      )})))`;
}

/** The functions that pack panels of these widths. */
export function packTexts(widths: Iterable<number>, precision: Precision): readonly string[] {
  return [gatherText(precision), ...[...widths].map((width) => panelsText(width, precision))];
}
