/** What the steps with a logistic loss share: targets, and weights of samples that are zero past the last one. @module */
import type { StepModule } from "./text.js";

/** Whole vectors of samples. */
export const padded = (samples: number): number => Math.ceil(samples / 4) * 4;

export interface LogisticAddresses {
  readonly targets: number;
  /** 1 / samples, and 0 for what fills up the last vector. */
  readonly weights: number;
  readonly logits: number;
  /** Derivatives by the logits, times the learning rate. */
  readonly slopes: number;
}

export function addressesOf(module: StepModule, samples: number): LogisticAddresses {
  const [targets, weights, logits, slopes] = Array.from({ length: 4 }, () => module.allocate(padded(samples)));
  return { targets: targets!, weights: weights!, logits: logits!, slopes: slopes! };
}

export function writeLogistic(memory: Float32Array, at: LogisticAddresses, y: Int32Array): void {
  memory.set(y, at.targets / 4);
  memory.fill(1 / y.length, at.weights / 4, at.weights / 4 + y.length);
}
