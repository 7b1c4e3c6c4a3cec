/** What the learning rate is now, and how far an update went. */
import { describe, expect, test } from "vitest";
import { ArgumentError, ShapeError, tensor } from "@cotangent/core";
import {
  accumulate,
  adam,
  chain,
  clip,
  freeze,
  groups,
  lbfgs,
  movingAverage,
  rateReport,
  sgd,
  type Optimizer,
  type RateReport,
} from "@cotangent/optim";
import { elements, make, rows } from "./problems.js";

const params = { encoder: { w: tensor([3, 4]), bias: tensor([0]) }, head: tensor([2]) };
const gradients = { encoder: { w: tensor([0, 1]), bias: tensor([2]) }, head: tensor([-1]) };

/** The report of the last of some updates. */
function after(optimizer: Optimizer<unknown>, steps = 1, options = {}): RateReport {
  let [before, now] = [
    { params, optimizer: optimizer.init(params) },
    { params, optimizer: optimizer.init(params) },
  ];
  for (let i = 0; i < steps; i++) {
    const { params: next, state } = optimizer.update(gradients, now.optimizer, now.params, options);
    [before, now] = [now, { params: next, optimizer: state }];
  }
  return rateReport(optimizer, before, now);
}

const rates = ({ tensors }: RateReport): (number | null)[] => tensors.map(({ learningRate }) => learningRate);

test.each(rows)("%s: its state says the rate of the latest step", (_title, name, given) => {
  const falling = make(name, { ...given, learningRate: ((step: number) => 0.5 / (step + 1)) as never });
  const state = falling.init(params) as unknown as { learningRate: ReturnType<typeof tensor> };
  expect([state.learningRate.item(), state.learningRate.dtype, state.learningRate.shape]).toEqual([0.5, "float64", []]);
  expect(rates(after(falling as Optimizer<unknown>, 4))).toEqual([0.125, 0.125, 0.125]);
  expect(rates(after(falling as Optimizer<unknown>, 1, { learningRate: 0.3 }))).toEqual([0.3, 0.3, 0.3]);
  expect(rates(after(falling as Optimizer<unknown>, 1, { learningRate: tensor(0.25) }))).toEqual([0.25, 0.25, 0.25]);
});

describe("a report", () => {
  const halving = (step: number): number => 2 ** -step;

  test("says norms, effective steps and ratios, tensor by tensor and together", () => {
    const { tensors, total } = after(sgd({ learningRate: 0.5 }));
    expect(tensors).toEqual([
      { path: "encoder.w", learningRate: 0.5, norm: 5, updateNorm: 0.5, effectiveStep: 0.5 / Math.sqrt(2), ratio: 0.1 },
      { path: "encoder.bias", learningRate: 0.5, norm: 0, updateNorm: 1, effectiveStep: 1, ratio: null },
      { path: "head", learningRate: 0.5, norm: 2, updateNorm: 0.5, effectiveStep: 0.5, ratio: 0.25 },
    ]);
    expect(total.norm).toBeCloseTo(Math.sqrt(29), 14);
    expect(total.updateNorm).toBeCloseTo(Math.sqrt(1.5), 14);
    expect(total.effectiveStep).toBeCloseTo(Math.sqrt(1.5 / 4), 14);
    expect(total.ratio).toBeCloseTo(Math.sqrt(1.5 / 29), 14);
  });

  test("knows the rates of groups, by path, and of frozen parameters", () => {
    const optimizer = groups(adam, { learningRate: 0.1 }, [
      { match: "*.bias", learningRate: halving },
      { match: "head", frozen: true },
    ]);
    expect(rates(after(optimizer as Optimizer<unknown>, 3))).toEqual([0.1, 0.25, 0]);
    const frozen = freeze(adam({ learningRate: 0.1 }), "encoder.*") as Optimizer<unknown>;
    expect(rates(after(frozen))).toEqual([0, 0, 0.1]);
    expect(after(frozen).tensors[0]).toMatchObject({ updateNorm: 0, ratio: 0 });
  });

  test("looks through whatever stands around an optimiser", () => {
    const inner = sgd({ learningRate: halving });
    const around = movingAverage(accumulate(chain(clip({ value: 1 }), inner), { steps: 2 }), { decay: 0.5 });
    expect(rates(after(around as Optimizer<unknown>, 6))).toEqual([0.25, 0.25, 0.25]);
  });

  test("knows the rate of lbfgs, and does without where an optimiser tells none", () => {
    const objective = (): object => ({ value: 1, gradients });
    expect(rates(after(lbfgs({ learningRate: 0.2, maxIterations: 1 }) as Optimizer<unknown>, 1, { objective }))).toEqual([0.2, 0.2, 0.2]); // prettier-ignore
    const { init, update } = sgd({ learningRate: 1 });
    expect(rates(after({ init, update } as Optimizer<unknown>))).toEqual([null, null, null]);
    expect(rates(after(movingAverage({ init, update }, { decay: 0.5 }) as Optimizer<unknown>))).toEqual([null, null, null]); // prettier-ignore
  });

  test("of no parameters is empty", () => {
    const optimizer = sgd({ learningRate: 1 });
    const point = { params: {}, optimizer: optimizer.init({}) };
    expect(rateReport(optimizer, point, point)).toEqual({
      total: { norm: 0, updateNorm: 0, effectiveStep: 0, ratio: null },
      tensors: [],
    });
  });
});

const optimizer = sgd({ learningRate: 1 });
const point = { params, optimizer: optimizer.init(params) };
test.each<[RegExp, new (message: string) => Error, () => unknown]>([
  [/^rateReport: expected an optimizer/, ArgumentError, () => rateReport(null as never, point, point)],
  [/^rateReport: expected before as { params, optimizer }, got an object/, ArgumentError, () => rateReport(optimizer, { params } as never, point)],
  [/^rateReport: expected after as { params, optimizer }, got undefined/, ArgumentError, () => rateReport(optimizer, point, undefined as never)],
  [/^rateReport: expected parameters after of .*, got none at "head"/, ArgumentError, () => rateReport(optimizer, point, { ...point, params: { encoder: params.encoder } as never })],
  [/^rateReport: .* got \[1\] for a parameter of shape \[2\] at "encoder.w"/, ShapeError, () => rateReport(optimizer, point, { ...point, params: { ...params, encoder: { ...params.encoder, w: tensor([1]) } } })],
])("%s", (says, kind, run) => {
  expect(run).toThrow(kind);
  expect(run).toThrow(says);
}); // prettier-ignore

test("what goes in stays as it is", () => {
  const before = elements(params);
  after(optimizer as Optimizer<unknown>, 2);
  expect(elements(params)).toEqual(before);
});
