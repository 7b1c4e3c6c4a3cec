/**
 * Sums of products over labelled axes, lowered to views, matrix products and sums.
 * @module
 */
import { promote } from "../dtype.js";
import { adopt, asTensor } from "../operand.js";
import { sizeOf } from "../shape.js";
import { Tensor, type TensorLike } from "../tensor.js";
import { mul } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { parseEquation } from "./equation.js";
import { matmul } from "./linalg.js";
import { astype, permute, reshape, stretch, sum } from "./linear.js";
import { diagonalAlong } from "./regions.js";

/** A tensor with a label for each axis, every label once. */
interface Factor {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

type Sizes = ReadonlyMap<string, number>;

/** The axes in the order of `labels`. */
function ordered({ x, labels }: Factor, order: readonly string[]): Tensor {
  return order.every((label, axis) => label === labels[axis])
    ? x
    : permute(
        x,
        order.map((label) => labels.indexOf(label)),
      );
}

/** The operand with each label once: repeated ones give the diagonal, and what has to stretch is left to the others. */
function factorOf(x: Tensor, labels: readonly string[], sizes: Sizes): Factor {
  let factor: Factor = { x, labels };
  for (const label of new Set(labels)) while (repeats(factor.labels, label)) factor = diagonal(factor, label);
  const kept = factor.labels.filter((label, axis) => factor.x.layout.shape[axis] === sizes.get(label));
  const shape = kept.map((label) => sizes.get(label)!);
  return { x: reshape(factor.x, shape), labels: kept };
}

const repeats = (labels: readonly string[], label: string): boolean =>
  labels.indexOf(label) !== labels.lastIndexOf(label);

/** The diagonal of the first and the last axis of a label, as the last axis. */
function diagonal({ x, labels }: Factor, label: string): Factor {
  const [i, j] = [labels.indexOf(label), labels.lastIndexOf(label)];
  const { shape } = x.layout;
  const n = Math.max(shape[i]!, shape[j]!);
  const square = stretch(x, shape.map((size, axis) => (axis === i || axis === j ? n : size))); // prettier-ignore
  const rest = labels.filter((_, axis) => axis !== i && axis !== j);
  return { x: diagonalAlong(square, 0, i, j), labels: [...rest, label] };
}

/** Sums the axes that nobody needs. */
function summed({ x, labels }: Factor, needed: ReadonlySet<string>): Factor {
  const axis = labels.flatMap((label, a) => (needed.has(label) ? [] : [a]));
  return axis.length === 0 ? { x, labels } : { x: sum(x, { axis }), labels: labels.filter((l) => needed.has(l)) };
}

/** How the labels of two factors play together. */
interface Plan {
  /** In both, and needed afterwards. */
  readonly batch: readonly string[];
  /** In both, and summed. */
  readonly inner: readonly string[];
  readonly left: readonly string[];
  readonly right: readonly string[];
}

function planOf(a: Factor, b: Factor, needed: ReadonlySet<string>): Plan {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  return {
    batch: shared.filter((label) => needed.has(label)),
    inner: shared.filter((label) => !needed.has(label)),
    left: a.labels.filter((label) => !b.labels.includes(label)),
    right: b.labels.filter((label) => !a.labels.includes(label)),
  };
}

function multiply(a: Factor, b: Factor, { batch, inner, left, right }: Plan, sizes: Sizes): Factor {
  const of = (labels: readonly string[]): number[] => labels.map((label) => sizes.get(label)!);
  const labels = [...batch, ...left, ...right];
  const p = ordered(a, [...batch, ...left, ...inner]);
  const q = ordered(b, [...batch, ...inner, ...right]);
  if (inner.length === 0) {
    const wide = reshape(p, [...of(batch), ...of(left), ...right.map(() => 1)]);
    return { x: mul(wide, reshape(q, [...of(batch), ...left.map(() => 1), ...of(right)])), labels };
  }
  const [m, k, n] = [sizeOf(of(left)), sizeOf(of(inner)), sizeOf(of(right))];
  const product = matmul(reshape(p, [...of(batch), m, k]), reshape(q, [...of(batch), k, n]));
  return { x: reshape(product, of(labels)), labels };
}

/** What is needed beside factors `i` and `j`. */
function neededBeside(factors: readonly Factor[], i: number, j: number, output: readonly string[]): Set<string> {
  return new Set([...output, ...factors.flatMap(({ labels }, at) => (at === i || at === j ? [] : labels))]);
}

/**
 * The pair to multiply next: the one with the fewest multiplications, among equals the one whose product adds least to
 * the elements in memory, then the first.
 */
function cheapest(factors: readonly Factor[], output: readonly string[], sizes: Sizes): [number, number, Plan] {
  const count = (labels: readonly string[]): number => sizeOf(labels.map((label) => sizes.get(label)!));
  let best: [number, number, Plan] | null = null;
  let [growth, work] = [Infinity, Infinity];
  for (let j = 1; j < factors.length; j++)
    for (let i = 0; i < j; i++) {
      const [a, b] = [factors[i]!, factors[j]!];
      const plan = planOf(a, b, neededBeside(factors, i, j, output));
      const outer = [...plan.batch, ...plan.left, ...plan.right];
      const grown = count(outer) - count(a.labels) - count(b.labels);
      const worked = count([...outer, ...plan.inner]);
      if (best === null || worked < work || (worked === work && grown < growth))
        [best, growth, work] = [[i, j, plan], grown, worked];
    }
  return best!;
}

/**
 * Einstein's summation, such as $Z_{ik} = \sum_j X_{ij} Y_{jk}$ for `"ij,jk->ik"`: multiplies the operands along axes
 * of equal letters and sums over the letters that the output leaves out.
 *
 * - A letter twice in one term takes the diagonal: `"ii->i"`; an axis of size 1 stretches.
 * - `...` stands for any axes, aligned at the right, which broadcast; without it in the output they are summed.
 * - Without an arrow the output has the axes of the ellipsis, then the letters that stand once, in alphabetical order.
 *
 * Several operands are multiplied in pairs on the matrix kernel, the cheapest pair first.
 *
 * @returns the sizes of the output's letters, in their order
 * @derivative for each operand the Einstein sum of the cotangent and the other operands, over its own letters
 * @throws {@link ArgumentError} if the equation is malformed, its terms are not as many as the operands, or the output
 * has a letter twice or one that no operand has
 * @throws {@link ShapeError} if ranks differ from the numbers of letters, or one letter stands for different sizes
 * @example
 * ```ts
 * import { einsum, tensor } from "@cotangent/core";
 * const x = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", x, x).toArray(); // → [[7,10],[15,22]]
 * einsum("ii", x).item(); // → 5
 * einsum("i,ij,j", tensor([1, 0]), x, tensor([0, 1])).item(); // → 2
 * ```
 * @see Smith, Gray: opt_einsum, a Python package for optimizing contraction order (2018)
 */
export const einsum: (equation: string, ...operands: TensorLike[]) => Tensor = function einsum(equation, ...operands) {
  const partner = operands.find((x) => x instanceof Tensor);
  const tensors = operands.map((x) => {
    const t = typeof x === "number" && partner !== undefined ? adopt(x, partner.dtype) : asTensor("einsum", x);
    return computable(t, "same");
  });
  const { terms, output, sizes } = parseEquation(equation, tensors.map((x) => x.layout.shape)); // prettier-ignore
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  let factors = tensors.map((x, i) => factorOf(astype(x, dtype), terms[i]!, sizes));
  factors = factors.map((factor, i) => summed(factor, neededBeside(factors, i, i, output)));
  while (factors.length > 1) {
    const [i, j, plan] = cheapest(factors, output, sizes);
    const product = multiply(factors[i]!, factors[j]!, plan, sizes);
    factors = factors.map((factor, at) => (at === i ? product : factor)).filter((_, at) => at !== j);
  }
  return ordered(factors[0]!, output);
};
