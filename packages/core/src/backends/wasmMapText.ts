/**
 * Elementwise loops in WebAssembly: one function for an expression, a precision and the operands' kinds.
 * @module
 */
import {
  bytesOf,
  laneType,
  lanesIn,
  lanesWith,
  numberType,
  take,
  type LaneOperand,
  type Tokens,
} from "../readings/lanes.js";
import type { Precision, Scalar, ScalarExpression } from "../scalar.js";

/** What an operand's elements are in memory: numbers of the map's precision, or bytes 0 and 1. */
export type Stored = "number" | "byte";

export interface MapOperand {
  readonly stored: Stored;
  /** One element for a whole row, rather than elements side by side. */
  readonly repeated: boolean;
  /** Bytes from one element of a vector to the next, and from one vector of a row to the next, where these are others. */
  readonly steps?: { readonly element: number; readonly vector: number } | undefined;
}

/** What is known of a loop's rows. */
export interface LoopRows {
  /** How many vectors a row is long: no turn of the loop does more. */
  readonly vectors?: number | undefined;
  /**
   * Where rows are no longer than a vector, they are better elements of a longer row, each in a vector of its own: bytes
   * of an output from one to the next.
   */
  readonly outputSteps?: readonly number[] | undefined;
}

export interface MapText {
  /** What follows the function's name. */
  readonly text: Tokens;
  /** Instructions for every element. */
  readonly cost: number;
  /** Vectors that a turn of the loop does. */
  readonly vectors: number;
}

/**
 * Vectors that the loop over elements does at a time, instruction by instruction, so that a processor has more to do
 * while it waits for results: for expressions of at least so many instructions. Short ones wait for memory anyway; the
 * values of very long ones do not fit into the registers.
 */
const vectorsFor: readonly (readonly [cost: number, vectors: number])[] = [
  [75, 3],
  [9, 4],
  [0, 2],
];
const mostVectors = 4;

/** How many vectors a loop does at a time, unless its rows are shorter. */
const vectorsAtOnce = (cost: number): number => vectorsFor.find(([least]) => cost >= least)![1];

/** Bytes after the end of every row that are read and written too, at most. */
export const overshoot = mostVectors * 16;

const set = (name: string, value: Tokens): Tokens => [...value, "local.set", name];
const advance = (name: string, bytes: number): Tokens => set(name, [...take(name), "i32.const", bytes, "i32.add"]);
const zeros: Tokens = ["v128.const", "i32x4", "0", "0", "0", "0"];

/** Bytes as lanes of 0 and 1. */
function loadBytes(pointer: string, offset: number, precision: Precision): Tokens {
  const [instruction, convert] =
    precision === "float64"
      ? ["v128.load16_splat", "f64x2.convert_low_i32x4_u"]
      : ["v128.load32_zero", "f32x4.convert_i32x4_u"];
  const widen = ["i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u"];
  return [...take(pointer), instruction!, `offset=${offset}`, ...widen, convert!];
}

function load(pointer: string, offset: number, stored: Stored, precision: Precision): Tokens {
  return stored === "byte"
    ? loadBytes(pointer, offset, precision)
    : [...take(pointer), "v128.load", `offset=${offset}`];
}

/** One element in all lanes. */
function loadRepeated(pointer: string, offset: number, stored: Stored, precision: Precision): Tokens {
  const place = `offset=${offset}`;
  if (stored === "number") return [...take(pointer), `v128.load${8 * bytesOf[precision]}_splat`, place];
  return [...take(pointer), "i32.load8_u", place, `${numberType[precision]}.convert_i32_u`, `${laneType[precision]}.splat`];
} // prettier-ignore

/** Elements that stand apart. */
function loadApart(pointer: string, offset: number, apart: number, precision: Precision): Tokens {
  const bits = 8 * bytesOf[precision];
  const lanes = Array.from({ length: lanesIn[precision] }, (_, lane) => lane);
  const loads = lanes.flatMap((lane): Tokens => {
    const place = `offset=${offset + lane * apart}`;
    return lane === 0 ? [`v128.load${bits}_zero`, place] : [`v128.load${bits}_lane`, place, lane];
  });
  return [...lanes.flatMap(() => take(pointer)), ...loads];
}

function store(pointer: string, offset: number, value: string, stored: Stored, precision: Precision): Tokens {
  const place = `offset=${offset}`;
  if (stored === "number") return [...take(pointer), ...take(value), "v128.store", place];
  const [truncate, instruction] =
    precision === "float64"
      ? ["i32x4.trunc_sat_f64x2_s_zero", "v128.store16_lane"]
      : ["i32x4.trunc_sat_f32x4_s", "v128.store32_lane"];
  const narrow: Tokens = [...zeros, "i16x8.narrow_i32x4_s", ...zeros, "i8x16.narrow_i16x8_u"];
  return [...take(pointer), ...take(value), truncate!, ...narrow, instruction!, place, 0];
}

/**
 * A function of `(rows, columns, out0, outRow0, …, in0, row0, in1, row1, …, parameter0, …)`: addresses, and bytes from
 * one row to the next; both counts from 1. It works on whole vectors, so up to `overshoot` bytes after every row are
 * read, and written before the next row is: a row must not stand before another one's results, nor before inputs that
 * are still to be read.
 *
 * @param read the results from the names of operands and parameters, as many as `outputs`
 * @param rows what is known of these; of rows that are elements, `columns` counts them
 */
export function loopText(
  read: (machine: Scalar<string, string>, names: readonly string[]) => readonly string[],
  operands: readonly MapOperand[],
  parameters: number,
  precision: Precision,
  outputs: readonly Stored[],
  rows: LoopRows = {},
): MapText {
  const extra = Array.from({ length: parameters }, (_, i) => `$p${i}`);
  const size = (stored: Stored): number => (stored === "byte" ? 1 : bytesOf[precision]);
  const stepsOf = ({ stored, repeated, steps }: MapOperand): { readonly element: number; readonly vector: number } => {
    const element = repeated ? 0 : size(stored);
    return steps ?? { element, vector: lanesIn[precision] * element };
  };
  const isHeld = (operand: MapOperand): boolean => stepsOf(operand).vector === 0;
  const inputs = operands.map((operand, i): LaneOperand => ({ name: `$x${i}`, level: isHeld(operand) ? 1 : 2 }));
  const known = [...inputs, ...extra.map((local) => ({ name: local, level: 0 }))];
  const { locals, statements, results, cost } = lanesWith(known, precision, (machine) =>
    read(
      machine,
      known.map((operand) => operand.name),
    ),
  );
  const together = Math.min(rows.vectors ?? Infinity, vectorsAtOnce(cost));
  const number = numberType[precision];
  const each = (held: boolean, what: (i: number, operand: MapOperand) => Tokens): Tokens =>
    operands.flatMap((operand, i) => (isHeld(operand) === held ? what(i, operand) : []));
  const outputStep = (i: number): number => rows.outputSteps?.[i] ?? lanesIn[precision] * size(outputs[i]!);
  const eachOutput = (what: (i: number, stored: Stored) => Tokens): Tokens =>
    outputs.flatMap((stored, i) => what(i, stored));
  const loadOf = (i: number, operand: MapOperand, vector: number): Tokens => {
    const { stored } = operand;
    const { element, vector: step } = stepsOf(operand);
    const pointer = step === 0 ? `$in${i}` : `$i${i}`;
    if (element === 0) return loadRepeated(pointer, vector * step, stored, precision);
    if (element === size(stored)) return load(pointer, vector * step, stored, precision);
    return loadApart(pointer, vector * step, element, precision);
  };
  /** Locals that change with every element, and hence are there once for every vector. */
  const changing = new Set<unknown>([
    ...inputs.filter(({ level }) => level === 2).map((x) => x.name),
    ...statements[2].map((statement) => statement.at(-1)),
  ]);
  const own = (text: Tokens, vector: number): Tokens =>
    vector === 0 ? text : text.map((token) => (changing.has(token) ? `${token as string}_${vector}` : token));
  const everyVector = (what: (vector: number) => Tokens): Tokens =>
    Array.from({ length: together }, (_, vector) => own(what(vector), vector)).flat();
  const copies = Array.from({ length: together - 1 }, (_, i) => own([...changing] as string[], i + 1)).flat();
  const integers = [
    ...["$rows", "$columns", ...outputs.flatMap((_, i) => [`$out${i}`, `$outRow${i}`])],
    ...operands.flatMap((_, i) => [`$in${i}`, `$row${i}`]),
  ];
  const counters = ["$end", ...outputs.map((_, i) => `$o${i}`), ...operands.map((_, i) => `$i${i}`)];
  const vectors = [...inputs.map((x) => x.name), ...extra, ...locals, ...copies];
  const numbers = extra.map((_, i) => `$n${i}`);
  /** Locals by their numbers, which the encoder finds sooner than names. */
  const numbered = new Map<unknown, number>(
    [...integers, ...numbers, ...counters, ...vectors].map((name, i) => [name, i]),
  );
  const types = (of: string, list: readonly unknown[], type: string): Tokens => [[of, ...list.map(() => type)]];
  const body: Tokens = [
    ...extra.flatMap((name, i) => set(name, [...take(`$n${i}`), `${laneType[precision]}.splat`])),
    ...statements[0].flat(),
    ...["loop", "$nextRow"],
    ...each(true, (i, operand) => set(`$x${i}`, loadOf(i, operand, 0))),
    ...each(false, (i) => set(`$i${i}`, take(`$in${i}`))),
    ...statements[1].flat(),
    ...eachOutput((i) => set(`$o${i}`, take(`$out${i}`))),
    ...[
      ...take("$out0"),
      ...take("$columns"),
      "i32.const",
      rows.outputSteps?.[0] ?? size(outputs[0]!),
      "i32.mul",
      "i32.add",
      "local.set",
      "$end",
    ],
    ...["loop", "$next"],
    ...everyVector((v) => each(false, (i, operand) => set(`$x${i}`, loadOf(i, operand, v)))),
    ...statements[2].flatMap((statement) => everyVector(() => statement)),
    ...everyVector((v) =>
      eachOutput((i, stored) => store(`$o${i}`, v * outputStep(i), results[i]!.name, stored, precision)),
    ),
    ...each(false, (i, operand) => advance(`$i${i}`, together * stepsOf(operand).vector)),
    ...eachOutput((i) => advance(`$o${i}`, together * outputStep(i))),
    ...[...take("$o0"), ...take("$end"), "i32.lt_u", "br_if", "$next", "end"],
    ...operands.flatMap((_, i) => set(`$in${i}`, [...take(`$in${i}`), ...take(`$row${i}`), "i32.add"])),
    ...eachOutput((i) => set(`$out${i}`, [...take(`$out${i}`), ...take(`$outRow${i}`), "i32.add"])),
    ...[...take("$rows"), "i32.const", 1, "i32.sub", "local.tee", "$rows", "br_if", "$nextRow", "end"],
  ];
  const head = [
    ...types("param", integers, "i32"),
    ...types("param", numbers, number),
    ...types("local", counters, "i32"),
    ...types("local", vectors, "v128"),
  ];
  return { text: [...head, ...body.map((token) => numbered.get(token) ?? token)], cost, vectors: together };
}

/** The loop of a single expression, with one output. */
export function mapText(
  expression: ScalarExpression,
  operands: readonly MapOperand[],
  parameters: number,
  precision: Precision,
  output: Stored,
): MapText {
  return loopText((machine, names) => [expression(machine, ...names)], operands, parameters, precision, [output]);
}
