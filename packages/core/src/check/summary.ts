/**
 * What was found, in terms of the inputs that the user gave.
 * @module
 */
import { withLines } from "../lines.js";
import { withBranches } from "./branches.js";
import type { Place } from "./examination.js";
import { isRight, type Level } from "./levels.js";
import { indexOf, type Culprit } from "./localise.js";
import type { GradientFailure, Kink, Undecided } from "./report.js";
import { evaluate, type Subject } from "./subject.js";

/** The inputs whose derivatives are wrong. */
export function failuresOf(
  subject: Subject,
  levels: readonly Level[],
  culprit: Culprit | null,
): readonly GradientFailure[] {
  const who = { op: culprit?.op ?? null, line: culprit?.line ?? null };
  const failures = levels.flatMap(({ order, found: { wrong, verdict } }) =>
    wrong.map(({ leaf, element, analytic, numeric, bar, output }): GradientFailure => ({
      ...who, input: subject.names[leaf]!, index: indexOf(element, subject.leaves[leaf]!.shape),
      output, analytic, numeric, errorBar: bar, order, verdict: verdict ?? "both",
    })),
  ); // prettier-ignore
  const last = levels.at(-1)?.found;
  if (failures.length > 0 || last === undefined || (culprit === null && isRight(last))) return failures;
  const { analytic, numeric, errorBar } = Number.isNaN(last.along.analytic) ? (culprit ?? last.along) : last.along;
  const verdict = culprit?.verdict ?? last.verdict ?? "reverse";
  const input = "a direction through all inputs";
  return [{ ...who, input, index: [], output: null, analytic, numeric, errorBar, order: levels.length, verdict }];
}

/** Where a leaf and an element of it stand in the inputs. */
function placeIn(subject: Subject, { leaf, element }: Place): Pick<Kink, "input" | "index"> {
  if (leaf === null || element === null) return { input: null, index: null };
  return { input: subject.names[leaf]!, index: indexOf(element, subject.leaves[leaf]!.shape) };
}

/** The kinks met, with who decided and where. */
export function kinksOf(plain: Subject, examinations: readonly Level[]): readonly Kink[] {
  const known = new Set<string>();
  return examinations.flatMap(({ order, found: { kinks, subject } }) => {
    if (kinks.length === 0) return [];
    const { result, lineOf } = withLines(() => withBranches(() => evaluate(subject, subject.leaves)));
    return kinks.flatMap(({ left, right, analytic, decision, ...at }) => {
      const decider = result.branches.deciders[decision];
      const where = placeIn(plain, at);
      // A corner of the function is a jump of its gradient, which says nothing new.
      const name = JSON.stringify([where, decider?.name]);
      if (known.has(name)) return [];
      known.add(name);
      const line = decider === undefined ? null : lineOf(decider.output);
      return [{ op: decider?.name ?? null, line, ...where, left, right, analytic, order }];
    });
  });
}

/** What could not be judged. */
export function undecidedOf(plain: Subject, examinations: readonly Level[]): readonly Undecided[] {
  return examinations.flatMap(({ order, found }) =>
    found.undecided.map(({ analytic, numeric, bar, ...at }) => ({ ...placeIn(plain, at), analytic, numeric, errorBar: bar, order })),
  ); // prettier-ignore
}
