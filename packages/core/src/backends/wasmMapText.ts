/**
 * Elementwise loops as WebAssembly text: one function for an expression, a precision and the operands' kinds.
 * @module
 */
import { bytesOf, get, laneType, lanesIn, lanesOf, numberType, type LaneOperand } from "../readings/lanes.js";
import type { Precision, ScalarExpression } from "../scalar.js";

/** What an operand's elements are in memory: numbers of the map's precision, or bytes 0 and 1. */
export type Stored = "number" | "byte";

export interface MapOperand {
  readonly stored: Stored;
  /** One element for a whole row, rather than elements side by side. */
  readonly repeated: boolean;
}

export interface MapText {
  readonly text: string;
  /** Instructions for every element. */
  readonly cost: number;
}

const add = (name: string, bytes: number): string => `(local.set ${name} (i32.add ${get(name)} (i32.const ${bytes})))`;

/** Bytes as lanes of 0 and 1. */
function loadBytes(pointer: string, precision: Precision): string {
  const loaded = precision === "float64" ? `(v128.load16_splat ${get(pointer)})` : `(v128.load32_zero ${get(pointer)})`;
  const words = `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u ${loaded}))`;
  return precision === "float64" ? `(f64x2.convert_low_i32x4_u ${words})` : `(f32x4.convert_i32x4_u ${words})`;
}

function load(pointer: string, { stored, repeated }: MapOperand, precision: Precision): string {
  if (!repeated) return stored === "byte" ? loadBytes(pointer, precision) : `(v128.load ${get(pointer)})`;
  const number =
    stored === "byte"
      ? `(${numberType[precision]}.convert_i32_u (i32.load8_u ${get(pointer)}))`
      : `(${numberType[precision]}.load ${get(pointer)})`;
  return `(${laneType[precision]}.splat ${number})`;
}

function store(pointer: string, value: string, stored: Stored, precision: Precision): string {
  if (stored === "number") return `(v128.store ${get(pointer)} ${get(value)})`;
  const truncated = precision === "float64" ? "i32x4.trunc_sat_f64x2_s_zero" : "i32x4.trunc_sat_f32x4_s";
  const zero = "(v128.const i32x4 0 0 0 0)";
  const bytes = `(i8x16.narrow_i16x8_u (i16x8.narrow_i32x4_s (${truncated} ${get(value)}) ${zero}) ${zero})`;
  return precision === "float64"
    ? `(v128.store16_lane 0 ${get(pointer)} ${bytes})`
    : `(v128.store32_lane 0 ${get(pointer)} ${bytes})`;
}

/**
 * The function `name(rows, columns, out, outRow, in0, row0, in1, row1, …, parameter0, …)`: addresses, and bytes from
 * one row to the next. It works on whole vectors, so up to 15 bytes after every row are read, and written before the
 * next row is: rows must not overlap others of the output that come before, nor inputs unless there is one row.
 */
export function mapText(
  name: string,
  expression: ScalarExpression,
  operands: readonly MapOperand[],
  parameters: number,
  precision: Precision,
  output: Stored,
): MapText {
  const extra = Array.from({ length: parameters }, (_, i) => `$p${i}`);
  const inputs = operands.map(({ repeated }, i): LaneOperand => ({ name: `$x${i}`, level: repeated ? 1 : 2 }));
  const { locals, statements, result, cost } = lanesOf(
    expression,
    [...inputs, ...extra.map((local) => ({ name: local, level: 0 }))],
    precision,
  );
  const number = numberType[precision];
  const size = (stored: Stored): number => (stored === "byte" ? 1 : bytesOf[precision]);
  const step = (stored: Stored): number => lanesIn[precision] * size(stored);
  const at = (repeated: boolean, what: (i: number) => string): string =>
    operands.map((operand, i) => (operand.repeated === repeated ? what(i) : "")).join("\n");
  const text = `(func (export "${name}") (param $rows i32) (param $columns i32) (param $out i32) (param $outRow i32)
    ${operands.map((_, i) => `(param $in${i} i32) (param $row${i} i32)`).join(" ")}
    ${extra.map((_, i) => `(param $n${i} ${number})`).join(" ")}
    (local $o i32) (local $end i32) ${operands.map((_, i) => `(local $i${i} i32)`).join(" ")}
    ${[...inputs.map((x) => x.name), ...extra, ...locals].map((local) => `(local ${local} v128)`).join(" ")}
    ${extra.map((local, i) => `(local.set ${local} (${laneType[precision]}.splat ${get(`$n${i}`)}))`).join("\n")}
    ${statements[0].join("\n")}
    (loop $nextRow
      ${at(true, (i) => `(local.set $x${i} ${load(`$in${i}`, operands[i]!, precision)})`)}
      ${at(false, (i) => `(local.set $i${i} ${get(`$in${i}`)})`)}
      ${statements[1].join("\n")}
      (local.set $o ${get("$out")})
      (local.set $end (i32.add ${get("$out")} (i32.mul ${get("$columns")} (i32.const ${size(output)}))))
      (loop $next
        ${at(false, (i) => `(local.set $x${i} ${load(`$i${i}`, operands[i]!, precision)})`)}
        ${statements[2].join("\n")}
        ${store("$o", result.name, output, precision)}
        ${at(false, (i) => add(`$i${i}`, step(operands[i]!.stored)))}
        ${add("$o", step(output))}
        (br_if $next (i32.lt_u ${get("$o")} ${get("$end")})))
      ${operands.map((_, i) => `(local.set $in${i} (i32.add ${get(`$in${i}`)} ${get(`$row${i}`)}))`).join("\n")}
      (local.set $out (i32.add ${get("$out")} ${get("$outRow")}))
      (br_if $nextRow (local.tee $rows (i32.sub ${get("$rows")} (i32.const 1))))))`;
  return { text, cost };
}
