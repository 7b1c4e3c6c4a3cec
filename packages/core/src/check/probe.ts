/**
 * The slope of a function along a direction: with an error bar where it is smooth, from both sides where it is not.
 * @module
 */
import { withBranches, type Branches, type Flips } from "./branches.js";
import type { Line } from "./line.js";
import { spreadOf, withNoise } from "./noise.js";
import { sideSlopeOf, slopeOf, type Ladder, type Slope } from "./slope.js";
import { evaluate, innerProduct, reverse, type Subject } from "./subject.js";
import type { Tensor } from "../tensor.js";

/** What was found along a direction. */
export type Reading =
  | ({ readonly kind: "smooth" } & Slope)
  | {
      readonly kind: "kink";
      /** As seen from either side; `null` where the function is not defined there, or has no slope. */
      readonly left: Slope | null;
      readonly right: Slope | null;
      /** How many decisions change within the smallest step, on the side where more do. */
      readonly flips: number;
      /** Whether other decisions change on one side than on the other. */
      readonly twofold: boolean;
      /** Which decision changes first; -1: none that an operator tells. */
      readonly decision: number;
    };

/** Below this share of the first step, decisions that still differ mean a kink at the point itself. */
const smallest = 2 ** -24;

/** A function that loses more of its size than this share by rounding cannot be told from noise. */
const plausible = 1e-3;

/** Evaluates one subject, projected on a cotangent, along lines. */
export class Probe {
  evaluations = 0;
  readonly subject: Subject;
  readonly cotangent: Float64Array;
  #base: Branches | null = null;
  #spread: number | null = null;
  /** The largest magnitude of the projected output seen. */
  #size = 0;
  /** The step to begin with, as a share of the widest: what kept all decisions last time, or a little more. */
  #share = 1;

  /** @param base the decisions at the point, from an evaluation already made */
  constructor(subject: Subject, cotangent: Float64Array, base: Branches | null = null) {
    this.subject = subject;
    this.cotangent = cotangent;
    this.#base = base;
  }

  /** The decisions at the point. */
  base(): Branches {
    this.#base ??= this.#run(this.subject.leaves).branches;
    return this.#base;
  }

  /** How many decisions change right beside the point, and the first of them. */
  flips(line: Line): Flips {
    const base = this.base();
    let most: Flips = { count: 0, first: -1, element: -1 };
    if (base.masks.length === 0) return most;
    for (const side of [1, -1]) {
      const seen = this.#decided(line.at(side * line.widest * smallest), base);
      if (seen.count > most.count) most = seen;
    }
    return most;
  }

  #project(output: Tensor): number {
    const { value } = innerProduct(output.toTypedArray(), this.cotangent);
    if (Number.isFinite(value)) this.#size = Math.max(this.#size, Math.abs(value));
    return value;
  }

  #ladder(widest: number, roundings: number): Ladder {
    const expected = Math.min(roundings, plausible * this.#size);
    return { widest, epsilon: this.subject.epsilon, roundings, expected };
  }

  #run(leaves: readonly Tensor[]): { readonly value: number; readonly branches: Branches } {
    this.evaluations++;
    const { result, branches } = withBranches(() => evaluate(this.subject, leaves));
    return { value: this.#project(result), branches };
  }

  #value(leaves: readonly Tensor[]): number {
    this.evaluations++;
    return outside(() => this.#project(evaluate(this.subject, leaves)), NaN);
  }

  /** The projected output along a line; NaN where another way is taken than at the point. */
  #values(line: Line, known: ReadonlyMap<number, number>): (t: number) => number {
    const base = this.base();
    return (t) => {
      const seen = known.get(t);
      if (seen !== undefined) return seen;
      if (base.masks.length === 0) return this.#value(line.at(t));
      const { value, count } = this.#decided(line.at(t), base);
      return count === 0 ? value : NaN;
    };
  }

  /**
   * The slope along a line.
   *
   * @param careful look at every decision of every step, and take other steps than usual
   * @param roundings what rounding does to the function on the way to its value
   */
  along(line: Line, roundings: number, careful = false): Reading {
    const base = this.base();
    const floor = line.widest * smallest;
    const decides = base.masks.length > 0;
    const known = new Map<number, number>();
    const begin = this.#share * line.widest * (careful ? 0.75 : 1);
    let h = begin;
    let [flips, decision, inside, twofold] = [0, -1, false, false];
    while (h >= line.finest) {
      let [worst, first, finite] = [0, -1, true];
      const changed = new Set<string>();
      for (const t of [h, -h]) {
        const seen = decides
          ? this.#decided(line.at(t), base)
          : { value: this.#value(line.at(t)), count: 0, first: -1, element: -1 };
        known.set(t, seen.value);
        if (seen.count > worst) [worst, first] = [seen.count, seen.first];
        if (seen.count > 0) changed.add(`${seen.first}, ${seen.element}`);
        finite &&= Number.isFinite(seen.value);
        if ((worst > 0 || !finite) && h / 16 >= floor) break;
      }
      inside = worst === 0 && finite;
      twofold = changed.size > 1;
      // Where the domain ends nearby, small steps stay inside; a decision that changes even so is one at the point.
      if (inside || (finite && h / 16 < floor)) {
        [flips, decision] = [worst, first];
        break;
      }
      if (worst > 0) [flips, decision] = [worst, first];
      // Decisions on the way grow with the step, so the number that is too many tells how much too wide it is.
      h /= Math.max(16, 2 ** Math.ceil(Math.log2(Math.min(4 * worst, 2 ** 20))));
    }
    if (!inside) return this.#sides(line, roundings, { flips, decision, twofold });
    if (!careful) this.#share = Math.min(1, (h === begin ? 4 * h : h) / line.widest);
    const g = careful ? this.#values(line, known) : (t: number): number => known.get(t) ?? this.#value(line.at(t));
    // What is 0 at the point, and hides what is lost there, is not 0 beside it.
    const lost = careful ? Math.max(roundings, ...[h, -h].map((t) => this.#lostAt(line.at(t)))) : roundings;
    const ladder = { ...this.#ladder(h, lost), enough: careful ? 0 : 1e-8 };
    let best = slopeOf(g, ladder);
    // A function that wiggles within the steps wants finer ones.
    for (let finer = h / 256; finer >= floor && best.bar > 1e-6 * Math.abs(best.value); finer /= 256) {
      const again = slopeOf(g, { ...ladder, widest: finer });
      if (!(again.bar < best.bar)) break;
      best = again;
    }
    return { kind: "smooth", ...best };
  }

  /** What rounding does to the projected output at the point, found by rounding at random. */
  spread(): number {
    if (this.#spread === null) {
      const noisy = [1, 2, 3].map((seed) => withNoise(seed, () => this.#value(this.subject.leaves)));
      this.#spread = spreadOf(this.#value(this.subject.leaves), noisy);
    }
    return this.#spread;
  }

  /** The slope seen with steps from `widest` down. */
  closer(line: Line, widest: number, roundings: number): Reading & { kind: "smooth" } {
    const ladder = this.#ladder(widest, roundings);
    return { kind: "smooth", ...slopeOf(this.#values(line, new Map()), ladder) };
  }

  /** The slopes of both sides seen with steps from `widest` down, whatever is decided there. */
  bothSides(line: Line, widest: number, roundings: number): Reading & { kind: "kink" } {
    const ladder = this.#ladder(widest, roundings);
    const [left, right] = ([-1, 1] as const).map((side): Slope | null => {
      const slope = sideSlopeOf((t) => this.#value(line.at(t)), side, ladder);
      return Number.isFinite(slope.value) ? slope : null;
    }); // prettier-ignore
    return { kind: "kink", left: left!, right: right!, flips: 1, decision: -1, twofold: false };
  }

  #lostAt(leaves: readonly Tensor[]): number {
    this.evaluations++;
    return outside(() => reverse({ ...this.subject, leaves }, this.cotangent).roundings, 0);
  }

  #decided(leaves: readonly Tensor[], base: Branches): Flips & { readonly value: number } {
    return outside(
      () => {
        const { value, branches } = this.#run(leaves);
        return { value, ...base.differences(branches) };
      },
      { value: NaN, count: 0, first: -1, element: -1 },
    );
  }

  #sides(
    line: Line,
    roundings: number,
    decided: { readonly flips: number; readonly decision: number; readonly twofold: boolean },
  ): Reading {
    const beside = ([-1, 1] as const).map((side) =>
      outside(() => this.#run(line.at(side * line.widest * smallest * 4)), null),
    );
    const sides = ([-1, 1] as const).map((side, i): Slope | null => {
      const near = beside[i]!;
      if (near === null) return null;
      const g = (t: number): number => this.#value(line.at(t));
      for (let h = line.widest; h >= line.widest * smallest * 4; h /= 16) {
        const { value, count } = this.#decided(line.at(2 * side * h), near.branches);
        if (count > 0 || !Number.isFinite(value)) continue;
        const ladder = { ...this.#ladder(h, roundings), enough: 1e-9 };
        const slope = sideSlopeOf(g, side, ladder);
        return slope.bar < Infinity && slope.bar <= 1e-3 * (1 + Math.abs(slope.value)) ? slope : null;
      }
      return null;
    });
    // Where both sides pick alike and the point does not, as with three equal elements of which the middle one is picked,
    // the derivative at the point is a convention that no slope tells.
    const [left, right] = beside;
    const alone =
      this.base().picks.has(decided.decision) && left != null && right?.branches.equals(left.branches) === true;
    return { kind: "kink", left: sides[0]!, right: sides[1]!, ...decided, twofold: decided.twofold || alone };
  }
}

/** Where a step leaves the domain, functions throw what they like; that is no fault of the derivative. */
export function outside<R>(run: () => R, otherwise: R): R {
  try {
    return run();
  } catch {
    return otherwise;
  }
}
