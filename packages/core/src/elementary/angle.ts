/**
 * Reduction of large angles modulo π/2, by as many bits of 2/π as a double can need (M. H. Payne and R. N. Hanek,
 * "Radian reduction for trigonometric functions", SIGNUM Newsletter 18, 1983), in integers: a rare path, the same for
 * all readings.
 * @module
 */
import type { Choice } from "./arithmetic.js";
import type { Precision } from "../scalar.js";

/** From here on the expressions of sine, cosine and tangent ask this routine. */
export const largeAngle: Choice = { float64: 2 ** 20, float32: 2 ** 10 };

/** Bits after the point: 1024 for the largest exponent, 190 for cancellation and for two significands. */
const fractionBits = 1214n;
const angleBits = 200n;

/** π with so many bits after the point, by Machin's formula 16 arctan(1/5) - 4 arctan(1/239). */
function pi(bitsAfterPoint: bigint): bigint {
  const guard = 16n;
  const one = 1n << (bitsAfterPoint + guard);
  const arctanOfInverse = (n: bigint): bigint => {
    let power = one / n;
    let sum = power;
    for (let k = 3n; power !== 0n; k += 2n) {
      power = -power / (n * n);
      sum += power / k;
    }
    return sum;
  };
  return (16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)) >> guard;
}

let constants: { readonly twoOverPi: bigint; readonly halfPi: bigint } | undefined;

function prepared(): { readonly twoOverPi: bigint; readonly halfPi: bigint } {
  return (constants ??= {
    twoOverPi: (1n << (2n * fractionBits + 1n)) / pi(fractionBits),
    halfPi: pi(angleBits) >> 1n,
  });
}

interface Reduced {
  readonly x: number;
  readonly precision: Precision;
  readonly quadrant: number;
  readonly remainder: number;
  readonly low: number;
}

const rounding = { float64: (x: number): number => x, float32: Math.fround };

function reduce(x: number, precision: Precision): Reduced {
  if (!(Math.abs(x) < Infinity)) return { x, precision, quadrant: 0, remainder: NaN, low: 0 };
  const { twoOverPi, halfPi } = prepared();
  // Times 2^32 every double from 2^20 on is an integer; the largest ones are integers as they are.
  const shift = Math.abs(x) < 2 ** 60 ? 32n : 0n;
  const bits = fractionBits + shift;
  const turns = BigInt(shift === 0n ? x : x * 2 ** 32) * twoOverPi;
  const quadrant = (turns + (1n << (bits - 1n))) >> bits;
  const fraction = (turns - (quadrant << bits)) >> (bits - angleBits);
  const angle = (fraction * halfPi) >> angleBits;
  const unit = 2 ** -Number(angleBits);
  const round = rounding[precision];
  const remainder = round(Number(angle) * unit);
  const low = round(Number(angle - BigInt(remainder / unit)) * unit);
  return { x, precision, quadrant: Number(quadrant & 3n), remainder, low };
}

let last: Reduced = { x: NaN, precision: "float64", quadrant: 0, remainder: NaN, low: 0 };

/** The three results are asked for one after the other. */
function reduction(x: number, precision: Precision): Reduced {
  if (last.x !== x || last.precision !== precision) last = reduce(x, precision);
  return last;
}

export function angleQuadrant(x: number, precision: Precision): number {
  return Math.abs(x) < largeAngle[precision] ? 0 : reduction(x, precision).quadrant;
}

export function angleRemainder(x: number, precision: Precision): number {
  return Math.abs(x) < largeAngle[precision] ? 0 : reduction(x, precision).remainder;
}

export function angleRemainderLow(x: number, precision: Precision): number {
  return Math.abs(x) < largeAngle[precision] ? 0 : reduction(x, precision).low;
}
