/**
 * Slopes with error bars.
 * @module
 */

/** A numeric derivative, and how far off it may be. */
export interface Slope {
  readonly value: number;
  readonly bar: number;
  /** The part of the bar that rounding explains, unless it is so large that something else must be wrong. */
  readonly noise: number;
}

/** How a slope is sought. */
export interface Ladder {
  /** The first step, a power of two. */
  readonly widest?: number;
  /** Steps tried at most, each half of the one before, so that points are exact. */
  readonly steps?: number;
  /** The spacing of the numbers that `g` is computed in, relative to their size. */
  readonly epsilon?: number;
  /** What rounding does to `g` beside a few roundings of its value. */
  readonly roundings?: number;
  /** The part of `roundings` that is no wonder. */
  readonly expected?: number;
  /** A bar so small, relative to the slope, is good enough to stop at. */
  readonly enough?: number;
}

interface Estimate {
  readonly value: number;
  /** What rounding can do to it. */
  readonly noise: number;
  /** What a few roundings of the values of `g` can do to it, and what else is expected. */
  readonly least: number;
}

const unknown: Slope = { value: NaN, bar: Infinity, noise: 0 };

/** Below this the spacing of numbers no longer shrinks with them. */
export const leastNormal = (epsilon: number): number => (epsilon > Number.EPSILON ? 2 ** -126 : 2 ** -1022);

/** The magnitude of a value inside of the domain. */
const finite = (value: number): number => (Number.isFinite(value) ? Math.abs(value) : 0);

/** Extrapolates one estimate a step to step 0; errors fall with `ratio`, `ratio · growth`, … from step to step. */
function extrapolate(
  estimate: (h: number) => Estimate,
  { widest = 2 ** -4, steps = 9, enough = 0 }: Ladder,
  ratio: number,
): Slope {
  let best = unknown;
  let above: number[] = [];
  for (let level = 0, h = widest; level < steps; level++, h /= 2) {
    const { value: first, noise, least } = estimate(h);
    const row = [first];
    let truncation = Infinity;
    for (let order = 1, power = ratio; order <= level; order++, power *= ratio) {
      const finer = row[order - 1]!;
      const value = finer + (finer - above[order - 1]!) / (power - 1);
      row.push(value);
      const spread = Math.max(Math.abs(value - finer), Math.abs(value - above[order - 1]!));
      truncation = Math.min(truncation, spread);
      const bar = Math.max(spread, noise);
      if (bar < best.bar) best = { value, bar, noise: least };
    }
    above = row;
    // Two levels may agree by accident. Where rounding is what is left, finer steps only make it worse.
    if (enough > 0 && level > 1 && (truncation < noise || best.bar <= enough * Math.abs(best.value))) break;
  }
  return best;
}

/**
 * The derivative of `g` at 0: central differences $(g(h) - g(-h)) / 2h$ over a ladder of steps, extrapolated to
 * $h = 0$ (C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982). The bar is the larger of what
 * neighbours in the tableau differ by and of what rounding `g` can do at that step; the estimate with the smallest bar
 * wins.
 */
export function slopeOf(g: (t: number) => number, ladder: Ladder = {}): Slope {
  const { epsilon = Number.EPSILON, roundings = 0, expected = 0 } = ladder;
  let size = leastNormal(epsilon);
  return extrapolate(
    (h) => {
      const [right, left] = [g(h), g(-h)];
      size = Math.max(size, finite(right), finite(left));
      // What a few roundings of g do to the difference; extrapolation multiplies errors by less than 2.
      const least = 8 * epsilon * size;
      return { value: (right - left) / (2 * h), noise: (least + roundings) / h, least: (least + expected) / h };
    },
    ladder,
    4,
  );
}

/**
 * The derivative of `g` at 0 as it looks from one side, without `g(0)`, which may belong to the other:
 * $(g(2h) - g(h)) / h$ (both negated for the left side), extrapolated to $h = 0$.
 */
export function sideSlopeOf(g: (t: number) => number, side: 1 | -1, ladder: Ladder = {}): Slope {
  const { epsilon = Number.EPSILON, roundings = 0, expected = 0 } = ladder;
  let size = leastNormal(epsilon);
  return extrapolate(
    (h) => {
      const [far, near] = [g(2 * side * h), g(side * h)];
      size = Math.max(size, finite(far), finite(near));
      const least = 16 * epsilon * size;
      return { value: (far - near) / (side * h), noise: (least + roundings) / h, least: (least + expected) / h };
    },
    ladder,
    2,
  );
}
