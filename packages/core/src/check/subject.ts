/**
 * What is checked: a function of a list of float tensors, at a point. The function of the user is one, and so is every
 * node of its graph alone.
 * @module
 */
import { sweep } from "../backward.js";
import { context, withContext, withRecording } from "../context.js";
import type { TypedArray } from "../dtype.js";
import { jvp } from "../derivatives.js";
import { expectOutput, halves } from "../grad.js";
import { variable } from "../construct.js";
import { add, mul } from "../ops/arithmetic.js";
import { sum } from "../ops/linear.js";
import type { Random } from "../random.js";
import { contiguousLayout, type Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { leastNormal } from "./slope.js";
import { watched, type Application } from "./rules.js";

/** A function and the point where it is checked. */
export interface Subject {
  readonly run: (leaves: readonly Tensor[]) => Tensor;
  /** The point: dense, without history. */
  readonly leaves: readonly Tensor[];
  readonly names: readonly string[];
  /** The spacing of the numbers it computes in. */
  readonly epsilon: number;
}

/** Numbers for every leaf. */
export type Numbers = readonly Float64Array[];

/** A tensor around numbers that nobody else holds. */
export function tensorOf(values: Float64Array, shape: Shape, dtype: Tensor["dtype"] = "float64"): Tensor {
  const data: TypedArray = dtype === "float32" ? Float32Array.from(values) : values;
  return new Tensor(contiguousLayout(shape), dtype, data, 0);
}

/** A dense copy without history. */
export function copyOf(x: Tensor): Tensor {
  return new Tensor(contiguousLayout(x.layout.shape), x.dtype, x.toTypedArray(), 0);
}

export function numbersOf(x: Tensor): Float64Array {
  return Float64Array.from(x.toTypedArray());
}

/** Signed numbers between ½ and 1 on a grid of 1/64: none is neglected, and points along them are exact. */
export function direction(random: Random, size: number): Float64Array {
  const drawn = random.integers([size], { low: 0, high: 64 }).toTypedArray();
  return Float64Array.from(drawn, (k) => ((k & 1) === 0 ? 1 : -1) * (32 + (k >> 1)) / 64); // prettier-ignore
}

/** A sum with its rounding errors made up for (Neumaier 1974), and that of the magnitudes. */
export function innerProduct(a: ArrayLike<number>, b: ArrayLike<number>): { value: number; magnitude: number } {
  let [total, lost, magnitude] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const term = a[i]! * b[i]!;
    const next = total + term;
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
    magnitude += Math.abs(term);
  }
  return { value: Number.isFinite(total) ? total + lost : total, magnitude };
}

/** Runs the function, and refuses what has no derivatives. */
export function evaluate(subject: Subject, leaves: readonly Tensor[]): Tensor {
  return expectOutput("gradcheck", subject.run(leaves));
}

/** Results in the order in which they were computed. */
export function resultsOf(output: Tensor): readonly Tensor[] {
  const found = new Set<Tensor>();
  const stack = [output];
  while (stack.length > 0) {
    const x = stack.pop()!;
    if (x.node === null || x.node.isLeaf || found.has(x)) continue;
    found.add(x);
    stack.push(...x.node.inputs);
  }
  return [...found].sort((a, b) => a.node!.id - b.node!.id);
}

/** What reverse mode gives. */
export interface Reverse {
  readonly gradients: Numbers;
  /** Which leaves it reaches. */
  readonly reached: readonly boolean[];
  /**
   * What one rounding of every value on the way does to the projected output, to first order: each magnitude times that
   * of its cotangent. Differences cannot see what is smaller, however small the output itself is.
   */
  readonly roundings: number;
}

/** @param log gets what every rule gave */
export function reverse(subject: Subject, cotangent: Float64Array, log: Application[] | null = null): Reverse {
  const leaves = subject.leaves.map((x) => variable(x));
  const output = withRecording(true, () => evaluate(subject, leaves));
  if (output.node === null)
    return { gradients: leaves.map((x) => new Float64Array(x.size)), reached: leaves.map(() => false), roundings: 0 };
  const found = watched(() => sweep(output, tensorOf(cotangent, output.shape, output.dtype), false), log);
  const gradients = leaves.map((leaf) => numbersOf(found.get(leaf)));
  let total = 0;
  leaves.forEach((leaf, i) => (total += innerProduct(gradients[i]!, leaf.toTypedArray()).magnitude));
  const least = leastNormal(subject.epsilon);
  for (const x of resultsOf(output)) {
    if (!found.has(x)) continue;
    const cotangents = found.get(x).toTypedArray();
    total += innerProduct(cotangents, x.toTypedArray()).magnitude;
    // What underflows loses more than its share.
    for (let i = 0; i < cotangents.length; i++) total += least * Math.abs(cotangents[i]!);
  }
  return {
    gradients,
    reached: leaves.map((leaf) => found.has(leaf)),
    roundings: Number.isFinite(total) ? 4 * subject.epsilon * total : 0,
  };
}

/**
 * Forward mode: the output's derivative along a direction.
 *
 * @param log gets what every rule gave
 */
export function forward(subject: Subject, along: Numbers, log: Application[] | null = null): Float64Array {
  const tangents = along.map((v, i) => tensorOf(v, subject.leaves[i]!.shape, subject.leaves[i]!.dtype));
  const run = (list: Tensor[]): Tensor => subject.run(list);
  const [, tangent] = watched(() => jvp(run, [subject.leaves as Tensor[]], [tangents]), log);
  return numbersOf(tangent);
}

/**
 * The function of the next order: the gradient against fixed directions, a scalar. What is wrong with it is wrong with
 * the derivatives of the rules.
 */
export function lifted(subject: Subject, cotangent: Float64Array, along: Numbers): Subject {
  return {
    ...subject,
    run: (leaves) => projected(subject, leaves, along, (output) => tensorOf(cotangent, output.shape, output.dtype)),
  };
}

function projected(
  subject: Subject,
  leaves: readonly Tensor[],
  along: Numbers,
  cotangentOf: (output: Tensor) => Tensor,
): Tensor {
  const [output, pullback] = halves("gradcheck", (...xs) => subject.run(xs as Tensor[]), leaves);
  const gradients = watched(() => pullback(cotangentOf(output))) as readonly Tensor[];
  return gradients.map((g, i) => sum(mul(g, tensorOf(along[i]!, g.shape, g.dtype)))).reduce((a, b) => add(a, b));
}

/**
 * The same for a rule by itself, with the cotangent as one more leaf: what a rule gives depends on it too, and in a graph
 * derivatives of the next order flow through it.
 */
export function liftedRule(subject: Subject, cotangent: Tensor, along: Numbers): Subject {
  return {
    ...subject,
    leaves: [...subject.leaves, cotangent],
    names: [...subject.names, "the cotangent"],
    run: (leaves) => projected(subject, leaves.slice(0, -1), along, () => leaves.at(-1)!),
  };
}

/** Whether something was computed with the digits of float32 only. */
export function seesFloat32(run: () => unknown): boolean {
  let seen = false;
  const outer = context.observer;
  withContext(
    {
      observer: {
        observe: (primitive, inputs, params, output) => {
          outer?.observe(primitive, inputs, params, output);
          seen ||= output.dtype === "float32";
        },
      },
    },
    run,
  );
  return seen;
}
