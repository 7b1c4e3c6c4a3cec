/** Schedules against their closed forms, and the plateau against a table. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, tensor } from "@cotangent/core";
import {
  constant,
  cosine,
  exponentialDecay,
  linear,
  multiStep,
  oneCycle,
  plateau,
  polynomial,
  sgd,
  stepDecay,
  warmRestarts,
  warmup,
  type PlateauOptions,
  type Schedule,
} from "@cotangent/optim";

const wave = (from: number, to: number, part: number): number =>
  to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;

/** Where the period of a step starts and how long it is, by the sum of a geometric series. */
function periodOf(step: number, first: number, times: number): [start: number, length: number] {
  const startOf = (k: number): number => (times === 1 ? k * first : (first * (times ** k - 1)) / (times - 1));
  let k = 0;
  while (startOf(k + 1) <= step) k++;
  return [startOf(k), first * times ** k];
}

const rise = (t: number): number => wave(0.9 / 25, 0.9, t / 17);
const fall = (t: number): number => wave(0.9, 0.9 / 25 / 1e4, (t - 17) / 42);

const closedForms: readonly (readonly [string, Schedule, Schedule])[] = [
  ["constant", constant(0.3), () => 0.3],
  ["stepDecay", stepDecay({ initial: 0.7, every: 7, factor: 0.3 }), (t) => 0.7 * 0.3 ** Math.floor(t / 7)],
  ["multiStep", multiStep({ initial: 0.7, milestones: [30, 5, 9, 9], factor: 0.3 }), (t) => 0.7 * 0.3 ** ((t >= 5 ? 1 : 0) + (t >= 9 ? 2 : 0) + (t >= 30 ? 1 : 0))],
  ["exponentialDecay", exponentialDecay({ initial: 0.7, factor: 0.9 }), (t) => 0.7 * 0.9 ** t],
  ["linear", linear({ initial: 0.7, startFactor: 0.25, endFactor: 2, steps: 20 }), (t) => 0.7 * (0.25 + (1.75 * Math.min(t, 20)) / 20)],
  ["linear by default", linear({ initial: 0.7, steps: 5 }), (t) => 0.7 * (1 / 3 + ((2 / 3) * Math.min(t, 5)) / 5)],
  ["polynomial", polynomial({ initial: 0.7, power: 2.5, steps: 40 }), (t) => 0.7 * (1 - Math.min(t, 40) / 40) ** 2.5],
  ["polynomial by default", polynomial({ initial: 0.7, steps: 40 }), (t) => 0.7 * (1 - Math.min(t, 40) / 40)],
  ["cosine", cosine({ initial: 0.7, final: 0.01, steps: 50 }), (t) => wave(0.7, 0.01, Math.min(t, 50) / 50)],
  ["warmRestarts", warmRestarts({ initial: 0.7, final: 0.01, period: 7 }), (t) => wave(0.7, 0.01, (t % 7) / 7)],
  ["warmRestarts, longer and longer", warmRestarts({ initial: 0.7, period: 3, multiplier: 2 }), (t) => {
    const [start, length] = periodOf(t, 3, 2);
    return wave(0.7, 0, (t - start) / length);
  }],
  ["oneCycle", oneCycle({ peak: 0.9, steps: 60 }), (t) => (t <= 17 ? rise(t) : t < 59 ? fall(t) : 0.9 / 25 / 1e4)],
  ["oneCycle, linear", oneCycle({ peak: 1, steps: 41, rise: 0.5, startDivisor: 10, finalDivisor: 100, shape: "linear" }), (t) =>
    t <= 19.5 ? 0.1 + (0.9 * t) / 19.5 : t < 40 ? 1 + ((0.001 - 1) * (t - 19.5)) / 20.5 : 0.001],
  ["oneCycle that only falls", oneCycle({ peak: 1, steps: 11, rise: 0 }), (t) => (t < 10 ? wave(1, 4e-6, (t + 1) / 11) : 4e-6)],
  ["oneCycle that peaks at once", oneCycle({ peak: 1, steps: 10, rise: 0.1 }), (t) => (t < 9 ? wave(1, 4e-6, t / 9) : 4e-6)],
  ["warmup", warmup({ steps: 10, then: exponentialDecay({ initial: 0.7, factor: 0.9 }) }), (t) => (t < 10 ? (0.7 * (t + 1)) / 10 : 0.7 * 0.9 ** (t - 10))],
  ["warmup to a rate", warmup({ steps: 4, then: 0.5 }), (t) => 0.5 * Math.min(1, (t + 1) / 4)],
]; // prettier-ignore

test.each(closedForms)("%s", (_name, schedule, closedForm) => {
  for (let step = 0; step <= 100; step++) {
    const [rate, expected] = [schedule(step), closedForm(step)];
    expect(Math.abs(rate - expected), `step ${step}: ${rate}, not ${expected}`).toBeLessThanOrEqual(1e-14);
    expect(schedule(step)).toBe(rate);
  }
});

test.each(closedForms)("%s refuses steps that are none", (_name, schedule) => {
  for (const step of [-1, NaN, Infinity, "1", undefined, tensor(1)])
    expect(() => schedule(step as number)).toThrow(/^\w+: expected a step that is a finite number from 0, got/);
});

test("rates stay between the lowest and the highest", () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  const size = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(rate, rate, size, size, fc.nat(200), (initial, final, steps, multiplier, step) => {
      const [low, high] = [Math.min(initial, final) - 1e-15, Math.max(initial, final) + 1e-15];
      const all = [cosine({ initial, final, steps }), warmRestarts({ initial, final, period: steps, multiplier })];
      for (const schedule of all) {
        expect(schedule(step)).toBeGreaterThanOrEqual(low);
        expect(schedule(step)).toBeLessThanOrEqual(high);
      }
    }),
  );
});

test("an optimiser follows one", () => {
  const optimizer = sgd({ learningRate: stepDecay({ initial: 1, every: 2, factor: 0.5 }) });
  let [params, state] = [{ w: tensor(0) }, optimizer.init({ w: tensor(0) })];
  for (let i = 0; i < 4; i++) ({ params, state } = optimizer.update({ w: tensor(-1) }, state, params));
  expect(params.w.item()).toBe(1 + 1 + 0.5 + 0.5);
});

describe("a plateau", () => {
  const run = (options: Partial<PlateauOptions>, metrics: readonly number[]): number[] => {
    const { init, update } = plateau({ initial: 1, factor: 0.5, ...options });
    let state = init();
    return metrics.map((metric) => (state = Object.freeze(update(state, metric))).learningRate);
  };

  test.each<[string, Partial<PlateauOptions>, number[], number[]]>([
    ["falls after more than `patience` updates without improvement", { patience: 1 }, [3, 2, 2, 2, 2, 2], [1, 1, 1, 0.5, 0.5, 0.25]],
    ["takes up to the threshold for none", { patience: 0 }, [1, 0.9999, 0.9998], [1, 0.5, 0.5]],
    ["takes an absolute threshold", { patience: 0, threshold: 0.5, thresholdMode: "absolute" }, [3, 2.5, 2.4, 1], [1, 0.5, 0.5, 0.5]],
    ["wants a rise in mode max", { patience: 0, mode: "max", threshold: 0.1 }, [1, 1.2, 1.3, 1.4], [1, 1, 0.5, 0.5]],
    ["rests after a change", { patience: 0, cooldown: 2 }, [1, 1, 1, 1, 1], [1, 0.5, 0.5, 0.5, 0.25]],
    ["goes no lower than the minimum", { patience: 0, minimum: 0.3 }, [1, 1, 1, 1], [1, 0.5, 0.3, 0.3]],
    ["makes no tiny changes", { patience: 0, epsilon: 0.4 }, [1, 1, 1, 1], [1, 0.5, 0.5, 0.5]],
  ])("%s", (_says, options, metrics, rates) => {
    expect(run(options, metrics)).toEqual(rates);
  }); // prettier-ignore

  test("tells a best metric", () => {
    const { init, update } = plateau({ initial: 1 });
    expect([4, 2, 3].reduce((state, metric) => update(state, metric), init())).toEqual({
      learningRate: 1,
      best: 2,
      waited: 1,
      cooldown: 0,
    });
  });

  test.each([NaN, Infinity, "1", undefined])("refuses %s as a metric", (metric) => {
    const { init, update } = plateau({ initial: 1 });
    expect(() => update(init(), metric as number)).toThrow(/^plateau.update: expected a metric that is a finite/);
  });
});

test.each<[RegExp, () => unknown]>([
  [/^constant: expected a rate that is a finite number from 0, got -1/, () => constant(-1)],
  [/^stepDecay: expected an every that is an integer from 1, got 0/, () => stepDecay({ initial: 1, every: 0, factor: 1 })],
  [/^stepDecay: expected the option factor, which is missing/, () => stepDecay({ initial: 1, every: 1 } as never)],
  [/^multiStep: expected a milestones that is a list of integers from 0, got an array/, () => multiStep({ initial: 1, milestones: [1.5], factor: 1 })],
  [/^exponentialDecay: expected an initial that is .*, got NaN/, () => exponentialDecay({ initial: NaN, factor: 1 })],
  [/^linear: expected a steps that is an integer from 1/, () => linear({ initial: 1, steps: 0 })],
  [/^polynomial: unknown option "exponent"/, () => polynomial({ initial: 1, steps: 1, exponent: 2 } as never)],
  [/^cosine: expected a final that is/, () => cosine({ initial: 1, steps: 1, final: -1 })],
  [/^warmRestarts: expected a multiplier that is an integer from 1, got 1.5/, () => warmRestarts({ initial: 1, period: 1, multiplier: 1.5 })],
  [/^oneCycle: expected a shape that is "cosine" or "linear", got the string "cos"/, () => oneCycle({ peak: 1, steps: 5, shape: "cos" as never })],
  [/^oneCycle: expected a rise that is a number from 0 to 1, got 1.1/, () => oneCycle({ peak: 1, steps: 5, rise: 1.1 })],
  [/^warmup: expected a then that is a finite number from 0, or a function/, () => warmup({ steps: 5, then: "1" as never })],
  [/^warmup: expected a rate that is a finite number from 0, got NaN/, () => warmup({ steps: 5, then: () => NaN })(0)],
  [/^plateau: expected a factor that is a number from 0 and below 1, got 1/, () => plateau({ initial: 1, factor: 1 })],
  [/^plateau: expected an options object/, () => plateau(null as never)],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore
