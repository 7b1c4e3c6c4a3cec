/**
 * Training states: everything training has come to, as one value.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  describe,
  leavesOf,
  random,
  stopGradient,
  Tensor,
  type RandomState,
} from "@cotangent/core";
import { freeze } from "immer";
import { checkModel, type TrainableModel } from "./context.js";
import { checkOptimizer, type Optimizer } from "./optimizer.js";
import { named } from "./trees.js";

/**
 * Everything training has come to: a deeply frozen tree of parameters `P`, the state of the optimiser `S` and that of the
 * model `M`. Tensors are shared with the states before and after.
 */
export interface TrainState<P, S, M = undefined> {
  readonly params: P;
  /** What the model remembers besides, such as running statistics; `undefined` if it remembers nothing. */
  readonly modelState: M;
  readonly optimizer: S;
  /** Where the random stream stands, plain JSON. */
  readonly random: RandomState;
  /** Steps done. */
  readonly step: number;
  /** The cost of the latest step, before its update; `null` at the start. */
  readonly cost: number | null;
  /** The latest measurements, by name; `fit` makes them. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A start from a model, which makes parameters and state. */
export interface ModelStart<P, S, M> {
  readonly model: TrainableModel<P, M>;
  readonly optimizer: Optimizer<S>;
  /** Of fresh parameters, of what the model draws in training, and of the order of samples in `fit`. */
  readonly seed: number | string;
  /** Instead of fresh ones. */
  readonly params?: P | undefined;
  readonly modelState?: undefined;
}

/** A start from parameters. */
export interface ParamsStart<P, S, M> {
  readonly params: P;
  readonly optimizer: Optimizer<S>;
  /** Of what a cost draws in training, and of the order of samples in `fit`. Default: 0. */
  readonly seed?: number | string | undefined;
  /** What the cost's `setState` will follow. Default: `undefined`, nothing. */
  readonly modelState?: M | undefined;
  readonly model?: undefined;
}

/** Freezes a tree to its leaves. (Immer stops where something is frozen already, whatever lies below.) */
function freezeTree<T>(tree: T): T {
  if (typeof tree === "object" && tree !== null && !(tree instanceof Tensor)) {
    Object.freeze(tree);
    for (const part of Object.values(tree)) freezeTree(part);
  }
  return tree;
}

/** A frozen tree without history, whose leaves are tensors and numbers; tensors that have none stay the same. */
export function untracked<T>(operator: string, tree: T): T {
  const leaves = named(operator, () => leavesOf(tree));
  const strip = (value: unknown): unknown => {
    if (value instanceof Tensor) return value.requiresGrad ? stopGradient(value) : value;
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, strip(part)]));
  };
  const tracked = leaves.some(({ leaf }) => leaf instanceof Tensor && leaf.requiresGrad);
  return freezeTree(tracked ? (strip(tree) as T) : tree);
}

/** @throws `ArgumentError` if it is no training state */
export function checkState(operator: string, state: unknown): void {
  const { step, params, random: stream } = (state ?? {}) as Partial<TrainState<unknown, unknown, unknown>>;
  if (!Number.isInteger(step) || step! < 0 || params === undefined || typeof stream !== "object")
    throw new ArgumentError(`${operator}: expected a state from trainState or train, got ${describe(state)}`);
}

/**
 * The state before the first step: of a model, whose `init` and `initState` make parameters and state, or of parameters.
 * It is frozen, the given trees with it.
 *
 * @throws `ArgumentError` if there is neither a model nor parameters, a model has no seed, a tree holds something else
 * than tensors and numbers (the path is named), or an option is unknown
 * @example
 * ```ts
 * import { tensor, type Random, type Tensor } from "@cotangent/core";
 * import { sgd, trainState } from "@cotangent/optim";
 * const line = {
 *   init: (random: Random) => ({ slope: random.normal([]), offset: tensor(0) }),
 *   apply: ({ slope, offset }: { slope: Tensor; offset: Tensor }, x: Tensor) => x.mul(slope).add(offset),
 * };
 * const optimizer = sgd({ learningRate: 0.1 });
 * const state = trainState({ model: line, optimizer, seed: 1 });
 * state.step; // → 0
 * state.params.offset.item(); // → 0
 * trainState({ params: { w: tensor(3) }, optimizer }).params.w.item(); // → 3
 * ```
 */
export function trainState<P, S, M = undefined>(
  options: ModelStart<P, S, M> | ParamsStart<P, S, M>,
): TrainState<P, S, M> {
  checkOptions("trainState", options, ["model", "params", "optimizer", "seed", "modelState"], ["optimizer"]);
  const { model, optimizer, seed, modelState } = options;
  checkOptimizer("trainState", optimizer);
  if (model === undefined && options.params === undefined)
    throw new ArgumentError("trainState: expected a model or params, got neither");
  if (model !== undefined) {
    checkModel("trainState", model);
    if (seed === undefined)
      throw new ArgumentError("trainState: expected the option seed, from which a model's parameters are drawn");
    if (modelState !== undefined)
      throw new ArgumentError("trainState: expected no modelState beside a model, whose initState gives it");
  }
  const stream = random(seed ?? 0);
  const params = untracked("trainState", options.params ?? model!.init(stream.fork("parameters")));
  const first = model?.initState?.() ?? modelState;
  return freeze(
    {
      params,
      modelState: (first === undefined ? undefined : untracked("trainState", first)) as M,
      optimizer: optimizer.init(params),
      random: stream.state(),
      step: 0,
      cost: null,
      metrics: {},
    },
    true,
  );
}
