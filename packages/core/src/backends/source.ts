/**
 * Loops generated as JavaScript, specialised to expression, dtype and layout; the default backend.
 * @module
 */
import type { Backend } from "../backend.js";
import { reference, routine } from "./reference.js";
import { denseElements, runAssemble } from "./sourceCopy.js";
import { runContract } from "./sourceContract.js";
import { runGather, runScatter } from "./sourceIndex.js";
import { numberFunction, runMap } from "./sourceMap.js";
import { runReduce } from "./sourceSum.js";
import { entryFunction, pullbackFunction } from "./sourceTape.js";

let available: boolean | undefined;

/** Whether functions can be made from text here; a strict content security policy forbids it. */
export function sourceAvailable(): boolean {
  return (available ??= canMakeFunctions());
}

function canMakeFunctions(): boolean {
  try {
    return new Function("return true")() === true;
  } catch {
    return false;
  }
}

export const source: Backend = {
  name: "source",
  execute(kernel, inputs, params, output) {
    switch (kernel.kind) {
      case "map":
        return runMap(kernel, inputs, params, output);
      case "reduce":
        return runReduce(kernel.monoid, kernel.axes(params), inputs[0]!, output);
      case "contract":
        return runContract(inputs[0]!, inputs[1]!, output);
      case "assemble":
        return runAssemble(kernel, inputs, params, output);
      case "gather":
        return runGather(kernel.name, kernel.axis(params), inputs[0]!, inputs[1]!, output);
      case "scatter":
        return runScatter(kernel.name, kernel.axis(params), inputs[0]!, inputs[1]!, inputs[2]!, output);
      case "routine":
        return routine(kernel, inputs, params, output, denseElements);
      default:
        return reference.execute(kernel, inputs, params, output);
    }
  },
  number: numberFunction,
  entry: entryFunction,
  pullback: pullbackFunction,
};
