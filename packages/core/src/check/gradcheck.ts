/**
 * The gradient checker.
 * @module
 */
import { withDefaultDtype } from "../context.js";
import { isFloat } from "../dtype.js";
import { ArgumentError, checkFunction, checkOptions, describe, GradientError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { astype } from "../ops/linear.js";
import { random as seeded } from "../random.js";
import { scalarLayout } from "../shape.js";
import { scalarTensor, Tensor } from "../tensor.js";
import { mapLeaves } from "../tree.js";
import { withBranches, type Branches } from "./branches.js";
import { examine } from "./examine.js";
import type { Examination, Place } from "./examination.js";
import { same, withIntegrity } from "./integrity.js";
import { withLines } from "../lines.js";
import { indexOf, localise, type Search } from "./localise.js";
import { GradientReport, type GradientFailure, type Kink, type Undecided } from "./report.js";
import { revisit } from "./revisit.js";
import { copyOf, direction, evaluate, lifted, seesFloat32, type Subject } from "./subject.js";

/** Options of `gradcheck`. */
export interface GradcheckOptions {
  /**
   * `"fast"`: derivatives along a few random directions, at a cost that does not grow with the number of inputs;
   * `"full"`: by every element. Default: `"fast"`.
   */
  readonly mode?: "fast" | "full" | undefined;
  /** 2: the derivative of the gradient too. Default: 1. */
  readonly order?: 1 | 2 | undefined;
  /** Chooses the directions. Default: 0. */
  readonly seed?: number | string | undefined;
  /** Random directions in fast mode. Default: 2. */
  readonly projections?: number | undefined;
}

/** What one order of derivatives came to. */
interface Level {
  readonly order: number;
  readonly found: Examination;
}

const isRight = ({ verdict, broke }: Examination): boolean => verdict === null && broke === null;

interface Problem {
  readonly subject: Subject;
  /** What the caller's own tensors held. */
  readonly given: readonly { readonly name: string; readonly x: Tensor; readonly values: ArrayLike<number> }[];
}

/** A function of the float leaves of its arguments; the other leaves stay as they are. */
function subjectOf(operator: string, f: (...args: never) => unknown, inputs: readonly unknown[]): Problem {
  const leaves: Tensor[] = [];
  const names: string[] = [];
  const given: { name: string; x: Tensor; values: ArrayLike<number> }[] = [];
  const slots = mapLeaves(operator, ([leaf], path) => {
    const x = typeof leaf === "number" ? scalarTensor(scalarLayout, "float64", leaf) : leaf!;
    const name = `inputs${path}`;
    if (leaf instanceof Tensor) given.push({ name, x: leaf, values: leaf.toTypedArray() });
    if (!isFloat(x.dtype)) return x;
    names.push(name);
    leaves.push(copyOf(astype(copyOf(x), "float64")));
    return leaves.length - 1;
  }, [inputs]); // prettier-ignore
  const run = (moved: readonly Tensor[]): Tensor => {
    const args = mapLeaves(operator, ([slot]) => (typeof slot === "number" ? moved[slot] : slot), [slots]);
    return f(...(args as never)) as Tensor;
  };
  return { subject: { run, leaves, names, epsilon: Number.EPSILON }, given };
}

/**
 * Checks the derivatives of a function at a point in three ways: differences with error bars, forward mode, reverse
 * mode. Where they disagree, it walks the graph and names the first operator whose own rule is wrong, the line that
 * called it, and the worst element.
 *
 * The tolerance follows from the error bar of the differences, extrapolated to step 0 (Ridders). At a kink (relu at 0,
 * equal maxima) any slope between those of the two sides is accepted, and the kink is listed. All is computed in
 * float64, float32 inputs are converted; int32 and bool inputs are passed on as they are.
 *
 * @param f returns a float tensor of any shape; it may be run a few dozen times (fast) or a few times an element (full)
 * @param inputs the arguments of `f`: tensors, numbers, or trees of them
 * @returns what was found; nothing is thrown for a wrong gradient
 * @throws `ArgumentError` for an unknown option, or inputs that are no list of trees
 * @throws `GradientError` if `f` does not return a float tensor
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { gradcheck } from "@cotangent/core/check";
 * const report = gradcheck((x, w) => x.matmul(w).tanh(), [tensor([[1, 2]]), tensor([[0.5], [-1]])]);
 * report.ok; // → true
 * const cut = gradcheck((x) => x.mul(x.sum().item()), [tensor([1, 2])], { mode: "full" });
 * cut.failures.map(({ op, input, index }) => [op, input, index]); // → [[null,"inputs[0]",[0]]]
 * ```
 * @see Ridders: Accurate computation of F'(x) and F'(x) F''(x) (1982)
 */
export function gradcheck<A extends Arguments = Tensor[]>(
  f: (...args: A) => Tensor,
  inputs: readonly unknown[],
  options?: GradcheckOptions,
): GradientReport {
  return checkGradients("gradcheck", f as never, inputs, options);
}

/**
 * `gradcheck` under the name of who asks.
 *
 * @param search whether to look for the wrong operator
 */
export function checkGradients(
  operator: string,
  f: (...args: never) => unknown,
  inputs: readonly unknown[],
  options: GradcheckOptions | undefined,
  search = true,
): GradientReport {
  return withDefaultDtype("float64", () => check(operator, f, inputs, options, search));
}

function check(
  operator: string,
  f: (...args: never) => unknown,
  inputs: readonly unknown[],
  options: GradcheckOptions | undefined,
  searching: boolean,
): GradientReport {
  checkFunction(operator, f);
  if (!Array.isArray(inputs))
    throw new ArgumentError(
      `${operator}: expected a list of arguments, such as [x], got ${describe(inputs)}; put it in brackets`,
    );
  checkOptions(operator, options, ["mode", "order", "seed", "projections"]);
  const { mode = "fast", order = 1, seed = 0, projections = 2 } = options ?? {};
  if (mode !== "fast" && mode !== "full")
    throw new ArgumentError(`${operator}: expected mode "fast" or "full", got ${describe(mode)}`);
  if (order !== 1 && order !== 2) throw new ArgumentError(`${operator}: expected order 1 or 2, got ${describe(order)}`);
  if (!Number.isInteger(projections) || projections < 1)
    throw new ArgumentError(`${operator}: expected projections to be an integer from 1, got ${describe(projections)}`);
  const random = seeded(seed);
  const { subject: plain, given } = subjectOf(operator, f, inputs);
  if (plain.leaves.length === 0)
    throw new ArgumentError(`${operator}: expected float inputs to differentiate by, got none`);
  const problems: string[] = [];
  const notes = new Set<string>();

  const first = observed(plain);
  const second = observed(plain);
  const who = (op: string): string => first.callOf(op);
  if (first.culprit !== null)
    problems.push(`${who(first.culprit.op)} changes its operand ${first.culprit.operand} in place`);
  else {
    const impure = first.integrity.firstDifference(second.integrity);
    if (impure !== null) problems.push(`${who(impure.op)} gives something else the second time for the same operands`);
    else if (!same(first.values, second.values))
      problems.push(
        "two evaluations at the same inputs differ; the function depends on something outside, such as a random generator or a counter",
      );
  }
  if (!first.values.every(Number.isFinite))
    problems.push("the output is not finite at these inputs, so nothing can be compared");
  const subject = first.narrow ? { ...plain, epsilon: 2 ** -23 } : plain;
  if (first.narrow) notes.add("parts are computed in float32, so differences have few digits");

  const examinations: Level[] = [];
  let evaluations = 2;
  let search: Search = { culprits: [], allRight: false };
  const sound = problems.length === 0;
  for (let at = subject, level = 1; sound && level <= order; level++) {
    const how = { mode, random: random.fork(`order ${level}`), projections, search: searching };
    let found = examine(at, how, level === 1 ? { size: first.values.length, branches: first.branches } : undefined);
    evaluations += found.evaluations;
    found.notes.forEach((note) => notes.add(note));
    if (level === 1 && isRight(found)) {
      const again = revisit(at, found, how);
      evaluations += again.evaluations;
      const { elsewhere, changed, broke } = again;
      if (changed !== null) problems.push(`${changed === "" ? "a rule" : `${who(changed)} has a rule that`} gives something else the second time`); // prettier-ignore
      if (broke !== null) found = { ...found, broke };
      else if (elsewhere !== null && !isRight(elsewhere)) {
        notes.add("right at these inputs, wrong at a point close by, which the numbers are for: a rule may depend on a value that it saved before"); // prettier-ignore
        found = elsewhere;
      }
    }
    examinations.push({ order: level, found });
    if (found.lame !== null) notes.add(`${found.lame.split(":", 1)[0]!} has no rule for forward mode (jvp), so derivatives through it were held against differences only`); // prettier-ignore
    const right = isRight(found);
    const doubtful = found.lame !== null || found.undecided.length > 0;
    if (right ? doubtful : searching) {
      const where = level === 1 ? found.judgedAt : subject;
      search = localise(where, level, random.fork("localise"));
      if (right && search.allRight && found.undecided.length > 0) notes.add("every operator passes by itself");
    }
    if (found.broke !== null && search.culprits.length === 0) problems.push(found.broke);
    if (!right || search.culprits.length > 0) break;
    if (level < order) {
      const { size } = evaluate(subject, subject.leaves);
      const cotangent = size === 1 ? Float64Array.of(1) : direction(random.fork("lift"), size);
      at = lifted(subject, cotangent, subject.leaves.map((x, i) => direction(random.fork(`lift ${i}`), x.size))); // prettier-ignore
    }
  }
  for (const { name, x, values } of given)
    if (!same(x.toTypedArray(), values)) problems.push(`${name} was changed in place`);

  const culprit = search.culprits[0] ?? null;
  const failures = examinations.flatMap(({ order: level, found }) =>
    found.wrong.map(({ leaf, element, analytic, numeric, bar, output }): GradientFailure => ({
      op: culprit?.op ?? null,
      line: culprit?.line ?? null,
      input: subject.names[leaf]!,
      index: indexOf(element, subject.leaves[leaf]!.shape),
      output, analytic, numeric, errorBar: bar, order: level, verdict: found.verdict ?? "both",
    })),
  ); // prettier-ignore
  const last = examinations.at(-1)?.found;
  if (failures.length === 0 && last !== undefined && (culprit !== null || !isRight(last))) {
    const { analytic, numeric, errorBar } = Number.isNaN(last.along.analytic) ? (culprit ?? last.along) : last.along;
    failures.push({
      op: culprit?.op ?? null, line: culprit?.line ?? null, input: "a direction through all inputs", index: [],
      output: null, analytic, numeric, errorBar, order: examinations.length,
      verdict: culprit?.verdict ?? last.verdict ?? "reverse",
    }); // prettier-ignore
  }
  const unreached = examinations[0]?.found.unreached ?? [];
  return new GradientReport({
    ok: failures.length === 0 && problems.length === 0,
    mode, order, seed, evaluations, failures, problems,
    elements: subject.leaves.reduce((n, x) => n + x.size, 0),
    culprits: search.culprits,
    kinks: kinksOf(subject, examinations),
    undecided: undecidedOf(subject, examinations),
    judged: examinations.reduce((n, { found }) => n + found.judged, search.allRight ? 1 : 0),
    unconnected: unreached.map((i) => subject.names[i]!),
    notes: [...notes],
  }); // prettier-ignore
}

/** One evaluation, with everything about it that is asked for later. */
function observed(subject: Subject) {
  const copies = subject.leaves.map(copyOf);
  let branches: Branches | null = null;
  let narrow = false;
  const { result: watched, lineOf } = withLines(() =>
    withIntegrity(copies, () => {
      const seen = withBranches(() => {
        let output: Tensor | null = null;
        narrow = seesFloat32(() => (output = evaluate(subject, copies)));
        return output as unknown as Tensor;
      });
      branches = seen.branches;
      return seen.result;
    }),
  );
  const { result, integrity } = watched;
  const { applications } = integrity;
  return {
    integrity,
    narrow,
    branches: branches as unknown as Branches,
    culprit: integrity.culprit,
    values: Float64Array.from(result.toTypedArray()),
    callOf: (op: string): string => {
      const output = applications.find((each) => each.op === op)?.output;
      const line = output === undefined ? null : lineOf(output);
      return line === null ? op : `${op}, called at ${line},`;
    },
  };
}

/** Where a leaf and an element of it stand in the inputs. */
function placeIn(subject: Subject, { leaf, element }: Place): Pick<Kink, "input" | "index"> {
  if (leaf === null || element === null) return { input: null, index: null };
  return { input: subject.names[leaf]!, index: indexOf(element, subject.leaves[leaf]!.shape) };
}

function kinksOf(plain: Subject, examinations: readonly Level[]): readonly Kink[] {
  const known = new Set<string>();
  return examinations.flatMap(({ order, found: { kinks, subject } }) => {
    if (kinks.length === 0) return [];
    const { result, lineOf } = withLines(() => withBranches(() => evaluate(subject, subject.leaves)));
    return kinks.flatMap(({ left, right, analytic, decision, ...at }) => {
      const decider = result.branches.deciders[decision];
      const where = placeIn(plain, at);
      // A corner of the function is a jump of its gradient, which says nothing new.
      const name = JSON.stringify([where, decider?.name]);
      if (order > 1 && known.has(name)) return [];
      known.add(name);
      const line = decider === undefined ? null : lineOf(decider.output);
      return [{ op: decider?.name ?? null, line, ...where, left, right, analytic, order }];
    });
  });
}

function undecidedOf(plain: Subject, examinations: readonly Level[]): readonly Undecided[] {
  return examinations.flatMap(({ order, found }) =>
    found.undecided.map(({ analytic, numeric, bar, ...at }) => ({ ...placeIn(plain, at), analytic, numeric, errorBar: bar, order })),
  ); // prettier-ignore
}

/**
 * `gradcheck` for tests: throws where it finds fault.
 *
 * @throws `GradientError` with the whole report as its message, and as its property `report`
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { assertGradients } from "@cotangent/core/check";
 * assertGradients((x) => x.square().sum(), [tensor([1, -2])], { order: 2 }).ok; // → true
 * ```
 */
export function assertGradients<A extends Arguments = Tensor[]>(
  f: (...args: A) => Tensor,
  inputs: readonly unknown[],
  options?: GradcheckOptions,
): GradientReport {
  const report = checkGradients("assertGradients", f as never, inputs, options);
  if (report.ok && report.judged === 0 && report.undecided.length > 0)
    throw Object.assign(
      new GradientError(`assertGradients: nothing could be judged; choose other inputs\n${report.toString()}`),
      { report },
    );
  if (!report.ok) throw Object.assign(new GradientError(`assertGradients: ${report.toString()}`), { report });
  return report;
}
