/**
 * WebAssembly modules, encoded here or when the package was built, over one growing memory.
 * @module
 */
import encode from "watr/compile";
import { angleQuadrant, angleRemainder, angleRemainderLow } from "../elementary/angle.js";
import { angleImport, angleRoutines, type Tokens } from "../readings/lanes.js";
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

/** A function as the encoder reads it. */
export type WasmFunction = readonly (string | Tokens | Tokens[number])[];

/** A function; of an exported one, the name without quotes is what `instantiate` gives. */
export function functionOf(name: string, text: Tokens, exported = true): WasmFunction {
  return ["func", `$${name}`, ...(exported ? [["export", `"${name}"`]] : []), ...text];
}

const memoryImport = ["import", '"outside"', '"memory"', ["memory", 1]];

/**
 * A module with these functions. Synchronous: modules are a few kilobytes.
 *
 * @throws Error where there is no WebAssembly, no SIMD, or a policy that forbids it
 */
export function compileModule(functions: readonly WasmFunction[]): object {
  const called = new Set<unknown>(functions.flat());
  const imports = Object.keys(outside)
    .filter((name) => called.has(`$${name}`))
    .map((name) => ["import", '"outside"', `"${name}"`, ["func", `$${name}`, ["param", "f64"], ["result", "f64"]]]);
  return new wasmApi!.Module(encode(["module", memoryImport, ...imports, ...functions] as never) as Uint8Array);
}

function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from({ length: hexadecimal.length / 2 }, (_, i) =>
    parseInt(hexadecimal.slice(2 * i, 2 * i + 2), 16),
  );
}

/** A module that has nothing but a memory. */
let onlyMemory: Uint8Array | undefined;

/** The module with these sections, in hexadecimal digits, before and after the import of its memory. */
export function moduleOf([before, after]: readonly [string, string]): object {
  const imports = (onlyMemory ??= encode(["module", memoryImport] as never) as Uint8Array);
  // Magic number and version come first.
  const parts = [imports.subarray(0, 8), bytesOf(before), imports.subarray(8), bytesOf(after)];
  const binary = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    binary.set(part, at);
    at += part.length;
  }
  return new wasmApi!.Module(binary);
}

/** The functions of a module over `memory`. */
export function instantiate(module: object, memory: WasmMemory): WasmFunctions {
  return new wasmApi!.Instance(module, { outside: { ...outside, memory } }).exports as WasmFunctions;
}
