/**
 * What an examination finds.
 * @module
 */
import type { Random } from "../random.js";
import type { Branches } from "./branches.js";
import type { Application } from "./rules.js";
import type { Numbers, Subject } from "./subject.js";

/**
 * Which rule is wrong: that of reverse mode, that of forward mode, both alike; or one of the two, where they disagree and
 * differences cannot tell which.
 */
export type Verdict = "reverse" | "forward" | "both" | "either";

/** A derivative by an element of a leaf, or along a direction through all of them. */
export interface Place {
  readonly leaf: number | null;
  readonly element: number | null;
}

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
export interface KinkSeen extends Place {
  readonly left: number;
  readonly right: number;
  readonly analytic: number;
  readonly decision: number;
}

/** A derivative that differences could not judge. */
export interface UndecidedSeen extends Place {
  readonly analytic: number;
  readonly numeric: number;
  readonly bar: number;
}

/** What the rules gave, to be compared with what they give later. */
export interface Traces {
  readonly cotangent: Float64Array;
  readonly gradients: Numbers;
  readonly backward: readonly Application[];
  readonly along: Numbers | null;
  readonly tangent: Float64Array | null;
  readonly ahead: readonly Application[];
}

/** What one order of derivatives looks like. */
export interface Examination {
  readonly subject: Subject;
  /** The same at the point where the verdict was reached; another one where this one cannot be judged. */
  readonly judgedAt: Subject;
  readonly verdict: Verdict | null;
  /** The worst element of every leaf whose derivative is wrong. */
  readonly wrong: readonly WrongElement[];
  readonly kinks: readonly KinkSeen[];
  readonly undecided: readonly UndecidedSeen[];
  /** How many derivatives could be judged by differences. */
  readonly judged: number;
  readonly unreached: readonly number[];
  readonly notes: readonly string[];
  /** What forward mode said where an operator has no rule for it. */
  readonly lame: string | null;
  readonly evaluations: number;
  /** What a rule said when it broke. */
  readonly broke: string | null;
  /** The numbers along the direction that showed it; NaN where none did. */
  readonly along: { readonly analytic: number; readonly numeric: number; readonly errorBar: number };
  readonly traces: Traces | null;
}

export interface ExamineOptions {
  readonly mode: "fast" | "full";
  readonly random: Random;
  readonly projections: number;
  /** Whether to look for the wrong elements; otherwise the verdict is all. */
  readonly search: boolean;
}

/** An evaluation at the point. */
export interface Base {
  readonly size: number;
  readonly branches: Branches;
}
