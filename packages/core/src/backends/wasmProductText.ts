/**
 * Matrix products as WebAssembly text: operands packed into panels, and a tile of outputs in registers, across which the
 * lanes run. Every output adds k = 0, 1, 2, … into one accumulator, product and sum rounded separately.
 * @module
 */
import { bytesOf, laneType, lanesIn } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { packText } from "./wasmPackText.js";
import { constant, get, least, locals, loop, minus, parameters, plus, range, set, step, times } from "./wasmText.js";

/** Rows of a tile; eight accumulators and two vectors of the right operand fill the registers that engines have. */
export const tileRows = 4;
const tileVectors = 2;
/** Columns of a tile. */
export const tileColumns: Readonly<Record<Precision, number>> = {
  float64: tileVectors * lanesIn.float64,
  float32: tileVectors * lanesIn.float32,
};
/** Terms that a tile adds before the next one's turn: panels of so many stay in the first-level cache. */
export const depth = 256;

/** `micro(k, a, b, c, cRow, first)`: one tile at c plus k terms from packed panels; from 0 if `first` is not 0. */
function microText(precision: Precision): string {
  const size = bytesOf[precision];
  const type = laneType[precision];
  const rows = range(tileRows);
  const vectors = range(tileVectors);
  const sum = (i: number, v: number): string => `$c${i}_${v}`;
  const all = rows.flatMap((i) => vectors.map((v) => ({ i, v, name: sum(i, v) })));
  const load = precision === "float64" ? "v128.load64_splat" : "v128.load32_splat";
  const pointers = range(tileRows).map((i) => `$row${i}`);
  return `(func $micro ${parameters("$k", "$a", "$b", "$c", "$cRow", "$first")}
    ${locals("i32", [...pointers, "$end"])}
    ${locals("v128", [...all.map((x) => x.name), ...vectors.map((v) => `$b${v}`), "$x"])}
    ${pointers.map((name, i) => set(name, plus(get("$c"), times(get("$cRow"), constant(i))))).join("\n")}
    (if (i32.eqz ${get("$first")}) (then
      ${all.map(({ i, v, name }) => set(name, `(v128.load offset=${v * 16} ${get(pointers[i]!)})`)).join("\n")}))
    ${set("$end", plus(get("$b"), times(get("$k"), constant(tileVectors * 16))))}
    (loop $terms
      ${vectors.map((v) => set(`$b${v}`, `(v128.load offset=${v * 16} ${get("$b")})`)).join("\n")}
      ${rows
        .map((i) =>
          [
            set("$x", `(${load} offset=${i * size} ${get("$a")})`),
            ...vectors.map((v) =>
              set(sum(i, v), `(${type}.add ${get(sum(i, v))} (${type}.mul ${get("$x")} ${get(`$b${v}`)}))`),
            ),
          ].join("\n"),
        )
        .join("\n")}
      ${step("$a", constant(tileRows * size))}
      ${step("$b", constant(tileVectors * 16))}
      (br_if $terms (i32.lt_u ${get("$b")} ${get("$end")})))
    ${all.map(({ i, v, name }) => `(v128.store offset=${v * 16} ${get(pointers[i]!)} ${get(name)})`).join("\n")})`;
}

/** `copyTile(from, fromRow, to, toRow, rows, bytes)`: words, row by row. */
const copyTileText = `(func $copyTile ${parameters("$from", "$fromRow", "$to", "$toRow", "$rows", "$bytes")}
  ${locals("i32", ["$i", "$j"])}
  ${loop(
    "rows",
    "$i",
    constant(0),
    get("$rows"),
    constant(1),
    `
    ${loop("words", "$j", constant(0), get("$bytes"), constant(4), `(i32.store ${plus(get("$to"), get("$j"))} (i32.load ${plus(get("$from"), get("$j"))}))`)}
    ${step("$from", get("$fromRow"))}
    ${step("$to", get("$toRow"))}`,
  )})`;

/**
 * `multiply(m, n, k, a, aLine, aStep, b, c, cRow, room, tile)`: rows of c from m rows of a, in any strides, and from b
 * packed by `pack`; `room` holds m rows of `depth` packed elements, `tile` one tile. Addresses and steps in bytes.
 */
function multiplyText(precision: Precision): string {
  const size = bytesOf[precision];
  const columns = tileColumns[precision];
  const width = columns * size;
  const edge = (from: string, fromRow: string, to: string, toRow: string): string =>
    `(call $copyTile ${from} ${fromRow} ${to} ${toRow} ${least(minus(get("$m"), get("$i")), constant(tileRows))}
      ${times(least(minus(get("$n"), get("$j")), constant(columns)), constant(size))})`;
  const first = `(i32.eqz ${get("$h")})`;
  return `(func (export "multiply") ${parameters("$m", "$n", "$k", "$a", "$aLine", "$aStep", "$b", "$c", "$cRow", "$room", "$tile")}
    ${locals("i32", ["$h", "$i", "$j", "$terms", "$p", "$q", "$o"])}
    ${loop(
      "blocks",
      "$h",
      constant(0),
      get("$k"),
      constant(depth),
      `
      ${set("$terms", least(minus(get("$k"), get("$h")), constant(depth)))}
      (call $pack${tileRows} ${get("$m")} ${get("$terms")} ${plus(get("$a"), times(get("$h"), get("$aStep")))} ${get("$aLine")} ${get("$aStep")}
        ${get("$room")} ${times(get("$terms"), constant(tileRows * size))})
      ${loop(
        "columns",
        "$j",
        constant(0),
        get("$n"),
        constant(columns),
        `
        ${set("$q", plus(get("$b"), plus(times(times(get("$j"), get("$k")), constant(size)), times(get("$h"), constant(width)))))}
        ${set("$p", get("$room"))}
        ${loop(
          "tiles",
          "$i",
          constant(0),
          get("$m"),
          constant(tileRows),
          `
          ${set("$o", plus(get("$c"), plus(times(get("$i"), get("$cRow")), times(get("$j"), constant(size)))))}
          (if (i32.and (i32.le_u ${plus(get("$i"), constant(tileRows))} ${get("$m")}) (i32.le_u ${plus(get("$j"), constant(columns))} ${get("$n")}))
            (then (call $micro ${get("$terms")} ${get("$p")} ${get("$q")} ${get("$o")} ${get("$cRow")} ${first}))
            (else
              (if ${get("$h")} (then ${edge(get("$o"), get("$cRow"), get("$tile"), constant(width))}))
              (call $micro ${get("$terms")} ${get("$p")} ${get("$q")} ${get("$tile")} ${constant(width)} ${first})
              ${edge(get("$tile"), constant(width), get("$o"), get("$cRow"))}))
          ${step("$p", times(get("$terms"), constant(tileRows * size)))}`,
        )}`,
      )}`,
    )})`;
}

/** The functions of products in a precision. */
export function productTexts(precision: Precision): readonly string[] {
  const widths = new Set([tileRows, tileColumns[precision]]);
  return [
    ...[...widths].map((width) => packText(width, precision)),
    microText(precision),
    copyTileText,
    multiplyText(precision),
  ];
}
