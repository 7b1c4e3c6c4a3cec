/**
 * Elementwise loops as WebAssembly text: one function for an expression, a precision and the operands' kinds.
 * @module
 */
import { bytesOf, get, laneType, lanesIn, lanesWith, numberType, type LaneOperand } from "../readings/lanes.js";
import type { Precision, Scalar, ScalarExpression } from "../scalar.js";

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

/**
 * Vectors that the loop over elements does at a time, instruction by instruction: a processor has more to do while it
 * waits for results. Three are the fastest for long expressions; short ones wait for memory anyway.
 */
const mostVectors = 3;
const fewVectors = 2;
const longExpression = 8;

/** Bytes after the end of every row that are read and written too, at most. */
export const overshoot = mostVectors * 16;

const add = (name: string, bytes: number): string => `(local.set ${name} (i32.add ${get(name)} (i32.const ${bytes})))`;

/** Bytes as lanes of 0 and 1. */
function loadBytes(pointer: string, offset: number, precision: Precision): string {
  const instruction = precision === "float64" ? "v128.load16_splat" : "v128.load32_zero";
  const loaded = `(${instruction} offset=${offset} ${get(pointer)})`;
  const words = `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u ${loaded}))`;
  return precision === "float64" ? `(f64x2.convert_low_i32x4_u ${words})` : `(f32x4.convert_i32x4_u ${words})`;
}

function load(pointer: string, offset: number, stored: Stored, precision: Precision): string {
  return stored === "byte" ? loadBytes(pointer, offset, precision) : `(v128.load offset=${offset} ${get(pointer)})`;
}

/** One element in all lanes. */
function loadRepeated(pointer: string, stored: Stored, precision: Precision): string {
  const number =
    stored === "byte"
      ? `(${numberType[precision]}.convert_i32_u (i32.load8_u ${get(pointer)}))`
      : `(${numberType[precision]}.load ${get(pointer)})`;
  return `(${laneType[precision]}.splat ${number})`;
}

function store(pointer: string, offset: number, value: string, stored: Stored, precision: Precision): string {
  if (stored === "number") return `(v128.store offset=${offset} ${get(pointer)} ${get(value)})`;
  const truncated = precision === "float64" ? "i32x4.trunc_sat_f64x2_s_zero" : "i32x4.trunc_sat_f32x4_s";
  const zero = "(v128.const i32x4 0 0 0 0)";
  const bytes = `(i8x16.narrow_i16x8_u (i16x8.narrow_i32x4_s (${truncated} ${get(value)}) ${zero}) ${zero})`;
  const instruction = precision === "float64" ? "v128.store16_lane" : "v128.store32_lane";
  return `(${instruction} offset=${offset} 0 ${get(pointer)} ${bytes})`;
}

/**
 * The function `name(rows, columns, out0, outRow0, …, in0, row0, in1, row1, …, parameter0, …)`: addresses, and bytes from
 * one row to the next; both counts from 1. It works on whole vectors, so up to `overshoot` bytes after every row are
 * read, and written before the next row is: a row must not stand before another one's results, nor before inputs that
 * are still to be read.
 *
 * @param read the results from the names of operands and parameters, as many as `outputs`
 */
export function loopText(
  name: string,
  read: (machine: Scalar<string, string>, names: readonly string[]) => readonly string[],
  operands: readonly MapOperand[],
  parameters: number,
  precision: Precision,
  outputs: readonly Stored[],
): MapText {
  const extra = Array.from({ length: parameters }, (_, i) => `$p${i}`);
  const inputs = operands.map(({ repeated }, i): LaneOperand => ({ name: `$x${i}`, level: repeated ? 1 : 2 }));
  const known = [...inputs, ...extra.map((local) => ({ name: local, level: 0 }))];
  const { locals, statements, results, cost } = lanesWith(known, precision, (machine) =>
    read(
      machine,
      known.map((operand) => operand.name),
    ),
  );
  const vectorsAtOnce = cost > longExpression ? mostVectors : fewVectors;
  const number = numberType[precision];
  const size = (stored: Stored): number => (stored === "byte" ? 1 : bytesOf[precision]);
  const step = (stored: Stored): number => lanesIn[precision] * size(stored);
  const each = (repeated: boolean, what: (i: number, stored: Stored) => string): string =>
    operands.map((operand, i) => (operand.repeated === repeated ? what(i, operand.stored) : "")).join("\n");
  const eachOutput = (what: (i: number, stored: Stored) => string): string =>
    outputs.map((stored, i) => what(i, stored)).join("\n");
  /** Locals that change with every element, and hence are there once for every vector. */
  const changing = new Set<string>([
    ...inputs.filter(({ level }) => level === 2).map((x) => x.name),
    ...statements[2].map((statement) => /\$v\d+/.exec(statement)![0]),
  ]);
  const own = (text: string, vector: number): string =>
    vector === 0 ? text : text.replace(/\$[vx]\d+\b/g, (local) => (changing.has(local) ? `${local}_${vector}` : local));
  const everyVector = (what: (vector: number) => string): string =>
    Array.from({ length: vectorsAtOnce }, (_, vector) => own(what(vector), vector)).join("\n");
  const all = [...inputs.map((x) => x.name), ...extra, ...locals];
  const text = `(func $${name} (export "${name}") (param $rows i32) (param $columns i32)
    ${outputs.map((_, i) => `(param $out${i} i32) (param $outRow${i} i32)`).join(" ")}
    ${operands.map((_, i) => `(param $in${i} i32) (param $row${i} i32)`).join(" ")}
    ${extra.map((_, i) => `(param $n${i} ${number})`).join(" ")}
    (local $end i32) ${outputs.map((_, i) => `(local $o${i} i32)`).join(" ")} ${operands.map((_, i) => `(local $i${i} i32)`).join(" ")}
    ${all.map((local) => `(local ${local} v128)`).join(" ")}
    ${everyVector((vector) => (vector === 0 ? "" : [...changing].map((local) => `(local ${local} v128)`).join(" ")))}
    ${extra.map((local, i) => `(local.set ${local} (${laneType[precision]}.splat ${get(`$n${i}`)}))`).join("\n")}
    ${statements[0].join("\n")}
    (loop $nextRow
      ${each(true, (i, stored) => `(local.set $x${i} ${loadRepeated(`$in${i}`, stored, precision)})`)}
      ${each(false, (i) => `(local.set $i${i} ${get(`$in${i}`)})`)}
      ${statements[1].join("\n")}
      ${eachOutput((i) => `(local.set $o${i} ${get(`$out${i}`)})`)}
      (local.set $end (i32.add ${get("$out0")} (i32.mul ${get("$columns")} (i32.const ${size(outputs[0]!)}))))
      (loop $next
        ${everyVector((v) => each(false, (i, stored) => `(local.set $x${i} ${load(`$i${i}`, v * step(stored), stored, precision)})`))}
        ${statements[2].map((statement) => everyVector(() => statement)).join("\n")}
        ${everyVector((v) => eachOutput((i, stored) => store(`$o${i}`, v * step(stored), results[i]!.name, stored, precision)))}
        ${each(false, (i, stored) => add(`$i${i}`, vectorsAtOnce * step(stored)))}
        ${eachOutput((i, stored) => add(`$o${i}`, vectorsAtOnce * step(stored)))}
        (br_if $next (i32.lt_u ${get("$o0")} ${get("$end")})))
      ${operands.map((_, i) => `(local.set $in${i} (i32.add ${get(`$in${i}`)} ${get(`$row${i}`)}))`).join("\n")}
      ${eachOutput((i) => `(local.set $out${i} (i32.add ${get(`$out${i}`)} ${get(`$outRow${i}`)}))`)}
      (br_if $nextRow (local.tee $rows (i32.sub ${get("$rows")} (i32.const 1))))))`;
  return { text, cost };
}

/** The loop of a single expression, with one output. */
export function mapText(
  name: string,
  expression: ScalarExpression,
  operands: readonly MapOperand[],
  parameters: number,
  precision: Precision,
  output: Stored,
): MapText {
  return loopText(name, (machine, names) => [expression(machine, ...names)], operands, parameters, precision, [output]);
}
