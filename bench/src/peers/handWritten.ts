/** Training steps in WebAssembly, each written for its one case: float32, one thread, data and parameters resident. @module */
import * as cases from "../cases.js";
import { handWrittenStep } from "../hand/index.js";
import type { Peer } from "../peer.js";

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
