/**
 * One operator, checked for all that a rule promises.
 * @module
 */
import type { CustomOp, OpDefinition, OpDomain } from "../customOp.js";
import { ArgumentError, checkFunction, checkOptions, CotangentError, describe, GraphError } from "../errors.js";
import type { Random } from "../random.js";
import { random as seeded } from "../seeds.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { reshape } from "../ops/linear.js";
import { vmap } from "../vmap.js";
import { checkGradients } from "./gradcheck.js";
import { domainsOf, givenCases, showCase, usualCases, valuesIn, type OpCase } from "./opCases.js";
import { broadcasts, promises, type Listener, type Op } from "./promises.js";
import type { GradientReport, GradientReportData } from "./report.js";

/** Options of `checkOp`. */
export interface CheckOpOptions {
  /**
   * How many operands it takes. Default: the number of parameters of `forward` for what `defineOp` made, of the function
   * for others. Needed where they are rest parameters, or options follow the operands.
   */
  readonly arity?: number | undefined;
  /**
   * Shapes of the operands, one list a case. Default: `[]`, `[1]`, `[3]`, `[2, 3]` and `[0]`, the same for all operands,
   * and for several operands such as broadcast together.
   */
  readonly shapes?: readonly (readonly Shape[])[] | undefined;
  /** Where values are drawn from; a list gives one an operand. Default: that given to `defineOp`, else -2 to 2. */
  readonly domain?: OpDomain | readonly OpDomain[] | undefined;
  /** Derivatives checked. Default: 2. */
  readonly order?: 1 | 2 | undefined;
  /** Random values a case. Default: 4. */
  readonly numRuns?: number | undefined;
  /** Seeds the values. Default: 0. */
  readonly seed?: number | string | undefined;
}

/** The plain data of what `checkOp` found. */
export interface OpReportData {
  readonly ok: boolean;
  /** How many inputs were tried. */
  readonly runs: number;
  /** What is wrong, each thing once with the inputs it was seen at. */
  readonly problems: readonly string[];
  /** What could not be checked, and what the operator does not do, though it need not. */
  readonly notes: readonly string[];
  /** The first gradient check that failed. */
  readonly report: GradientReportData | null;
}

/** What `checkOp` found. */
export interface OpReport extends OpReportData {
  readonly report: GradientReport | null;
  /** The whole report, to be read. */
  toString(): string;
  /** Plain data; numbers that JSON does not have become text. */
  toJSON(): OpReportData;
}

const optionNames = ["arity", "shapes", "domain", "order", "numRuns", "seed"];

/**
 * Tests an operator over shapes and random values from its domain: its gradient against differences to order 2, forward
 * mode against reverse mode, linearity in the cotangent, a zero cotangent, determinism of value and rule, operands that
 * stay what they were, views, float32, and operands of different shapes, which it may refuse or has to broadcast.
 *
 * Shapes that it refuses with a typed error are passed over and noted, as long as it takes some. Without a `jvp`, forward
 * mode is left out; where a `vjp` reads values (`toTypedArray`, `item`), wrong derivatives of order 2 are no fault. Notes
 * say so.
 *
 * @param op a function of tensors, such as what `defineOp` makes
 * @returns what was found; nothing is thrown for a wrong rule
 * @throws `ArgumentError` for an unknown option, or one that makes no sense
 * @throws `ShapeError` for shapes that are none
 * @example
 * ```ts
 * import { matmul, tanh } from "@cotangent/core";
 * import { checkOp } from "@cotangent/core/check";
 * checkOp(tanh).ok; // → true
 * checkOp(matmul, { shapes: [[[2, 3], [3, 4]]] }).ok; // → true
 * ```
 */
export function checkOp(op: (...xs: never[]) => Tensor, options: CheckOpOptions = {}): OpReport {
  checkFunction("checkOp", op, "an operator, a function of tensors");
  checkOptions("checkOp", options, optionNames);
  const definition = (op as Partial<CustomOp<never>>).definition as OpDefinition | undefined;
  const { arity, order = 2, numRuns = 4, seed = 0, domain = definition?.domain ?? { min: -2, max: 2 } } = options;
  for (const [name, value] of Object.entries({ arity: arity ?? 1, numRuns }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`checkOp: expected ${name} to be an integer from 1, got ${describe(value)}`);
  if ((order as unknown) !== 1 && (order as unknown) !== 2)
    throw new ArgumentError(`checkOp: expected order 1 or 2, got ${describe(order)}`);
  if (typeof seed !== "string" && !Number.isFinite(seed))
    throw new ArgumentError(`checkOp: expected a seed that is a string or a finite number, got ${describe(seed)}`);
  const random = seeded(seed);
  const cases =
    options.shapes === undefined
      ? usualCases(arity ?? parametersOf(op, definition))
      : givenCases("checkOp", options.shapes, arity);
  const trial = new Trial(op as unknown as Op, definition ?? null, order);
  for (const each of cases) {
    const domains = domainsOf("checkOp", domain, each.shapes.length);
    for (let run = 0; run < (each.mixed ? 1 : numRuns); run++) {
      const own = random.fork(`${showCase(each)} ${run}`);
      trial.run(each, each.shapes.map((shape, i) => valuesIn(domains[i]!, shape, own.fork(`operand ${i}`))), run, own); // prettier-ignore
    }
  }
  return trial.report();
}

/** @throws `ArgumentError` if the function does not tell */
function parametersOf(op: (...xs: never[]) => unknown, definition: OpDefinition | undefined): number {
  const { length } = definition?.forward ?? op;
  if (length > 0) return length;
  throw new ArgumentError(
    `checkOp: expected arity, as ${definition === undefined ? "the function" : `forward of ${definition.name}`} does not tell how many operands it takes; write { arity: 2 }, for example`,
  );
}

/** One operator, tried on one input after the other. */
class Trial implements Listener {
  readonly #op: Op;
  readonly #definition: OpDefinition | null;
  readonly #order: 1 | 2;
  readonly #problems = new Map<string, string>();
  readonly #notes = new Set<string>();
  readonly #refusals = new Map<string, string>();
  #where = "";
  #runs = 0;
  #taken = 0;
  #report: GradientReport | null = null;

  constructor(op: Op, definition: OpDefinition | null, order: 1 | 2) {
    this.#op = op;
    this.#definition = definition;
    this.#order = order;
  }

  problem(text: string): void {
    if (!this.#problems.has(text)) this.#problems.set(text, this.#where);
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  run(each: OpCase, xs: readonly Tensor[], seed: number, random: Random): void {
    this.#where = showCase(each);
    this.#runs++;
    try {
      this.#op(...xs);
    } catch (error) {
      // What the operator refuses is its own affair; what breaks in it is not.
      if (!(error instanceof CotangentError)) this.#broke(error);
      else this.#refusals.set(this.#where, `${error.name}: ${error.message}`);
      return;
    }
    this.#taken++;
    try {
      promises(this.#op, xs, random, this);
      if (each.mixed) broadcasts(this.#op, xs, this);
      if (xs.every((x) => x.size > 0)) this.#gradients(xs, seed);
    } catch (error) {
      this.#broke(error);
    }
  }

  #broke(error: unknown): void {
    this.problem(`it throws ${error instanceof Error ? `${error.name}: ${error.message}` : describe(error)}`);
  }

  #gradients(xs: readonly Tensor[], seed: number): void {
    const found = checkGradients("checkOp", this.#op as never, xs, { order: this.#order, seed });
    if (found.ok) return;
    const [failure] = found.failures;
    if (found.problems.length === 0 && failure?.order === 2 && this.#readsValues(xs)) {
      this.note(
        "its vjp reads values (toTypedArray, item), so derivatives of its gradient are not right, and order 2 does not count; write it in operators for that",
      );
      return;
    }
    this.#report ??= found;
    for (const problem of found.problems)
      this.problem(problem.startsWith("the output is not finite") ? `${problem}; see domain` : problem);
    if (failure === undefined) return;
    const what = failure.order === 2 ? "the derivative of its gradient" : "its gradient";
    const blame = {
      reverse: ", by the vjp",
      forward: " in forward mode, by the jvp",
      both: "",
      either: ", in one of the modes",
    }[failure.verdict];
    this.problem(`${what} is wrong${blame}`);
  }

  /** Examples of `vmap` have no values to be read, so a rule that asks for some is refused. */
  #readsValues(xs: readonly Tensor[]): boolean {
    const definition = this.#definition;
    if (definition === null) return false;
    const single = (x: Tensor): Tensor => reshape(x, [1, ...x.shape]);
    const y = this.#op(...xs);
    try {
      vmap((ct: Tensor, output: Tensor, ...inputs: Tensor[]) =>
        definition.vjp(ct, inputs, output).filter((each) => each !== null),
      )(single(y), single(y), ...xs.map(single));
      return false;
    } catch (error) {
      return error instanceof GraphError;
    }
  }

  report(): OpReport {
    const refused = [...this.#refusals];
    if (this.#taken === 0 && this.#problems.size === 0)
      this.problem(
        `it refuses all shapes tried; pass shapes, or arity, such as { arity: 1 } where options follow one operand (${refused[0]![1]})`,
      );
    else for (const [where, why] of refused) this.note(`it refuses ${where} (${why})`);
    const problems = [...this.#problems].map(([problem, where]) => `${problem} (${where})`);
    const [ok, report] = [problems.length === 0, this.#report];
    const found = { ok, runs: this.#runs, problems, notes: [...this.#notes] };
    return {
      ...found,
      report,
      toJSON: () => ({ ...found, report: report === null ? null : report.toJSON() }),
      toString: () =>
        [
          `checkOp: ${ok ? "all promises hold" : "promises are broken"} (${found.runs} runs)`,
          ...problems.map((problem) => `problem: ${problem}`),
          ...found.notes.map((note) => `note: ${note}`),
          ...(report === null ? [] : [report.toString()]),
        ].join("\n"),
    };
  }
}
