/**
 * Scalar expressions read as plain JavaScript numbers: the reference for every other reading.
 * @module
 */
import { angleQuadrant, angleRemainder, angleRemainderLow } from "../elementary/angle.js";
import { replaced, withElementary } from "../elementary/index.js";
import type { Arithmetic, Machine, Scalar } from "../scalar.js";
import { bits, highWord, integerPower, roundHalfEven } from "./bits.js";

const { powers } = bits;

const float64: Machine<number, boolean> = {
  precision: "float64",
  constant: (value) => value,
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  neg: (x) => -x,
  abs: (x) => Math.abs(x),
  sqrt: (x) => Math.sqrt(x),
  floor: (x) => Math.floor(x),
  round: roundHalfEven,
  less: (x, y) => x < y,
  lessEqual: (x, y) => x <= y,
  equal: (x, y) => x === y,
  and: (a, b) => a && b,
  or: (a, b) => a || b,
  not: (a) => !a,
  select: (mask, x, y) => (mask ? x : y),
  scale: (x, k, more = 0) => x * powers[(k + (1023 + more)) & 2047]!,
  exponent: (x) => ((highWord(x) >>> 20) & 2047) - 1023,
  mantissa: (x) => x * powers[(2046 - ((highWord(x) >>> 20) & 2047)) & 2047]!,
  withSign: (size, x) => size * ((highWord(x) >> 31) | 1),
  angleQuadrant: (x) => angleQuadrant(x, "float64"),
  angleRemainder: (x) => angleRemainder(x, "float64"),
  angleRemainderLow: (x) => angleRemainderLow(x, "float64"),
};

const { fround } = Math;

/** A double holds every product and sum of two floats well enough that rounding it again gives the rounded float. */
const float32: Machine<number, boolean> = {
  ...float64,
  precision: "float32",
  constant: fround,
  add: (x, y) => fround(x + y),
  sub: (x, y) => fround(x - y),
  mul: (x, y) => fround(x * y),
  div: (x, y) => fround(x / y),
  sqrt: (x) => fround(Math.sqrt(x)),
  scale: (x, k, more = 0) => fround(x * powers[(k + (1023 + more)) & 2047]!),
  angleQuadrant: (x) => angleQuadrant(x, "float32"),
  angleRemainder: (x) => angleRemainder(x, "float32"),
  angleRemainderLow: (x) => angleRemainderLow(x, "float32"),
};

const doubles = withElementary(float64);
const readings: Readonly<Record<Arithmetic, Scalar<number, boolean>>> = {
  float64: doubles,
  float32: withElementary(float32),
  // Sums are exact in doubles and wrap around where they are stored; products need more than 53 bits.
  int32: replaced(doubles, { mul: Math.imul, pow: integerPower }),
};

/** The reading as numbers. */
export function numbers(arithmetic: Arithmetic): Scalar<number, boolean> {
  return readings[arithmetic];
}
