/**
 * A step of elementwise equations as one WebAssembly loop over the program's memory, addresses and counts written out.
 * @module
 */
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "../backends/axes.js";
import { whole, type Cut } from "../backends/parts.js";
import { callsOf, mapParts } from "../backends/wasmMapParts.js";
import { loopText, type MapOperand, type MapText, type Stored } from "../backends/wasmMapText.js";
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
  const dense = columns.strides.every((stride, i) => stride === 1 || (i >= writes.length && stride === 0));
  // Rows that are much shorter than a vector would mostly be computed in vain.
  if (!dense || (rows.n > 1 && columns.n * 2 < lanesIn[precision])) return null;
  return { precision, writes, reads, axes, rows, columns };
}

/** The loop as a function of counts and addresses; see `loopText`. */
export function textOfLoop(step: Step, { precision, writes, reads, rows, columns }: LoopPlan): MapText {
  const made = new Set(step.equations.map(({ output }) => output.buffer));
  const kinds = reads.map(({ dtype }, i): MapOperand => ({
    stored: storedAs(dtype),
    repeated: columns.strides[writes.length + i] === 0,
  }));
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
    rows.n > 1 ? Math.ceil(columns.n / lanesIn[precision]) : Infinity,
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
  const { text, cost } = textOfLoop(step, plan);
  const loop = loops.nameOf(text);
  const stepsOf = ({ strides }: MergedAxis): number[] => operands.map(({ dtype }, i) => strides[i]! * bytesOf[dtype]);
  const [rowSteps, columnSteps] = [stepsOf(rows), stepsOf(columns)];
  const parts = mapParts(
    { precision, cost, rows: rows.n, columns: columns.n, starts, rowSteps, columnSteps, parameters: [] },
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
