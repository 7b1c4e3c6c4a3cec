/**
 * JSON of unknown origin.
 * @module
 */
import { DataError } from "@cotangent/core";

/** How deep it nests, and how many keys it writes; of text that is no JSON, something. */
function measure(text: string): { readonly depth: number; readonly keys: number } {
  let [depth, deepest, keys, quoted] = [0, 0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x3a) keys++;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: deepest, keys };
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const values = Object.values(value);
  let count = Array.isArray(value) ? 0 : values.length;
  for (const each of values) count += countKeys(each);
  return count;
}

/**
 * Parses JSON that nests at most `depth` deep, measured before anything is allocated, and names no key twice.
 *
 * @throws `DataError` otherwise
 */
export function parseJson(operator: string, where: string, text: string, depth: number): unknown {
  const measured = measure(text);
  if (measured.depth > depth)
    throw new DataError(
      `${operator}: expected JSON at most ${depth} deep in ${where}, got some ${measured.depth} deep`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(
      `${operator}: expected JSON in ${where}, got what is none (${(error as Error).message.slice(0, 100)})`,
      { cause: error },
    );
  }
  if (countKeys(value) !== measured.keys)
    throw new DataError(`${operator}: expected every name once in ${where}, got one twice`);
  return value;
}

/** Whether it is an object as `{ … }` writes it. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
