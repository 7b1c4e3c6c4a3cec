/**
 * When two equations are one.
 * @module
 */
import type { Work } from "../backend.js";
import { dtypeRank, type DType } from "../dtype.js";
import type { Place } from "./trace.js";

const numbers = new WeakMap<object, number>();
let next = 0;

function numberOf(x: object): number {
  let number = numbers.get(x);
  if (number === undefined) numbers.set(x, (number = next++));
  return number;
}

function placeKey({ buffer, offset, layout }: Place): string {
  return `${buffer.id}+${offset}[${layout.shape.join()}|${layout.strides.join()}]`;
}

function numberKey(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

/** Text for plain values; `null` where there is something else, such as a function. */
function plainKey(value: unknown): string | null {
  switch (typeof value) {
    case "undefined":
    case "boolean":
      return String(value);
    case "number":
      return numberKey(value);
    case "string":
      return JSON.stringify(value);
    case "object": {
      if (value === null) return "null";
      const prototype: unknown = Object.getPrototypeOf(value);
      if (!Array.isArray(value) && prototype !== Object.prototype) return null;
      const parts: string[] = [];
      for (const [key, part] of Object.entries(value)) {
        const text = plainKey(part);
        if (text === null) return null;
        parts.push(`${key}:${text}`);
      }
      return `{${parts.join()}}`;
    }
    default:
      return null;
  }
}

/** Kernels and buffers with smaller numbers than these have room beside each other in the bits of an integer. */
const mostKernels = 2 ** 9;
const mostBuffers = 2 ** 21;

/** The key of a map without parameters over one or two single numbers, of which large graphs consist; `null` for others. */
function smallKey(kernel: Work<unknown>, dtype: DType, inputs: readonly Place[]): number | null {
  if (kernel.kind !== "map" || kernel.parameters !== null || kernel.slot >= mostKernels || inputs.length > 2)
    return null;
  let key = kernel.slot * 4 + dtypeRank[dtype];
  for (let i = 0; i < 2; i++) {
    const place = inputs[i];
    if (place !== undefined && (place.buffer.size !== 1 || place.layout.shape.length > 0)) return null;
    const id = place === undefined ? 0 : place.buffer.id + 1;
    if (id >= mostBuffers) return null;
    key = key * mostBuffers + id;
  }
  return key;
}

/** What is the same for equations that give the same; `null` where that cannot be told. */
export function keyOf(
  kernel: Work<unknown>,
  dtype: DType,
  inputs: readonly Place[],
  params: unknown,
): string | number | null {
  const small = smallKey(kernel, dtype, inputs);
  if (small !== null) return small;
  const plain = params === undefined ? "" : plainKey(params);
  return plain === null ? null : `${numberOf(kernel)} ${dtype} ${inputs.map(placeKey).join(";")} ${plain}`;
}
