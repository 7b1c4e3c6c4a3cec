/** The steps written by hand do the same work as the compiled ones. */
import { describe, expect, test } from "vitest";
import { compile, tensor, valueAndGrad, type Tensor } from "@cotangent/core";
import { training } from "../src/cases.js";
import { accurate, quick } from "../src/hand/functions.js";
import { handWrittenStep } from "../src/hand/index.js";
import { exponential, hyperbolicTangent, logarithm, logOnePlus } from "../src/hand/lanes.js";
import { int, load, StepModule, type Routine } from "../src/hand/text.js";
import { accurateCases } from "../src/peers/handWritten.js";
import { trainingParts } from "../src/peers/cotangent.js";

const steps = 20;

/** The loss before the last of the steps, in float64. */
function compiledLoss(name: keyof typeof training): number {
  const { model, features, labels, params: start, loss, optimizer } = trainingParts(training[name], "float64");
  type Params = typeof start;
  type State = { readonly params: Params; readonly optimizer: ReturnType<typeof optimizer.init> };
  const step = compile(({ params, optimizer: before }: State, x: Tensor, y: Tensor) => {
    const [cost, gradients] = valueAndGrad((p: Params) => loss(model.apply(p, x), y))(params);
    const { params: next, state } = optimizer.update(gradients as Params, before, params);
    return { state: { params: next, optimizer: state }, cost };
  });
  let result = step({ params: start, optimizer: optimizer.init(start) }, features, labels);
  for (let i = 1; i < steps; i++) result = step(result.state, features, labels);
  return result.cost.item();
}

describe("training steps written by hand", () => {
  const names = Object.keys(training) as (keyof typeof training)[];
  test.each([
    ...names.map((name) => [name, "quick", quick] as const),
    ...accurateCases.map((name) => [name, "accurate", accurate] as const),
  ])("%s, %s functions: the compiled step's loss", (name, _, functions) => {
    const step = handWrittenStep(name, functions);
    const losses = Array.from({ length: steps }, step);
    const expected = compiledLoss(name);
    // A few roundings of float32, 6e-8 each; a derivative left out makes 1e-5 and more of a difference.
    expect(Math.abs(losses.at(-1)! / expected - 1)).toBeLessThan(5e-7);
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  });
});

type Lanes = (r: Routine, x: string) => string;

/** The function on many numbers. */
function values(lanes: Lanes, xs: Float32Array): Float32Array {
  const module = new StepModule();
  const at = module.allocate(xs.length);
  module.routine("run", (r) => {
    r.loop(int(0), int(4 * xs.length), 16, (i) => r.store(i, lanes(r, r.let(load(i, at))), at));
    return null;
  });
  const { memory, functions } = module.build();
  memory.set(xs, at / 4);
  functions["run"]!();
  return memory.slice(at / 4, at / 4 + xs.length);
}

describe("elementary functions by lanes", () => {
  test("the accurate hyperbolic tangent has the bits of the operator", () => {
    const xs = Float32Array.from({ length: 4000 }, (_, i) => -12 + (24 * i) / 3999);
    expect(values(accurate.hyperbolicTangent, xs)).toEqual(tensor(xs, { dtype: "float32" }).tanh().toTypedArray());
  });

  const table: readonly (readonly [string, Lanes, (x: number) => number, low: number, high: number])[] = [
    ["exp", exponential, Math.exp, -87, 0],
    ["log1p", logOnePlus, Math.log1p, 0, 1],
    ["log", logarithm, Math.log, 1.1, 1000],
    ["tanh", hyperbolicTangent, Math.tanh, -9, 9],
  ];
  test.each(table)("%s is right to a few units in the last place", (_, lanes, exact, low, high) => {
    const xs = Float32Array.from({ length: 4000 }, (_, i) => low + ((high - low) * i) / 3999);
    values(lanes, xs).forEach((y, i) => {
      const wanted = exact(xs[i]!);
      // Four units in the last place of float32.
      expect(Math.abs(y - wanted), `at ${xs[i]!}`).toBeLessThanOrEqual(4 * 2 ** -23 * Math.abs(wanted));
    });
  });
});
