/**
 * Elementary functions as branch-free expressions in the instructions of a reading: no table, no fused multiply-add,
 * every step rounded, so that all readings give the same bits.
 * @module
 */
import type { Machine, Scalar } from "../scalar.js";
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

/** What the methods below compute with, whatever is put in front of a reading. */
interface Completed {
  readonly machine: Machine<unknown, unknown>;
}

type Function = (...args: readonly unknown[]) => unknown;

/**
 * Elementary functions of a reading, each made when it is first asked for: most loops need few. They work without
 * `this`, so that expressions may take a reading apart.
 */
const methods = {};

function define(name: string, f: (machine: Machine<unknown, unknown>, ...args: never[]) => unknown): void {
  Object.defineProperty(methods, name, {
    get(this: Completed): Function {
      const { machine } = this;
      const value: Function = (...args) => f(machine, ...(args as never[]));
      Object.defineProperty(this, name, { value });
      return value;
    },
  });
}

define("polygamma", (machine, order: number, x) => polygamma(machine, order, x));
for (const [name, f] of Object.entries({ ...unaryElementary, ...binaryElementary })) define(name, f as never);

/** Completes a reading: each elementary function expands into its expression over the same reading. */
export function withElementary<T, M>(machine: Machine<T, M>): Scalar<T, M> {
  return Object.assign(Object.create(methods) as Scalar<T, M>, machine, { machine });
}

/** A reading with some functions replaced; those that are made of others stay as they are. */
export function replaced<T, M>(reading: Scalar<T, M>, functions: Partial<Scalar<T, M>>): Scalar<T, M> {
  return Object.create(reading, Object.getOwnPropertyDescriptors(functions)) as Scalar<T, M>;
}
