/**
 * The seam between operators and the machine.
 * @module
 */
import type { DType, TypedArray } from "./dtype.js";
import type { CallKernel, Kernel, MapKernel, ViewKernel } from "./kernel.js";
import type { RuleMap } from "./ruleMaps.js";
import type { Arithmetic, Precision } from "./scalar.js";
import type { Layout } from "./shape.js";

/** Elements in a buffer. */
export interface Operand {
  readonly data: TypedArray;
  readonly offset: number;
  readonly layout: Layout;
  readonly dtype: DType;
}

/** A kernel that has to move or compute elements; views and calls never reach a backend. */
export type Work<P> = Exclude<Kernel<P>, ViewKernel<P> | CallKernel<P>>;

/** One way of running kernels. All backends give the same bits. */
export interface Backend {
  readonly name: string;
  /** Runs a kernel into `output`, which is row-major and does not overlap the inputs. */
  execute<P>(kernel: Work<P>, inputs: readonly Operand[], params: P, output: Operand): void;
  /** A map as a function of single numbers, for graphs of scalars. */
  number<P>(kernel: MapKernel<P>, arithmetic: Arithmetic): NumberFunction;
  /** A map of one or two operands as a step on the tape. */
  entry(kernel: MapKernel<never>): EntryFunction;
  /** The rules of such a map, by operand, as a step back; `null`: none is wanted for this operand. */
  pullback(rules: readonly (RuleMap | null)[]): PullbackFunction;
}

/** The map's operands, then its parameters. */
export type NumberFunction = (...xs: number[]) => number;

/** Computes entry `to` of the tape from entries `x` and `y`. Places rather than numbers, which would have to be boxed. */
export type EntryFunction = (values: Float64Array, x: number, y: number, to: number) => void;

/** Adds to the cotangents of entries `x` and `y` what that of `from`, which they gave, makes of it, and marks them as known. */
export type PullbackFunction = (
  values: Float64Array,
  cotangents: Float64Array,
  known: Uint8Array,
  x: number,
  y: number,
  from: number,
) => void;

/** The precision a map computes in: float32 if a float32 comes in, float64 otherwise. */
export function precisionOf(inputs: readonly { readonly dtype: DType }[]): Precision {
  for (const { dtype } of inputs) if (dtype === "float32") return "float32";
  return "float64";
}

/** How a map computes: on integers if all that come in are. */
export function arithmeticOf(inputs: readonly { readonly dtype: DType }[]): Arithmetic {
  let arithmetic: Arithmetic = "int32";
  for (const { dtype } of inputs) {
    if (dtype === "float32") return "float32";
    if (dtype === "float64") arithmetic = "float64";
  }
  return arithmetic;
}
