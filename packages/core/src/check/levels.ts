/**
 * Order after order of derivatives: the whole at its point, rules at another one and once more, every operator alone
 * where the whole cannot tell.
 * @module
 */
import type { Random } from "../random.js";
import { beside } from "./beside.js";
import { examine } from "./examine.js";
import type { Examination, ExamineOptions } from "./examination.js";
import type { Observation } from "./given.js";
import { localise, type Search } from "./localise.js";
import { outside } from "./probe.js";
import { uncompared } from "./report.js";
import { revisit } from "./revisit.js";
import { direction, evaluate, lifted, type Subject } from "./subject.js";

/** What one order of derivatives came to. */
export interface Level {
  readonly order: number;
  readonly found: Examination;
}

/** What all orders came to. */
export interface Levels {
  readonly levels: readonly Level[];
  readonly search: Search;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly evaluations: number;
}

/** Whether nothing was found wrong. */
export const isRight = ({ verdict, broke }: Examination): boolean => verdict === null && broke === null;

/** The derivatives of the first orders, until one is wrong. */
export function levelsOf(
  subject: Subject,
  order: number,
  random: Random,
  options: Omit<ExamineOptions, "random">,
  first: Observation,
): Levels {
  const levels: Level[] = [];
  const problems: string[] = [];
  const notes = new Set<string>();
  let search: Search = { culprits: [], allRight: false };
  let evaluations = 0;
  for (let at = subject, level = 1; level <= order; level++) {
    const how = { ...options, random: random.fork(`order ${level}`) };
    const base = level === 1 ? { size: first.values.length, branches: first.branches } : undefined;
    let found = examine(at, how, base);
    evaluations += found.evaluations;
    if (level === 1 && isRight(found)) found = again(found, how);
    if (level > 1 && found.verdict !== null && levels[0]!.found.kinks.length > 0) found = cornered(at, found, how);
    levels.push({ order: level, found });
    found.notes.forEach((note) => notes.add(note));
    if (found.lame !== null) notes.add(`${uncompared}: ${found.lame}`);
    const right = isRight(found);
    if (right ? found.lame !== null || found.undecided.length > 0 : options.search) {
      search = localise(level === 1 ? found.judgedAt : subject, level, random.fork("localise"));
      if (right && search.allRight && found.undecided.length > 0) notes.add("every operator passes by itself");
    }
    if (found.broke !== null && search.culprits.length === 0) problems.push(found.broke);
    if (!right || search.culprits.length > 0) break;
    if (level < order) {
      const { size } = evaluate(subject, subject.leaves);
      const cotangent = size === 1 ? Float64Array.of(1) : direction(random.fork("lift"), size);
      const along = subject.leaves.map((x, i) => direction(random.fork(`lift ${i}`), x.size));
      at = lifted(subject, cotangent, along);
    }
  }
  return { levels, search, problems, notes: [...notes], evaluations };

  /** What steps take for a corner of the function has no second derivative that they could see; a point beside it may. */
  function cornered(at: Subject, found: Examination, how: ExamineOptions): Examination {
    const leaves = beside(at, random.fork("beside the corner"), 2 ** -8);
    const near = outside(() => examine({ ...at, leaves }, { ...how, mode: "fast" }, undefined, false), null);
    evaluations += near?.evaluations ?? 0;
    if (near === null || !isRight(near) || near.judged === 0) return found;
    notes.add("derivatives of the gradient cannot be judged at a kink; a point beside it was checked instead");
    return { ...found, verdict: null, wrong: [], undecided: [...found.undecided, ...found.wrong] };
  }

  /** Rules at another point, and once more at this one. */
  function again(found: Examination, how: ExamineOptions): Examination {
    const { elsewhere, changed, broke, ...cost } = revisit(subject, found, how);
    evaluations += cost.evaluations;
    if (changed !== null)
      problems.push(
        `${changed === "" ? "a rule" : `${first.callOf(changed)} has a rule that`} gives something else the second time`,
      );
    if (broke !== null) return { ...found, broke };
    if (elsewhere === null || isRight(elsewhere)) return found;
    notes.add(
      "right at these inputs, wrong at a point close by, which the numbers are for: a rule may depend on a value that it saved before",
    );
    return elsewhere;
  }
}
