/** What training refuses, and what it must not pick up on the way. */
import { describe, expect, test } from "vitest";
import { ArgumentError, GradientError, graphOf, NumericError, tensor, variable, type Tensor } from "@cotangent/core";
import { NotFiniteError, sgd, train, trainState } from "@cotangent/optim";

describe("what stops it", () => {
  const optimizer = sgd({ learningRate: 1 });
  const one = trainState({ params: { w: tensor(-1) }, optimizer });

  test.each([
    ["NaN", (p: { w: Tensor }) => p.w.log()],
    ["-Infinity", (p: { w: Tensor }) => p.w.add(1).log()],
    ["Infinity", (p: { w: Tensor }) => p.w.mul(-1e4).exp()],
  ])("a cost of %s, with the step, and the state is still good", (shown, failing) => {
    const options = { cost: failing, optimizer };
    expect(() => train(one, null, options)).toThrow(NumericError);
    expect(() => train(one, null, options)).toThrow(`train: expected a finite cost at step 0, got ${shown}`);
    expect([one.step, one.cost, one.params.w.item()]).toEqual([0, null, -1]);
  });

  test.each([
    ["is no scalar", (p: { w: Tensor }) => p.w.broadcastTo([2])],
    ["is a number", (p: { w: Tensor }) => p.w.item()],
  ])("a cost that %s", (_name, wrong) => {
    expect(() => train(one, null, { cost: wrong as never, optimizer })).toThrow(GradientError);
  });

  test("text among the parameters, with its path", () => {
    expect(() => trainState({ params: { w: "text" }, optimizer })).toThrow(/^trainState: .*"w"/);
  });

  test("a misspelt option", () => {
    expect(() => train(one, null, { cost: (p: { w: Tensor }) => p.w, optimiser: optimizer } as never)).toThrow(
      ArgumentError,
    );
  });

  // The gradient of √0 is infinite: the next state would hold -Infinity, and be no good when its cost is found to be NaN.
  test("a gradient that is not finite, though the cost is", () => {
    const start = trainState({ params: { w: tensor(0) }, optimizer });
    expect(() => train(start, null, { cost: (p) => p.w.sqrt(), optimizer })).toThrow(
      /^train: expected a finite gradient at step 0, got one that is not for "w" \(infinity from the backward rule of sqrt at/,
    );
  });

  test("parameters that overflow, though cost and gradient are finite", () => {
    const start = trainState({ params: { w: tensor(1) }, optimizer: sgd({ learningRate: 1e300 }) });
    const run = (): unknown =>
      train(start, null, { cost: (p) => p.w.mul(1e10), optimizer: sgd({ learningRate: 1e300 }) });
    expect(run).toThrow(/^train: expected a finite parameter at step 0, got one that is not after the update for "w"/);
  });

  test("carries the state that went in, and what became not finite", () => {
    let error: unknown;
    try {
      train(one, null, { cost: (p) => p.w.mul(2).log(), optimizer });
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(NotFiniteError);
    const { state, explanation } = error as NotFiniteError;
    expect(state).toBe(one);
    expect(explanation?.first).toMatchObject({ op: "log", made: "NaN", elements: [-2] });
    expect(explanation?.first?.line).toContain("trainStops.test.ts");
  });
});

// Were each step recorded onto those before it, memory and the time of a step would grow with their number.
test("no history is kept of parameters that came as variables", () => {
  const optimizer = sgd({ learningRate: 0.1 });
  const options = { cost: (p: { w: Tensor }) => p.w.square(), optimizer };
  const nodes = ({ params: { w } }: { params: { w: Tensor } }): number =>
    w.requiresGrad ? graphOf(w).nodes.length : 0;
  const first = train(trainState({ params: { w: variable(3) }, optimizer }), null, options);
  expect(nodes(train(first, null, options))).toBe(nodes(first));
});
