/** What is no optimiser, cost or state is refused by name, with what came. */
import { expect, test } from "vitest";
import { ArgumentError, scalar, tensor, type Tensor } from "@cotangent/core";
import { adadelta, adam, lbfgs, nadam, sgd, train, trainState, type TrainingContext } from "@cotangent/optim";

const params = { w: tensor([1, 2]) };
const optimizer = sgd({ learningRate: 0.1 });
const cost = (): Tensor => scalar(1);
const model = { init: () => params, apply: (p: typeof params, x: Tensor) => x.mul(p.w) };
const state = trainState({ params, optimizer });
const stepOf = (options: object, batch: unknown = null, from: unknown = state): unknown =>
  train(from as never, batch, options as never);
const start = (options: object): unknown => trainState(options as never);

test.each<[RegExp, () => unknown]>([
  [/^trainState: expected the option optimizer, which is missing/, () => start({ params })],
  [/^trainState: expected an optimizer such as sgd.*, got a function/, () => start({ params, optimizer: sgd })],
  [/^trainState: expected a model or params, got neither/, () => start({ optimizer })],
  [/^trainState: unknown option "sed"; it takes model, params, optimizer, seed/, () => start({ params, optimizer, sed: 1 })],
  [/^trainState: expected the option seed, from which/, () => start({ model, optimizer })],
  [/^trainState: expected a model with the functions init and apply, got a function; call it/, () => start({ model: () => model, optimizer, seed: 1 })],
  [/^trainState: expected no modelState beside a model/, () => start({ model, optimizer, seed: 1, modelState: {} })],
  [/^trainState: expected a tensor, .* at "w", got the string "text"/, () => start({ params: { w: "text" }, optimizer })],
  [/^trainState: expected a tensor, .* at "on", got true/, () => start({ params, modelState: { on: true }, optimizer })],
  [/^random: expected a seed/, () => start({ params, optimizer, seed: NaN })],
  [/^train: expected an optimizer such as sgd.*, got an object/, () => stepOf({ cost, optimizer: {} })],
  [/^train: expected the option optimizer/, () => stepOf({ cost })],
  [/^train: expected an options object, got undefined/, () => stepOf(undefined as never)],
  [/^train: expected cost to be a function.*, got 3/, () => stepOf({ cost: 3, optimizer })],
  [/^train: expected the options model and loss, or cost, got none of them/, () => stepOf({ optimizer })],
  [/^train: expected the options model and loss, or cost, got a model alone/, () => stepOf({ model, optimizer })],
  [/^train: expected the options model and loss, or cost, got both/, () => stepOf({ model, loss: cost, cost, optimizer })],
  [/^train: expected loss to be a function.*, got 3/, () => stepOf({ model, loss: 3, optimizer })],
  [/^train: expected a batch \{ features, labels \}.*, got null; .*cost/, () => stepOf({ model, loss: cost, optimizer })],
  [/^train: expected no setState where there is no state/, () => stepOf({ cost: (_p: unknown, _b: unknown, context: TrainingContext) => (context.setState(undefined), scalar(1)), optimizer })],
  [/^train: expected a state from trainState or train, got null/, () => stepOf({ cost, optimizer }, null, null)],
  [/^train: expected a state from trainState or train, got an object/, () => stepOf({ cost, optimizer }, null, params)],
  [/^sgd.update: expected a state that init or update gave, got undefined/, () => optimizer.update(params, undefined as never, params)],
  [/^sgd.update: expected a state that init or update gave, got undefined/, () => optimizer.update(params, {} as never, params)],
  [/^adam.update: expected a state of adam with mean, squares, got one without mean, squares; another optimizer/, () => stepOf({ cost: (p: typeof params) => p.w.sum(), optimizer: adam({ learningRate: 0.1 }) })],
  [/^adam.update: expected a state of adam with mean, squares, largest, got one without largest; .* other options/, () => adam({ learningRate: 0.1, amsgrad: true }).update(params, adam({ learningRate: 0.1 }).init(params), params)],
  [/^sgd.update: .* got one without velocity/, () => sgd({ learningRate: 0.1, momentum: 0.9 }).update(params, optimizer.init(params) as never, params)],
  [/^adadelta.update: .* got one without/, () => adadelta().update(params, optimizer.init(params) as never, params)],
  [/^nadam.update: .* got one without/, () => nadam({ learningRate: 0.1 }).update(params, optimizer.init(params) as never, params)],
  [/^lbfgs.update: .* got one without iterations, gradient, move, scale, moves, changes/, () => lbfgs().update(params, optimizer.init(params) as never, params, { objective: () => ({ value: 0, gradients: params }) })],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore
