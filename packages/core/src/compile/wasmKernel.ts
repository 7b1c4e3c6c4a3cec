/**
 * Products, sums and extremes in WebAssembly, on operands where they lie in the program's memory.
 * @module
 */
import { blasTakes } from "../backends/blas.js";
import type { GroupName } from "../backends/wasmGroups.js";
import type { WasmFunctions } from "../backends/wasmModule.js";
import { productRoom } from "../backends/wasmProductText.js";
import { scratchBytes } from "../backends/wasmSumText.js";
import { blasInUse } from "../context.js";
import type { DType, TypedArray } from "../dtype.js";
import type { ReduceKernel } from "../kernel.js";
import type { Precision } from "../scalar.js";
import { bytesOf } from "./memory.js";
import type { Buffer, Equation, Place } from "./trace.js";
import { indexKernel } from "./wasmIndex.js";

/** What a kernel computes with. */
export interface Surroundings {
  addressOf(buffer: Buffer): number;
  functions(group: GroupName, precision: Precision): WasmFunctions;
  /** The functions made for the program, by their names. */
  readonly loops: WasmFunctions;
  view(dtype: DType, address: number, size: number): TypedArray;
  /** Room that all kernels share. */
  readonly scratch: number;
}

/** A kernel, once it is known where everything stands, and the bytes of scratch that it needs. */
export interface WasmKernel {
  readonly scratch: number;
  readonly bind: (around: Surroundings) => () => void;
}

const isFloat = (dtype: DType): dtype is Precision => dtype === "float64" || dtype === "float32";

/** Whether it is a product for the library of `useBlas`. */
export function runsOnBlas({ kernel, inputs, output }: Equation): boolean {
  return kernel.kind === "contract" && blasInUse() !== null && blasTakes(inputs[0]!, inputs[1]!, output);
}

/** The equation in WebAssembly; `null` where it runs elsewhere. */
export function wasmKernel(equation: Equation): WasmKernel | null {
  const { kernel, inputs, output } = equation;
  if (output.layout.size === 0 || !isFloat(output.dtype)) return null;
  if (kernel.kind === "gather" || kernel.kind === "scatter") return indexKernel(kernel, equation, output.dtype);
  if (inputs.some(({ dtype, layout }) => dtype !== output.dtype || layout.size === 0)) return null;
  if (runsOnBlas(equation)) return null;
  if (kernel.kind === "contract") return product(inputs[0]!, inputs[1]!, output, output.dtype);
  if (kernel.kind === "reduce") return reduction(kernel, equation, output.dtype);
  return null;
}

/** Addresses of the batches of a product's operand. */
function batchOffsets({ layout: { shape, strides } }: Place): number[] {
  let offsets = [0];
  for (let axis = 0; axis < shape.length - 2; axis++)
    offsets = offsets.flatMap((offset) => Array.from({ length: shape[axis]! }, (_, i) => offset + i * strides[axis]!));
  return offsets;
}

function product(x: Place, y: Place, output: Place, precision: Precision): WasmKernel | null {
  const size = bytesOf[precision];
  const rank = x.layout.shape.length;
  const [m, k] = x.layout.shape.slice(-2) as [number, number];
  const n = y.layout.shape[rank - 1]!;
  const [aLine, aStep] = x.layout.strides.slice(-2).map((s) => s * size) as [number, number];
  const [bStep, bLine] = y.layout.strides.slice(-2).map((s) => s * size) as [number, number];
  const batches = batchOffsets(x).map((a, i) => ({ a, b: batchOffsets(y)[i]! }));
  if (n === 1) {
    const rows = aStep === size || k === 1;
    // Rows are added up with their vectors side by side, columns line by line.
    if (rows ? bStep !== size && k > 1 : aLine !== size && m > 1) return null;
    return {
      scratch: scratchBytes,
      bind: ({ addressOf, functions, scratch }) => {
        const { dotRows, dotColumns } = functions("dot", precision);
        const [a, b, c] = [x, y, output].map(({ buffer, offset }) => addressOf(buffer) + offset * size) as [number, number, number]; // prettier-ignore
        const calls = batches.map(({ a: i, b: j }, batch): (() => void) => {
          const [p, q, o] = [a + i * size, b + j * size, c + batch * m * size];
          return rows ? () => dotRows!(m, k, p, aLine, q, o) : () => dotColumns!(m, k, p, aStep, q, bStep, o, scratch);
        });
        return together(calls);
      },
    };
  }
  return {
    scratch: productRoom(precision),
    bind: ({ addressOf, functions, scratch }) => {
      const { multiply } = functions("product", precision);
      const [a, b, c] = [x, y, output].map(({ buffer, offset }) => addressOf(buffer) + offset * size) as [number, number, number]; // prettier-ignore
      const calls = batches.map(({ a: i, b: j }, batch) => {
        const [p, q, o] = [a + i * size, b + j * size, c + batch * m * n * size];
        return (): void => {
          multiply!(m, n, k, p, aLine, aStep, q, bLine, bStep, o, n * size, scratch);
        };
      });
      return together(calls);
    },
  };
}

function together(calls: readonly (() => void)[]): () => void {
  if (calls.length === 1) return calls[0]!;
  return () => {
    for (let i = 0; i < calls.length; i++) calls[i]!();
  };
}

function reduction(
  { monoid, axes: axesOf }: ReduceKernel<unknown>,
  { inputs, params, output }: Equation,
  precision: Precision,
): WasmKernel | null {
  const [x] = inputs as readonly [Place];
  const axes = axesOf(params);
  const { shape, contiguous } = x.layout;
  if ((monoid !== "sum" && monoid !== "max" && monoid !== "min") || !contiguous) return null;
  if (axes.length === 0 || !axes.every((axis, i) => axis === axes[0]! + i)) return null;
  const count = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const size = bytesOf[precision];
  const outer = count(shape.slice(0, axes[0]));
  const n = count(axes.map((axis) => shape[axis]!));
  const inner = count(shape.slice(axes[0]! + axes.length));
  return {
    scratch: scratchBytes,
    bind: ({ addressOf, functions, scratch }) => {
      const group = functions(monoid === "sum" ? "sum" : "extreme", precision);
      const [p, o] = [x, output].map(({ buffer, offset }) => addressOf(buffer) + offset * size) as [number, number];
      const rows = group[`${monoid}Rows`]!;
      if (inner === 1) return () => rows(outer, n, p, n * size, o);
      const columns = group[`${monoid}Columns`]!;
      const more = monoid === "sum" ? [scratch] : [];
      return together(
        Array.from({ length: outer }, (_, i) => () => {
          columns(inner, n, p + i * n * inner * size, inner * size, o + i * inner * size, ...more);
        }),
      );
    },
  };
}
