/**
 * What a gradient check says.
 * @module
 */
import { plainData, showNumber } from "../print.js";
import { showShape } from "../shape.js";
import type { Verdict } from "./examination.js";
import type { Culprit } from "./localise.js";

/** An input of the function whose derivative is wrong. */
export interface GradientFailure {
  /** The first operator in the graph whose rule is wrong; `null` where every operator passes by itself. */
  readonly op: string | null;
  /** The line of source that called it, as `file:line:column`. */
  readonly line: string | null;
  /** Which input, such as `inputs[0].weight`. */
  readonly input: string;
  /** The worst element found. */
  readonly index: readonly number[];
  /** The element of the output that is differentiated, in row-major order; `null`: a random sum of all of them. */
  readonly output: number | null;
  /** What the rules give there. */
  readonly analytic: number;
  /** What differences give. */
  readonly numeric: number;
  /** How far off the differences may be. */
  readonly errorBar: number;
  /** The order of the derivative: 2 where the gradient is right but its own derivative is not. */
  readonly order: number;
  /**
   * Which mode is wrong: `reverse`, `forward`, `both` alike, or `either`: they disagree, and differences cannot tell which
   * of the two is.
   */
  readonly verdict: Verdict;
}

/** A point where the function has a corner or a jump, so that any slope between those of its sides is accepted. */
export interface Kink {
  /** The operator that decides there. */
  readonly op: string | null;
  readonly line: string | null;
  /** `null`: met along a direction through all inputs. */
  readonly input: string | null;
  readonly index: readonly number[] | null;
  /** Slopes on either side; NaN where there is none. */
  readonly left: number;
  readonly right: number;
  readonly analytic: number;
  /** 2: a kink of the gradient. */
  readonly order: number;
}

/**
 * A derivative that differences cannot judge: the function changes faster than the smallest steps, it has a vertical
 * tangent, or the derivative is below the digits of the value.
 */
export interface Undecided {
  /** `null`: along a direction through all inputs. */
  readonly input: string | null;
  readonly index: readonly number[] | null;
  readonly analytic: number;
  readonly numeric: number;
  readonly errorBar: number;
  readonly order: number;
}

/** The plain data of a report. */
export interface GradientReportData {
  readonly ok: boolean;
  readonly mode: "fast" | "full";
  readonly order: number;
  /** Seeds the directions, so that the same check can be made again. */
  readonly seed: number | string;
  /** Elements of all inputs together. */
  readonly elements: number;
  /** How often the function was run, derivatives included. */
  readonly evaluations: number;
  readonly failures: readonly GradientFailure[];
  /** The first operators whose own rule is wrong, in the order of computation. */
  readonly culprits: readonly Culprit[];
  /** What is wrong beside derivatives: an impure function, an input changed in place, a rule that broke. */
  readonly problems: readonly string[];
  readonly kinks: readonly Kink[];
  /** What could not be judged; not a failure. */
  readonly undecided: readonly Undecided[];
  /** How many derivatives by elements or along directions could be judged by differences. */
  readonly judged: number;
  /** Float inputs that the output does not depend on. */
  readonly unconnected: readonly string[];
  readonly notes: readonly string[];
}

/** How the note begins that forward mode was left out. */
export const uncompared = "forward mode was not compared";
/** The problem of a function that has no value at its inputs. */
export const notFinite = "the output is not finite at these inputs, so nothing can be compared";

const verdicts: Readonly<Record<Verdict, string>> = {
  reverse: "forward mode agrees with the differences, so the rule of reverse mode (vjp) is wrong",
  forward: "reverse mode agrees with the differences, so the rule of forward mode (jvp) is wrong",
  both: "forward and reverse mode both disagree with the differences",
  either: "forward and reverse mode disagree, and differences cannot tell which of them is wrong",
};

/** Where no forward mode could agree with anything. */
const alone = "reverse mode disagrees with the differences, so its rule (vjp) is wrong";
const at = (index: readonly number[] | null): string =>
  index === null || index.length === 0 ? "" : ` at [${index.join(", ")}]`;
const numbers = (f: { readonly analytic: number; readonly numeric: number; readonly errorBar: number }): string =>
  `analytic ${showNumber(f.analytic, 10)}, numeric ${showNumber(f.numeric, 10)} ± ${showNumber(f.errorBar, 2)}`;
const of = (output: number | null): string => (output === null ? "a random sum of outputs" : `output ${output}`);
const place = (n: number): string => `operator ${n + 1}`;
/** What to look for where every operator passes by itself. */
const blameless = (failures: readonly GradientFailure[]): string =>
  failures.every(({ analytic }) => Number.isFinite(analytic))
    ? "no single operator is to blame: each one passes by itself. Look for a missing accumulation, a value taken out of the graph (item(), noGrad, stopGradient), or a dependence on something outside"
    : "no rule is to blame, but the gradient is not finite: detectAnomaly names the operator at whose edge it arises, such as one behind a mask, where 0 times infinity is NaN";
const few = 5;

function listed<T>(items: readonly T[], show: (item: T) => readonly string[]): string[] {
  const lines = items.slice(0, few).flatMap(show);
  return items.length > few ? [...lines, `  … and ${items.length - few} more`] : lines;
}

/** What a gradient check found. */
export class GradientReport implements GradientReportData {
  readonly ok: boolean;
  readonly mode: "fast" | "full";
  readonly order: number;
  readonly seed: number | string;
  readonly elements: number;
  readonly evaluations: number;
  readonly failures: readonly GradientFailure[];
  readonly culprits: readonly Culprit[];
  readonly problems: readonly string[];
  readonly kinks: readonly Kink[];
  readonly undecided: readonly Undecided[];
  readonly judged: number;
  readonly unconnected: readonly string[];
  readonly notes: readonly string[];

  /** @internal */
  constructor(data: GradientReportData) {
    this.ok = data.ok;
    this.mode = data.mode;
    this.order = data.order;
    this.seed = data.seed;
    this.elements = data.elements;
    this.evaluations = data.evaluations;
    this.failures = data.failures;
    this.culprits = data.culprits;
    this.problems = data.problems;
    this.kinks = data.kinks;
    this.undecided = data.undecided;
    this.judged = data.judged;
    this.unconnected = data.unconnected;
    this.notes = data.notes;
  }

  /** Plain data; numbers that JSON does not have become text. */
  toJSON(): GradientReportData {
    return plainData<GradientReportData>({ ...this });
  }

  /** The whole report, to be read: the wrong operator and its line first, then the inputs it shows at. */
  toString(): string {
    const {
      ok,
      mode,
      order,
      elements,
      evaluations,
      failures,
      culprits,
      problems,
      kinks,
      undecided,
      unconnected,
      notes,
    } = this;
    const verdict = !ok
      ? failures.length === 0 && problems.every((problem) => problem === notFinite)
        ? "nothing could be judged"
        : "the gradients are wrong"
      : undecided.length === 0
        ? "the gradients are right"
        : "nothing found wrong, but not everything could be judged";
    const compared = !notes.some((note) => note.startsWith(uncompared));
    const says = (v: Verdict): string => (v === "reverse" && !compared ? alone : verdicts[v]);
    const lines = [
      `gradcheck: ${verdict} (${mode} mode, order ${order}, ${elements} ${elements === 1 ? "element" : "elements"}, ${evaluations} evaluations)`,
      ...problems.map((problem) => `problem: ${problem}`),
      ...listed(culprits, (c) => [
        `wrong operator: ${c.op}${c.line === null ? "" : `, called at ${c.line}`} (${place(c.place)}, inputs of shape ${c.shapes.map(showShape).join(" and ")})`,
        ...(c.message === null ? [] : [`  ${c.message}`]),
        ...(c.operand === null
          ? []
          : [
              `  ${c.order === 1 ? "" : `order ${c.order}: `}derivative of ${of(c.output)} by operand ${c.operand}${at(c.index)}: ${numbers(c)}`,
              `  ${says(c.verdict)}`,
            ]),
      ]),
      ...(failures.length > 0 && culprits.length === 0 ? [blameless(failures)] : []),
      ...listed(failures, (f) => [
        `wrong gradient: ${f.order === 1 ? "" : `order ${f.order}, `}${of(f.output)} by ${f.input}${at(f.index)}: ${numbers(f)}`,
        ...(culprits.length > 0 ? [] : [`  ${says(f.verdict)}`]),
      ]),
      ...listed(kinks, (k) => [
        `kink: ${k.order === 1 ? "" : `order ${k.order}, `}${k.op ?? "an operator"}${k.line === null ? "" : ` at ${k.line}`}, ${k.input === null ? "along a direction" : `${k.input}${at(k.index)}`}: ${Number.isNaN(k.left) && Number.isNaN(k.right) ? "many at once" : `slopes ${showNumber(k.left)} and ${showNumber(k.right)}, analytic ${showNumber(k.analytic)}`}`,
      ]),
      ...listed(undecided, (u) => [
        `undecided: ${u.order === 1 ? "" : `order ${u.order}, `}${u.input === null ? "along a direction" : `by ${u.input}${at(u.index)}`}: ${numbers(u)}`,
      ]),
      ...(unconnected.length === 0 ? [] : [`unconnected: the output does not depend on ${unconnected.join(", ")}`]),
      ...notes.map((note) => `note: ${note}`),
    ];
    return lines.join("\n");
  }

  /** @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
