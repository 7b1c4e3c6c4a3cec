/**
 * What runs where WebAssembly does not: generated loops, or plain ones where a policy forbids those.
 * @module
 */
import type { Backend } from "../backend.js";
import { reference } from "./reference.js";
import { source, sourceAvailable } from "./source.js";

export const beside: Backend = sourceAvailable() ? source : reference;

/** Says something that the user should know once. */
export function warn(text: string): void {
  (globalThis as { console?: { warn(text: string): void } }).console?.warn(`Cotangent: ${text}`);
}
