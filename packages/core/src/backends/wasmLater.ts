/**
 * `wasmHere.ts` for bundles: the code of the WebAssembly backend is a chunk of its own, asked for by the first work that
 * is large enough. Until it is there the other backends compute, with the same bits.
 * @module
 */
import { beside, warn } from "./beside.js";
import { reference } from "./reference.js";
import type { WasmCode } from "./wasmHere.js";

let code: WasmCode | null = null;
let coming: Promise<WasmCode | null> | undefined;

export function wasmCode(): WasmCode | null {
  if (coming === undefined) void loadWasm();
  return code;
}

export function loadWasm(): Promise<WasmCode | null> {
  return (coming ??= import("./wasm.js").then(
    (wasm) => (code = wasm),
    (error: unknown) => {
      warn(
        `the WebAssembly backend could not be loaded (${String(error)}), so the ${beside.name} backend computes large operators too, slower; see that the bundle's chunks are served beside it.`,
      );
      return null;
    },
  ));
}

// Where no loops can be generated everything else is slow, so it had better be there soon.
if (beside === reference) void loadWasm();
