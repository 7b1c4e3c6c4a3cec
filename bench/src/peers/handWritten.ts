/** Training steps in WebAssembly, each written for its one case: float32, one thread, data and parameters resident. @module */
import * as cases from "../cases.js";
import { accurate } from "../hand/functions.js";
import { handWrittenStep } from "../hand/index.js";
import type { Peer } from "../peer.js";

/** Cases in which elementary functions take much of the time. */
export const accurateCases = [
  "step b: 2-4-1 tanh, 400 samples",
  "step e: logistic 30, 569 samples",
] as const satisfies readonly (keyof typeof cases.training)[];

/** The same with the elementary functions of Cotangent, which are more accurate and take longer. */
export function handWrittenAccurately(): Peer {
  return {
    about:
      "WebAssembly SIMD written by hand, with elementary functions as accurate as Cotangent's: the same expressions",
    cases: Object.fromEntries(accurateCases.map((name) => [name, () => handWrittenStep(name, accurate)])),
  };
}

export function handWritten(): Peer {
  return {
    about: "WebAssembly SIMD written by hand for each case, float32, one thread",
    cases: Object.fromEntries(
      (Object.keys(cases.training) as (keyof typeof cases.training)[]).map((name) => [
        name,
        () => handWrittenStep(name),
      ]),
    ),
  };
}
