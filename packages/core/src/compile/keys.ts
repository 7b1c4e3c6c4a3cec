/**
 * When two equations are one.
 * @module
 */
import type { Work } from "../backend.js";
import type { DType } from "../dtype.js";
import type { Place } from "./trace.js";

const numbers = new WeakMap<object, number>();
let next = 0;

function numberOf(x: object): number {
  let number = numbers.get(x);
  if (number === undefined) numbers.set(x, (number = next++));
  return number;
}

function placeKey({ buffer, offset, layout }: Place): string {
  const { id, origin, dtype } = buffer;
  const at =
    origin.kind === "constant" && buffer.size === 1
      ? `=${numberKey(origin.data[origin.offset]!)}${dtype}`
      : `${id}+${offset}`;
  return `${at}[${layout.shape.join()}|${layout.strides.join()}]`;
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

/** Text that is the same for equations that give the same; `null` where that cannot be told. */
export function keyOf(kernel: Work<unknown>, dtype: DType, inputs: readonly Place[], params: unknown): string | null {
  const plain = params === undefined ? "" : plainKey(params);
  return plain === null ? null : `${numberOf(kernel)} ${dtype} ${inputs.map(placeKey).join(";")} ${plain}`;
}
