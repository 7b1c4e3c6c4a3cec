/**
 * Options by path, and parameters that stay as they are.
 * @module
 */
import { ArgumentError, checkFunction, describe, scalar, type Tensor } from "@cotangent/core";
import { lbfgs } from "./lbfgs.js";
import { checkOptimizer, expectStep, withoutObjective, type Optimizer } from "./optimizer.js";
import { alignedLeaves, checkParts, divide, partsByPath, tensorsOf, type Part } from "./parts.js";
import { patternsOf, type Match } from "./patterns.js";
import { withLeaves } from "./trees.js";

/** Parameters by their paths, and what is different for them: some options of the optimiser, or that they stay. */
export type Group<O> = { readonly match: Match } & (Partial<O> | { readonly frozen: true });

/** State of `groups`. */
export interface GroupsState<S> {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
  /**
   * A state for the parameters of no group, then one for each group that is not frozen. Their trees have the paths of the
   * parameters as keys.
   */
  readonly groups: readonly S[];
}

type Made<S> = Part<S> & {
  /** Whether the group has a rate of its own. */
  readonly rated: boolean;
};

/** Says of an error where it comes from. */
function inGroup<R>(match: readonly string[], run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new ArgumentError(`groups: for ${match.map((each) => `"${each}"`).join(", ")}, ${error.message}`, {
      cause: error,
    });
  }
}

function readGroup<O extends object, S>(
  make: (options: O) => Optimizer<S>,
  options: O | undefined,
  group: Group<O>,
): Made<S> {
  if (typeof group !== "object" || group === null)
    throw new ArgumentError(`groups: expected a group such as { match: "*.bias", … }, got ${describe(group)}`);
  const { match, frozen, ...given } = group as { match: unknown; frozen?: unknown; learningRate?: unknown };
  // What is undefined is left out, and does not take the place of the common option.
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const patterns = patternsOf("groups", match);
  if (frozen === undefined) {
    const optimizer = inGroup(patterns, () => make({ ...options, ...changes } as O));
    return { patterns, optimizer, rated: given.learningRate !== undefined };
  }
  if (frozen !== true || Object.keys(changes).length > 0)
    throw new ArgumentError(
      `groups: expected frozen: true by itself for "${patterns.join('", "')}", got frozen: ${describe(frozen)}${Object.keys(
        changes,
      )
        .map((name) => ` with ${name}`)
        .join("")}`,
    );
  return { patterns, optimizer: null, rated: false };
}

/**
 * An optimiser with other options for the parameters of some paths, or none at all for those that are frozen: they come
 * back as the same tensors, and no state is kept for them. The first group whose pattern matches counts; parameters of no
 * group have the options as they are. A pattern is a path in which `*` stands for any one name or index, or a part of a
 * name, and `**` for any number of them: `*.bias`, `layers[*].weight`, `encoder.**`.
 *
 * A group's `learningRate` may be a schedule. The rate given to `update` is for the groups that have none of their own.
 *
 * @param make a function such as `adamw`, of any optimiser that treats every parameter by itself
 * @param options its options
 * @param list what differs, by path
 * @throws `ArgumentError` if an option is unknown or out of its range, in a group or outside; from `init`, if a pattern
 * matches no path, with the paths there are, or only what the groups before it have
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adamw, groups } from "@cotangent/optim";
 * const optimizer = groups(adamw, { learningRate: 0.1, weightDecay: 0.5 }, [
 *   { match: "embedding.**", frozen: true },
 *   { match: "*.bias", weightDecay: 0, learningRate: 0.2 },
 * ]);
 * const params = { embedding: { table: tensor([5]) }, dense: { weight: tensor([1]), bias: tensor([1]) } };
 * const gradients = { embedding: { table: tensor([1]) }, dense: { weight: tensor([3]), bias: tensor([3]) } };
 * const { params: next } = optimizer.update(gradients, optimizer.init(params), params);
 * next.dense.weight.toArray(); // → [0.85]
 * next.dense.bias.toArray(); // → [0.8]
 * next.embedding.table === params.embedding.table; // → true
 * ```
 */
export function groups<O extends object, S>(
  make: (options: O) => Optimizer<S>,
  options: NoInfer<O>,
  list: readonly Group<NoInfer<O>>[],
): Optimizer<GroupsState<S>> {
  checkFunction("groups", make, "a function that makes an optimizer, such as adamw");
  if ((make as unknown) === lbfgs)
    throw new ArgumentError(
      "groups: expected an optimizer that treats every parameter by itself, got lbfgs; freeze(lbfgs(…), patterns) keeps parameters as they are",
    );
  if (!Array.isArray(list))
    throw new ArgumentError(`groups: expected a list of groups such as { match: "*.bias", … }, got ${describe(list)}`);
  const rest: Made<S> = { patterns: [], optimizer: make(options), rated: false };
  checkOptimizer("groups", rest.optimizer);
  const parts = list.map((group: Group<O>) => readGroup(make, options, group));
  const live = [rest, ...parts].flatMap((made, part) =>
    made.optimizer === null ? [] : [{ part, optimizer: made.optimizer, rated: made.rated }],
  );
  const partOf = partsByPath(parts);
  return {
    init: (params) => {
      checkParts("groups.init", parts, params);
      const division = divide(params, partOf);
      const leaves = tensorsOf("groups.init", params);
      return {
        step: scalar(0, { dtype: "int32" }),
        groups: live.map(({ part, optimizer }) => optimizer.init(division.take(leaves, part))),
      };
    },
    update: (gradients, state, params, given) => {
      const step = expectStep("groups", state, given);
      if (!Array.isArray(state.groups) || state.groups.length !== live.length)
        throw new ArgumentError(
          `groups.update: expected a state of ${live.length} groups, got ${describe(state.groups)}`,
        );
      const { ps, gs } = alignedLeaves("groups.update", params, gradients);
      const division = divide(params, partOf);
      const common = withoutObjective("groups.update", given);
      const states: S[] = [];
      let leaves = ps;
      live.forEach(({ part, optimizer, rated }, i) => {
        const ownRate = rated ? { ...common, learningRate: undefined } : common;
        const before = state.groups[i]!;
        const made = optimizer.update(division.take(gs, part), before, division.take(ps, part), ownRate);
        states.push(made.state);
        leaves = division.put(leaves, part, made.params);
      });
      return { params: withLeaves(params, leaves), state: { step: step.add(1), groups: states } };
    },
    rateAt: (state, path) => {
      const at = live.findIndex(({ part }) => part === partOf(path));
      return at === -1 ? 0 : (live[at]!.optimizer.rateAt?.(state.groups[at]!, path) ?? NaN);
    },
  };
}

/**
 * An optimiser that leaves the parameters of some paths as they are: they come back as the same tensors, and the state
 * keeps nothing for them. Patterns are those of `groups`; the trees in the state have the paths of the others as keys.
 *
 * @param optimizer any optimiser, `lbfgs` included
 * @throws `ArgumentError` if it is no optimiser or they are no patterns; from `init`, if a pattern matches no path
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { freeze, sgd } from "@cotangent/optim";
 * const optimizer = freeze(sgd({ learningRate: 1 }), "encoder.**");
 * const params = { encoder: { weight: tensor([1]) }, head: tensor([1]) };
 * const gradients = { encoder: { weight: tensor([3]) }, head: tensor([3]) };
 * const { params: next } = optimizer.update(gradients, optimizer.init(params), params);
 * next.head.toArray(); // → [-2]
 * next.encoder.weight === params.encoder.weight; // → true
 * ```
 */
export function freeze<S>(optimizer: Optimizer<S>, match: Match): Optimizer<S> {
  checkOptimizer("freeze", optimizer);
  const frozen: Part<S> = { patterns: patternsOf("freeze", match), optimizer: null };
  const partOf = partsByPath([frozen]);
  return {
    init: (params) => {
      checkParts("freeze.init", [frozen], params);
      return optimizer.init(divide(params, partOf).take(tensorsOf("freeze.init", params), 0));
    },
    update: (gradients, state, params, given) => {
      const { ps, gs } = alignedLeaves("freeze.update", params, gradients);
      const division = divide(params, partOf);
      const whole = (part: unknown): typeof params => withLeaves(params, division.put(ps, 0, part));
      const { objective } = given ?? {};
      const ofPart = (part: unknown): { value: never; gradients: never } => {
        const at = whole(part);
        const found = objective!(at);
        const { gs } = alignedLeaves("freeze.update", at, found.gradients);
        return { value: found.value as never, gradients: division.take(gs, 0) as never };
      };
      const made = optimizer.update(division.take(gs, 0), state, division.take(ps, 0), {
        ...given,
        objective: objective === undefined ? undefined : ofPart,
      });
      return { params: whole(made.params), state: made.state };
    },
    rateAt: (state, path) => (partOf(path) === 1 ? 0 : (optimizer.rateAt?.(state, path) ?? NaN)),
  };
}
