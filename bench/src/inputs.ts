/** The same numbers for every peer. @module */
import { random } from "@cotangent/core";
import type { TrainingCase } from "./cases.js";

/** Standard normal numbers times `scale`. */
export function normal(seed: number, n: number, scale = 1): Float64Array {
  return random(seed).normal([n], { std: scale }).toTypedArray() as Float64Array;
}

export function uniform(seed: number, n: number): Float64Array {
  return random(seed).uniform([n], { low: -4, high: 4 }).toTypedArray() as Float64Array;
}

export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float64Array;
}

export interface TrainingInputs {
  readonly x: Float64Array;
  /** Classes: 0 and 1, or indices. */
  readonly y: Int32Array;
  readonly layers: readonly Layer[];
}

export function trainingInputs({ sizes, samples, loss }: TrainingCase): TrainingInputs {
  const classes = loss === "logistic" ? 2 : sizes.at(-1)!;
  return {
    x: normal(1, samples * sizes[0]!),
    y: Int32Array.from({ length: samples }, (_, i) => (i * 7919) % classes),
    layers: sizes.slice(1).map((outputs, i) => {
      const inputs = sizes[i]!;
      return { inputs, outputs, weight: normal(i + 2, inputs * outputs, 1 / Math.sqrt(inputs)) };
    }),
  };
}

/** Small enough that no step diverges, so that all peers do the same work throughout. */
export const learningRate = 0.001;
