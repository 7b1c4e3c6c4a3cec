/**
 * A step of elementwise equations as one WebAssembly loop over the program's memory, addresses and counts written out.
 * @module
 */
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "../backends/axes.js";
import type { Cut, Work } from "../backends/parts.js";
import { callsOf, mapParts } from "../backends/wasmMapParts.js";
import { loopText, type MapOperand, type Stored } from "../backends/wasmMapText.js";
import type { WasmFunctions } from "../backends/wasmModule.js";
import { constant } from "../backends/wasmText.js";
import type { DType } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { lanesIn } from "../readings/lanes.js";
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

/** A step as text of functions, and as work with them. */
export interface WasmLoop {
  readonly text: string;
  readonly work: (functions: WasmFunctions) => Work;
}

/** The step as a loop; `null` where another form serves better. */
export function wasmLoop(name: string, step: Step, addressOf: (buffer: Buffer) => number, cut: Cut): WasmLoop | null {
  const precision = precisionOf(step);
  const { shape, size } = step.equations[0]!.output.layout;
  if (precision === null || size < fewest) return null;
  const reads: Place[] = [];
  const made = new Set(step.equations.map(({ output }) => output.buffer));
  const indexOf = (place: Place): number => {
    const same = (other: Place): boolean =>
      other.buffer === place.buffer &&
      other.offset === place.offset &&
      other.layout.strides.join() === place.layout.strides.join();
    const known = reads.findIndex(same);
    return known >= 0 ? known : reads.push(place) - 1;
  };
  for (const { inputs } of step.equations)
    for (const place of inputs) if (!made.has(place.buffer) && constantOf(place) === null) indexOf(place);
  const writes = step.equations.map(({ output }) => output).filter(({ buffer }) => step.stored.includes(buffer));
  const operands = [...writes, ...reads];
  const axes = mergeAxes(
    shape,
    operands.map(({ layout }) => layout.strides),
  );
  const [rows, columns] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  const dense = columns.strides.every((stride, i) => stride === 1 || (i >= writes.length && stride === 0));
  // Rows that are much shorter than what a turn of the loop does would mostly compute in vain.
  if (!dense || (rows.n > 1 && columns.n * 2 < lanesIn[precision])) return null;
  const kinds = reads.map(({ dtype }, i): MapOperand => ({
    stored: storedAs(dtype),
    repeated: columns.strides[writes.length + i] === 0,
  }));
  const { text, cost } = loopText(
    `${name}Loop`,
    (machine, names) => {
      const results = new Map<Buffer, string>();
      for (const { kernel, inputs, params, output } of step.equations) {
        const { scalar, parameters } = kernel as MapKernel<unknown>;
        const operandOf = (place: Place): string => {
          const value = constantOf(place);
          if (value !== null) return machine.constant(value);
          return isWhole(place) && made.has(place.buffer) ? results.get(place.buffer)! : names[indexOf(place)]!;
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
  );
  const starts: number[][] = [];
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
  const stepsOf = ({ strides }: MergedAxis): number[] => operands.map(({ dtype }, i) => strides[i]! * bytesOf[dtype]);
  const [rowSteps, columnSteps] = [stepsOf(rows), stepsOf(columns)];
  const loop = { precision, cost, rows: rows.n, columns: columns.n, starts, rowSteps, columnSteps, parameters: [] };
  const parts = mapParts(loop, cut);
  if (parts.length > 1)
    return { text, work: (functions) => ({ parts: callsOf(functions[`${name}Loop`]!, parts), room: 0 }) };
  const calls = parts[0]!.map((args) => `(call $${name}Loop ${args.map(constant).join(" ")})`);
  return {
    text: `${text}\n(func (export "${name}") ${calls.join("\n")})`,
    work: (functions) => ({ parts: [[{ run: functions[name]!, args: [] }]], room: 0 }),
  };
}
