/**
 * The few forms in which operators compute. A backend knows how to run a form; an operator says which one it is.
 * @module
 */
import type { TypedArray } from "./dtype.js";
import type { ScalarExpression } from "./scalar.js";
import type { Layout, Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** One expression, elementwise over inputs of equal shape; `parameters` become further arguments of the expression. */
export interface MapKernel<P> {
  readonly kind: "map";
  readonly slot: number;
  readonly scalar: ScalarExpression;
  readonly parameters: ((params: P) => readonly number[]) | null;
  /** Whether choices in the expression are seams of a smooth function rather than kinks. */
  readonly smooth: boolean;
}

/** How a reduction combines two elements; `argmax` and `argmin` return the index of the first one. */
export type Monoid = "sum" | "product" | "max" | "min" | "argmax" | "argmin";

/** Combines the elements along `axes` (ascending) in the canonical order of `backends/order.ts`. */
export interface ReduceKernel<P> {
  readonly kind: "reduce";
  readonly monoid: Monoid;
  readonly axes: (params: P) => readonly number[];
}

/**
 * The same buffer seen with another layout, `shift` elements further on; `null` where only a row-major copy can. Refuses
 * what the rule of shapes refuses, which is not asked then.
 */
export interface ViewKernel<P> {
  readonly kind: "view";
  readonly view: (layout: Layout, params: P) => { readonly layout: Layout; readonly shift: number } | null;
}

/** Where an input goes in the output: its first element at `start`, the next ones `step` further on, per axis. */
export interface Region {
  readonly start: readonly number[];
  readonly step: readonly number[];
}

/** Inputs copied into regions of an output that is filled with `fill` elsewhere: concatenation, padding, undone slices. */
export interface AssembleKernel<P> {
  readonly kind: "assemble";
  readonly fill: (params: P) => number;
  readonly regions: (shapes: readonly Shape[], params: P) => readonly Region[];
}

/** Matrix product of `[...batch, m, k]` and `[...batch, k, n]`. */
export interface ContractKernel {
  readonly kind: "contract";
}

/** `output[…, i, …] = x[…, indices[…, i, …], …]` along `axis`. */
export interface GatherKernel<P> {
  readonly kind: "gather";
  /** The operator to name where an index is out of range. */
  readonly name: string;
  readonly axis: (params: P) => number;
}

/** A copy of `x` to which `updates[…, i, …]` is added at `[…, indices[…, i, …], …]` along `axis`, in row-major order. */
export interface ScatterKernel<P> {
  readonly kind: "scatter";
  /** The operator to name where an index is out of range. */
  readonly name: string;
  readonly axis: (params: P) => number;
}

/** Running sum or product along `axis`, from its first element on. */
export interface ScanKernel<P> {
  readonly kind: "scan";
  readonly monoid: "sum" | "product";
  readonly axis: (params: P) => number;
}

/**
 * What no other form can: sorting, factorisations, overlapping sums. Gets dense row-major inputs, which it must not
 * change, and fills `output`.
 */
export interface RoutineKernel<P> {
  readonly kind: "routine";
  readonly run: (inputs: readonly TypedArray[], shapes: readonly Shape[], params: P, output: TypedArray) => void;
}

/** A function of tensors: what users define, and what is recomputed. Its shape is known when it has run. */
export interface CallKernel<P> {
  readonly kind: "call";
  readonly run: (inputs: readonly Tensor[], params: P) => Tensor;
}

export type Kernel<P> =
  | MapKernel<P>
  | ReduceKernel<P>
  | ViewKernel<P>
  | AssembleKernel<P>
  | ContractKernel
  | GatherKernel<P>
  | ScatterKernel<P>
  | ScanKernel<P>
  | RoutineKernel<P>
  | CallKernel<P>;

let slots = 0;

/** A map with a slot number of its own, by which backends keep their compiled loops. */
export function mapKernel<P>(
  scalar: ScalarExpression,
  parameters: MapKernel<P>["parameters"] = null,
  smooth = false,
): MapKernel<P> {
  return { kind: "map", slot: slots++, scalar, parameters, smooth };
}
