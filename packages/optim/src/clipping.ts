/**
 * Limits for gradients.
 * @module
 */
import { checkOptions, mapTree, minimum, scalar, stack, type Tensor, type TensorLike } from "@cotangent/core";
import { checkKind, fromZero, positiveOrInfinite } from "./options.js";
import { named } from "./trees.js";

/** A norm a little too large, so that a gradient of 0 is not divided by 0. */
const margin = 1e-6;

/** The factor that brings a norm down to the limit, 1 where it is below. */
function shrink(norm: Tensor, limit: number): Tensor {
  return minimum(norm.add(margin).rdiv(limit), 1);
}

/** A tree of the same structure as another. */
function mapped<T>(operator: string, tree: T, fn: (g: Tensor) => TensorLike): T {
  return named(operator, () => mapTree(fn as (g: Tensor) => Tensor, tree)) as T;
}

/**
 * Limits every element to $[-c, c]$.
 *
 * @param limit the limit $c$, from 0
 * @throws `ArgumentError` if the limit is not a finite number from 0, or the gradients are no tree
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { clipByValue } from "@cotangent/optim";
 * clipByValue({ w: tensor([3, -0.5]) }, 1).w.toArray(); // → [1,-0.5]
 * ```
 */
export function clipByValue<T>(gradients: T, limit: number): T {
  const max = checkKind("clipByValue", "limit", fromZero, limit);
  return mapped("clipByValue", gradients, (g) => g.clamp({ min: -max, max }));
}

/**
 * Scales each leaf by itself to a Euclidean norm of at most $c$: $g \min(1, c / (\lVert g \rVert + 10^{-6}))$.
 *
 * @param limit the limit $c$, from 0
 * @throws `ArgumentError` if the limit is not a finite number from 0, or the gradients are no tree
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { clipByNorm } from "@cotangent/optim";
 * const { w, b } = clipByNorm({ w: tensor([30, 40]), b: tensor([0.5]) }, 5);
 * w.toArray(); // → [3.000000,4.000000]
 * b.toArray(); // → [0.5]
 * ```
 */
export function clipByNorm<T>(gradients: T, limit: number): T {
  const max = checkKind("clipByNorm", "limit", fromZero, limit);
  return mapped("clipByNorm", gradients, (g) => g.mul(shrink(g.norm(), max)));
}

/** Options of `clipByGlobalNorm`. */
export interface GlobalNormOptions {
  /** The order of the norm, above 0; Infinity is the largest magnitude. Default: 2. */
  readonly p?: number | undefined;
}

/**
 * Scales all leaves together so that the norm of everything is at most $c$: by $\min(1, c / (\lVert g \rVert_p + 10^{-6}))$.
 * A norm that is not finite makes gradients that are not: look at it.
 *
 * @param limit the limit $c$, from 0
 * @returns the gradients, and their norm before
 * @throws `ArgumentError` if the limit is not a finite number from 0, p not a number above 0, or the gradients no tree
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { clipByGlobalNorm } from "@cotangent/optim";
 * const { gradients, norm } = clipByGlobalNorm({ w: tensor([0, 30]), b: tensor([40]) }, 5);
 * norm.item(); // → 50
 * gradients.b.toArray(); // → [4.000000]
 * ```
 * @see Pascanu, Mikolov and Bengio: On the difficulty of training recurrent neural networks (2013), section 3.2
 */
export function clipByGlobalNorm<T>(
  gradients: T,
  limit: number,
  options?: GlobalNormOptions,
): { readonly gradients: T; readonly norm: Tensor } {
  const name = "clipByGlobalNorm";
  const max = checkKind(name, "limit", fromZero, limit);
  checkOptions(name, options, ["p"]);
  const p = checkKind(name, "p", positiveOrInfinite, options?.p ?? 2);
  const norms: Tensor[] = [];
  mapped(name, gradients, (g) => norms[norms.push(g.norm({ p })) - 1]!);
  const norm = norms.length === 0 ? scalar(0) : stack(norms).norm({ p });
  const factor = shrink(norm, max);
  return { gradients: mapped(name, gradients, (g) => g.mul(factor.astype(g.dtype))), norm };
}
