/**
 * Steps on the mean gradient of several batches.
 * @module
 */
import { checkOptions, mapTree, scalar, where, zerosLike, type Tensor, type Tree } from "@cotangent/core";
import { checkOptimizer, expectCount, withoutObjective, type Optimizer } from "./optimizer.js";
import { checkKind, count } from "./options.js";
import { mapLeaves, named } from "./trees.js";

/** Options of `accumulate`. */
export interface AccumulateOptions {
  /** How many updates make a step, $n$. */
  readonly steps: number;
}

/** State of `accumulate`. */
export interface AccumulateState<S> {
  /** Updates since the last step, int32, shape `[]`. */
  readonly count: Tensor;
  /** The sum of their gradients. */
  readonly sum: Tree;
  /** Its count of steps goes up once in $n$ updates. */
  readonly optimizer: S;
}

/** The first tree where a condition holds, the second elsewhere; the same tensors where both have them, as frozen ones. */
function choose<T>(condition: Tensor, yes: T, no: T): T {
  return named("accumulate.update", () =>
    mapTree((a: Tensor, b: Tensor) => (a === b ? a : where(condition, a, b)), yes, no),
  ) as T;
}

/**
 * An optimiser that takes a step once in $n$ updates, on the mean of the $n$ gradients: that of the batches together, if
 * they are of one size and their costs are means. In between, parameters and the optimiser's state keep their values.
 *
 * No value is read, so that an update can be recorded as a program; its price is that the inner update runs every time.
 *
 * @param optimizer any but `lbfgs`, which evaluates the objective of one batch by itself
 * @throws `ArgumentError` if it is no optimiser, or `steps` is not an integer from 1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { accumulate, sgd } from "@cotangent/optim";
 * const optimizer = accumulate(sgd({ learningRate: 1 }), { steps: 2 });
 * let params = { w: tensor([0]) };
 * let state = optimizer.init(params);
 * ({ params, state } = optimizer.update({ w: tensor([2]) }, state, params));
 * params.w.toArray(); // → [0]
 * ({ params, state } = optimizer.update({ w: tensor([4]) }, state, params));
 * params.w.toArray(); // → [-3]
 * ```
 */
export function accumulate<S>(optimizer: Optimizer<S>, options: AccumulateOptions): Optimizer<AccumulateState<S>> {
  checkOptimizer("accumulate", optimizer);
  checkOptions("accumulate", options, ["steps"], ["steps"]);
  const steps = checkKind("accumulate", "steps", count, options.steps);
  return {
    init: (params) => ({
      count: scalar(0, { dtype: "int32" }),
      sum: named("accumulate.init", () => mapTree(zerosLike, params)) as Tree,
      optimizer: optimizer.init(params),
    }),
    update: (gradients, state, params, given) => {
      const before = expectCount("accumulate", state?.count, given);
      const counted = before.add(1);
      const due = counted.equal(steps);
      const { mean, rest } = mapLeaves(
        "accumulate.update",
        params,
        { gradients, "a sum of gradients": state.sum },
        ["mean", "rest"],
        (_p, [g, before]) => {
          const sum = before!.add(g!);
          return { mean: sum.div(steps), rest: where(due, zerosLike(sum), sum) };
        },
      );
      const inner = withoutObjective("accumulate.update", given);
      const made = optimizer.update(mean as typeof gradients, state.optimizer, params, inner);
      return {
        params: choose(due, made.params, params),
        state: {
          count: where(due, 0, counted),
          sum: rest as Tree,
          optimizer: choose(due, made.state, state.optimizer),
        },
      };
    },
    rateAt: (state, path) => optimizer.rateAt?.(state.optimizer, path) ?? NaN,
  };
}
