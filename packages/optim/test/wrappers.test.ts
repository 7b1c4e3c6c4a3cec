/** Optimisers around optimisers: chains, accumulation over batches, averaged parameters; against plain loops. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  grad,
  leavesOf,
  mapTree,
  random,
  scalar,
  ShapeError,
  tensor,
  Tensor,
  variable,
} from "@cotangent/core";
import {
  accumulate,
  averagedParameters,
  chain,
  clip,
  freeze,
  groups,
  lbfgs,
  movingAverage,
  sgd,
  weightDecay,
  type GradientTransform,
  type Optimizer,
} from "@cotangent/optim";
import { elements, make, networkProblem, rows } from "./problems.js";
import { network, ruleOf } from "./rules.js";

type Layers = ReturnType<typeof networkProblem.start>;
const gradientOf = grad<[Layers]>(networkProblem.cost);
const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-10 * Math.abs(expected[i]!)));
};
const euclid = (x: readonly number[]): number => Math.hypot(...x);

/** The running mean of gradients, as a link with a state. */
const smoothed: GradientTransform<{ mean: unknown }> = {
  init: (params) => ({ mean: mapTree((p) => p.mul(0), params) }),
  update: (gradients, { mean }) => {
    const next = mapTree((m, g) => m.mul(0.5).add(g.mul(0.5)), mean, gradients);
    return { gradients: next, state: { mean: next } };
  },
};

describe.each(rows)("around %s", (_title, name, given) => {
  const inner = make(name, given) as Optimizer<{ readonly step: Tensor }>;
  const rule = ruleOf(name, given);

  test("a chain is its parts in turn", () => {
    const optimizer = chain(
      weightDecay(0.1, { match: "*.weight" }),
      (g: Layers, p: Layers) => mapTree((x, y) => x.add(y.mul(0.01)), g, p),
      smoothed,
      clip({ globalNorm: 0.2 }),
      inner,
    );
    let params = networkProblem.start();
    let state = optimizer.init(params);
    let expected = [...network.start];
    const kept = expected.map((): Record<string, number> => ({}));
    let mean = expected.map(() => 0);
    let clipped = 0;
    for (let t = 1; t <= 20; t++) {
      ({ params, state } = optimizer.update(gradientOf(params), state, params));
      const isWeight = (i: number): boolean => i < 6 || (i >= 9 && i < 12);
      const g = network.gradient(expected).map((x, i) => x + (isWeight(i) ? 0.11 : 0.01) * expected[i]!);
      mean = mean.map((m, i) => 0.5 * m + 0.5 * g[i]!);
      const factor = Math.min(1, 0.2 / (euclid(mean) + 1e-6));
      if (factor < 1) clipped++;
      expected = expected.map((p, i) => rule(p, mean[i]! * factor, t, kept[i]!));
      near(elements(params), expected);
      expect(state.step.item()).toBe(t);
    }
    expect(clipped).toBeGreaterThan(0);
  });

  test("accumulation takes the big batch's steps, and none between", () => {
    const source = random(1);
    const [x, y] = [source.normal([24, 2]), source.normal([24, 1])];
    const cost = ([first, second]: Layers, from: number, to: number): Tensor => {
      const hidden = x.slice([[from, to]]).matmul(first!.weight).add(first!.bias).tanh();
      return hidden.matmul(second!.weight).add(second!.bias).sub(y.slice([[from, to]])).square().mean();
    }; // prettier-ignore
    const gradient = grad<[Layers, number, number]>(cost, { argnums: 0 }) as unknown as (p: Layers, a: number, b: number) => Layers; // prettier-ignore
    const optimizer = accumulate(inner, { steps: 3 });
    let [params, big] = [networkProblem.start(), networkProblem.start()];
    let [state, bigState] = [optimizer.init(params), inner.init(big)];
    for (let i = 0; i < 12; i++) {
      const before = elements(params);
      const micro = (i * 8) % 24;
      ({ params, state } = optimizer.update(gradient(params, micro, micro + 8), state, params));
      expect(state.count.item()).toBe((i + 1) % 3);
      expect((state.optimizer as { step: Tensor }).step.item()).toBe(Math.floor((i + 1) / 3));
      if (i % 3 < 2) expect(elements(params)).toEqual(before);
      else {
        ({ params: big, state: bigState } = inner.update(gradient(big, 0, 24), bigState, big));
        near(elements(params), elements(big));
        elements(state.sum).forEach((sum) => expect(sum).toBe(0));
      }
    }
  });

  test.each([false, true])("a moving average, corrected for the start: %s", (biasCorrection) => {
    const optimizer = movingAverage(inner, { decay: 0.9, biasCorrection });
    let [params, alone] = [networkProblem.start(), networkProblem.start()];
    let [state, aloneState] = [optimizer.init(params), inner.init(alone)];
    expect(elements(averagedParameters({ params, optimizer: state }))).toEqual(elements(params));
    const path: number[][] = [elements(params)];
    for (let t = 1; t <= 20; t++) {
      ({ params, state } = optimizer.update(gradientOf(params), state, params));
      ({ params: alone, state: aloneState } = inner.update(gradientOf(alone), aloneState, alone));
      expect(elements(params)).toEqual(elements(alone));
      path.push(elements(params));
      const weights = path.map((_, i) => (i === 0 ? (biasCorrection ? 0 : 0.9 ** t) : 0.1 * 0.9 ** (t - i)));
      const total = weights.reduce((a, b) => a + b);
      expect(Math.abs(total - (biasCorrection ? 1 - 0.9 ** t : 1))).toBeLessThan(1e-14);
      const expected = path[0]!.map((_, j) => path.reduce((sum, at, i) => sum + weights[i]! * at[j]!, 0) / total);
      // The mean of numbers of both signs may come near 0.
      elements(averagedParameters(state)).forEach((x, j) => expect(Math.abs(x - expected[j]!)).toBeLessThan(1e-12));
      if (t === 1 && biasCorrection) expect(elements(averagedParameters(state))).toEqual(path[1]);
    }
  });

  test("nothing is read in an update, so that it can be recorded; nothing is mutated; all stays a tree", () => {
    const everything = movingAverage(
      accumulate(
        chain(
          clip({ norm: 1 }),
          freeze(
            groups(() => inner, {}, [{ match: "*.weight" }]),
            "[0].bias",
          ),
        ),
        {
          steps: 2,
        },
      ),
      { decay: 0.9, biasCorrection: true },
    );
    const params = networkProblem.start();
    const gradients = gradientOf(params);
    const state = everything.init(params);
    const before = [params, state, gradients].map(elements);
    const readers = ["item", "toArray", "toTypedArray"] as const;
    const originals = readers.map((reader) => Tensor.prototype[reader]);
    // Core reads numbers to compute with them; what counts is who asks.
    const caller = (): string => new Error().stack!.split("\n")[3]!;
    readers.forEach((reader, i) => {
      Tensor.prototype[reader] = function read(this: Tensor) {
        if (caller().includes("/optim/src/")) throw new Error("read");
        return (originals[i] as (this: Tensor) => unknown).call(this);
      } as never;
    });
    let made: ReturnType<typeof everything.update<Layers>>;
    try {
      made = everything.update(gradients, state, params);
    } finally {
      readers.forEach((reader, i) => (Tensor.prototype[reader] = originals[i]! as never));
    }
    expect([params, state, gradients].map(elements)).toEqual(before);
    const said = (tree: unknown): string[] =>
      leavesOf(tree).map(({ path, leaf }) => `${path} ${(leaf as Tensor).dtype} [${(leaf as Tensor).shape.join()}]`);
    expect(said(made!.state)).toEqual(said(state));
  });

  test("float32 stays float32", () => {
    const start = networkProblem.start("float32");
    const optimizer = movingAverage(accumulate(chain(weightDecay(0.1), clip({ globalNorm: 1 }), inner), { steps: 2 }), {
      decay: 0.9,
      biasCorrection: true,
    });
    let now = { params: start, state: optimizer.init(start) };
    for (let i = 0; i < 2; i++) now = optimizer.update(gradientOf(now.params), now.state, now.params);
    for (const { leaf } of leavesOf([now.params, now.state.average, now.state.optimizer.sum]))
      expect((leaf as Tensor).dtype).toBe("float32");
  });

  test("derivatives flow, through what happens between steps too", () => {
    const optimizer = movingAverage(accumulate(chain(clip({ value: 10 }), inner), { steps: 2 }), { decay: 0.5 });
    const after = (start: Tensor, rate: Tensor | number): Tensor => {
      let [params, state] = [{ w: start }, optimizer.init({ w: start })];
      for (let i = 0; i < 4; i++) {
        const gradients = { w: params.w.mul(i + 1).sub(1) };
        ({ params, state } = optimizer.update(gradients, state, params, { learningRate: rate }));
      }
      return (averagedParameters({ params, optimizer: state }) as { w: Tensor }).w.square().sum();
    };
    const h = 1e-5;
    const start = tensor([0.7]);
    const byStart = grad<[Tensor]>((x) => after(x, 0.03))(start).item();
    const byRate = grad<[Tensor]>((rate) => after(start, rate))(scalar(0.03)).item();
    const difference = (f: (by: number) => Tensor): number => (f(h).item() - f(-h).item()) / (2 * h);
    expect(byStart).toBeCloseTo(difference((by) => after(start.add(by), 0.03)), 6);
    expect(byRate).toBeCloseTo(difference((by) => after(start, 0.03 + by)), 6);
    expect(byRate).not.toBe(0);
    expect(optimizer.update({ w: tensor([1]) }, optimizer.init({ w: start }), { w: start }).params.w.requiresGrad).toBe(false);
    expect(optimizer.update({ w: variable([1]) }, optimizer.init({ w: start }), { w: start }).params.w.requiresGrad).toBe(true);
  }); // prettier-ignore
});

test("accumulation keeps what is there, whatever the batch brings, until a step is due", () => {
  const optimizer = accumulate(sgd({ learningRate: 1 }), { steps: 2 });
  const params = { w: tensor([1, -0]) };
  const { params: next } = optimizer.update({ w: tensor([Infinity, NaN]) }, optimizer.init(params), params);
  expect(elements(next)).toEqual([1, -0]);
});

test("clip limits as its functions do", () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true }).map((x) => (Math.abs(x) < 1e-50 ? 0 : x));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.double({ min: 0, max: 50, noNaN: true }), (g, limit) => {
      const through = (options: object): number[] => {
        const start = { w: tensor(g.map(() => 0)) };
        const optimizer = chain(clip(options), sgd({ learningRate: 1 }));
        return elements(optimizer.update({ w: tensor(g) }, optimizer.init(start), start).params).map((x) => -x);
      };
      const scaled = (norm: number): number[] => g.map((x) => x * Math.min(1, limit / (norm + 1e-6)));
      near(through({ value: limit }), g.map((x) => Math.max(-limit, Math.min(limit, x))));
      near(through({ norm: limit }), scaled(euclid(g)));
      near(through({ globalNorm: limit, p: 1 }), scaled(g.reduce((sum, x) => sum + Math.abs(x), 0)));
    }),
  );
}); // prettier-ignore

const params = { w: tensor([1, 2]), b: [tensor(1)] };
const simple = sgd({ learningRate: 1 });
const update = (optimizer: Optimizer<unknown>, gradients: unknown = params, state?: unknown): unknown =>
  optimizer.update(gradients as typeof params, state ?? optimizer.init(params), params);
const objective = (): never => null as never;
const asking = (optimizer: Optimizer<unknown>): unknown =>
  optimizer.update(params, optimizer.init(params), params, { objective });

test.each<[RegExp, () => unknown]>([
  [/^chain: expected an optimizer such as sgd.*, got a function/, () => chain(clip({ value: 1 }) as never)],
  [/^chain: expected an optimizer such as sgd.*, got undefined/, () => (chain as (...parts: never[]) => unknown)()],
  [/^chain: expected part 1 to be a function of gradients, or a pair { init, update }, got 3/, () => chain(clip({ value: 1 }), 3 as never, simple)],
  [/^chain.update: expected part 0 to return gradients of the parameters' structure, got none at "w"; one at "v"/, () => update(chain(() => ({ v: 1, b: params.b }), simple))],
  [/^chain.update: expected part 0 to return { gradients, state }, got an object/, () => update(chain(simple as never, simple))],
  [/^chain.update: expected a tensor.* got undefined/, () => update(chain(() => undefined, simple))],
  [/^chain.update: expected a state that init or update gave/, () => update(chain(simple), params, {})],
  [/^chain.update: expected a state of 1 links, got an array of length 0/, () => update(chain(smoothed, simple), params, { ...chain(simple).init(params) })],
  [/^chain.update: expected gradients of .*, got none at "b\[0\]"/, () => update(chain(simple), { w: params.w, b: [] })],
  [/^chain.update: expected an optimizer of one gradient a step.*lbfgs/, () => asking(chain(clip({ value: 1 }), lbfgs()))],
  [/^accumulate.update: expected an optimizer of one gradient a step.*lbfgs/, () => asking(accumulate(lbfgs(), { steps: 2 }))],
  [/^groups.update: expected an optimizer of one gradient a step.*lbfgs/, () => asking(groups(() => lbfgs(), {}, []))],
  [/^clip: expected one of the options value, norm and globalNorm, got none/, () => clip({})],
  [/^clip: expected one of .*, got value and norm/, () => clip({ value: 1, norm: 2 })],
  [/^clip: expected a norm that is a finite number from 0, got -1/, () => clip({ norm: -1 })],
  [/^clip: expected p together with globalNorm, got it with value/, () => clip({ value: 1, p: 2 })],
  [/^clip: expected a p that is a number above 0, got 0/, () => clip({ globalNorm: 1, p: 0 })],
  [/^clip: unknown option "limit"/, () => clip({ limit: 1 } as never)],
  [/^weightDecay: expected a factor that is a finite number from 0, got NaN/, () => weightDecay(NaN)],
  [/^weightDecay: unknown option "only"/, () => weightDecay(1, { only: "w" } as never)],
  [/^weightDecay: expected a pattern that matches a parameter, got "v"; there is "w", "b\[0\]"/, () => chain(weightDecay(1, { match: "v" }), simple).init(params)],
  [/^accumulate: expected an optimizer/, () => accumulate(null as never, { steps: 2 })],
  [/^accumulate: expected a steps that is an integer from 1, got 0/, () => accumulate(simple, { steps: 0 })],
  [/^accumulate: expected the option steps/, () => accumulate(simple, {} as never)],
  [/^accumulate.update: expected a state that init or update gave, got undefined/, () => update(accumulate(simple, { steps: 2 }), params, {})],
  [/^accumulate.update: expected gradients of .*, got none at "b\[0\]"/, () => update(accumulate(simple, { steps: 2 }), { w: params.w, b: [] })],
  [/^accumulate.update: unknown option "rate"/, () => accumulate(simple, { steps: 2 }).update(params, {} as never, params, { rate: 1 } as never)],
  [/^movingAverage: expected a decay that is a number from 0 and below 1, got 1/, () => movingAverage(simple, { decay: 1 })],
  [/^movingAverage: expected a biasCorrection that is true or false, got 1/, () => movingAverage(simple, { decay: 0.5, biasCorrection: 1 as never })],
  [/^movingAverage: unknown option "beta"/, () => movingAverage(simple, { decay: 0.5, beta: 1 } as never)],
  [/^movingAverage.update: expected a state that init or update gave/, () => update(movingAverage(simple, { decay: 0.5 }), params, {})],
  [/^averagedParameters: expected a state in which movingAverage keeps an average, got an object without one/, () => averagedParameters({ params, optimizer: simple.init(params) })],
  [/^averagedParameters: .* got undefined without one/, () => averagedParameters(undefined)],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore

test("a link that returns gradients of another shape is named", () => {
  const run = (): unknown => update(chain(clip({ value: 1 }), (g: typeof params) => ({ ...g, w: tensor([1]) }), simple));
  expect(run).toThrow(ShapeError);
  expect(run).toThrow(/^chain.update: expected part 1 to return gradients of their parameters' shapes, got \[1\]/);
}); // prettier-ignore
