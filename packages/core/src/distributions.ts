/**
 * How random numbers of a distribution are made of uniform ones.
 * @module
 */
import { context } from "./context.js";
import type { TypedArray } from "./dtype.js";
import { ArgumentError, checkOptions, describe } from "./errors.js";
import { numbers } from "./readings/numbers.js";

/** Gives numbers in [0, 1) with 53 random bits. */
export type Unit = () => number;

/** Fills room with random numbers of a distribution. */
export interface Draw {
  readonly fill: (unit: Unit, room: TypedArray) => void;
  /** What tells the distribution from others of its name. */
  readonly parameters: readonly number[];
}

/** A float dtype for random numbers. Default: the default dtype. */
export interface RandomDType {
  readonly dtype?: "float64" | "float32" | undefined;
}

/** Draws number by number. */
export function each(parameters: readonly number[], next: (unit: Unit) => number): Draw {
  const fill: Draw["fill"] = (unit, room) => {
    for (let i = 0; i < room.length; i++) room[i] = next(unit);
  };
  return { fill, parameters };
}

/** A standard normal number, by the inverse of the radius and a random angle (Box and Muller 1958); of each pair only one is used. */
export function standardNormal(unit: Unit): number {
  const s = numbers("float64");
  const radius = Math.sqrt(-2 * s.log(1 - unit()));
  return radius * s.cos(2 * Math.PI * unit());
}

/** An integer from `low` to below `high`. */
export function integer(unit: Unit, low: number, high: number): number {
  return low + Math.floor(unit() * (high - low));
}

/** The numbers from 0 on in random order (Fisher and Yates). */
export const shuffled: Draw = {
  fill: (unit, room) => {
    for (let i = 0; i < room.length; i++) room[i] = i;
    for (let i = room.length - 1; i > 0; i--) {
      const j = integer(unit, 0, i + 1);
      [room[i], room[j]] = [room[j]!, room[i]!];
    }
  },
  parameters: [],
};

/** @throws {@link ArgumentError} if it is no float */
export function floatDtype(operator: string, options: RandomDType | undefined): "float64" | "float32" {
  const dtype: unknown = options?.dtype ?? context.defaultDtype;
  if (dtype === "float64" || dtype === "float32") return dtype;
  throw new ArgumentError(`${operator}: expected the dtype "float64" or "float32", got ${describe(dtype)}`);
}

/** @throws {@link ArgumentError} if they are no mean and no standard deviation */
export function normalOptions(
  operator: string,
  options: (RandomDType & { readonly mean?: number | undefined; readonly std?: number | undefined }) | undefined,
): { mean: number; std: number; dtype: "float64" | "float32" } {
  checkOptions(operator, options, ["mean", "std", "dtype"]);
  const { mean = 0, std = 1 } = options ?? {};
  const dtype = floatDtype(operator, options);
  if (!Number.isFinite(mean) || !Number.isFinite(std) || std < 0)
    throw new ArgumentError(
      `${operator}: expected a finite mean and a finite std from 0, got ${describe(mean)} and ${describe(std)}`,
    );
  return { mean, std, dtype };
}
