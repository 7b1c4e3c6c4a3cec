/**
 * A NaN or an infinity: which operator made it, where, and from what.
 * @module
 */
import { lineOf } from "./lines.js";
import { firstBad, badWord, rangeOf, showRange, type Range } from "./range.js";
import { showNumber } from "./print.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/**
 * Where it came up: in an operator (`forward`), in its rule of reverse mode (`backward`) or of forward mode
 * (`tangent`), or in a tensor that no operator in sight made (`data`).
 */
export type AnomalyPhase = "forward" | "backward" | "tangent" | "data";

/** What went into the operator. */
export interface AnomalyInput extends Range {
  /** The caller's name for it, or what made it. */
  readonly name: string;
}

/** One place where finite numbers turned into NaN or infinities. */
export interface Anomaly {
  readonly phase: AnomalyPhase;
  /** The operator; for `data` it is `variable` or `constant`. */
  readonly op: string;
  /** `file:line:column` that applied the operator; `null`: not recorded. */
  readonly line: string | null;
  /** `NaN` or `infinity`. */
  readonly made: "NaN" | "infinity";
  readonly inputs: readonly AnomalyInput[];
  /** What came from behind: the cotangent, or the tangents. Empty in the forward pass. */
  readonly given: readonly Range[];
  /** What the operator or the rule gave; for `data` the tensor itself. */
  readonly output: Range;
  /** For `backward`: the input whose cotangent it is. */
  readonly input: number | null;
  /** The first element that is not finite. */
  readonly index: readonly number[];
  /** The inputs' elements in that place, where all have the output's shape. */
  readonly elements: readonly number[] | null;
  /** Whether it comes out: a chain of values that are not finite leads from here to the output, or to a gradient. */
  readonly reaches: boolean;
  /** The variables whose gradients it spoils, by label. */
  readonly flowsTo: readonly string[];
  /** What usually helps. */
  readonly remedy: string;
}

/** What is known of one application of an operator. */
export interface Site {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly phase: AnomalyPhase;
  readonly output: Tensor;
  readonly given: readonly (Tensor | null)[];
  readonly input: number | null;
  /** What the operator or its rule gave. */
  readonly result: Tensor;
}

const remedies: Readonly<Record<string, string>> = {
  log: "keep the argument positive: clamp it, or compute the logarithm with its operator (logSigmoid, logSoftmax, logSumExp, xlogy)",
  div: "keep the divisor away from 0: add a small number to it, or divide by where(divisor is 0, 1, divisor)",
  exp: "subtract the maximum first, or use softmax, logSumExp, sigmoid, softplus, which do not overflow",
  sqrt: "add a small number under the root; its slope at 0 is infinite",
  pow: "keep the base positive; for a fractional exponent the slope at 0 is infinite",
  sub: "infinity minus infinity has no value: find what made the infinities",
  mul: "zero times infinity has no value: find what made the infinity",
  square: "scale its argument, or clip gradients",
  add: "values grew out of range: lower the learning rate, or clip gradients",
  sum: "values grew out of range: scale them, or take the mean",
  matmul: "values grew out of range: scale inputs and weights, lower the learning rate, or clip gradients",
};
const aliases: Readonly<Record<string, string>> = {
  log1p: "log", log2: "log", log10: "log", reciprocal: "div", rsqrt: "div", exp2: "exp", expm1: "exp", sinh: "exp", cosh: "exp",
}; // prettier-ignore

function remedyFor(phase: AnomalyPhase, op: string): string {
  if (phase === "data") return "look at the data: filter them, or replace with where(isNaN(x), 0, x)";
  const otherwise =
    phase === "forward"
      ? "keep its inputs within the operator's domain, for example with clamp or where"
      : "the slope is not finite here: move the inputs away from that point, for example with clamp or where before the operator";
  return remedies[aliases[op] ?? op] ?? otherwise;
}

export function unravel(position: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** Describes a site whose result is not finite. */
export function anomalyAt(
  site: Site,
  labelOf: (x: Tensor) => string | undefined,
  infinities: boolean,
  flow: { readonly reaches: boolean; readonly flowsTo: readonly string[] },
): Anomaly {
  const { phase, name: op, output, inputs, given, input, result } = site;
  const nameOf = (x: Tensor): string => labelOf(x) ?? (x.node === null ? "constant" : x.node.primitive.name);
  const range = rangeOf(result);
  const position = Math.max(0, firstBad(result.toTypedArray(), infinities));
  const alike = inputs.length > 0 && inputs.every((x) => String(x.shape) === String(result.shape));
  return {
    phase,
    op: phase === "data" ? nameOf(output) : op,
    line: lineOf(output),
    made: badWord(range) as Anomaly["made"],
    inputs: inputs.map((x) => ({ name: nameOf(x), ...rangeOf(x) })),
    given: given.flatMap((x) => (x === null ? [] : [rangeOf(x)])),
    output: range,
    input,
    index: unravel(position, result.shape),
    elements: alike ? inputs.map((x) => x.toTypedArray()[position]!) : null,
    ...flow,
    remedy: remedyFor(phase, op),
  };
}

const subjects: Readonly<Record<AnomalyPhase, (op: string) => string>> = {
  forward: (op) => op,
  backward: (op) => `the backward rule of ${op}`,
  tangent: (op) => `the forward-mode rule of ${op}`,
  data: (op) => `the data: ${op}`,
};

/** `NaN from log at model.ts:3:9, first at [1]: log(-0.5)`, without the remedy. */
export function headline({ phase, op, line, made, index, elements }: Anomaly): string {
  const at = line === null ? "" : ` at ${line}`;
  const where = index.length === 0 ? "" : `, first at [${index.join(", ")}]`;
  const call = elements === null ? "" : `: ${op}(${elements.map((v) => showNumber(v, 4)).join(", ")})`;
  return `${made} ${phase === "data" ? "in" : "from"} ${subjects[phase](op)}${at}${where}${phase === "forward" ? call : elements === null ? "" : `, where it computed ${call.slice(2)}`}`;
}

/** The ranges of what went in and came out, one a line. */
export function rangeLines({ phase, inputs, given, output, input }: Anomaly): string[] {
  const behind = phase === "backward" ? "cotangent" : "tangent";
  const out =
    phase === "backward" && input !== null
      ? `cotangent of input ${input}`
      : phase === "tangent"
        ? "result"
        : phase === "data"
          ? "values"
          : "output";
  return [
    ...inputs.map((x, i) => `input ${i}, ${x.name}: ${showRange(x)}`),
    ...given.map((x) => `${behind} that came: ${showRange(x)}`),
    `${out}: ${showRange(output)}`,
  ];
}
