/**
 * Products, sums and extremes in WebAssembly, on operands where they lie in the program's memory.
 * @module
 */
import { products } from "../backends/blasSlot.js";
import type { Cut, Work } from "../backends/parts.js";
import type { GroupName } from "../backends/wasmGroups.js";
import type { WasmFunctions } from "../backends/wasmModule.js";
import { areDots, dotParts, productParts } from "../backends/wasmProductParts.js";
import { reduceParts, type Partials } from "../backends/wasmReduceParts.js";
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
  readonly cut: Cut;
  readonly partials: Partials | null;
}

/** The memory as arrays, which it stays once there is room for all work. */
export interface Views {
  view(dtype: DType, address: number, size: number): TypedArray;
}

/** A kernel, once it is known where everything stands: work that threads may share, or a function for this one. */
export type WasmKernel =
  | { readonly kind: "work"; readonly make: (around: Surroundings) => Work }
  | { readonly kind: "run"; readonly make: (around: Surroundings & Views) => () => void };

const isFloat = (dtype: DType): dtype is Precision => dtype === "float64" || dtype === "float32";

/** Whether it is a product for the library of `useBlas`. */
export function runsOnBlas({ kernel, inputs, output }: Equation): boolean {
  return kernel.kind === "contract" && blasInUse() !== null && products!.takes(inputs[0]!, inputs[1]!, output);
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

const addressOf = ({ buffer, offset, dtype }: Place, around: Surroundings): number =>
  around.addressOf(buffer) + offset * bytesOf[dtype];

function product(x: Place, y: Place, output: Place, precision: Precision): WasmKernel | null {
  const size = bytesOf[precision];
  const [m, k] = x.layout.shape.slice(-2) as [number, number];
  const n = y.layout.shape.at(-1)!;
  const [aLine, aStep] = x.layout.strides.slice(-2).map((s) => s * size) as [number, number];
  const [bStep, bLine] = y.layout.strides.slice(-2).map((s) => s * size) as [number, number];
  const given = { precision, m, n, k, aLine, aStep, bLine, bStep };
  if (n === 1 && !areDots(given)) return null;
  const make = (around: Surroundings): Work => {
    const [a, b, c] = [x, y, output].map((place) => addressOf(place, around)) as [number, number, number];
    const right = batchOffsets(y);
    const batches = batchOffsets(x).map((offset, i) => ({ a: a + offset * size, b: b + right[i]! * size }));
    const products = { ...given, batches, c };
    return n === 1
      ? dotParts(products, around.functions("dot", precision), around.cut)
      : productParts(products, around.functions("product", precision), around.cut);
  };
  return { kind: "work", make };
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
  const outer = count(shape.slice(0, axes[0]));
  const n = count(axes.map((axis) => shape[axis]!));
  const inner = count(shape.slice(axes[0]! + axes.length));
  const make = (around: Surroundings): Work => {
    const [from, to] = [x, output].map((place) => addressOf(place, around)) as [number, number];
    const functions = around.functions(monoid === "sum" ? "sum" : "extreme", precision);
    return reduceParts({ monoid, precision, outer, n, inner, from, to }, functions, around.cut, around.partials);
  };
  return { kind: "work", make };
}
