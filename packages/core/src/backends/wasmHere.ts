/**
 * Where the code of the WebAssembly backend is: here, with everything else. In bundles for browsers `wasmLater.ts` stands
 * in place of this file: `package.json` says which one `#wasm` is.
 * @module
 */
import * as wasm from "./wasm.js";

/** The WebAssembly backend. */
export type WasmCode = typeof wasm;

/** The code, if it is here; else it is asked for. */
export function wasmCode(): WasmCode | null {
  return wasm;
}

/** Waits for the code; `null`: it cannot be had. */
export function loadWasm(): Promise<WasmCode | null> {
  return Promise.resolve(wasm);
}
