/**
 * Sums, and dots with one column, as WebAssembly text in the canonical order of `order.ts`: its eight lanes are the
 * lanes of two (float32) or four (float64) vectors, or lines of a scratch for neighbouring outputs.
 * @module
 */
import { bytesOf, laneType, lanesIn, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { block, lanes } from "./order.js";
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
const leftText = `${set("$left", constant(block))}
  (loop $double (if (i32.lt_u (i32.shl ${get("$left")} ${constant(1)}) ${get("$n")}) (then
    ${set("$left", `(i32.shl ${get("$left")} ${constant(1)})`)}
    (br $double))))`;

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

/** Bytes up to the end of a turn of the inner loop of `columns`. */
const wholeSteps = (bytes: string): string =>
  `(i32.and ${plus(bytes, constant(columnsStep - 1))} ${constant(-columnsStep)})`;

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

/**
 * `some(bytes, n, p, row, [q, qStep,] out, scratch, upper)`: at most `columnsBytes` of neighbouring outputs over n rows.
 * Rows of one lane are added together, so that sums go through the scratch once for all of them.
 */
function columnsText(precision: Precision, dot: boolean): string {
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

/** The functions of sums, or of dots, in a precision. */
export function sumTexts(precision: Precision, dot: boolean): readonly string[] {
  return [
    ...[1, lanesIn[precision]].map((rows) => lineText(precision, dot, rows)),
    ...[rowsText, columnsText, allColumnsText].map((make) => make(precision, dot)),
  ];
}
