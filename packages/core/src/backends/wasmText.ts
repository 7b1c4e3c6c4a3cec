/**
 * WebAssembly text in pieces: integers, locals, loops. For what is encoded when the package is built.
 * @module
 */
import { bytesOf } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";

export const get = (name: string): string => `(local.get ${name})`;
export const constant = (value: number): string => `(i32.const ${value})`;
export const set = (name: string, value: string): string => `(local.set ${name} ${value})`;
export const plus = (a: string, b: string): string => `(i32.add ${a} ${b})`;
export const minus = (a: string, b: string): string => `(i32.sub ${a} ${b})`;
export const times = (a: string, b: string): string => `(i32.mul ${a} ${b})`;
/** The smaller one of two counts. */
export const least = (a: string, b: string): string => `(select ${a} ${b} (i32.lt_u ${a} ${b}))`;
export const step = (name: string, by: string): string => set(name, plus(get(name), by));

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
export const lines = (list: readonly unknown[], what: (i: number) => string): string =>
  list.map((_, i) => what(i)).join("\n");
export const locals = (type: string, list: readonly string[]): string =>
  list.map((name) => `(local ${name} ${type})`).join(" ");
export const parameters = (...list: readonly string[]): string => list.map((name) => `(param ${name} i32)`).join(" ");

/** A vector of lanes of two, those of the second counted on. */
export function pick(precision: Precision, a: string, b: string, ...list: readonly number[]): string {
  const size = bytesOf[precision];
  return `(i8x16.shuffle ${list.flatMap((l) => range(size).map((i) => l * size + i)).join(" ")} ${a} ${b})`;
}

/** A loop from `start` in steps of `by` while below `end`; none if there is nothing to do. */
export function loop(label: string, counter: string, start: string, end: string, by: string, body: string): string {
  return `${set(counter, start)}
    (block $${label}Done (loop $${label}
      (br_if $${label}Done (i32.ge_u ${get(counter)} ${end}))
      ${body}
      ${step(counter, by)}
      (br $${label})))`;
}
