/**
 * A step length along a direction, by the strong Wolfe conditions.
 * @module
 */
import type { Tensor } from "@cotangent/core";

/** What was found at some length along the direction. */
export interface Trial {
  readonly length: number;
  readonly value: number;
  /** Derivative along the direction. */
  readonly slope: number;
  readonly gradient: Tensor;
}

/** How much of the decrease that the slope promises is wanted, and how much of the slope may be left. */
const decrease = 1e-4;
const curvature = 0.9;
/** A bracket is not divided further where no parameter would change by more. */
const finest = 1e-9;
const mostTrials = 25;

/** Where the cubic through two trials has its minimum, within bounds; their middle if it has none. */
function cubicMinimum(a: Trial, b: Trial, low: number, high: number): number {
  const middle = (low + high) / 2;
  const [x, y] = a.length <= b.length ? [a, b] : [b, a];
  const width = y.length - x.length;
  const d = x.slope + y.slope - (3 * (x.value - y.value)) / (x.length - y.length);
  const square = d * d - x.slope * y.slope;
  if (!(square >= 0)) return middle;
  const root = Math.sqrt(square);
  const at = y.length - (width * (y.slope + root - d)) / (y.slope - x.slope + 2 * root);
  return Number.isFinite(at) ? Math.min(Math.max(at, low), high) : middle;
}

/** Two trials with a good length between them; the first one has the smaller value. */
type Bracket = readonly [low: Trial, high: Trial];
const ordered = (a: Trial, b: Trial): Bracket => (a.value <= b.value ? [a, b] : [b, a]);

/**
 * A length $t$ with $f(t) \le f(0) + 10^{-4} t f'(0)$ and $|f'(t)| \le 0.9 |f'(0)|$: trials grow until a bracket holds one,
 * which is then divided by cubic interpolation. The best trial so far where 25 were not enough.
 *
 * @param evaluate looks at a length; values that are not finite count as too high
 * @param start the trial at length 0, whose slope is negative
 * @param reach the largest element of the direction
 * @see Nocedal and Wright: Numerical optimization (2006), algorithms 3.5 and 3.6
 * @see Moré and Thuente: Line search algorithms with guaranteed sufficient decrease (1994), section 4, on steps out of
 *   where a cubic has no minimum ahead
 */
export function strongWolfe(
  evaluate: (length: number) => Trial,
  start: Trial,
  firstLength: number,
  reach: number,
): { readonly found: Trial; readonly evaluations: number } {
  let trials = 0;
  const tooHigh = ({ value, length }: Trial): boolean => !(value <= start.value + decrease * length * start.slope);
  const flat = ({ slope }: Trial): boolean => Math.abs(slope) <= -curvature * start.slope;
  const look = (length: number): Trial => {
    trials++;
    const trial = evaluate(length);
    return Number.isFinite(trial.value) ? trial : { ...trial, value: Infinity };
  };

  function grow(): Bracket | readonly [Trial] {
    let previous = start;
    let trial = look(firstLength);
    for (;;) {
      if (tooHigh(trial) || (trials > 2 && trial.value >= previous.value)) return ordered(previous, trial);
      if (flat(trial)) return [trial];
      if (trial.slope >= 0) return ordered(previous, trial);
      if (trials > mostTrials) return ordered(start, trial);
      const { length } = trial;
      const [nearest, farthest] = [length + 0.01 * (length - previous.length), length * 10];
      const at = cubicMinimum(previous, trial, length, farthest);
      // Where the slope falls ever faster the cubic's minimum lies behind, and small steps would never get far.
      const next = at > length ? Math.max(at, nearest) : farthest;
      previous = trial;
      trial = look(next);
    }
  }

  function divide(bracket: Bracket): Trial {
    let [low, high] = bracket;
    let stalled = false;
    while (trials <= mostTrials && Math.abs(high.length - low.length) * reach >= finest) {
      const [left, right] = [Math.min(low.length, high.length), Math.max(low.length, high.length)];
      let length = cubicMinimum(low, high, left, right);
      const edge = 0.1 * (right - left);
      // Trials that stay near an end make no progress.
      const near = Math.min(right - length, length - left) < edge;
      if (near && (stalled || length >= right || length <= left)) {
        length = right - length < length - left ? right - edge : left + edge;
        stalled = false;
      } else stalled = near;
      const trial = look(length);
      if (tooHigh(trial) || trial.value >= low.value) high = trial;
      else {
        if (flat(trial)) return trial;
        if (trial.slope * (high.length - low.length) >= 0) high = low;
        low = trial;
      }
    }
    return low;
  }

  const grown = grow();
  const found = grown.length === 1 ? grown[0] : divide(grown);
  return { found, evaluations: trials };
}
