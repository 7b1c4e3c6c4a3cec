/** The training loop that the examples share: epochs of seeded batches, one immutable state after the other. */
import { random, type Tensor } from "@cotangent/core";
import { batches, type Dataset } from "@cotangent/data";
import { accuracy, classesOf, type Model } from "@cotangent/nn";
import { train, trainState, type Optimizer } from "@cotangent/optim";
import { costOf } from "./problem.js";

export interface FittingOptions<P> {
  readonly optimizer: Optimizer<unknown>;
  readonly epochs: number;
  /** Samples a batch. Default: all. */
  readonly batch?: number;
  readonly seed: number;
  /** Default: log loss for one output, softmax cross-entropy for several. */
  readonly cost?: (params: P, batch: Dataset) => Tensor;
  /** Hears of every epoch: 1, 2, … */
  readonly each?: (epoch: number, params: P) => void;
}

/** What training came to, with the cost of the last batch of each epoch, before its step. */
export interface Fitted<P> {
  readonly params: P;
  readonly costs: readonly number[];
}

export function fitted<P>(model: Model<P>, data: Dataset, options: FittingOptions<P>): Fitted<P> {
  const { optimizer, epochs, batch, seed, cost = costOf(model as Model<unknown>), each } = options;
  const order = random(seed).fork("order");
  let state = trainState({ model, optimizer, seed });
  const costs: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const parts = batch === undefined ? [data] : batches(data, { size: batch, random: order.fork(`epoch ${epoch}`) });
    for (const part of parts) state = train(state, part, { cost, optimizer });
    costs.push(state.cost!);
    each?.(epoch, state.params);
  }
  return { params: state.params, costs };
}

/** The share of samples that a classifier gets right. */
export function accuracyOf<P>(model: Model<P>, params: P, data: Dataset): number {
  return accuracy(classesOf(model.apply(params, data.features)), data.labels);
}
