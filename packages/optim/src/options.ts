/**
 * Options with their kinds and defaults, read once where an optimiser or a schedule is made.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import type { LearningRate } from "./optimizer.js";

/** A kind of option: what it holds, and how a message calls it. */
export interface Kind<T> {
  readonly says: string;
  readonly holds: (value: unknown) => boolean;
  /** Only carries the type. */
  readonly type?: T;
}

/** A kind of option that may have a default; without one it is required. */
export interface Option<T> extends Kind<T> {
  readonly fallback?: T;
}

const number = (says: string, holds: (x: number) => boolean): Kind<number> => ({
  says,
  holds: (value) => typeof value === "number" && holds(value),
});

export const anyNumber = number("a finite number", (x) => Number.isFinite(x));
export const fromZero = number("a finite number from 0", (x) => x >= 0 && x < Infinity);
export const positive = number("a finite number above 0", (x) => x > 0 && x < Infinity);
export const positiveOrInfinite = number("a number above 0", (x) => x > 0);
export const belowOne = number("a number from 0 and below 1", (x) => x >= 0 && x < 1);
export const fraction = number("a number from 0 to 1", (x) => x >= 0 && x <= 1);
export const aboveOne = number("a number above 1", (x) => x > 1);
export const count = number("an integer from 1", (x) => Number.isInteger(x) && x >= 1);
export const countFromZero = number("an integer from 0", (x) => Number.isInteger(x) && x >= 0);
export const flag: Kind<boolean> = { says: "true or false", holds: (value) => typeof value === "boolean" };

/** A rate, or a schedule of rates. */
export const learningRate: Kind<LearningRate> = {
  says: `${fromZero.says}, or a function of the step`,
  holds: (value) => typeof value === "function" || fromZero.holds(value),
};

/** An option that exists for others of the family only. */
export const absent: Kind<boolean> = {
  says: "false here (adam and adamw define it)",
  holds: (value) => value === false,
};

/** One of some words, or `null` where that is among them. */
export function oneOf<const T extends string | null>(...words: readonly T[]): Kind<T> {
  return { says: words.map((word) => JSON.stringify(word)).join(" or "), holds: (value) => words.includes(value as T) };
}

/** An option that may be left out. */
export function optional<T>(kind: Kind<T>, fallback: T): Option<T> {
  return { ...kind, fallback };
}

/** The values that a description stands for. */
type Values<D> = { readonly [K in keyof D]: D[K] extends Option<infer T> ? T : never };

/** @throws `ArgumentError` naming the operator and the option, if the value is not of the kind */
export function checkKind<T>(operator: string, name: string, kind: Kind<T>, value: unknown): T {
  if (kind.holds(value)) return value as T;
  const article = /^[aeiou]/.test(name) ? "an" : "a";
  throw new ArgumentError(`${operator}: expected ${article} ${name} that is ${kind.says}, got ${describe(value)}`);
}

/**
 * The options with their defaults filled in.
 *
 * @throws `ArgumentError` if one is unknown, missing, or not of its kind
 */
export function readOptions<const D extends Readonly<Record<string, Option<unknown>>>>(
  operator: string,
  options: object | undefined,
  described: D,
): Values<D> {
  const required = Object.keys(described).filter((name) => described[name]!.fallback === undefined);
  const names = Object.keys(described);
  // Each value is read by its own description, which knows whether null is one.
  checkOptions(operator, options, names, required, names);
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(described).map(([name, option]) => {
      const value = given[name] === undefined ? option.fallback : given[name];
      return [name, checkKind(operator, name, option, value)];
    }),
  ) as Values<D>;
}
