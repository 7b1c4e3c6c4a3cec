/**
 * Three ways to a derivative, compared: differences, forward mode, reverse mode.
 * @module
 */
import { NoForwardRule } from "../customOp.js";
import { GradientError } from "../errors.js";
import { beside } from "./beside.js";
import { withBranches } from "./branches.js";
import { ForwardClaims, ReverseClaims, type Claims } from "./claims.js";
import { ElementSearch, few, Findings, numericOf } from "./elements.js";
import type { Base, Examination, ExamineOptions, Traces, Verdict } from "./examination.js";
import { weigh, type Claim, type Weighed } from "./judge.js";
import { lineAlong } from "./line.js";
import { Probe } from "./probe.js";
import type { Application } from "./rules.js";
import { direction, evaluate, forward, reverse, type Numbers, type Reverse, type Subject } from "./subject.js";

/**
 * One subject, one order of derivatives.
 *
 * @param mayMove whether it may look at another point where this one cannot be judged
 */
export function examine(subject: Subject, options: ExamineOptions, base?: Base, mayMove = true): Examination {
  return new Examiner(subject, options, mayMove).run(base);
}

class Examiner {
  readonly #subject: Subject;
  readonly #options: ExamineOptions;
  readonly #mayMove: boolean;
  readonly #findings = new Findings();
  readonly #notes = new Set<string>();
  #verdict: Verdict | null = null;
  #unreached: readonly number[] = [];
  /** Several decisions change at once at this point, so that it cannot be judged. */
  #tangled = false;
  #lame: string | null = null;
  #judgedAt: Subject;
  #along = { analytic: NaN, numeric: NaN, errorBar: NaN };
  #traces: Traces | null = null;

  constructor(subject: Subject, options: ExamineOptions, mayMove: boolean) {
    this.#subject = subject;
    this.#judgedAt = subject;
    this.#options = options;
    this.#mayMove = mayMove;
  }

  run(base?: Base): Examination {
    let broke: string | null = null;
    try {
      this.#compare(base);
    } catch (error) {
      // A rule that threw, or gave something of the wrong number, shape or dtype.
      if (!(error instanceof GradientError)) throw error;
      broke = error.message;
    }
    const { wrong, kinks, undecided, judged, evaluations } = this.#findings;
    return {
      subject: this.#subject,
      judgedAt: this.#judgedAt,
      verdict: this.#verdict,
      wrong, kinks, undecided, judged, evaluations, broke,
      unreached: this.#unreached,
      notes: [...this.#notes],
      lame: this.#lame,
      along: this.#along,
      traces: this.#traces,
    }; // prettier-ignore
  }

  #look(): Base {
    this.#findings.evaluations++;
    const { result, branches } = withBranches(() => evaluate(this.#subject, this.#subject.leaves));
    return { size: result.size, branches };
  }

  #compare(given?: Base): void {
    const { leaves } = this.#subject;
    const { mode, random, projections } = this.#options;
    const findings = this.#findings;
    const { size, branches } = given ?? this.#look();
    const cotangent = size === 1 ? Float64Array.of(1) : direction(random.fork("cotangent"), size);
    const probe = new Probe(this.#subject, cotangent, branches);
    const backward: Application[] = [];
    const ahead: Application[] = [];
    const back = reverse(this.#subject, cotangent, backward);
    findings.evaluations++;
    this.#traces = { cotangent, gradients: back.gradients, backward, along: null, tangent: null, ahead };
    this.#unreached = back.reached.flatMap((yes, i) => (yes ? [] : [i]));
    const reverseClaims = new ReverseClaims(this.#subject, cotangent, branches, back);
    const forwardClaims = new ForwardClaims(this.#subject, cotangent, branches);
    const directions = Array.from({ length: projections }, (_, p) =>
      leaves.map((x, i) => direction(random.fork(`direction ${p}, leaf ${i}`), x.size)),
    );
    const elements = leaves.reduce((n, x) => n + x.size, 0);
    let every = mode === "full";
    if (!every && this.#mayMove) {
      const { count, first } = probe.flips(lineAlong(this.#subject, directions[0]!));
      // At a kink, single elements can be judged where directions cannot; of many elements, a point beside it.
      every = count > 0 && elements <= few;
      if (count > 0 && !every) {
        findings.kinks.push({ leaf: null, element: null, left: NaN, right: NaN, analytic: NaN, decision: first });
        this.#tangled = true;
      }
    }
    const search = new ElementSearch(this.#subject, random, findings);
    for (const along of directions) {
      const backwards = reverseClaims.along(along);
      const forwards = this.#forward(forwardClaims, along, ahead);
      const transposed = forwards === null || this.#transposed(backwards, forwards, back.roundings);
      if (transposed && (every || (this.#tangled && this.#mayMove))) continue;
      const claims = forwards === null ? [backwards] : [backwards, forwards];
      const weighed = weigh(probe, lineAlong(this.#subject, along), claims, back.roundings);
      this.#blame(weighed, backwards, forwards, transposed);
      if (this.#verdict === null) {
        const { reading, standings } = weighed;
        // A kink that no decision announces: single elements tell more.
        if (reading.kind === "kink" && elements <= few) every = true;
        else findings.take({ leaf: null, element: null }, reading, backwards.value, standings[0]!);
        if (reading.kind === "kink" && standings[0] === "undecided" && !every) this.#tangled = true;
        continue;
      }
      const { value: numeric, bar: errorBar } = numericOf(weighed.reading);
      const analytic = this.#verdict === "forward" ? forwards!.value : backwards.value;
      this.#along = { analytic, numeric, errorBar };
      const wrongly: Claims = this.#verdict === "forward" ? forwardClaims : reverseClaims;
      this.#search(search, probe, wrongly, back, elements <= few ? "every" : "halves", transposed);
      break;
    }
    if (every && this.#verdict === null && !this.#tangled) {
      search.look(probe, reverseClaims, back.roundings, "every");
      if (findings.wrong.length > 0) this.#verdict = this.#lame === null ? "both" : "reverse";
      this.#tangled ||= search.tangled;
    }
    if (size > 1 && size <= few) search.sharpen(size, branches, this.#verdict === "forward");
    findings.evaluations += probe.evaluations;
    if (this.#tangled && this.#verdict === null && this.#mayMove) this.#nearby();
  }

  /** What forward mode claims; `null` where an operator has no rule for it. */
  #forward(claims: ForwardClaims, along: Numbers, log: Application[]): Claim | null {
    if (this.#lame !== null) return null;
    this.#findings.evaluations++;
    try {
      const first = this.#traces!.along === null;
      const tangent = forward(this.#subject, along, first ? log : null);
      if (first) this.#traces = { ...this.#traces!, along, tangent };
      return claims.claim(tangent, along);
    } catch (error) {
      if (!(error instanceof NoForwardRule)) throw error;
      this.#lame = error.message;
      return null;
    }
  }

  /** No step size is involved: ⟨u, J v⟩ and ⟨Jᵀ u, v⟩ are one number. */
  #transposed(backwards: Claim, forwards: Claim, roundings: number): boolean {
    const apart = Math.abs(backwards.value - forwards.value);
    const rounding = 10 * (backwards.rounding + forwards.rounding);
    if (apart <= rounding || Number.isNaN(apart)) return true;
    const noise = backwards.noise() + forwards.noise();
    // Where no run with noise decides as the exact one, the first order must do.
    return apart <= rounding + (noise > 0 ? noise : 16 * roundings);
  }

  #blame({ reading, standings }: Weighed, backwards: Claim, forwards: Claim | null, transposed: boolean): void {
    const [reverseStands, forwardStands] = standings;
    if (reverseStands === "differs" && (forwardStands ?? "differs") === "differs")
      this.#verdict = forwards === null ? "reverse" : "both";
    else if (reverseStands === "differs") this.#verdict = "reverse";
    else if (forwardStands === "differs") this.#verdict = "forward";
    else if (!transposed) {
      const { value, bar } = numericOf(reading);
      const [a, b] = [Math.abs(forwards!.value - value), Math.abs(backwards.value - value)];
      this.#verdict = Math.abs(a - b) > 2 * bar ? (a < b ? "reverse" : "forward") : "either";
    }
  }

  /** The wrong elements; where there are none but kinks, the direction has met several of them at once. */
  #search(
    search: ElementSearch,
    probe: Probe,
    claims: Claims,
    back: Reverse,
    which: "every" | "halves",
    transposed: boolean,
  ): void {
    const { kinks, wrong } = this.#findings;
    const before = kinks.length;
    search.look(probe, claims, back.roundings, which, !this.#options.search);
    if (wrong.length > 0 || kinks.length === before || !transposed) return;
    this.#verdict = null;
    this.#tangled = true;
  }

  /** At a kink that cannot be judged, points beside it can. */
  #nearby(): void {
    for (let attempt = 0; attempt < 3; attempt++) {
      const leaves = beside(this.#subject, this.#options.random.fork(`beside ${attempt}`), 2 ** -8);
      const examiner = new Examiner({ ...this.#subject, leaves }, { ...this.#options, mode: "fast" }, false);
      const found = examiner.run();
      this.#findings.evaluations += found.evaluations;
      if (examiner.#tangled || found.judged === 0) continue;
      this.#notes.add(
        "several decisions change at once at this point (kinks), which cannot be judged; a point beside it was checked instead",
      );
      this.#judgedAt = found.subject;
      this.#verdict = found.verdict;
      this.#along = found.along;
      this.#findings.judged += found.judged;
      this.#findings.wrong.push(...found.wrong);
      return;
    }
    this.#notes.add("differences say nothing at this point (a kink, or the edge of the domain)");
  }
}
