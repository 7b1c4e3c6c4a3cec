/**
 * The gradient checker.
 * @module
 */
import { withDefaultDtype } from "../context.js";
import { ArgumentError, checkFunction, checkOptions, describe, GradientError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { random as seeded } from "../seeds.js";
import type { Tensor } from "../tensor.js";
import { misconduct, observed, subjectOf } from "./given.js";
import { same } from "./integrity.js";
import { levelsOf } from "./levels.js";
import { GradientReport } from "./report.js";
import { failuresOf, kinksOf, undecidedOf } from "./summary.js";

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

/**
 * Checks the derivatives of a function at a point in three ways: differences with error bars, forward mode, reverse
 * mode. Where they disagree, it walks the graph and names the first operator whose own rule is wrong, the line that
 * called it, and the worst element.
 *
 * The tolerance follows from the error bar of the differences, extrapolated to step 0 (Ridders), and from the rounding
 * errors of the derivative itself. Where the two do not agree, finer steps are tried, and slopes from both sides: at a kink
 * (relu at 0, equal maxima, a branch or a raw kernel that nobody announces) any slope between those of the two sides is
 * accepted, and the kink is listed. A derivative that differences cannot judge (the function changes faster than steps can
 * follow, a vertical tangent, a slope below the digits of the value) is listed as `undecided`; it does not make `ok`
 * false, and every operator is then checked by itself. The modes are held against each other without any step, and rules
 * are run at a second point and once more at the first, as some remember. Forward mode is left out where an operator has
 * no rule for it; a note says so. A rule that throws is a failure.
 *
 * All is computed in float64, float32 inputs are converted; int32 and bool inputs are passed on as they are.
 *
 * @param f returns a float tensor of any shape; it may be run a few dozen times (fast) or a few times an element (full), more where something is in doubt
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
 * @see Vignes: A stochastic arithmetic for reliable scientific computation (1993)
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
  const { subject: plain, given } = subjectOf(operator, f, inputs);
  if (plain.leaves.length === 0)
    throw new ArgumentError(`${operator}: expected float inputs to differentiate by, got none`);
  const first = observed(plain);
  const problems = misconduct(first, observed(plain));
  const subject = first.narrow ? { ...plain, epsilon: 2 ** -23 } : plain;
  const notes = first.narrow ? ["parts are computed in float32, so differences have few digits"] : [];
  const how = { mode, projections, search: searching };
  const sound = problems.length === 0;
  const { levels, search, ...found } = levelsOf(subject, sound ? order : 0, seeded(seed), how, first);
  problems.push(...found.problems);
  for (const { name, x, values } of given)
    if (!same(x.toTypedArray(), values)) problems.push(`${name} was changed in place`);
  const failures = failuresOf(subject, levels, search.culprits[0] ?? null);
  return new GradientReport({
    ok: failures.length === 0 && problems.length === 0,
    mode, order, seed, failures, problems,
    evaluations: 2 + found.evaluations,
    elements: subject.leaves.reduce((n, x) => n + x.size, 0),
    culprits: search.culprits,
    kinks: kinksOf(subject, levels),
    undecided: undecidedOf(subject, levels),
    judged: levels.reduce((n, level) => n + level.found.judged, search.allRight ? 1 : 0),
    unconnected: (levels[0]?.found.unreached ?? []).map((i) => subject.names[i]!),
    notes: [...notes, ...found.notes],
  }); // prettier-ignore
}

/**
 * `gradcheck` for tests: throws where it finds fault, or where nothing at all could be judged.
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
