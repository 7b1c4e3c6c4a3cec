/**
 * WebAssembly with 128-bit lanes: elementwise maps, sums, extremes and matrix products of floats, copied into its memory
 * and out of it. What it does not know runs on the backend beside it.
 * @module
 */
import type { Backend, Operand, Work } from "../backend.js";
import { isFloat } from "../dtype.js";
import { ShapeError } from "../errors.js";
import { showShape } from "../shape.js";
import { alone, beside, warn } from "./beside.js";
import { wasmEngine, type Engine } from "./wasmEngine.js";
import { NoRoom } from "./wasmHeap.js";
import { mappable, runWasmMap } from "./wasmMap.js";
import { runWasmProduct } from "./wasmProduct.js";
import { reducible, runWasmReduce } from "./wasmReduce.js";

/** Runs a kernel if WebAssembly knows it, and says whether. @throws {@link NoRoom} */
function runWasm<P>(engine: Engine, kernel: Work<P>, inputs: readonly Operand[], params: P, output: Operand): boolean {
  const x = inputs[0];
  if (x === undefined || output.layout.size === 0) return false;
  switch (kernel.kind) {
    case "map":
      if (!mappable(inputs, output)) return false;
      runWasmMap(engine, kernel, inputs, params, output);
      return true;
    case "reduce": {
      const { monoid } = kernel;
      const axes = kernel.axes(params);
      if (monoid !== "sum" && monoid !== "max" && monoid !== "min") return false;
      if (x.layout.size === 0 || !isFloat(x.dtype) || x.dtype !== output.dtype || !reducible(axes, x)) return false;
      runWasmReduce(engine, monoid, axes, x, output);
      return true;
    }
    case "contract":
      if (!isFloat(output.dtype) || x.dtype !== output.dtype || inputs[1]!.dtype !== output.dtype) return false;
      if (x.layout.size === 0) return false;
      runWasmProduct(engine, x, inputs[1]!, output);
      return true;
    default:
      return false;
  }
}

let missed = alone;

/** The engine; where there is none, says so once. */
function engineOrNotice(): Engine | null {
  const engine = wasmEngine();
  if (engine === null && !missed) {
    missed = true;
    warn(
      `WebAssembly with 128-bit lanes is missing here or forbidden by a policy, so the ${beside.name} backend computes large operators too, slower.`,
    );
  }
  return engine;
}

/** Runs a kernel if WebAssembly is here, knows it and has the room, and says whether. */
export function runLarge<P>(kernel: Work<P>, inputs: readonly Operand[], params: P, output: Operand): boolean {
  const engine = engineOrNotice();
  try {
    return engine !== null && runWasm(engine, kernel, inputs, params, output);
  } catch (error) {
    // Ordinary arrays may have the room that one memory has not.
    if (error instanceof NoRoom) return false;
    throw error;
  }
}

export const wasm: Backend = {
  name: "wasm",
  execute(kernel, inputs, params, output) {
    try {
      if (runWasm(wasmEngine()!, kernel, inputs, params, output)) return;
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      const shapes = [...inputs, output].map((x) => showShape(x.layout.shape)).join(", ");
      throw new ShapeError(
        `withBackend("wasm"): expected operands that fit into WebAssembly's memory, got shapes ${shapes} (${error.message}); leave the choice of the backend to the library, or work in batches`,
        { cause: error },
      );
    }
    beside.execute(kernel, inputs, params, output);
  },
  number: beside.number,
  entry: beside.entry,
  pullback: beside.pullback,
};

export { wasmEngine };
