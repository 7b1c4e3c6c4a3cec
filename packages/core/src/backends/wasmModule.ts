/**
 * WebAssembly modules made from text, over one growing memory.
 * @module
 */
import compileWat from "watr/compile";
import { angleQuadrant, angleRemainder, angleRemainderLow } from "../elementary/angle.js";
import { angleImport, angleRoutines } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";

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
 * Makes a module and runs it over `memory`. Synchronous: modules are a few kilobytes.
 *
 * @throws WebAssembly.CompileError where a policy forbids it
 */
export function instantiate(functions: readonly string[], memory: WebAssembly.Memory): WasmFunctions {
  const binary = compileWat(moduleText(functions)) as Uint8Array<ArrayBuffer>;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { outside: { ...outside, memory } });
  return instance.exports as unknown as WasmFunctions;
}
