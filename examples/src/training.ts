/** Checks a problem's gradient, trains, and measures. */
import { leavesOf, NumericError, random, type Random, type Tensor } from "@cotangent/core";
import { compareGradients, type GradientComparison } from "@cotangent/core/check";
import { takeRows } from "@cotangent/data";
import { fit, sgd, trainState, type FitCallback } from "@cotangent/optim";
import { accuracyOf, costOf, type Problem } from "./problem.js";

export interface Outcome {
  readonly problem: Problem;
  readonly params: unknown;
  readonly parameters: number;
  /** The cost of the whole training part before each pass that is a multiple of `every`, and at the end. */
  readonly costs: readonly number[];
  readonly every: number;
  readonly before: number;
  readonly after: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  readonly seconds: number;
}

const checkedSamples = 32;

/** Compares the gradient at fresh parameters with central differences, on at most 32 samples. */
export function checkGradient({ model, train }: Problem, seed: Random): readonly GradientComparison[] {
  const rows = random(1)
    .permutation(train.labels.size)
    .slice([[0, Math.min(checkedSamples, train.labels.size)]]);
  const batch = takeRows(train, rows);
  const cost = costOf(model);
  return compareGradients((params: unknown) => cost(params, batch), model.init(seed.fork("parameters")) as object, {
    random: seed.fork("gradient check"),
  });
}

/** Trains from fresh parameters; full batch or seeded mini-batches. */
export async function train(problem: Problem, epochs: number, seed: Random, progress: FitCallback): Promise<Outcome> {
  const { model, train: data, batch, learningRate } = problem;
  const cost = costOf(model);
  const optimizer = sgd({ learningRate });
  const every = Math.max(1, Math.floor(epochs / 200));
  const costs: number[] = [];
  const fullCost = (params: unknown): number => cost(params, data).item();
  const first = trainState({
    params: model.init(seed.fork("parameters")),
    optimizer,
    seed: seed.state().seed,
  });
  const before = fullCost(first.params);
  const start = performance.now();
  const batchSize = batch ?? data.labels.size;
  const run = fit({ cost, optimizer, data, batchSize, epochs, state: first, callbacks: [progress] });
  for await (const event of run) {
    const done = event.type === "start" ? 0 : event.type === "epoch" ? event.epoch : null;
    if (done !== null && done < epochs && done % every === 0) costs.push(fullCost(event.state.params));
  }
  const { state, explanation } = await run;
  if (explanation !== null) throw new NumericError(explanation.toString());
  const seconds = (performance.now() - start) / 1000;
  const { params } = state;
  const after = fullCost(params);
  return {
    problem,
    params,
    parameters: leavesOf(params).reduce((n, { leaf }) => n + (leaf as Tensor).size, 0),
    costs: [...costs, after],
    every,
    before,
    after,
    trainAccuracy: accuracyOf(model, params, data),
    testAccuracy: accuracyOf(model, params, problem.test),
    seconds,
  };
}
