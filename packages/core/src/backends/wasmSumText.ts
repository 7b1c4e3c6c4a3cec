/**
 * Sums, and dots with one column, as WebAssembly text in the canonical order of `order.ts`: its eight lanes are the
 * lanes of two (float32) or four (float64) vectors.
 * @module
 */
import { bytesOf, laneType, lanesIn, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { block, lanes } from "./order.js";
import { columnsTexts, leftText } from "./wasmColumnsText.js";
import { constant, get, locals, loop, minus, parameters, pick, plus, range, set, step, times } from "./wasmText.js";

/**
 * `line1(p, [q,] n)`: a number, of neighbouring elements; `line<width>(p, row, [q,] n)`: of so many rows at once, a vector,
 * as one row alone waits for its own sums.
 */
function lineText(precision: Precision, dot: boolean, rows: number): string {
  const type = laneType[precision];
  const number = numberType[precision];
  const size = bytesOf[precision];
  const width = lanesIn[precision];
  const vectors = range(lanes / width);
  const integers = precision === "float64" ? "i64x2" : "i32x4";
  const lines = range(rows);
  const single = rows === 1;
  const name = `${dot ? "$dot" : "$sum"}Line${rows}`;
  const row = single ? [] : ["$row"];
  const q = dot ? ["$q"] : [];
  const pointer = (i: number): string => (i === 0 ? "$p" : `$p${i}`);
  const accumulator = (i: number, v: number): string => `$a${i}_${v}`;
  const load = (from: string, v: number): string => `(v128.load offset=${v * 16} ${get(from)})`;
  const term = (i: number, v: number): string =>
    dot ? `(${type}.mul ${load(pointer(i), v)} ${get(`$q${v}`)})` : load(pointer(i), v);
  const add = (i: number, v: number, x: string): string =>
    set(accumulator(i, v), `(${type}.add ${get(accumulator(i, v))} ${x})`);
  const addTerms = (wrap: (v: number, x: string) => string): string =>
    [
      ...(dot ? vectors.map((v) => set(`$q${v}`, load("$q", v))) : []),
      ...lines.flatMap((i) => vectors.map((v) => add(i, v, wrap(v, term(i, v))))),
    ].join("\n");
  const here = (v: number): string =>
    range(width)
      .map((l) => v * width + l)
      .join(" ");
  const left = precision === "float64" ? `(i64x2.splat (i64.extend_i32_u ${get("$n")}))` : `(i32x4.splat ${get("$n")})`;
  const mask = (v: number): string => `(${integers}.lt_s (v128.const ${integers} ${here(v)}) ${left})`;
  const half = vectors.length / 2;
  const later = (x: string): string => plus(get(x), times(get("$left"), constant(size)));
  const result = single ? number : "v128";
  const sum = (x: string, y: string): string => `(${single ? number : type}.add ${x} ${y})`;
  const again = (p: string, q: readonly string[], n: string): string =>
    `(call ${name} ${p} ${row.map(get).join(" ")} ${q.join(" ")} ${n})`;
  const lane = (l: number): string => `(${type}.extract_lane ${l} ${get("$q0")})`;
  const pairs = precision === "float64" ? [sum(lane(0), lane(1))] : [sum(lane(0), lane(1)), sum(lane(2), lane(3))];
  /** Blocks of one row side by side, like rows. */
  const blocks = `(if (i32.eq ${get("$n")} ${constant(width * block)}) (then
      ${set("$q0", `(call $sumLine${width} ${get("$p")} ${constant(block * size)} ${constant(block)})`)}
      (return ${pairs.reduce(sum)})))`;
  return `(func ${name} ${parameters("$p", ...row, ...q, "$n")} (result ${result})
    ${locals("i32", ["$left", "$end", ...lines.slice(1).map(pointer)])}
    ${locals("v128", [...lines.flatMap((i) => vectors.map((v) => accumulator(i, v))), ...vectors.map((v) => `$q${v}`)])}
    ${single && !dot ? blocks : ""}
    (if (i32.gt_u ${get("$n")} ${constant(block)}) (then
      ${leftText}
      (return ${sum(
        again(get("$p"), q.map(get), get("$left")),
        again(later("$p"), q.map(later), minus(get("$n"), get("$left"))),
      )})))
    ${lines
      .slice(1)
      .map((i) => set(pointer(i), plus(get(pointer(i - 1)), get("$row"))))
      .join("\n")}
    ${set("$end", plus(get("$p"), times(`(i32.and ${get("$n")} ${constant(-lanes)})`, constant(size))))}
    (block $whole (loop $next
      (br_if $whole (i32.ge_u ${get("$p")} ${get("$end")}))
      ${addTerms((_, x) => x)}
      ${[...lines.map(pointer), ...q].map((x) => step(x, constant(lanes * size))).join("\n")}
      (br $next)))
    ${set("$n", `(i32.and ${get("$n")} ${constant(lanes - 1)})`)}
    (if ${get("$n")} (then
      ${addTerms((v, x) => `(v128.and ${x} ${mask(v)})`)}))
    ${lines.flatMap((i) => range(half).map((v) => add(i, v, get(accumulator(i, v + half))))).join("\n")}
    ${precision === "float64" ? lines.map((i) => add(i, 0, get(accumulator(i, 1)))).join("\n") : ""}
    ${acrossText(
      precision,
      lines.map((i) => get(accumulator(i, 0))),
    )})`;
}

/** Sums over the lanes of one vector, a number, or of as many vectors as it has lanes, a vector. */
function acrossText(precision: Precision, vectors: readonly string[]): string {
  const type = laneType[precision];
  const number = numberType[precision];
  const [x] = vectors as [string];
  if (vectors.length === 1) {
    const lane = (l: number): string => `(${type}.extract_lane ${l} ${x})`;
    const sum = (a: string, b: string): string => `(${number}.add ${a} ${b})`;
    return precision === "float64" ? sum(lane(0), lane(1)) : sum(sum(lane(0), lane(2)), sum(lane(1), lane(3)));
  }
  const sum = (a: string, b: string): string => `(${type}.add ${a} ${b})`;
  if (precision === "float64") return sum(pick(precision, x, vectors[1]!, 0, 2), pick(precision, x, vectors[1]!, 1, 3));
  const pair = (a: string, b: string): string =>
    sum(pick(precision, a, b, 0, 1, 4, 5), pick(precision, a, b, 2, 3, 6, 7));
  return `${set("$q0", pair(x, vectors[1]!))} ${set("$q1", pair(vectors[2]!, vectors[3]!))}
    ${sum(pick(precision, get("$q0"), get("$q1"), 0, 2, 4, 6), pick(precision, get("$q0"), get("$q1"), 1, 3, 5, 7))}`;
}

/**
 * `sumRows(m, n, p, row, out)`, `dotRows(m, n, p, row, q, out)`: one output for each of m rows of n neighbouring
 * elements. Reads up to 31 bytes past the end of a row, and of q.
 */
function rowsText(precision: Precision, dot: boolean): string {
  const size = bytesOf[precision];
  const width = lanesIn[precision];
  const [name, line, q] = dot ? ["dotRows", "$dotLine", ["$q"]] : ["sumRows", "$sumLine", []];
  const next = (n: number): string =>
    `${step("$p", times(get("$row"), constant(n)))} ${step("$out", constant(n * size))}`;
  return `(func (export "${name}") ${parameters("$m", "$n", "$p", "$row", ...q, "$out")} ${locals("i32", ["$i", "$whole"])}
    ${set("$whole", `(i32.and ${get("$m")} ${constant(-width)})`)}
    ${loop(
      "together",
      "$i",
      constant(0),
      get("$whole"),
      constant(width),
      `
      (v128.store ${get("$out")} (call ${line}${width} ${["$p", "$row", ...q, "$n"].map(get).join(" ")}))
      ${next(width)}`,
    )}
    ${loop(
      "rows",
      "$i",
      get("$whole"),
      get("$m"),
      constant(1),
      `
      (${numberType[precision]}.store ${get("$out")} (call ${line}1 ${["$p", ...q, "$n"].map(get).join(" ")}))
      ${next(1)}`,
    )})`;
}

/** The functions of sums, or of dots, in a precision. */
export function sumTexts(precision: Precision, dot: boolean): readonly string[] {
  return [
    ...[1, lanesIn[precision]].map((rows) => lineText(precision, dot, rows)),
    rowsText(precision, dot),
    ...columnsTexts(precision, dot),
  ];
}
