/**
 * Which operator is to blame: every node of the recorded graph, its own rule against its own kernel.
 * @module
 */
import { withRecording } from "../context.js";
import { isFloat } from "../dtype.js";
import { leafPrimitive, untracked } from "../leaf.js";
import type { Node } from "../node.js";
import { apply } from "../primitive.js";
import type { Random } from "../random.js";
import type { Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { variable } from "../construct.js";
import type { Verdict } from "./examination.js";
import { examine } from "./examine.js";
import { same } from "./integrity.js";
import { showNumber } from "../print.js";
import { withLines } from "../lines.js";
import { lineAlong } from "./line.js";
import { Probe } from "./probe.js";
import { ruleMessage } from "./rules.js";
import {
  copyOf, direction, evaluate, innerProduct, liftedRule, numbersOf, resultsOf, reverse, tensorOf, type Numbers, type Subject,
} from "./subject.js"; // prettier-ignore

/** An operator whose rule is wrong. */
export interface Culprit {
  readonly op: string;
  /** The line of the user's source that called it. */
  readonly line: string | null;
  /** How many operators ran before it. */
  readonly place: number;
  readonly shapes: readonly Shape[];
  readonly verdict: Verdict;
  /** 1: its rule; 2: the derivative of its rule. */
  readonly order: number;
  /** The operand by which the derivative is wrong. */
  readonly operand: number | null;
  readonly index: readonly number[] | null;
  /** The element of the operator's output, in row-major order; `null`: a random sum of all of them. */
  readonly output: number | null;
  readonly analytic: number;
  readonly numeric: number;
  readonly errorBar: number;
  /** What the rule said when it broke. */
  readonly message: string | null;
}

/** What a search over the graph gave. */
export interface Search {
  readonly culprits: readonly Culprit[];
  /** Whether every operator could be judged, and is right. */
  readonly allRight: boolean;
}

const most = 3;

/** Position of an element in row-major order, as an index. */
export function indexOf(element: number, shape: Shape): readonly number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = element % shape[axis]!;
    element = Math.floor(element / shape[axis]!);
  }
  return index;
}

/** A node by itself: its kernel over the operands that derivatives flow to. */
function alone(node: Node): { subject: Subject; operands: readonly number[] } {
  const inputs = node.inputs;
  const operands = inputs.flatMap((x, i) => (x.node !== null && isFloat(x.dtype) ? [i] : []));
  const leaves = operands.map((i) => copyOf(inputs[i]!));
  const narrow = leaves.some((x) => x.dtype === "float32");
  return {
    operands,
    subject: {
      leaves,
      names: operands.map((i) => `operand ${i}`),
      epsilon: narrow ? 2 ** -23 : Number.EPSILON,
      run: (given) => {
        const all = inputs.map(untracked);
        operands.forEach((i, k) => (all[i] = given[k]!));
        return apply(node.primitive, all, node.params as never);
      },
    },
  };
}

/** What the rule gave on the recorded tensors, where anything saved is as the sweep would find it. */
interface Recorded {
  readonly cotangent: Float64Array;
  readonly contributions: readonly Float64Array[];
  readonly broke: string | null;
}

function recordedRule(x: Tensor, operands: readonly number[], random: Random): Recorded {
  const node = x.node!;
  const cotangent = x.size === 1 ? Float64Array.of(1) : direction(random, x.size);
  let broke: string | null = null;
  const contributions = operands.map((i) => {
    const input = node.inputs[i]!;
    const zeros = new Float64Array(input.size);
    try {
      const ct = tensorOf(cotangent.slice(), x.shape, x.dtype);
      const given = withRecording(false, () => node.primitive.vjp!(i, ct, node.inputs, x, node.params as never));
      return given === null || given.size !== input.size ? zeros : numbersOf(given);
    } catch (error) {
      broke ??= ruleMessage(node.primitive.name, "vjp", error);
      return zeros;
    }
  });
  return { cotangent, contributions, broke };
}

/** Whether the rule gives the same applied alone as it did in the sweep. */
function isFresh(subject: Subject, { cotangent, contributions }: Recorded): boolean {
  const { gradients } = reverse(subject, cotangent);
  return contributions.every((known, k) => same(known, gradients[k]!));
}

/** Whether the rule, as it stood in the sweep, disagrees with differences of the kernel. */
function staleOperand(subject: Subject, { cotangent, contributions }: Recorded, random: Random): number | null {
  for (let k = 0; k < contributions.length; k++) {
    const along: Numbers = subject.leaves.map((x, i) =>
      i === k ? direction(random.fork(`stale ${k}`), x.size) : new Float64Array(x.size),
    );
    const probe = new Probe(subject, cotangent);
    const { value: analytic, magnitude } = innerProduct(contributions[k]!, along[k]!);
    const rounding = 1e3 * subject.epsilon * magnitude;
    const reading = probe.along(lineAlong(subject, along), rounding, true);
    if (reading.kind === "kink" || !Number.isFinite(reading.value)) continue;
    const bar = 10 * reading.bar + 1e-9 * Math.max(Math.abs(analytic), Math.abs(reading.value)) + rounding;
    if (!(Math.abs(analytic - reading.value) <= bar)) return k;
  }
  return null;
}

/** The element of an operand where the recorded rule is most wrong, among the first ones. */
function staleElement(subject: Subject, { cotangent, contributions }: Recorded, k: number) {
  const x = subject.leaves[k]!;
  let worst = { element: 0, analytic: NaN, numeric: NaN, bar: Infinity };
  for (let i = 0; i < Math.min(x.size, 64); i++) {
    const along = subject.leaves.map((y) => new Float64Array(y.size));
    along[k]![i] = 1;
    const reading = new Probe(subject, cotangent).along(lineAlong(subject, along), 0, true);
    if (reading.kind === "kink") continue;
    const analytic = contributions[k]![i]!;
    const better = !(Math.abs(analytic - reading.value) <= Math.abs(worst.analytic - worst.numeric));
    if (better) worst = { element: i, analytic, numeric: reading.value, bar: reading.bar };
  }
  return worst;
}

/**
 * Walks the graph of one evaluation in the order of computation.
 *
 * @param order how many derivatives of each rule are checked
 */
export function localise(subject: Subject, order: number, random: Random): Search {
  const { result: output, lineOf } = withLines(() =>
    withRecording(true, () =>
      evaluate(
        subject,
        subject.leaves.map((x) => variable(x)),
      ),
    ),
  );
  const results = resultsOf(output);
  const parts = results.map((x, place) => ({ x, place, random: random.fork(`node ${place}`), ...alone(x.node!) }));
  // All rules first, in the order of the sweep: applying a node again may refresh what its rule had saved.
  const recorded = new Map(
    parts.toReversed().map((part) => [part.x, recordedRule(part.x, part.operands, part.random)]),
  );
  const culprits: Culprit[] = [];
  let allRight = true;
  for (const { x, place, random: own, operands, subject: node } of parts) {
    const { primitive, inputs } = x.node!;
    if (primitive === (leafPrimitive as unknown)) continue;
    const who = { op: primitive.name, line: lineOf(x), place, shapes: inputs.map((input) => input.shape) };
    const rule = recorded.get(x)!;
    const nothing = { operand: null, index: null, output: null, analytic: NaN, numeric: NaN, errorBar: NaN };
    const found = suspect();
    if (found !== null) culprits.push({ ...who, ...found });
    if (culprits.length === most) break;

    function suspect(): Omit<Culprit, keyof typeof who> | null {
      // At a pole there is nothing to compare; who let a value out that is not finite is for explain to say.
      if (![x, ...inputs].every((each) => !isFloat(each.dtype) || each.toTypedArray().every(Number.isFinite))) {
        allRight = false;
        return null;
      }
      for (let level = 1, at = node; level <= order; level++) {
        const verdict = examine(at, { mode: "fast", random: own.fork(`order ${level}`), projections: 1, search: true });
        if (verdict.undecided.length > 0) allRight = false;
        if (verdict.broke !== null || rule.broke !== null)
          return { ...nothing, verdict: "reverse", order: level, message: verdict.broke ?? rule.broke };
        if (verdict.verdict !== null) {
          const wrong = verdict.wrong[0];
          if (wrong === undefined) return { ...nothing, verdict: verdict.verdict, order: level, message: null };
          const { leaf, element, analytic, numeric, bar, output } = wrong;
          if (leaf === operands.length)
            return {
              ...nothing, verdict: verdict.verdict, order: level, index: indexOf(element, x.shape),
              message: `its vjp does not pass derivatives on to the cotangent (${showNumber(analytic, 10)} instead of ${showNumber(numeric, 10)}); write it in operators of it, without toTypedArray, item, stopGradient or noGrad`,
            }; // prettier-ignore
          return {
            verdict: verdict.verdict, order: level, operand: operands[leaf]!, message: null,
            index: indexOf(element, at.leaves[leaf]!.shape), output, analytic, numeric, errorBar: bar,
          }; // prettier-ignore
        }
        if (level === 1) {
          const stale = isFresh(node, rule) ? null : staleOperand(node, rule, own);
          if (stale !== null) {
            const { element, analytic, numeric, bar } = staleElement(node, rule, stale);
            return {
              verdict: "reverse", order: 1, operand: operands[stale]!, index: indexOf(element, node.leaves[stale]!.shape),
              output: x.size === 1 ? 0 : null, analytic, numeric, errorBar: bar,
              message: "right when applied alone, wrong in this graph: does it depend on something saved outside of it?",
            }; // prettier-ignore
          }
        }
        if (level < order) {
          const along = at.leaves.map((y, i) => direction(own.fork(`lift ${level} ${i}`), y.size));
          at = liftedRule(at, tensorOf(rule.cotangent, x.shape, x.dtype), along);
        }
      }
      return null;
    }
  }
  return { culprits, allRight: allRight && culprits.length === 0 };
}
