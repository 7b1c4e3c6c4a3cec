/** The same numbers for every peer. @module */
import type { TrainingCase } from "./cases.js";

/** Uniform numbers below 1. @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (mulberry32) */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal numbers times `scale`; made quickly, since every process makes millions. */
export function normal(seed: number, n: number, scale = 1): Float64Array {
  const next = generator(seed);
  return Float64Array.from(
    { length: n },
    () => scale * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

export function uniform(seed: number, n: number): Float64Array {
  const next = generator(seed);
  return Float64Array.from({ length: n }, () => -4 + 8 * next());
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
