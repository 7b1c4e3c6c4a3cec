/**
 * fast-check, if it is installed: an optional peer, which only the property-based tools need.
 * @module
 */
import type * as FastCheck from "fast-check";
import { ArgumentError } from "../errors.js";

/** What the package exports. */
export type Fc = typeof FastCheck;

// A package that is missing must not keep gradcheck from loading.
const found: Fc | null = await import("fast-check").then(
  (module) => module as Fc,
  () => null,
);

/** @throws `ArgumentError` if fast-check is not installed */
export function fastCheck(operator: string): Fc {
  if (found === null)
    throw new ArgumentError(`${operator}: expected fast-check, which is not installed; run npm install fast-check`);
  return found;
}

/** Whether it is an arbitrary, of whichever copy of fast-check. */
export function isArbitrary(value: unknown): boolean {
  const { generate, chain } = (value ?? {}) as { readonly generate?: unknown; readonly chain?: unknown };
  return typeof generate === "function" && typeof chain === "function";
}
