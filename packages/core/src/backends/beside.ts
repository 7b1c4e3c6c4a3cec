/**
 * What runs where WebAssembly does not: generated loops, or plain ones where a policy forbids those.
 * @module
 */
import type { Backend } from "../backend.js";
import { reference } from "./reference.js";
import { source, sourceAvailable } from "./source.js";

export const beside: Backend = sourceAvailable() ? source : reference;

/** Whether only the reference backend is left, as WebAssembly cannot be had either. */
export const alone = beside === reference && !compiles();

/** Whether an empty module is accepted. */
function compiles(): boolean {
  const { WebAssembly: engine } = globalThis as { WebAssembly?: { Module: new (bytes: Uint8Array) => unknown } };
  try {
    return engine !== undefined && new engine.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) !== null;
  } catch {
    return false;
  }
}

/** Says something that the user should know once. */
export function warn(text: string): void {
  (globalThis as { console?: { warn(text: string): void } }).console?.warn(`Cotangent: ${text}`);
}
