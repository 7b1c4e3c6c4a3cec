/**
 * Links for a chain: limits, and weight decay.
 * @module
 */
import { ArgumentError, checkOptions, leavesOf } from "@cotangent/core";
import type { GradientFunction, GradientTransform } from "./chain.js";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "./clipping.js";
import { checkKind, fromZero, positiveOrInfinite } from "./options.js";
import { alignedLeaves } from "./parts.js";
import { checkMatches, pathTest, patternsOf, type Match } from "./patterns.js";
import { named, withLeaves } from "./trees.js";

/** Options of `clip`: one of the limits. */
export interface ClipOptions {
  /** For every element, as `clipByValue`. */
  readonly value?: number | undefined;
  /** For the Euclidean norm of each leaf, as `clipByNorm`. */
  readonly norm?: number | undefined;
  /** For the norm of all leaves together, as `clipByGlobalNorm`. */
  readonly globalNorm?: number | undefined;
  /** The order of the global norm. Default: 2. */
  readonly p?: number | undefined;
}

/**
 * A link of a `chain` that limits gradients.
 *
 * @throws `ArgumentError` if there is not exactly one limit, or it is not a finite number from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { chain, clip, sgd } from "@cotangent/optim";
 * const optimizer = chain(clip({ globalNorm: 5 }), sgd({ learningRate: 1 }));
 * const params = { w: tensor([0]), b: tensor([0]) };
 * const gradients = { w: tensor([30]), b: tensor([-40]) };
 * const { params: next } = optimizer.update(gradients, optimizer.init(params), params);
 * next.w.toArray(); // → [-3.000000]
 * next.b.toArray(); // → [4.000000]
 * ```
 */
export function clip(options: ClipOptions): GradientFunction {
  checkOptions("clip", options, ["value", "norm", "globalNorm", "p"]);
  const { value, norm, globalNorm, p } = options ?? {};
  const given = Object.entries({ value, norm, globalNorm }).filter(([, limit]) => limit !== undefined);
  if (given.length !== 1)
    throw new ArgumentError(
      `clip: expected one of the options value, norm and globalNorm, got ${given.length === 0 ? "none" : given.map(([name]) => name).join(" and ")}`,
    );
  const [name, limit] = given[0]!;
  const max = checkKind("clip", name, fromZero, limit);
  if (p !== undefined && globalNorm === undefined)
    throw new ArgumentError(`clip: expected p together with globalNorm, got it with ${name}`);
  const order = checkKind("clip", "p", positiveOrInfinite, p ?? 2);
  if (value !== undefined) return (gradients: unknown) => clipByValue(gradients, max);
  if (norm !== undefined) return (gradients: unknown) => clipByNorm(gradients, max);
  return (gradients: unknown) => clipByGlobalNorm(gradients, max, { p: order }).gradients;
}

/** Options of `weightDecay`. */
export interface WeightDecayOptions {
  /** Only for parameters of these paths, by the patterns of `groups`. Default: all. */
  readonly match?: Match | undefined;
}

/**
 * A link of a `chain` that adds to gradients the parameters times a factor, $g + \lambda \theta$: the derivative of the
 * penalty $\frac{\lambda}{2} \lVert \theta \rVert^2$.
 *
 * @throws `ArgumentError` if the factor is not a finite number from 0; from the chain's `init`, if a pattern matches no path
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { chain, sgd, weightDecay } from "@cotangent/optim";
 * const optimizer = chain(weightDecay(0.5, { match: "*.weight" }), sgd({ learningRate: 1 }));
 * const params = { dense: { weight: tensor([2]), bias: tensor([2]) } };
 * const gradients = { dense: { weight: tensor([0]), bias: tensor([0]) } };
 * const { params: next } = optimizer.update(gradients, optimizer.init(params), params);
 * next.dense.weight.toArray(); // → [1]
 * next.dense.bias.toArray(); // → [2]
 * ```
 */
export function weightDecay(factor: number, options?: WeightDecayOptions): GradientTransform<readonly []> {
  checkKind("weightDecay", "factor", fromZero, factor);
  checkOptions("weightDecay", options, ["match"]);
  const patterns = patternsOf("weightDecay", options?.match ?? "**");
  const tests = patterns.map(pathTest);
  const pathsOf = (tree: unknown): readonly string[] =>
    named("weightDecay", () => leavesOf(tree)).map(({ path }) => path);
  return {
    init: (params) => {
      if (options?.match !== undefined) checkMatches("weightDecay", patterns, pathsOf(params));
      return [];
    },
    update: (gradients: unknown, state, params: unknown) => {
      const { ps, gs } = alignedLeaves("weightDecay", params, gradients);
      const decays = pathsOf(params).map((path) => tests.some((test) => test(path)));
      return {
        gradients: withLeaves(
          gradients,
          gs.map((g, i) => (decays[i] ? g.add(ps[i]!.mul(factor)) : g)),
        ),
        state,
      };
    },
  };
}
