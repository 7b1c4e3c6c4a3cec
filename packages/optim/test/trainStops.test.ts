/** What training refuses, and what it must not pick up on the way. */
import { describe, expect, test } from "vitest";
import { ArgumentError, GradientError, graphOf, NumericError, tensor, variable, type Tensor } from "@cotangent/core";
import { sgd, trainState, trainStep, type SgdState } from "@cotangent/optim";

describe("what stops it", () => {
  const optimizer = sgd({ learningRate: 1 });
  const one = trainState({ w: tensor(-1) }, optimizer);

  test.each([
    ["NaN", (p: { w: Tensor }) => p.w.log()],
    ["-Infinity", (p: { w: Tensor }) => p.w.add(1).log()],
    ["Infinity", (p: { w: Tensor }) => p.w.mul(-1e4).exp()],
  ])("a cost of %s, with the step, and the state is still good", (shown, failing) => {
    const step = trainStep<{ w: Tensor }, null, SgdState>({ cost: failing, optimizer });
    expect(() => step(one, null)).toThrow(NumericError);
    expect(() => step(one, null)).toThrow(`train: expected a finite cost at step 0, got ${shown}`);
    expect([one.step, one.cost, one.params.w.item()]).toEqual([0, null, -1]);
  });

  test.each([
    ["is no scalar", (p: { w: Tensor }) => p.w.broadcastTo([2])],
    ["is a number", (p: { w: Tensor }) => p.w.item()],
  ])("a cost that %s", (_name, wrong) => {
    expect(() => trainStep({ cost: wrong as never, optimizer })(one, null as never)).toThrow(GradientError);
  });

  test("text among the parameters, with its path", () => {
    const state = trainState({ w: "text" }, optimizer);
    expect(() => trainStep({ cost: () => tensor(1), optimizer })(state, null)).toThrow(/"w"/);
  });

  test("a misspelt option", () => {
    expect(() => trainStep({ cost: (p: { w: Tensor }) => p.w, optimiser: optimizer } as never)).toThrow(ArgumentError);
  });

  // The gradient of √0 is infinite: the next state would hold -Infinity, and be no good when its cost is found to be NaN.
  test("a gradient that is not finite, though the cost is", () => {
    const step = trainStep({ cost: (p: { w: Tensor }) => p.w.sqrt(), optimizer });
    expect(() => step(trainState({ w: tensor(0) }, optimizer), null)).toThrow(NumericError);
  });
});

// Were each step recorded onto those before it, memory and the time of a step would grow with their number.
test("no history is kept of parameters that came as variables", () => {
  const optimizer = sgd({ learningRate: 0.1 });
  const step = trainStep({ cost: (p: { w: Tensor }) => p.w.square(), optimizer });
  const nodes = ({ params: { w } }: { params: { w: Tensor } }): number =>
    w.requiresGrad ? graphOf(w).nodes.length : 0;
  const first = step(trainState({ w: variable(3) }, optimizer), null);
  expect(nodes(step(first, null))).toBe(nodes(first));
});
