/**
 * A step of elementwise equations as one WebAssembly loop over the program's memory, addresses and counts written out.
 * @module
 */
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "../backends/axes.js";
import { loopText, type MapOperand, type Stored } from "../backends/wasmMapText.js";
import { functionOf, type WasmFunction } from "../backends/wasmModule.js";
import type { DType } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { lanesIn, type Tokens } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { isWhole, type Step } from "./fuse.js";
import { bytesOf } from "./memory.js";
import { constantOf, type Buffer, type Place } from "./trace.js";

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

  /** The name of a loop. */
  nameOf(text: Tokens): string {
    const key = text.join(" ");
    let name = this.#names.get(key);
    if (name === undefined) {
      this.#names.set(key, (name = `loop${this.#names.size}`));
      this.functions.push(functionOf(name, text, false));
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
export function textOfLoop(step: Step, { precision, writes, reads, rows, columns }: LoopPlan): Tokens {
  const made = new Set(step.equations.map(({ output }) => output.buffer));
  const kinds = reads.map(({ dtype }, i): MapOperand => ({
    stored: storedAs(dtype),
    repeated: columns.strides[writes.length + i] === 0,
  }));
  const { text } = loopText(
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
  return text;
}

/** Adds functions of which `name`, without parameters, runs the step; not where another form serves better. */
export function wasmLoop(loops: Loops, name: string, step: Step, addressOf: (buffer: Buffer) => number): void {
  const plan = planLoop(step);
  if (plan === null) return;
  const { writes, reads, axes, rows, columns } = plan;
  const operands = [...writes, ...reads];
  const calls: (readonly number[])[] = [];
  forEachOuter(
    axes,
    2,
    operands.map(({ offset }) => offset),
    (starts) => {
      const numbers = operands.flatMap(({ buffer, dtype }, i) => [
        addressOf(buffer) + starts[i]! * bytesOf[dtype],
        rows.strides[i]! * bytesOf[dtype],
      ]);
      calls.push([rows.n, columns.n, ...numbers]);
    },
  );
  if (calls.length > mostCalls) return;
  const loop = loops.nameOf(textOfLoop(step, plan));
  const call = (numbers: readonly number[]): Tokens => [
    ...numbers.flatMap((number) => ["i32.const", number]),
    ...["call", `$${loop}`],
  ];
  loops.functions.push(functionOf(name, calls.flatMap(call)));
}
