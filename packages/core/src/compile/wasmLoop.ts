/**
 * A step of elementwise equations as one WebAssembly loop over the program's memory, addresses and counts written out.
 * @module
 */
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "../backends/axes.js";
import { whole, type Cut } from "../backends/parts.js";
import { callsOf, mapParts } from "../backends/wasmMapParts.js";
import { loopText, overshoot, type MapOperand, type MapText, type Stored } from "../backends/wasmMapText.js";
import { functionOf, type WasmFunction } from "../backends/wasmModule.js";
import type { DType } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { lanesIn, type Tokens } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { isWhole, type Step } from "./fuse.js";
import { bytesOf } from "./memory.js";
import { constantOf, type Buffer, type Place } from "./trace.js";
import type { WasmKernel } from "./wasmKernel.js";

/** Loops over fewer elements are not worth lanes. */
const fewest = 8;
/** More rows than this, each a call of its own, are not written out. */
const mostCalls = 64;
/** Elements of a row stand at most so many elements apart, and short rows so many vectors, as loops read past the end. */
const farthest = 64;
const vectorBytes = 16;
/** What loops may read past the end of a buffer, in bytes. */
export const readAhead = overshoot * farthest;

/** The one precision of all floats in the step, if there is nothing else but bool. */
function precisionOf({ equations }: Step): Precision | null {
  const dtypes = new Set<DType>();
  for (const { inputs, output } of equations) for (const { dtype } of [...inputs, output]) dtypes.add(dtype);
  if (dtypes.has("int32") || dtypes.has("float64") === dtypes.has("float32")) return null;
  return dtypes.has("float64") ? "float64" : "float32";
}

const storedAs = (dtype: DType): Stored => (dtype === "bool" ? "byte" : "number");

/** The functions of a program's module; equal loops are there once. */
export class Loops {
  readonly functions: WasmFunction[] = [];
  readonly #names = new Map<string, string>();

  /** @param cut how loops are cut into parts */
  constructor(readonly cut: Cut) {}

  /** The name of a loop. */
  nameOf(text: Tokens): string {
    const key = text.join(" ");
    let name = this.#names.get(key);
    if (name === undefined) {
      this.#names.set(key, (name = `loop${this.#names.size}`));
      this.functions.push(functionOf(name, text, this.cut !== whole));
    }
    return name;
  }
}

/** How the elements of a step lie: rows of neighbours, one after the other, perhaps several times. */
export interface LoopPlan {
  readonly precision: Precision;
  readonly writes: readonly Place[];
  readonly reads: readonly Place[];
  readonly axes: readonly MergedAxis[];
  readonly rows: MergedAxis;
  readonly columns: MergedAxis;
}

/** The number of a place among `reads`, -1 if it is none of them. */
function indexIn(reads: readonly Place[], place: Place): number {
  return reads.findIndex(
    (other) =>
      other.buffer === place.buffer &&
      other.offset === place.offset &&
      other.layout.strides.join() === place.layout.strides.join(),
  );
}

/** The loop over a step's elements; `null` where another form serves better. */
export function planLoop(step: Step): LoopPlan | null {
  const { shape, size } = step.equations[0]!.output.layout;
  const precision = size < fewest ? null : precisionOf(step);
  if (precision === null) return null;
  const reads: Place[] = [];
  const made = new Set(step.equations.map(({ output }) => output.buffer));
  for (const { inputs } of step.equations)
    for (const place of inputs)
      if (!made.has(place.buffer) && constantOf(place) === null && indexIn(reads, place) < 0) reads.push(place);
  const writes = step.equations.map(({ output }) => output).filter(({ buffer }) => step.stored.includes(buffer));
  const axes = mergeAxes(
    shape,
    [...writes, ...reads].map(({ layout }) => layout.strides),
  );
  const [rows, columns] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  const dense = columns.strides.every((stride, i) => {
    const read = reads[i - writes.length];
    if (stride === 1 || read === undefined) return stride === 1;
    return stride === 0 || (read.dtype !== "bool" && stride > 0 && stride <= farthest);
  });
  // Rows that are much shorter than a vector would mostly be computed in vain.
  if (!dense || (rows.n > 1 && columns.n * 2 < lanesIn[precision])) return null;
  return { precision, writes, reads, axes, rows, columns };
}

/** Whether rows are better elements of one row, each in a vector of its own. */
function areElements({ precision, reads, writes, rows, columns }: LoopPlan): boolean {
  const near = (place: Place, i: number): boolean => {
    const bytes = rows.strides[writes.length + i]! * bytesOf[place.dtype];
    return bytes >= 0 && bytes <= farthest * vectorBytes;
  };
  return rows.n > 1 && columns.n <= lanesIn[precision] && reads.every(near);
}

/** The loop as a function of counts and addresses; see `loopText`. */
export function textOfLoop(step: Step, plan: LoopPlan, rowsAreElements = false): MapText {
  const { precision, writes, reads, rows, columns } = plan;
  const made = new Set(step.equations.map(({ output }) => output.buffer));
  const kinds = reads.map(({ dtype }, i): MapOperand => {
    const [row, column] = [rows, columns].map(({ strides }) => strides[writes.length + i]!) as [number, number];
    const element = column * bytesOf[dtype];
    const vector = rowsAreElements ? row * bytesOf[dtype] : element * lanesIn[precision];
    return { stored: storedAs(dtype), repeated: column === 0, steps: { element, vector } };
  });
  const outputSteps = writes.map(({ dtype }) => columns.n * bytesOf[dtype]);
  return loopText(
    (machine, names) => {
      const results = new Map<Buffer, string>();
      for (const { kernel, inputs, params, output } of step.equations) {
        const { scalar, parameters } = kernel as MapKernel<unknown>;
        const operandOf = (place: Place): string => {
          const value = constantOf(place);
          if (value !== null) return machine.constant(value);
          return isWhole(place) && made.has(place.buffer) ? results.get(place.buffer)! : names[indexIn(reads, place)]!;
        };
        const numbers = parameters === null ? [] : parameters(params).map((p) => machine.constant(p));
        results.set(output.buffer, scalar(machine, ...inputs.map(operandOf), ...numbers));
      }
      return writes.map(({ buffer }) => results.get(buffer)!);
    },
    kinds,
    0,
    precision,
    writes.map(({ dtype }) => storedAs(dtype)),
    rowsAreElements ? { vectors: rows.n, outputSteps } : { vectors: Math.ceil(columns.n / lanesIn[precision]) },
  );
}

/** Adds functions for the step, and says how it is run with them; `null` where another form serves better. */
export function wasmLoop(
  loops: Loops,
  name: string,
  step: Step,
  addressOf: (buffer: Buffer) => number,
): WasmKernel | null {
  const plan = planLoop(step);
  if (plan === null) return null;
  const { precision, writes, reads, axes, rows, columns } = plan;
  const operands = [...writes, ...reads];
  const starts: (readonly number[])[] = [];
  forEachOuter(
    axes,
    2,
    operands.map(({ offset }) => offset),
    (positions) => {
      if (starts.length <= mostCalls)
        starts.push(operands.map(({ buffer, dtype }, i) => addressOf(buffer) + positions[i]! * bytesOf[dtype]));
    },
  );
  if (starts.length > mostCalls) return null;
  const elements = areElements(plan);
  const { text, cost, vectors } = textOfLoop(step, plan, elements);
  const loop = loops.nameOf(text);
  const stepsOf = ({ strides }: MergedAxis): number[] => operands.map(({ dtype }, i) => strides[i]! * bytesOf[dtype]);
  const [rowSteps, columnSteps] = [stepsOf(rows), stepsOf(columns)];
  const given = { precision, starts, parameters: [] };
  const lanes = lanesIn[precision];
  const parts = elements
    ? mapParts(
        {
          ...{ ...given, cost: cost * lanes, turn: vectors },
          ...{ rows: 1, columns: rows.n, rowSteps: columnSteps, columnSteps: rowSteps },
        },
        // What is written beside a short row would be the next part's.
        columns.n === lanes ? loops.cut : whole,
      )
    : mapParts(
        { ...given, cost, turn: vectors * lanes, rows: rows.n, columns: columns.n, rowSteps, columnSteps },
        loops.cut,
      );
  if (parts.length > 1)
    return { kind: "work", make: ({ loops }) => ({ parts: callsOf(loops[loop]!, parts), room: 0 }) };
  const call = (numbers: readonly number[]): Tokens => [
    ...numbers.flatMap((number) => ["i32.const", number]),
    ...["call", `$${loop}`],
  ];
  loops.functions.push(functionOf(name, parts[0]!.flatMap(call)));
  return { kind: "work", make: ({ loops }) => ({ parts: [[{ run: loops[name]!, args: [] }]], room: 0 }) };
}
