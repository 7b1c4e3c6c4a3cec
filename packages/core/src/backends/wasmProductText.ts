/**
 * Matrix products as WebAssembly text: operands packed into panels, and a tile of outputs in registers, across which the
 * lanes run. Every output adds k = 0, 1, 2, … into one accumulator, product and sum rounded separately.
 * @module
 */
import { bytesOf, laneType, lanesIn, numberType } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { packTexts } from "./wasmPackText.js";
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
/** Columns, and rows, whose packed panels of one depth stay in the second-level cache together. */
const columnsAtOnce = 512;
const rowsAtOnce = 128;
const panelGap = 64;
/** Products with more columns waste little of their tiles. */
const fewColumns = 128;

const ceilDivided = (x: string, by: string): string => `(i32.div_u ${minus(plus(x, by), constant(1))} ${by})`;

const panelsRoom = (lines: number, width: number, size: number): number =>
  (lines / width) * (depth * width * size + panelGap);

/**
 * Terms that a turn of the loop adds. After each one it may end: a branch that keeps engines from moving the next term's
 * loads before this one's sums, for which they would run out of registers.
 */
const termsAtOnce = 4;

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
  const term = (t: number): string => `
      ${vectors.map((v) => set(`$b${v}`, `(v128.load offset=${(t * tileVectors + v) * 16} ${get("$b")})`)).join("\n")}
      ${rows
        .map((i) =>
          [
            set("$x", `(${load} offset=${(t * tileRows + i) * size} ${get("$a")})`),
            ...vectors.map((v) =>
              set(sum(i, v), `(${type}.add ${get(sum(i, v))} (${type}.mul ${get("$x")} ${get(`$b${v}`)}))`),
            ),
          ].join("\n"),
        )
        .join("\n")}
      (br_if $done (i32.eq ${get("$k")} ${constant(t + 1)}))`;
  return `(func $micro ${parameters("$k", "$a", "$b", "$c", "$cRow", "$first")}
    ${locals("i32", pointers)}
    ${locals("v128", [...all.map((x) => x.name), ...vectors.map((v) => `$b${v}`), "$x"])}
    ${pointers.map((name, i) => set(name, plus(get("$c"), times(get("$cRow"), constant(i))))).join("\n")}
    (if (i32.eqz ${get("$first")}) (then
      ${all.map(({ i, v, name }) => set(name, `(v128.load offset=${v * 16} ${get(pointers[i]!)})`)).join("\n")}))
    (block $done (loop $terms
      ${range(termsAtOnce).map(term).join("\n")}
      ${set("$k", minus(get("$k"), constant(termsAtOnce)))}
      ${step("$a", constant(termsAtOnce * tileRows * size))}
      ${step("$b", constant(termsAtOnce * tileVectors * 16))}
      (br $terms)))
    ${all.map(({ i, v, name }) => `(v128.store offset=${v * 16} ${get(pointers[i]!)} ${get(name)})`).join("\n")})`;
}

/**
 * `moveTile(from, fromLine, fromStep, to, toLine, toStep, rows, columns)`: the elements of a tile, one by one; its
 * rows and columns in steps of bytes.
 */
function moveTileText(precision: Precision): string {
  const number = numberType[precision];
  return `(func $moveTile ${parameters("$from", "$fromLine", "$fromStep", "$to", "$toLine", "$toStep", "$rows", "$columns")}
  ${locals("i32", ["$i", "$j", "$p", "$q"])}
  ${loop(
    "rows",
    "$i",
    constant(0),
    get("$rows"),
    constant(1),
    `
    ${set("$p", get("$from"))}
    ${set("$q", get("$to"))}
    ${loop(
      "elements",
      "$j",
      constant(0),
      get("$columns"),
      constant(1),
      `
      (${number}.store ${get("$q")} (${number}.load ${get("$p")}))
      ${step("$p", get("$fromStep"))}
      ${step("$q", get("$toStep"))}`,
    )}
    ${step("$from", get("$fromLine"))}
    ${step("$to", get("$toLine"))}`,
  )})`;
}

/** Bytes for packed panels and one tile. */
function tilesRoom(precision: Precision): number {
  const size = bytesOf[precision];
  const columns = tileColumns[precision];
  return panelsRoom(columnsAtOnce, columns, size) + panelsRoom(rowsAtOnce, tileRows, size) + tileRows * columns * size;
}

/** Bytes that `multiply` needs. */
export function productRoom(precision: Precision): number {
  return tilesRoom(precision) + fewColumns * columnsAtOnce * bytesOf[precision];
}

/** `tiles(m, n, k, a, aLine, aStep, b, bLine, bStep, c, cLine, room)`: like `multiply`, which says how. */
function tilesText(precision: Precision): string {
  const size = bytesOf[precision];
  const columns = tileColumns[precision];
  const width = columns * size;
  const tile = [get("$tile"), constant(width), constant(size)];
  const out = [get("$o"), get("$cLine"), constant(size)];
  /** Bytes from panel to panel; the gap keeps those of full depth out of each other's place in a cache. */
  const panel = (lines: number): string => plus(times(get("$terms"), constant(lines * size)), constant(panelGap));
  const move = (from: readonly string[], to: readonly string[]): string =>
    `(call $moveTile ${from.join(" ")} ${to.join(" ")} ${least(minus(get("$rows"), get("$i")), constant(tileRows))}
      ${least(minus(get("$columns"), get("$j")), constant(columns))})`;
  const isWhole = `(i32.and
    (i32.le_u ${plus(get("$i"), constant(tileRows))} ${get("$rows")})
    (i32.le_u ${plus(get("$j"), constant(columns))} ${get("$columns")}))`;
  const allTiles = `
    ${set("$p", get("$left"))}
    ${set("$o", plus(get("$c"), plus(times(get("$i0"), get("$cLine")), times(plus(get("$j0"), get("$j")), constant(size)))))}
    ${loop(
      "tiles",
      "$i",
      constant(0),
      get("$rows"),
      constant(tileRows),
      `
      (if ${isWhole}
        (then (call $micro ${get("$terms")} ${get("$p")} ${get("$q")} ${get("$o")} ${get("$cLine")} (i32.eqz ${get("$h")})))
        (else
          (if ${get("$h")} (then ${move(out, tile)}))
          (call $micro ${get("$terms")} ${get("$p")} ${get("$q")} ${get("$tile")} ${constant(width)} (i32.eqz ${get("$h")}))
          ${move(tile, out)}))
      ${step("$p", panel(tileRows))}
      ${step("$o", times(get("$cLine"), constant(tileRows)))}`,
    )}
    ${step("$q", panel(columns))}`;
  const allRows = `
    ${set("$rows", least(minus(get("$m"), get("$i0")), constant(rowsAtOnce)))}
    (call $pack${tileRows} ${get("$rows")} ${get("$terms")}
      ${plus(get("$a"), plus(times(get("$i0"), get("$aLine")), times(get("$h"), get("$aStep"))))} ${get("$aLine")} ${get("$aStep")}
      ${get("$left")} ${panel(tileRows)})
    ${set("$q", get("$room"))}
    ${loop("panels", "$j", constant(0), get("$columns"), constant(columns), allTiles)}`;
  const allBlocks = `
    ${set("$terms", least(minus(get("$k"), get("$h")), get("$each")))}
    (call $pack${columns} ${get("$columns")} ${get("$terms")}
      ${plus(get("$b"), plus(times(get("$j0"), get("$bLine")), times(get("$h"), get("$bStep"))))} ${get("$bLine")} ${get("$bStep")}
      ${get("$room")} ${panel(columns)})
    ${loop("rows", "$i0", constant(0), get("$m"), constant(rowsAtOnce), allRows)}`;
  return `(func $tiles ${parameters("$m", "$n", "$k", "$a", "$aLine", "$aStep", "$b", "$bLine", "$bStep", "$c", "$cLine", "$room")}
    ${locals("i32", ["$h", "$i", "$j", "$i0", "$j0", "$rows", "$columns", "$terms", "$each", "$p", "$q", "$o", "$left", "$tile"])}
    ${/* Blocks are of one size, as a short one would be mostly loads and stores of tiles. */ ""}
    ${set("$each", ceilDivided(get("$k"), ceilDivided(get("$k"), constant(depth))))}
    ${set("$left", plus(get("$room"), constant(panelsRoom(columnsAtOnce, columns, size))))}
    ${set("$tile", plus(get("$left"), constant(panelsRoom(rowsAtOnce, tileRows, size))))}
    ${loop(
      "columns",
      "$j0",
      constant(0),
      get("$n"),
      constant(columnsAtOnce),
      `
      ${set("$columns", least(minus(get("$n"), get("$j0")), constant(columnsAtOnce)))}
      ${loop("blocks", "$h", constant(0), get("$k"), get("$each"), allBlocks)}`,
    )})`;
}

/**
 * `multiply(m, n, k, a, aLine, aStep, b, bLine, bStep, c, cLine, room)`: rows of c from operands in any strides, which are
 * given in bytes: lines of a are rows, those of b are columns; `room` has `productRoom` bytes. With few columns, tiles
 * that waste fewer of their elements make the transposed product.
 */
function multiplyText(precision: Precision): string {
  const size = bytesOf[precision];
  const lanes = lanesIn[precision];
  const padded = (x: string, to: number): string => `(i32.and ${plus(get(x), constant(to - 1))} ${constant(-to)})`;
  const area = (rows: string, columns: string): string =>
    `(i64.extend_i32_u ${times(padded(rows, tileRows), padded(columns, tileColumns[precision]))})`;
  const saved = `(i64.mul (i64.sub ${area("$m", "$n")} ${area("$n", "$m")}) (i64.extend_i32_u ${get("$k")}))`;
  const turning = `(i64.extend_i32_u ${times(constant(4), times(get("$m"), get("$n")))})`;
  const line = constant(columnsAtOnce * size);
  const from = plus(get("$turned"), times(get("$j"), line));
  const to = plus(get("$c"), times(get("$j"), constant(size)));
  return `(func (export "multiply") ${parameters("$m", "$n", "$k", "$a", "$aLine", "$aStep", "$b", "$bLine", "$bStep", "$c", "$cLine", "$room")}
    ${locals("i32", ["$i", "$j", "$rows", "$columns", "$turned"])}
    (if (i32.or (i32.gt_u ${get("$n")} ${constant(fewColumns)}) (i64.le_s ${saved} ${turning})) (then
      (call $tiles ${["$m", "$n", "$k", "$a", "$aLine", "$aStep", "$b", "$bLine", "$bStep", "$c", "$cLine", "$room"].map(get).join(" ")})
      (return)))
    ${set("$turned", plus(get("$room"), constant(tilesRoom(precision))))}
    ${loop(
      "slices",
      "$i",
      constant(0),
      get("$m"),
      constant(columnsAtOnce),
      `
      ${set("$rows", least(minus(get("$m"), get("$i")), constant(columnsAtOnce)))}
      (call $tiles ${["$n", "$rows", "$k", "$b", "$bLine", "$bStep", "$a", "$aLine", "$aStep", "$turned"].map(get).join(" ")} ${line} ${get("$room")})
      ${loop(
        "lines",
        "$j",
        constant(0),
        get("$n"),
        constant(lanes),
        `
        (if (i32.le_u ${plus(get("$j"), constant(lanes))} ${get("$n")})
          (then (call $gather ${constant(lanes)} ${get("$rows")} ${from} ${line} ${constant(size)} ${to} ${get("$cLine")}))
          (else (call $moveTile ${from} ${line} ${constant(size)} ${to} ${constant(size)} ${get("$cLine")}
            ${minus(get("$n"), get("$j"))} ${get("$rows")})))`,
      )}
      ${step("$a", times(get("$rows"), get("$aLine")))}
      ${step("$c", times(get("$rows"), get("$cLine")))}`,
    )})`;
}

/** The functions of products in a precision. */
export function productTexts(precision: Precision): readonly string[] {
  const widths = new Set([tileRows, tileColumns[precision]]);
  const texts = [microText, moveTileText, tilesText, multiplyText].map((make) => make(precision));
  return [...packTexts(widths, precision), ...texts];
}
