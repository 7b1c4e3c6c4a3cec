/**
 * Three ways to a derivative, compared: differences, forward mode, reverse mode.
 * @module
 */
import { NoForwardRule } from "../customOp.js";
import { GradientError } from "../errors.js";
import type { Random } from "../random.js";
import { withBranches, type Branches } from "./branches.js";
import { lineAlong, lineWithin, Probe, type Reading } from "./probe.js";
import type { Slope } from "./slope.js";
import {
  direction,
  evaluate,
  forward,
  innerProduct,
  reverse,
  tensorOf,
  type Numbers,
  type Subject,
} from "./subject.js";

/** Which rule is wrong: that of reverse mode, that of forward mode, or both alike. */
export type Verdict = "reverse" | "forward" | "both";

/** An element of a leaf where the derivative is wrong. */
export interface WrongElement {
  readonly leaf: number;
  readonly element: number;
  readonly analytic: number;
  readonly numeric: number;
  readonly bar: number;
  /** Which element of the output is differentiated; `null`: a random sum of them. */
  readonly output: number | null;
}

/** A kink met on the way. */
export interface KinkSeen {
  readonly leaf: number | null;
  readonly element: number | null;
  readonly left: number;
  readonly right: number;
  readonly analytic: number;
  readonly decision: number;
}

/** What one order of derivatives looks like. */
export interface Examination {
  readonly verdict: Verdict | null;
  /** The worst element of every leaf whose derivative is wrong. */
  readonly wrong: readonly WrongElement[];
  readonly kinks: readonly KinkSeen[];
  readonly unreached: readonly number[];
  readonly notes: readonly string[];
  readonly evaluations: number;
  /** What a rule said when it broke. */
  readonly broke: string | null;
  /** The numbers along the direction that showed it; NaN where none did. */
  readonly along: { readonly analytic: number; readonly numeric: number; readonly errorBar: number };
}

export interface ExamineOptions {
  readonly mode: "fast" | "full";
  readonly random: Random;
  readonly projections: number;
  /** Whether to look for the wrong elements; otherwise the verdict is all. */
  readonly search: boolean;
}

/** How an analytic value stands to what was read off. */
type Standing = "agrees" | "differs" | "undecided";

/** How far apart the two numbers are. */
function excess({ analytic, numeric }: WrongElement): number {
  const distance = Math.abs(analytic - numeric);
  return Number.isNaN(distance) ? Infinity : distance;
}

/** So few elements that each is looked at. */
const few = 64;

/** Roundings of the terms of a derivative along a direction. */
const slack = 1e3;

/** The bar is an estimate, so it may be a few times too short. */
function near(analytic: number, { value, bar }: Slope, rounding: number): boolean {
  return Math.abs(analytic - value) <= 10 * bar + 1e-9 * Math.max(Math.abs(value), Math.abs(analytic)) + rounding;
}

function standing(reading: Reading, analytic: number, rounding: number): Standing {
  if (reading.kind === "smooth") {
    if (!Number.isFinite(reading.value)) return "undecided";
    return near(analytic, reading, rounding) ? "agrees" : "differs";
  }
  const { left, right, flips } = reading;
  if (left === null && right === null) return "undecided";
  const [l, r] = [left ?? right!, right ?? left!];
  const low = l.value < r.value ? l : r;
  const high = low === l ? r : l;
  if (near(analytic, low, rounding) || near(analytic, high, rounding)) return "agrees";
  if (low.value <= analytic && analytic <= high.value) return "agrees";
  // Where several decisions change at once, a derivative put together from subgradients need not be one.
  return left !== null && right !== null && flips === 1 ? "differs" : "undecided";
}

const numericOf = (reading: Reading): Slope =>
  reading.kind === "smooth" ? reading : (reading.right ?? reading.left ?? { value: NaN, bar: Infinity });

/** An evaluation at the point. */
export interface Base {
  readonly size: number;
  readonly branches: Branches;
}

/** One subject, one order of derivatives. */
export function examine(subject: Subject, options: ExamineOptions, base?: Base): Examination {
  return new Examiner(subject, options).run(base);
}

class Examiner {
  readonly #subject: Subject;
  readonly #options: ExamineOptions;
  /** Whether it may look at another point where this one cannot be judged. */
  readonly #mayMove: boolean;
  readonly #wrong: WrongElement[] = [];
  readonly #kinks: KinkSeen[] = [];
  readonly #notes = new Set<string>();
  #evaluations = 0;
  #verdict: Verdict | null = null;
  #unreached: readonly number[] = [];
  #undecided = false;
  /** Whether there is no rule for forward mode. */
  #twoWays = false;
  #roundings = 0;
  #along = { analytic: NaN, numeric: NaN, errorBar: NaN };

  constructor(subject: Subject, options: ExamineOptions, mayMove = true) {
    this.#subject = subject;
    this.#options = options;
    this.#mayMove = mayMove;
  }

  run(base?: Base): Examination {
    let broke: string | null = null;
    try {
      this.#compare(base);
    } catch (error) {
      // A rule of the wrong number, shape or dtype.
      if (!(error instanceof GradientError)) throw error;
      broke = error.message;
    }
    return {
      verdict: this.#verdict,
      wrong: this.#wrong,
      kinks: this.#kinks,
      unreached: this.#unreached,
      notes: [...this.#notes],
      evaluations: this.#evaluations,
      broke,
      along: this.#along,
    };
  }

  #look(): Base {
    this.#evaluations++;
    const { result, branches } = withBranches(() => evaluate(this.#subject, this.#subject.leaves));
    return { size: result.size, branches };
  }

  #compare(given?: Base): void {
    const { leaves, epsilon } = this.#subject;
    const { mode, random, projections, search } = this.#options;
    const { size, branches } = given ?? this.#look();
    const cotangent = size === 1 ? Float64Array.of(1) : direction(random.fork("cotangent"), size);
    const probe = new Probe(this.#subject, cotangent, branches);
    const { gradients, reached, roundings } = reverse(this.#subject, cotangent);
    this.#roundings = roundings;
    this.#evaluations++;
    this.#unreached = reached.flatMap((yes, i) => (yes ? [] : [i]));
    const directions = Array.from({ length: projections }, (_, p) =>
      leaves.map((x, i) => direction(random.fork(`direction ${p}, leaf ${i}`), x.size)),
    );
    const elements = leaves.reduce((n, x) => n + x.size, 0);
    let every = mode === "full";
    if (!every) {
      const { count, first } = probe.flips(lineAlong(this.#subject, directions[0]!));
      // At a kink, single elements can be judged where directions cannot; of many elements, a point beside it.
      every = count > 0 && elements <= few;
      if (count > 0 && !every) {
        this.#kinks.push({ leaf: null, element: null, left: NaN, right: NaN, analytic: NaN, decision: first });
        this.#undecided = true;
      }
    }
    for (const along of directions) {
      if (this.#undecided && this.#mayMove) break;
      const backward = totalProduct(gradients, along);
      const pushed = forward(this.#subject, along);
      // Without a rule for forward mode there are two ways only.
      if (pushed instanceof NoForwardRule) {
        this.#twoWays = true;
        this.#notes.add(`forward mode was not compared: ${pushed.message}`);
      }
      const ahead = pushed instanceof NoForwardRule ? backward : innerProduct(pushed, cotangent);
      this.#evaluations++;
      const rounding = slack * epsilon * (backward.magnitude + ahead.magnitude);
      // No step size is involved: ⟨u, J v⟩ and ⟨Jᵀ u, v⟩ are one number.
      const transposed = Math.abs(ahead.value - backward.value) <= 10 * rounding + 16 * roundings;
      if (every && transposed) continue;
      const line = lineAlong(this.#subject, along);
      let reading = probe.along(line, roundings);
      const stands = (value: number): Standing => standing(reading, value, rounding);
      if (stands(backward.value) !== "agrees" || stands(ahead.value) !== "agrees")
        reading = probe.along(line, roundings, true);
      const [reverseStands, forwardStands] = [stands(backward.value), stands(ahead.value)];
      if (reverseStands === "undecided" || forwardStands === "undecided") this.#undecided = true;
      if (reverseStands === "differs" && forwardStands === "differs") this.#blame("both");
      else if (reverseStands === "differs") this.#blame("reverse");
      else if (forwardStands === "differs") this.#blame("forward");
      else if (!transposed && reading.kind === "smooth" && reverseStands === "agrees" && forwardStands === "agrees") {
        const [a, b] = [ahead.value, backward.value].map((value) => Math.abs(value - numericOf(reading).value));
        this.#blame(a! < b! ? "reverse" : "forward");
      }
      if (this.#verdict === null) continue;
      const { value: numeric, bar: errorBar } = numericOf(reading);
      this.#along = { analytic: (this.#verdict === "forward" ? ahead : backward).value, numeric, errorBar };
      const analytic = this.#verdict === "forward" ? this.#forwardAlong(cotangent) : reverseAlong(gradients);
      if (search) this.#elements(probe, analytic, elements <= few ? "every" : "search");
      break;
    }
    if (every && this.#verdict === null) this.#elements(probe, reverseAlong(gradients), "every");
    if (size > 1 && size <= few) this.#sharpen(size, branches);
    this.#evaluations += probe.evaluations;
    if (this.#undecided && this.#verdict === null && this.#mayMove) this.#nearby();
  }

  #blame(verdict: Verdict): void {
    this.#verdict ??= this.#twoWays && verdict === "both" ? "reverse" : verdict;
  }

  #meet(reading: Reading & { kind: "kink" }, leaf: number | null, element: number | null, analytic: number): void {
    const { left, right, decision } = reading;
    const [l, r] = [left?.value ?? NaN, right?.value ?? NaN];
    if (left !== null && right !== null && Math.abs(l - r) <= 10 * (left.bar + right.bar)) return;
    this.#kinks.push({ leaf, element, left: l, right: r, analytic, decision });
  }

  /** The derivative by one element, compared; `null` where it stands. */
  #element(probe: Probe, derivative: Analytic, leaf: number, i: number): WrongElement | null {
    const { epsilon } = this.#subject;
    const along = new Map([[i, 1]]);
    const line = lineWithin(this.#subject, leaf, along);
    const analytic = derivative(leaf, along);
    const roundings = this.#roundings;
    const rounding = slack * epsilon * Math.abs(analytic);
    let reading = probe.along(line, roundings);
    let stands = standing(reading, analytic, rounding);
    if (stands === "differs" && reading.kind === "smooth") {
      reading = probe.along(line, roundings, true);
      stands = standing(reading, analytic, rounding);
    }
    if (reading.kind === "kink") this.#meet(reading, leaf, i, analytic);
    if (stands === "undecided") this.#undecided = true;
    if (stands !== "differs") return null;
    const { value, bar } = numericOf(reading);
    const size = probe.cotangent.length;
    return { leaf, element: i, analytic, numeric: value, bar, output: size === 1 ? 0 : null };
  }

  /** Every element, or those that a search by halves leads to. */
  #elements(probe: Probe, derivative: Analytic, which: "every" | "search"): void {
    this.#subject.leaves.forEach((x, leaf) => {
      let candidates = Array.from({ length: x.size }, (_, i) => i);
      if (which === "search") candidates = this.#halves(probe, derivative, leaf, candidates);
      let worst: WrongElement | null = null;
      for (const i of candidates) {
        const found = this.#element(probe, derivative, leaf, i);
        if (found !== null && (worst === null || excess(found) > excess(worst))) worst = found;
      }
      if (worst !== null) this.#wrong.push(worst);
    });
    if (this.#wrong.length > 0) this.#blame("both");
  }

  /** At most 32 elements, by following the half that is more wrong. */
  #halves(probe: Probe, derivative: Analytic, leaf: number, all: number[]): number[] {
    const signs = direction(this.#options.random.fork(`halves of ${leaf}`), all.length);
    let candidates = all;
    while (candidates.length > 32) {
      const middle = candidates.length >> 1;
      const parts = [candidates.slice(0, middle), candidates.slice(middle)];
      const errors = parts.map((part) => {
        const along = new Map(part.map((i) => [i, signs[i]!]));
        const reading = probe.along(lineWithin(this.#subject, leaf, along), this.#roundings);
        if (reading.kind === "kink") return 0;
        const distance = Math.abs(derivative(leaf, along) - reading.value);
        return Number.isNaN(distance) ? Infinity : distance;
      });
      candidates = parts[errors[1]! > errors[0]! ? 1 : 0]!;
    }
    return candidates;
  }

  /** The element of the output at which a derivative is most wrong, instead of a sum over all of them. */
  #sharpen(size: number, base: Branches): void {
    this.#wrong.forEach((sum, at) => {
      for (let output = 0; output < size; output++) {
        const unit = new Float64Array(size);
        unit[output] = 1;
        const { gradients, roundings } = reverse(this.#subject, unit);
        this.#roundings = roundings;
        const analytic = this.#verdict === "forward" ? this.#forwardAlong(unit) : reverseAlong(gradients);
        const probe = new Probe(this.#subject, unit, base);
        const found = this.#element(probe, analytic, sum.leaf, sum.element);
        this.#evaluations += probe.evaluations + 1;
        const worst = this.#wrong[at]!;
        if (found !== null && (worst.output === null || excess(found) > excess(worst)))
          this.#wrong[at] = { ...found, output };
      }
    });
  }

  /** What forward mode says along a part of a leaf. */
  #forwardAlong(cotangent: Float64Array): Analytic {
    const { leaves } = this.#subject;
    return (leaf, along) => {
      const tangents = leaves.map((y) => new Float64Array(y.size));
      for (const [i, v] of along) tangents[leaf]![i] = v;
      return innerProduct(forward(this.#subject, tangents) as Float64Array, cotangent).value;
    };
  }

  /** At a kink that cannot be judged, points beside it can. */
  #nearby(): void {
    const { random } = this.#options;
    for (let attempt = 0; attempt < 3; attempt++) {
      const shift = random.fork(`beside ${attempt}`);
      const leaves = this.#subject.leaves.map((x) => {
        const by = shift.uniform([x.size], { low: -1, high: 1, dtype: "float64" }).toTypedArray();
        return tensorOf(Float64Array.from(x.toTypedArray(), (v, i) => v + (by[i]! + Math.sign(by[i]!)) / 256), x.shape, x.dtype); // prettier-ignore
      });
      const beside = new Examiner({ ...this.#subject, leaves }, { ...this.#options, mode: "fast" }, false);
      const found = beside.run();
      this.#evaluations += found.evaluations;
      if (beside.#undecided) continue;
      this.#notes.add(
        "several decisions change at once at this point (kinks), which cannot be judged; a point beside it was checked instead",
      );
      if (found.verdict !== null) this.#blame(found.verdict);
      this.#along = found.along;
      this.#wrong.push(...found.wrong);
      return;
    }
    this.#notes.add("differences say nothing at this point (a kink, or the edge of the domain)");
  }
}

/** A derivative along a part of a leaf. */
type Analytic = (leaf: number, along: ReadonlyMap<number, number>) => number;

function reverseAlong(gradients: Numbers): Analytic {
  return (leaf, along) => {
    let total = 0;
    for (const [i, v] of along) total += gradients[leaf]![i]! * v;
    return total;
  };
}

function totalProduct(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
): { value: number; magnitude: number } {
  let [value, magnitude] = [0, 0];
  a.forEach((part, i) => {
    const product = innerProduct(part, b[i]!);
    value += product.value;
    magnitude += product.magnitude;
  });
  return { value, magnitude };
}
