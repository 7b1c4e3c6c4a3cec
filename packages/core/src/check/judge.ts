/**
 * How a derivative from rules is held against differences.
 *
 * **How the verdict is reached.** Along a direction $v$ with a cotangent $u$ the rules claim $a = \langle J^T u, v \rangle$
 * (reverse mode) and $\langle u, J v \rangle$ (forward mode). Differences of $g(t) = \langle u, f(x + t v) \rangle$,
 * extrapolated to step 0 (Ridders 1982), give $n \pm b$, where $b$ is the larger of what neighbours in the tableau differ
 * by and of rounding, $(8 \epsilon \max |g| + \rho) / h$ with $\rho = 4 \epsilon \sum |z \bar z|$ over all values $z$ on the
 * way and their cotangents $\bar z$. The claim **agrees** if $|a - n| \le 10 b + 10^{-9} \max(|a|, |n|) + \sigma$, and $b$
 * is small enough to tell: $10 b + \sigma \le |a| / 10$; or $|a| \le \sigma \le 10^4 b$, a derivative that is 0 but for rounding. Here
 * $\sigma$ is the rounding error of $a$ itself: at first $10^3 \epsilon \sum |\bar x_i v_i|$, and where that does not do, the
 * spread of $a$ over runs that round at random (Vignes 1993), which sees terms that cancel.
 *
 * Where a claim does not agree, steps are tried at which the noise of $g$ is $10^{-4}$ of the disagreement: the finest ones
 * that can still tell. What agrees there agrees. If it does not, slopes of both sides are taken; where they differ, it is a
 * kink, and whatever lies between them agrees. Only then the claim **differs**, and only if $n$ is known well
 * ($20 b \le |n|$, or $b$ is what rounding of $g$ alone explains). All else is **undecided**: a function that the steps
 * cannot resolve, or a derivative below the digits of $g$.
 *
 * The modes are held against each other without any step: $|\langle u, J v \rangle - \langle J^T u, v \rangle|$ must be within
 * the rounding errors of both, relative to the magnitudes of their own terms, however small they are beside $g$.
 * @module
 */
import type { Tensor } from "../tensor.js";
import type { Line } from "./line.js";
import { powerOfTwo } from "./line.js";
import { outside, type Probe, type Reading } from "./probe.js";
import type { Slope } from "./slope.js";

/** How an analytic value stands to what was read off. */
export type Standing = "agrees" | "differs" | "undecided";

/** A derivative as a rule claims it. */
export interface Claim {
  readonly value: number;
  /** Roundings of the terms that it is the sum of. */
  readonly rounding: number;
  /** What rounding did on the way to it, cancelled terms included; dearer. */
  readonly noise: () => number;
  /** What the rules claim at another point. */
  readonly beside: (leaves: readonly Tensor[]) => number;
}

/** Roundings of the terms of a derivative along a direction. */
export const slack = 1e3;

/** The bar is an estimate, so it may be a few times too short. */
function near(analytic: number, { value, bar }: Slope, rounding: number): boolean {
  return Math.abs(analytic - value) <= 10 * bar + 1e-9 * Math.max(Math.abs(value), Math.abs(analytic)) + rounding;
}

/** Whether it is known well enough to call something else wrong. */
const known = ({ value, bar, noise }: Slope): boolean => 20 * bar <= Math.abs(value) || bar <= 4 * noise;

function standing(reading: Reading, analytic: number, rounding: number): Standing {
  if (reading.kind === "smooth") {
    if (!Number.isFinite(reading.value)) return "undecided";
    if (!Number.isFinite(analytic) || !near(analytic, reading, rounding))
      return known(reading) ? "differs" : "undecided";
    const size = Math.abs(analytic);
    const isZero = size <= rounding && rounding <= 1e4 * reading.bar && known(reading);
    return 100 * reading.bar + 10 * rounding <= size || isZero || size === 0 ? "agrees" : "undecided";
  }
  const { left, right, flips, twofold } = reading;
  if (left === null && right === null) return "undecided";
  // No subgradient, whatever was decided: an infinity behind a mask, for example.
  if (!Number.isFinite(analytic)) return left !== null && right !== null ? "differs" : "undecided";
  const [l, r] = [left ?? right!, right ?? left!];
  const low = l.value < r.value ? l : r;
  const high = low === l ? r : l;
  if (near(analytic, low, rounding) || near(analytic, high, rounding)) return "agrees";
  if (low.value <= analytic && analytic <= high.value) return "agrees";
  // Where several decisions change at once, a derivative put together from subgradients need not be one, nor where kinks
  // make up for each other: relu(x) - relu(-x) has the slope 1 at 0.
  const single = flips === 1 && !(twofold && near(l.value, r, r === l ? 0 : 10 * l.bar));
  return left !== null && right !== null && single ? "differs" : "undecided";
}

/** What the claims were held against, and how they stand, in their order. */
export interface Weighed {
  readonly reading: Reading;
  readonly standings: readonly Standing[];
}

const settled = (standings: readonly Standing[]): boolean => standings.every((each) => each === "agrees");

/** Holds claims about the derivative along a line against differences. */
export function weigh(probe: Probe, line: Line, claims: readonly Claim[], roundings: number): Weighed {
  const quick = probe.along(line, roundings);
  const first = claims.map(({ value, rounding }) => standing(quick, value, rounding));
  if (settled(first)) return { reading: quick, standings: first };
  const allowances = claims.map(({ rounding, noise }) => Math.max(rounding, noise()));
  const stand = (reading: Reading): readonly Standing[] =>
    claims.map(({ value }, i) => standing(reading, value, allowances[i]!));
  const careful = probe.along(line, roundings, true);
  const second = stand(careful);
  if (settled(second)) return { reading: careful, standings: second };
  const noise = Math.max(roundings, probe.spread());
  if (careful.kind === "kink") {
    if (!second.includes("differs")) return { reading: careful, standings: second };
    const closer = probe.bothSides(line, Math.max(line.widest * 2 ** -16, 64 * line.finest), noise);
    const third = stand(closer);
    return { reading: careful, standings: second.map((each, i) => (third[i] === "agrees" ? "agrees" : each)) };
  }
  return closer(probe, line, claims, stand, { reading: careful, standings: second }, noise);
}

/** Looks with steps as fine as noise allows, until they tell. */
function closer(
  probe: Probe,
  line: Line,
  claims: readonly Claim[],
  stand: (reading: Reading) => readonly Standing[],
  wide: Weighed & { readonly reading: Reading & { kind: "smooth" } },
  noise: number,
): Weighed {
  let reading = wide.reading;
  let standings = wide.standings;
  let last = line.widest / 4;
  for (let round = 0; round < 4; round++) {
    const step = telling(claims, reading, standings, noise);
    const widest = Math.min(Math.max(64 * step, 256 * line.finest), last);
    if (round > 0 && widest === last) break;
    last = widest;
    reading = probe.closer(line, widest, noise);
    standings = stand(reading).map((each, i) => (standings[i] === "agrees" ? "agrees" : each));
    if (settled(standings)) return { reading, standings };
    if (!standings.includes("differs")) continue;
    const sides = probe.bothSides(line, widest, noise);
    if (!isKink(sides)) break;
    return { reading: sides, standings: stand(sides) };
  }
  const { value, bar } = wide.reading;
  const alike = Math.abs(reading.value - value) <= 10 * (reading.bar + bar);
  // What the finest steps cannot tell, wider ones can, if the finest do not contradict them.
  const merged = standings.map((each, i): Standing => {
    const gap = Math.abs(claims[i]!.value - value);
    if (each === "differs" && gap === Infinity) return alike ? "differs" : "undecided";
    if (each === "differs" && isCliff(line, claims[i]!, last)) return "undecided";
    return each === "undecided" && wide.standings[i] === "differs" && alike && 100 * bar <= gap ? "differs" : each;
  });
  return { reading: alike && bar < reading.bar ? wide.reading : reading, standings: merged };
}

/** Whether the rules themselves say that the slope is there for an instant only, which the steps cannot but pass over. */
function isCliff(line: Line, { value, beside }: Claim, step: number): boolean {
  const size = Math.abs(value) / 1e3;
  return [step / 4, -step / 4].every((t) => outside(() => Math.abs(beside(line.at(t))) < size, false));
}

/** The step at which noise is small beside the disagreement. */
function telling(
  claims: readonly Claim[],
  { value: numeric }: Slope,
  standings: readonly Standing[],
  noise: number,
): number {
  let gap = Infinity;
  claims.forEach(({ value }, i) => {
    if (standings[i] === "agrees") return;
    const distance = Math.abs(value - numeric);
    gap = Math.min(gap, standings[i] === "differs" ? distance : Math.max(distance, Math.abs(value)));
  });
  const step = noise / (1e-4 * gap);
  return step > 0 && step < Infinity ? powerOfTwo(step) : 0;
}

/** Whether both sides are known, and are not the same. */
function isKink({ left, right }: Reading & { kind: "kink" }): boolean {
  if (left === null || right === null) return false;
  const apart = Math.abs(left.value - right.value);
  return apart > 10 * (left.bar + right.bar) && apart > 1e-6 * Math.max(Math.abs(left.value), Math.abs(right.value));
}
