/**
 * Scalar expressions of gates, functions from 0 to 1 by which activation functions multiply.
 * @module
 */
import type { Scalar } from "../scalar.js";

/** Whether x is negative, and $e^{-|x|} \le 1$ in two halves that are smooth at 0, as |x| is not. */
export function fading<T, M>(s: Scalar<T, M>, x: T): { readonly below: M; readonly e: T } {
  const below = s.less(x, s.constant(0));
  return { below, e: s.exp(s.select(below, x, s.neg(x))) };
}

/** $1 / (1 + e^{-x})$: with e = exp(-|x|) ≤ 1, 1/(1 + e) for x ≥ 0 and e/(1 + e) below, both smooth at 0 as |x| is not. */
export function logistic<T, M>(s: Scalar<T, M>, x: T): T {
  const { below, e } = fading(s, x);
  const one = s.constant(1);
  return s.div(s.select(below, e, one), s.add(one, e));
}

/** $\tanh \ln(1 + e^x)$: with e = exp(-|x|), rational in e on both sides of 0. */
export function mishGate<T, M>(s: Scalar<T, M>, x: T): T {
  const one = s.constant(1);
  const two = s.constant(2);
  const { below, e } = fading(s, x);
  // e² + 2e below 0; above, divided by the square of the exponential: 1 + 2e.
  const n = s.select(below, s.mul(e, s.add(e, two)), s.add(one, s.add(e, e)));
  return s.div(n, s.add(n, s.select(below, two, s.mul(two, s.mul(e, e)))));
}

/** Beyond, gates are open or shut in all digits; operands are kept within, lest an infinite one meets a gate of 0. */
export const reach = 800;

/** x within ±`reach`, flat beyond. */
export function bounded<T, M>(s: Scalar<T, M>, x: T): T {
  const limit = s.constant(reach);
  const lowest = s.neg(limit);
  return s.select(s.less(x, lowest), lowest, s.select(s.less(limit, x), limit, x));
}

/** $x \cdot g(x)$ for a gate that goes from 0 to 1 so fast that the product is 0 and x far out. */
export function gated<T, M>(s: Scalar<T, M>, x: T, gate: (x: T) => T): T {
  const t = bounded(s, x);
  return s.select(s.less(s.constant(reach), x), x, s.mul(t, gate(t)));
}
