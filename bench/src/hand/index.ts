/** Each training step, written directly in WebAssembly text for its case: the honest ceiling. @module */
import { training } from "../cases.js";
import { trainingInputs, type TrainingInputs } from "../inputs.js";
import { deepStep } from "./deep.js";
import { digitsStep } from "./digits.js";
import type { HandFunctions } from "./functions.js";
import { narrowStep } from "./narrow.js";
import { planarStep } from "./planar.js";
import { wideStep } from "./wide.js";

type Make = (inputs: TrainingInputs, samples: number, functions?: HandFunctions) => () => number;

const makers: Readonly<Record<keyof typeof training, Make>> = {
  "step a: logistic 12288, 209 samples": wideStep,
  "step b: 2-4-1 tanh, 400 samples": planarStep,
  "step c: 12288-20-7-5-1 relu, 209 samples": deepStep,
  "step d: 784-256-128-10 relu, 128 samples": digitsStep,
  "step e: logistic 30, 569 samples": narrowStep,
};

/** A step of this case: each call is one, and gives the loss before it. */
export function handWrittenStep(name: keyof typeof training, functions?: HandFunctions): () => number {
  const given = training[name];
  return makers[name](trainingInputs(given), given.samples, functions);
}
