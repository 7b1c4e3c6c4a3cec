/**
 * Tangents of several inputs.
 * @module
 */
import type { Tensor } from "../tensor.js";
import { add } from "./arithmetic.js";

/** The sum of two tangents, of which `null` is zero. */
export function addTangents(a: Tensor | null | undefined, b: Tensor | null | undefined): Tensor | null {
  return a && b ? add(a, b) : (a ?? b ?? null);
}
