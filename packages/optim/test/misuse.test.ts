/** What is no optimiser, cost or state is refused by name, with what came. */
import { expect, test } from "vitest";
import { ArgumentError, scalar, tensor } from "@cotangent/core";
import { sgd, trainState, trainStep } from "@cotangent/optim";

const params = { w: tensor([1, 2]) };
const optimizer = sgd({ learningRate: 0.1 });
const step = trainStep({ cost: () => scalar(1), optimizer });

test.each<[RegExp, () => unknown]>([
  [/^trainState: expected an optimizer such as sgd.*, got undefined/, () => trainState(params, undefined as never)],
  [/^trainState: expected an optimizer such as sgd.*, got a function/, () => trainState(params, sgd as never)],
  [/^trainStep: expected an optimizer such as sgd.*, got an object/, () => trainStep({ cost: () => scalar(1), optimizer: {} as never })],
  [/^trainStep: expected cost to be a function.*, got 3/, () => trainStep({ cost: 3 as never, optimizer })],
  [/^trainStep: expected a state from trainState or a step, got undefined/, () => step(undefined as never, 0)],
  [/^trainStep: expected a state from trainState or a step, got an object/, () => step(params as never, 0)],
  [/^sgd.update: expected a state that init or update gave, got undefined/, () => optimizer.update(params, undefined as never, params)],
  [/^sgd.update: expected a state that init or update gave, got undefined/, () => optimizer.update(params, {} as never, params)],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore
