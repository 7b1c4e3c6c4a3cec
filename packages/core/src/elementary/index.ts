/**
 * Elementary functions as branch-free expressions in the instructions of a reading: no table, no fused multiply-add,
 * every step rounded, so that all readings give the same bits.
 * @module
 */
import type { ElementaryFunctions, Machine, Scalar } from "../scalar.js";
import { digamma } from "./digamma.js";
import { erf, erfc, erfInv } from "./erf.js";
import { exp, exp2, expm1 } from "./exp.js";
import { cosh, sinh } from "./hyperbolic.js";
import { acosh, asinh, atanh } from "./inverseHyperbolic.js";
import { acos, asin, atan, atan2 } from "./inverseTrigonometric.js";
import { lgamma } from "./lgamma.js";
import { log, log10, log1p, log2 } from "./log.js";
import { mod } from "./mod.js";
import { normalCdf } from "./normal.js";
import { polygamma } from "./polygamma.js";
import { pow } from "./pow.js";
import { cbrt, hypot } from "./roots.js";
import { tanh, tanhShrink } from "./tanh.js";
import { cos, sin, tan } from "./trigonometric.js";

/** Each function as an expression. */
export const unaryElementary = {
  exp,
  expm1,
  exp2,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  tanhShrink,
  asinh,
  acosh,
  atanh,
  cbrt,
  erf,
  erfc,
  erfInv,
  normalCdf,
  lgamma,
  digamma,
};
export const binaryElementary = { pow, atan2, hypot, mod };

type UnaryName = keyof typeof unaryElementary;
type BinaryName = keyof typeof binaryElementary;

/** Completes a reading: each elementary function expands into its expression over the same reading. */
export function withElementary<T, M>(machine: Machine<T, M>): Scalar<T, M> {
  const functions: Record<string, (...xs: T[]) => T> = {};
  for (const name of Object.keys(unaryElementary) as UnaryName[])
    functions[name] = (x) => unaryElementary[name](machine, x!);
  for (const name of Object.keys(binaryElementary) as BinaryName[])
    functions[name] = (x, y) => binaryElementary[name](machine, x!, y!);
  return {
    ...machine,
    ...(functions as unknown as Omit<ElementaryFunctions<T>, "polygamma">),
    polygamma: (order, x) => polygamma(machine, order, x),
  };
}
