/**
 * WebAssembly modules made from text, over one growing memory.
 * @module
 */
import compileWat from "watr/compile";
import { angleQuadrant, angleRemainder, angleRemainderLow } from "../elementary/angle.js";
import { angleImport, angleRoutines } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";

/** The part of WebAssembly's interface that is used here; it is no part of the language, so it may be missing. */
interface WasmApi {
  readonly Memory: new (limits: { initial: number; maximum?: number }) => WasmMemory;
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** By pages of 64 KB. @throws RangeError if there is no room */
  grow(pages: number): number;
}

export const wasmApi = (globalThis as { readonly WebAssembly?: WasmApi }).WebAssembly;

/** Functions of a module by their exported names; arguments are addresses, counts and numbers. */
export type WasmFunctions = Readonly<Record<string, (...args: number[]) => number>>;

const routines = { angleQuadrant, angleRemainder, angleRemainderLow };
const precisions = ["float64", "float32"] as const;

/** What modules can ask for from outside: routines for large angles. */
const outside: Readonly<Record<string, (x: number) => number>> = Object.fromEntries(
  angleRoutines.flatMap((routine) =>
    precisions.map((precision: Precision) => [
      angleImport(routine, precision),
      (x: number) => routines[routine](x, precision),
    ]),
  ),
);

/** The text of a module with these functions, over the memory `outside.memory`. */
export function moduleText(functions: readonly string[]): string {
  const body = functions.join("\n");
  const imports = Object.keys(outside)
    .filter((name) => body.includes(`(call $${name} `))
    .map((name) => `(import "outside" "${name}" (func $${name} (param f64) (result f64)))`);
  return `(module (import "outside" "memory" (memory 1)) ${imports.join(" ")}\n${body})`;
}

/**
 * A module with these functions. Synchronous: modules are a few kilobytes.
 *
 * @throws Error where there is no WebAssembly, no SIMD, or a policy that forbids it
 */
export function compileModule(functions: readonly string[]): object {
  return new wasmApi!.Module(compileWat(moduleText(functions)) as Uint8Array);
}

/** The functions of a module over `memory`. */
export function instantiate(module: object, memory: WasmMemory): WasmFunctions {
  return new wasmApi!.Instance(module, { outside: { ...outside, memory } }).exports as WasmFunctions;
}
