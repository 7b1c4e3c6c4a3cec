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
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
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
export type WasmFunction = (...args: number[]) => number;
export type WasmFunctions = Readonly<Record<string, WasmFunction>>;

/** A module, with what other threads need to make it too. */
export interface WasmModule {
  readonly module: object;
  readonly bytes: Uint8Array;
  /** Whether other threads can run it: over shared memory, and without routines from outside. */
  readonly portable: boolean;
}

/** Where a function comes from: a module, and its place among the exports. */
export interface FunctionOrigin {
  readonly module: WasmModule;
  readonly index: number;
}

const origins = new WeakMap<WasmFunction, FunctionOrigin>();

/** Where another thread finds a function; `undefined` where it cannot run there. */
export const originOf = (f: WasmFunction): FunctionOrigin | undefined => origins.get(f);

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

/** Pages that 32-bit addresses reach. */
export const mostPages = 65536;

/** The text of a module with these functions, over the memory `outside.memory`, which may be one that threads share. */
export function moduleText(functions: readonly string[], shared = false): string {
  const body = functions.join("\n");
  const memory = shared ? `(memory 1 ${mostPages} shared)` : "(memory 1)";
  const imports = Object.keys(outside)
    .filter((name) => body.includes(`(call $${name} `))
    .map((name) => `(import "outside" "${name}" (func $${name} (param f64) (result f64)))`);
  return `(module (import "outside" "memory" ${memory}) ${imports.join(" ")}\n${body})`;
}

/**
 * A module with these functions. Synchronous: modules are a few kilobytes.
 *
 * @throws Error where there is no WebAssembly, no SIMD, or a policy that forbids it
 */
export function compileModule(functions: readonly string[], shared = false): WasmModule {
  const bytes = compileWat(moduleText(functions, shared)) as Uint8Array;
  const portable = shared && !Object.keys(outside).some((name) => functions.some((f) => f.includes(`(call $${name} `)));
  return { module: new wasmApi!.Module(bytes), bytes, portable };
}

/** The functions of a module over `memory`. */
export function instantiate(module: WasmModule, memory: WasmMemory): WasmFunctions {
  const { exports } = new wasmApi!.Instance(module.module, { outside: { ...outside, memory } });
  const functions = exports as WasmFunctions;
  // Exports have the order in which the module declares them, here and in every other instance.
  if (module.portable) Object.values(functions).forEach((f, index) => origins.set(f, { module, index }));
  return functions;
}
