/**
 * Values that are there, and values that are not: not yet, or of many examples.
 * @module
 */
import { context } from "./context.js";
import type { Tensor } from "./tensor.js";

/**
 * Whether the elements of `x` can be read: not so in a function that `compile` records, where they come with every call,
 * nor in one that `vmap` runs, where `x` stands for many examples.
 *
 * @example
 * ```ts
 * import { compile, hasValues, tensor, type Tensor } from "@cotangent/core";
 * hasValues(tensor([1])); // → true
 * compile((x: Tensor) => ({ known: hasValues(x) }))(tensor([1])).known; // → false
 * ```
 */
export function hasValues(x: Tensor): boolean {
  return context.absence?.isOpen(x) !== true;
}

/**
 * Looks at the elements of `x`, to refuse some by an error: at once; whenever the program runs that is being recorded; or
 * of every example in `vmap`.
 *
 * @example
 * ```ts
 * import { checkValues, compile, NumericError, scalar, type Tensor } from "@cotangent/core";
 * const root = compile((x: Tensor) => {
 *   checkValues(x, (v) => { if (v.item() < 0) throw new NumericError("root: expected a number from 0"); });
 *   return x.sqrt();
 * });
 * root(scalar(4)).item(); // → 2
 * ```
 */
export function checkValues(x: Tensor, look: (x: Tensor) => void): void {
  if (hasValues(x)) look(x);
  else context.absence!.check(x, look);
}
