/**
 * The groups of functions that are encoded when the package is built: `wasmGroups.ts` holds them, and a test compares.
 * @module
 */
import encode from "watr/compile";
import type { Precision } from "../scalar.js";
import { extremeTexts } from "./wasmExtremeText.js";
import { indexTexts } from "./wasmIndexText.js";
import { productTexts } from "./wasmProductText.js";
import { sumTexts } from "./wasmSumText.js";

/** The texts of each group's functions. */
export const groupTexts = {
  product: productTexts,
  sum: (precision: Precision): readonly string[] => sumTexts(precision, false),
  dot: (precision: Precision): readonly string[] => sumTexts(precision, true),
  extreme: extremeTexts,
  index: indexTexts,
} as const;

/** Where the sections of a module begin, by their numbers, after magic number and version; the last entry is the end. */
function sectionsOf(binary: Uint8Array): { readonly id: number; readonly start: number }[] {
  const sections: { id: number; start: number }[] = [];
  let at = 8;
  while (at < binary.length) {
    sections.push({ id: binary[at]!, start: at });
    let [size, shift, next] = [0, 0, at + 1];
    for (; binary[next]! >= 128; next++, shift += 7) size += (binary[next]! & 127) << shift;
    at = next + 1 + size + (binary[next]! << shift);
  }
  return [...sections, { id: Infinity, start: at }];
}

const imports = 2;

/** The sections of a group before and after that of its imports, which depend on the kind of memory. */
export function encodeGroup(name: keyof typeof groupTexts, precision: Precision): readonly [Uint8Array, Uint8Array] {
  const text = `(module (import "outside" "memory" (memory 1))\n${groupTexts[name](precision).join("\n")})`;
  const binary = encode(text) as Uint8Array;
  const sections = sectionsOf(binary);
  const place = (of: (id: number) => boolean): number => sections.find(({ id }) => of(id))!.start;
  return [
    binary.slice(
      8,
      place((id) => id >= imports),
    ),
    binary.slice(place((id) => id > imports)),
  ];
}
