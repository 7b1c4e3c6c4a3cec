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
export type Callable = (...args: number[]) => number;
export type WasmFunctions = Readonly<Record<string, Callable>>;

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

const origins = new WeakMap<Callable, FunctionOrigin>();

/** Where another thread finds a function; `undefined` where it cannot run there. */
export const originOf = (f: Callable): FunctionOrigin | undefined => origins.get(f);

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

/** Pages that 32-bit addresses reach. */
export const mostPages = 65536;

/** The import of a memory, which may be one that threads share. */
const memoryImport = (shared: boolean): readonly unknown[] => [
  "import",
  '"outside"',
  '"memory"',
  shared ? ["memory", 1, mostPages, "shared"] : ["memory", 1],
];

/**
 * A module with these functions. Synchronous: modules are a few kilobytes.
 *
 * @throws Error where there is no WebAssembly, no SIMD, or a policy that forbids it
 */
export function compileModule(functions: readonly WasmFunction[], shared = false): WasmModule {
  const called = new Set<unknown>(functions.flat());
  const imports = Object.keys(outside)
    .filter((name) => called.has(`$${name}`))
    .map((name) => ["import", '"outside"', `"${name}"`, ["func", `$${name}`, ["param", "f64"], ["result", "f64"]]]);
  const bytes = encode(["module", memoryImport(shared), ...imports, ...functions] as never) as Uint8Array;
  return { module: new wasmApi!.Module(bytes), bytes, portable: shared && imports.length === 0 };
}

function bytesOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from({ length: hexadecimal.length / 2 }, (_, i) =>
    parseInt(hexadecimal.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Modules that have nothing but a memory, of each kind. */
const onlyMemory: { plain?: Uint8Array; shared?: Uint8Array } = {};

/** The module with these sections, in hexadecimal digits, before and after the import of its memory. */
export function moduleOf([before, after]: readonly [string, string], shared = false): WasmModule {
  const imports = (onlyMemory[shared ? "shared" : "plain"] ??= encode([
    "module",
    memoryImport(shared),
  ] as never) as Uint8Array);
  // Magic number and version come first.
  const parts = [imports.subarray(0, 8), bytesOf(before), imports.subarray(8), bytesOf(after)];
  const binary = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    binary.set(part, at);
    at += part.length;
  }
  return { module: new wasmApi!.Module(binary), bytes: binary, portable: shared };
}

/** The functions of a module over `memory`. */
export function instantiate(module: WasmModule, memory: WasmMemory): WasmFunctions {
  const { exports } = new wasmApi!.Instance(module.module, { outside: { ...outside, memory } });
  const functions = exports as WasmFunctions;
  // Exports have the order in which the module declares them, here and in every other instance.
  if (module.portable) Object.values(functions).forEach((f, index) => origins.set(f, { module, index }));
  return functions;
}
