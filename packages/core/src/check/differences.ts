/**
 * Gradients against central differences.
 * @module
 */
import { scalar, tensor } from "../construct.js";
import { ArgumentError, checkFunction, checkOptions, describe, DTypeError } from "../errors.js";
import { transform } from "../grad.js";
import type { Random } from "../random.js";
import { checkRandom } from "../seeds.js";
import type { Tensor } from "../tensor.js";
import { leavesOf, mapLeaves, mapTree, type Leaf, type Tensors } from "../tree.js";
import { withBranches } from "./branches.js";

/** How one tensor's gradient compares. */
export interface GradientComparison {
  /** Where the tensor stands in the tree. */
  readonly path: string;
  /** Elements compared. */
  readonly sampled: number;
  /** Elements left out because their step crossed a kink. */
  readonly kinks: number;
  /** $\|a - n\| / (\|a\| + \|n\|)$ of the analytic and the numeric values; 0 where both vanish. */
  readonly relativeError: number;
}

/** Differences of float32 have no digits left to compare. */
function inDoubles(leaf: Leaf, path: string): Tensor {
  if (typeof leaf === "number") return scalar(leaf, { dtype: "float64" });
  if (leaf.dtype === "float64") return leaf;
  throw new DTypeError(
    `compareGradients: expected float64, got ${leaf.dtype} at ${path === "" ? "the argument" : `"${path}"`}; convert it with astype("float64")`,
  );
}

/** Options of `compareGradients`. */
export interface ComparisonOptions {
  /** Chooses the elements. */
  readonly random: Random;
  /** At most so many elements a tensor. Default: 200. */
  readonly samples?: number | undefined;
  /** The step h of the difference, scaled by max(1, |x|). Default: 1e-5. */
  readonly step?: number | undefined;
}

/**
 * Compares the gradient of a scalar function of a parameter tree with the central differences
 * $(f(x + h) - f(x - h)) / 2h$, element by element. An element whose step crosses a kink of relu, max and the like is
 * passed over and another one drawn.
 *
 * @param f returns a scalar, in float64
 * @returns one comparison a tensor, in the tree's order
 * @throws `DTypeError` naming the leaf, if one is not float64
 * @throws `ArgumentError` if `samples` is not an integer from 1, or the step is not positive
 * @example
 * ```ts
 * import { random, tensor, type Tensor } from "@cotangent/core";
 * import { compareGradients } from "@cotangent/core/check";
 * const f = (p: { w: Tensor }) => p.w.tanh().square().sum();
 * const [w] = compareGradients(f, { w: tensor([0.5, -1]) }, { random: random(1) });
 * w!.relativeError < 1e-8; // → true
 * ```
 */
export function compareGradients<T>(
  f: (tree: Tensors<T>) => Tensor,
  tree: T,
  options: ComparisonOptions,
): readonly GradientComparison[] {
  checkFunction("compareGradients", f);
  checkOptions("compareGradients", options, ["random", "samples", "step"], ["random"]);
  const { samples = 200, step = 1e-5 } = options;
  const random = checkRandom("compareGradients", options.random);
  if (!Number.isInteger(samples) || samples < 1)
    throw new ArgumentError(`compareGradients: expected samples to be an integer from 1, got ${describe(samples)}`);
  if (!(step > 0 && step < Infinity))
    throw new ArgumentError(`compareGradients: expected a positive step, got ${describe(step)}`);
  const point = mapLeaves("compareGradients", ([leaf], path) => inDoubles(leaf!, path), [tree]) as Tensors<T>;
  const [, gradient] = transform("compareGradients", f as never, undefined)(point);
  const gradients = leavesOf(gradient);
  const base = withBranches(() => f(point)).branches;
  return leavesOf(point).map(({ path, leaf }, index) => {
    const x = leaf as Tensor;
    const values = Float64Array.from(x.toTypedArray());
    const analytic = (gradients[index]!.leaf as Tensor).toTypedArray();
    const at = (i: number, value: number): ReturnType<typeof withBranches<Tensor>> => {
      const moved = values.slice();
      moved[i] = value;
      const replaced = tensor(moved, { shape: x.shape, dtype: x.dtype });
      let next = 0;
      const shifted = mapTree((y) => (next++ === index ? replaced : y), point) as Tensors<T>;
      return withBranches(() => f(shifted));
    };
    let [sampled, kinks, difference, a, n] = [0, 0, 0, 0, 0];
    for (const i of random.fork(path).permutation(values.length).toTypedArray()) {
      if (sampled === samples) break;
      const h = step * Math.max(1, Math.abs(values[i]!));
      const [up, down] = [values[i]! + h, values[i]! - h];
      const [right, left] = [at(i, up), at(i, down)];
      if (!right.branches.equals(base) || !left.branches.equals(base)) {
        kinks += 1;
        continue;
      }
      const numeric = (right.result.item() - left.result.item()) / (up - down);
      sampled += 1;
      difference += (analytic[i]! - numeric) ** 2;
      a += analytic[i]! ** 2;
      n += numeric ** 2;
    }
    const scale = Math.sqrt(a) + Math.sqrt(n);
    return { path, sampled, kinks, relativeError: scale === 0 ? 0 : Math.sqrt(difference) / scale };
  });
}
