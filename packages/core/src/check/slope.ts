/**
 * Slopes with error bars.
 * @module
 */

/** A numeric derivative, and how far off it may be. */
export interface Slope {
  readonly value: number;
  readonly bar: number;
}

/** Step sizes tried, each half of the one before, so that points are exact. */
const steps = 9;

/**
 * The derivative of `g` at 0: central differences $(g(h) - g(-h)) / 2h$ over a ladder of steps, extrapolated to
 * $h = 0$ (C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982). The bar is the larger of what
 * neighbours in the tableau differ by and of what rounding `g` can do at that step; the estimate with the smallest bar
 * wins.
 *
 * @param widest the first step, a power of two
 */
export function slopeOf(g: (t: number) => number, widest = 2 ** -4): Slope {
  let best: Slope = { value: NaN, bar: Infinity };
  let above: number[] = [];
  let size = 0;
  for (let level = 0, h = widest; level < steps; level++, h /= 2) {
    const [right, left] = [g(h), g(-h)];
    size = Math.max(size, Math.abs(right), Math.abs(left));
    // What a few roundings of g do to the difference; extrapolation multiplies errors by less than 2.
    const noise = (8 * Number.EPSILON * size) / h;
    const row = [(right - left) / (2 * h)];
    for (let order = 1, power = 4; order <= level; order++, power *= 4) {
      const finer = row[order - 1]!;
      row.push(finer + (finer - above[order - 1]!) / (power - 1));
      const value = row[order]!;
      const bar = Math.max(Math.abs(value - finer), Math.abs(value - above[order - 1]!), noise);
      if (bar < best.bar) best = { value, bar };
    }
    above = row;
  }
  return best;
}
