/**
 * What is done to gradients before an optimiser takes them.
 * @module
 */
import { ArgumentError, describe, scalar, type Tensor } from "@cotangent/core";
import { checkOptimizer, expectStep, withoutObjective, type Optimizer } from "./optimizer.js";
import { mapLeaves } from "./trees.js";

/** From gradients and parameters, two trees of one structure, to the gradients that follow. */
// Whoever writes one knows the type of the trees, or need not.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type GradientFunction = (gradients: any, params: any) => unknown;

/** A gradient function that remembers: a state goes in, the next comes out; a tree of tensors, such as `[]` or `{ mean }`. */
export interface GradientTransform<S> {
  init(params: unknown): S;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  update(gradients: any, state: S, params: any): { readonly gradients: unknown; readonly state: S };
}

/** What stands before the optimiser in a chain. */
// Each link has a state of its own type.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Link = GradientFunction | GradientTransform<any>;

/** State of `chain`. */
export interface ChainState<S> {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
  /** The states of the links that have one, in order. */
  readonly links: readonly unknown[];
  readonly optimizer: S;
}

function isTransform(link: unknown): link is GradientTransform<unknown> {
  const { init, update } = (link ?? {}) as Partial<GradientTransform<unknown>>;
  return typeof init === "function" && typeof update === "function";
}

/**
 * An optimiser that gets its gradients through other functions first, one after the other: `clip` and `weightDecay`, any
 * function of gradients and parameters, or a pair `{ init, update }` that keeps a state. To gather the gradients of several
 * batches, put `accumulate` around the chain, or around its last part.
 *
 * @param parts the links, and the optimiser at last: not `lbfgs`, which evaluates the objective by itself
 * @throws `ArgumentError` if the last part is no optimiser, or another is no link; from `update`, if a link returns
 * something else than gradients
 * @example
 * ```ts
 * import { mapTree, tensor } from "@cotangent/core";
 * import { chain, clip, sgd } from "@cotangent/optim";
 * const doubled = (gradients: object) => mapTree((g) => g.mul(2), gradients);
 * const optimizer = chain(doubled, clip({ value: 1 }), sgd({ learningRate: 0.5 }));
 * const params = { w: tensor([1, 1]) };
 * const { params: next } = optimizer.update({ w: tensor([0.1, 7]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.9,0.5]
 * ```
 */
export function chain<S>(
  ...parts: readonly [...links: readonly Link[], optimizer: Optimizer<S>]
): Optimizer<ChainState<S>> {
  const optimizer = parts.at(-1) as Optimizer<S>;
  const links = parts.slice(0, -1) as Link[];
  checkOptimizer("chain", optimizer);
  links.forEach((link, i) => {
    if (typeof link !== "function" && !isTransform(link))
      throw new ArgumentError(
        `chain: expected part ${i} to be a function of gradients, or a pair { init, update }, got ${describe(link)}`,
      );
  });
  const remembering = links.filter(isTransform);
  return {
    init: (params) => ({
      step: scalar(0, { dtype: "int32" }),
      links: remembering.map((link) => link.init(params)),
      optimizer: optimizer.init(params),
    }),
    update: (gradients, state, params, options) => {
      mapLeaves("chain.update", params, { gradients }, [], () => ({}));
      const step = expectStep("chain", state, options);
      if (!Array.isArray(state.links) || state.links.length !== remembering.length)
        throw new ArgumentError(
          `chain.update: expected a state of ${remembering.length} links, got ${describe(state.links)}`,
        );
      const states: unknown[] = [];
      const through = (given: unknown, link: Link, i: number): unknown => {
        if (typeof link === "function") return checked(link(given, params), i);
        const made = link.update(given, state.links[states.length], params) as
          { readonly gradients?: unknown; readonly state?: unknown } | undefined;
        if (typeof made !== "object" || made === null || made.gradients === undefined || made.state === undefined)
          throw new ArgumentError(
            `chain.update: expected part ${i} to return { gradients, state }, got ${describe(made)}`,
          );
        states.push(made.state);
        return checked(made.gradients, i);
      };
      const checked = (made: unknown, i: number): unknown => {
        mapLeaves("chain.update", params, { [`part ${i} to return gradients`]: made }, [], () => ({}));
        return made;
      };
      const last = links.reduce(through, gradients) as typeof gradients;
      const made = optimizer.update(last, state.optimizer, params, withoutObjective("chain.update", options));
      return { params: made.params, state: { step: step.add(1), links: states, optimizer: made.state } };
    },
    rateAt: (state, path) => optimizer.rateAt?.(state.optimizer, path) ?? NaN,
  };
}
