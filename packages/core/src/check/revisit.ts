/**
 * Rules that remember: right the first time, wrong at another point, or the second time.
 * @module
 */
import { GradientError } from "../errors.js";
import { beside } from "./beside.js";
import { withBranches } from "./branches.js";
import { examine } from "./examine.js";
import type { Examination, ExamineOptions } from "./examination.js";
import { same } from "./integrity.js";
import { outside } from "./probe.js";
import { firstChange, type Application } from "./rules.js";
import { evaluate, forward, reverse, type Subject } from "./subject.js";

/** What came of it. */
export interface Revisit {
  /** What was seen at the point beside; `null` where there is none in the domain, or one has been looked at already. */
  readonly elsewhere: Examination | null;
  /** The operator whose rule gave something else the second time at the first point; "" where none can be named. */
  readonly changed: string | null;
  /** What a rule said that broke the second time only. */
  readonly broke: string | null;
  readonly evaluations: number;
}

/** Looks at a point beside, and then once more at the first. */
export function revisit(subject: Subject, { traces, judgedAt }: Examination, options: ExamineOptions): Revisit {
  let elsewhere: Examination | null = null;
  let evaluations = 0;
  for (let attempt = 0; judgedAt === subject && attempt < 3 && elsewhere === null; attempt++) {
    const leaves = beside(subject, options.random.fork(`elsewhere ${attempt}`), 2 ** (-6 - 4 * attempt));
    const seen = outside(() => withBranches(() => evaluate(subject, leaves)), null);
    evaluations++;
    if (seen === null || !seen.result.toTypedArray().every(Number.isFinite)) continue;
    const base = { size: seen.result.size, branches: seen.branches };
    elsewhere = examine({ ...subject, leaves }, { ...options, mode: "fast", projections: 1 }, base, false);
    evaluations += elsewhere.evaluations;
  }
  const said = { elsewhere, changed: null, broke: null };
  if (traces === null) return { ...said, evaluations };
  const [backward, ahead]: [Application[], Application[]] = [[], []];
  const nameOf = (first: readonly Application[], second: readonly Application[]): string =>
    firstChange(first, second)?.primitive.name ?? "";
  try {
    const { gradients } = reverse(subject, traces.cotangent, backward);
    evaluations++;
    if (!gradients.every((g, i) => same(g, traces.gradients[i]!)))
      return { ...said, evaluations, changed: nameOf(traces.backward, backward) };
    if (traces.along === null) return { ...said, evaluations };
    const tangent = forward(subject, traces.along, ahead);
    evaluations++;
    return { ...said, evaluations, changed: same(tangent, traces.tangent!) ? null : nameOf(traces.ahead, ahead) };
  } catch (error) {
    if (!(error instanceof GradientError)) throw error;
    return { ...said, evaluations, broke: error.message };
  }
}
