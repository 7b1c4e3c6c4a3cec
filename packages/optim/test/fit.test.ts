/** `fit`: what happens in which order, where it goes on, when it stops. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, tensor, type Random, type Tensor } from "@cotangent/core";
import {
  adam,
  diff,
  fit,
  history,
  sgd,
  train,
  trainState,
  type AdamState,
  type Context,
  type FitEvent,
  type FitRun,
  type LossFitOptions,
  type Samples,
  type TrainState,
} from "@cotangent/optim";

interface Params {
  readonly w: Tensor;
  readonly b: Tensor;
}
interface Seen {
  readonly mean: Tensor;
}
type State = TrainState<Params, AdamState, Seen>;
type Options = LossFitOptions<Params, AdamState, Seen>;

/** A line with noise on its inputs and a running mean: it draws, and it remembers. */
const model = {
  init: (stream: Random): Params => ({ w: stream.normal([2, 1]), b: tensor([0]) }),
  initState: (): Seen => ({ mean: tensor([0, 0]) }),
  apply: ({ w, b }: Params, x: Tensor, context?: Context<Seen>): Tensor => {
    if (context?.training !== true) return x.sub(context?.state.mean ?? 0).matmul(w).add(b);
    const mean = context.state.mean.mul(0.9).add(x.mean({ axis: 0 }).mul(0.1));
    context.setState({ mean });
    return x.add(context.random.normal(x.shape as [number, number], { std: 0.1 })).sub(mean).matmul(w).add(b);
  },
}; // prettier-ignore
const optimizer = adam({ learningRate: 0.05 });
const loss = (y: Tensor, target: Tensor): Tensor => y.sub(target).square().mean();
const samples = (seed: number, n: number): Samples => {
  const features = random(seed).fork("samples").normal([n, 2]);
  return { features, labels: features.sum({ axis: 1, keepDims: true }) };
};
const common = { model, loss, optimizer, data: samples(1, 10), batchSize: 4, seed: 1 };
const fitted = (options: Partial<Options> = {}): FitRun<Params, AdamState, Seen> =>
  fit<Params, AdamState, Seen>({ ...common, epochs: 3, ...options });

async function eventsOf(options: Partial<Options> = {}): Promise<FitEvent<Params, AdamState, Seen>[]> {
  const events: FitEvent<Params, AdamState, Seen>[] = [];
  for await (const event of fitted(options)) events.push(event);
  return events;
}
async function statesOf(options: Partial<Options> = {}): Promise<State[]> {
  return (await eventsOf(options)).flatMap((event) =>
    event.type === "start" || event.type === "step" ? [event.state] : [],
  );
}
/** From one list of batches, as each form of data. */
const forms = (batches: readonly Samples[]): [string, LossFitOptions<Params, AdamState, Seen>["data"]][] => [
  ["a list", batches],
  ["an iterable", new Set(batches)],
  ["a function of the epoch", () => batches.values()],
  ["a generator of the epoch", function* () { yield* batches; }],
  ["an async iterable", { [Symbol.asyncIterator]: async function* () { for (const batch of batches) { await null; yield batch; } } }],
]; // prettier-ignore

describe("events", () => {
  test("come in order, and tell epochs, steps, costs and states", async () => {
    const events = await eventsOf({ epochs: 2, validation: samples(2, 5) });
    const epoch = ["step", "step", "step", "epoch"];
    expect(events.map(({ type }) => type)).toEqual(["start", ...epoch, ...epoch, "stop"]);
    const steps = events.filter((event) => event.type === "step");
    expect(steps.map((event) => [event.epoch, event.step, event.state.step])).toEqual([
      [1, 1, 1], [1, 2, 2], [1, 3, 3], [2, 4, 4], [2, 5, 5], [2, 6, 6],
    ]); // prettier-ignore
    for (const event of steps) expect(event.cost).toBe(event.state.cost);
    const [first] = events.filter((event) => event.type === "epoch");
    expect(first!.cost).toBeCloseTo((steps[0]!.cost + steps[1]!.cost + steps[2]!.cost) / 3, 14);
    expect(first).toMatchObject({ epoch: 1, metrics: {}, validationCost: first!.state.metrics["validationCost"] });
    expect(first!.state).toBe(steps[2]!.state);
    expect(events[0]).toMatchObject({ epochs: 2, stepsPerEpoch: 3, state: { step: 0 } });
    expect(events.at(-1)).toMatchObject({ reason: "epochs", epochs: 2, explanation: null, history: null });
  });

  test("reach callbacks in turn, whose promises are waited for", async () => {
    const heard: string[] = [];
    await fitted({
      epochs: 1,
      callbacks: [
        async ({ type }) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          heard.push(`a ${type}`);
        },
        ({ type }) => heard.push(`b ${type}`),
      ],
    });
    const expected = ["start", "step", "step", "step", "epoch", "stop"].flatMap((type) => [`a ${type}`, `b ${type}`]);
    expect(heard).toEqual(expected);
  });

  test("and the awaited result say the same", async () => {
    const run = fitted();
    const events: FitEvent[] = [];
    for await (const event of run) events.push(event);
    expect(events.at(-1)).toEqual({ type: "stop", ...(await run) });
    expect(diff((await fitted()).state, (await run).state)).toEqual([]);
  });
});

describe("the result", () => {
  test("may be waited for when the end is told", async () => {
    const run = fitted({ epochs: 1 });
    const results: unknown[] = [];
    for await (const event of run) if (event.type === "stop") results.push(await run, event.state);
    const [result, state] = results as [Awaited<typeof run>, State];
    expect([result.reason, result.state === state, (await run) === result]).toEqual(["epochs", true, true]);
  });

  test("comes where an iterator was made, or left, before its first event", async () => {
    const [made, left] = [fitted({ epochs: 1 }), fitted({ epochs: 1 })];
    const iterator = made[Symbol.asyncIterator]();
    await left[Symbol.asyncIterator]().return(undefined);
    for (const run of [made, left]) expect((await run).reason).toBe("epochs");
    await expect(iterator.next()).rejects.toThrow(/^fit: expected one loop over the events of a run, got another/);
  });
});

describe("batches", () => {
  test("are all samples of the epoch, each once, in an order of its own", async () => {
    const seen: number[][] = [];
    const data = { features: tensor([[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]]), labels: tensor([[0], [1], [2], [3], [4]]) }; // prettier-ignore
    const spying = { ...model, apply: (p: Params, x: Tensor, c?: Context<Seen>) => (seen.push([...x.toTypedArray()].filter((_, i) => i % 2 === 0)), model.apply(p, x, c)) }; // prettier-ignore
    await fitted({ model: spying, data, batchSize: 2, epochs: 2 });
    expect(seen.map((batch) => batch.length)).toEqual([2, 2, 1, 2, 2, 1]);
    const [one, two] = [seen.slice(0, 3).flat(), seen.slice(3).flat()];
    for (const order of [one, two]) expect(order.slice().sort()).toEqual([0, 1, 2, 3, 4]);
    expect(one).not.toEqual(two);
    seen.length = 0;
    await fitted({ model: spying, data, batchSize: 2, epochs: 1, shuffle: false, dropLast: true });
    expect(seen).toEqual([[0, 1], [2, 3]]); // prettier-ignore
    seen.length = 0;
    await fitted({ model: spying, data, batchSize: undefined, epochs: 1 });
    expect(seen).toEqual([[0, 1, 2, 3, 4]]);
  });

  test("a full batch is a step of train", async () => {
    const { state } = await fitted({ batchSize: undefined, epochs: 1 });
    const start = trainState({ model, optimizer, seed: 1 });
    const next = train(start, common.data, { model, loss, optimizer });
    expect(diff({ ...state, metrics: {} }, next)).toEqual([]);
  });

  test("come in any form, with the same bits", async () => {
    const batches = [samples(3, 4), samples(4, 4), samples(5, 2)];
    const results = [];
    for (const [, data] of forms(batches)) results.push((await fitted({ data, batchSize: undefined })).state);
    for (const state of results) expect(diff(state, results[0])).toEqual([]);
    expect(results[0]!.step).toBe(9);
  });
});

describe("a run goes on", () => {
  const validation = samples(2, 5);
  const earlyStopping = { patience: 2, minDelta: 1e-3 };

  test("from any state with the bits of one that was not interrupted", async () => {
    const whole = await eventsOf({ epochs: 4, validation, earlyStopping });
    const last = whole.at(-1) as FitEvent & { type: "stop" };
    const states = whole.flatMap((event) => (event.type === "start" || event.type === "step" ? [event.state] : []));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: states.length - 1 }), async (at) => {
        const { state, reason, epochs } = await fitted({ epochs: 4, validation, earlyStopping, state: states[at]!, seed: undefined }); // prettier-ignore
        expect(diff(state, last.state)).toEqual([]);
        expect([reason, epochs]).toEqual([last.reason, last.epochs]);
      }),
      { numRuns: states.length },
    );
  });

  const batches = [samples(3, 4), samples(4, 4), samples(5, 2)];
  test.each(forms(batches))("from any state, data being %s", async (_title, data) => {
    const options = { data, batchSize: undefined, epochs: 3, validation };
    const states = await statesOf(options);
    for (const state of states) {
      const again = await fitted({ ...options, state, seed: undefined });
      expect(diff(again.state, states.at(-1))).toEqual([]);
    }
  });

  test("after an abort", async () => {
    const { state: whole } = await fitted({ epochs: 4, validation });
    for (let at = 1; at < 12; at++) {
      const controller = new AbortController();
      const abort = (event: FitEvent): void => {
        if (event.type === "step" && event.step === at) controller.abort();
      };
      const part = await fitted({ epochs: 4, validation, callbacks: [abort], signal: controller.signal });
      expect([part.reason, part.state.step]).toEqual(["aborted", at]);
      const { state } = await fitted({ epochs: 4, validation, state: part.state, seed: undefined });
      expect(diff(state, whole)).toEqual([]);
    }
  });

  test("for more epochs, and not where all are done", async () => {
    const { state } = await fitted({ epochs: 2 });
    const more = await fitted({ epochs: 3, state, seed: undefined });
    expect(diff(more.state, (await fitted({ epochs: 3 })).state)).toEqual([]);
    const none = await fitted({ epochs: 1, state, seed: undefined });
    expect([none.state, none.reason]).toEqual([state, "epochs"]);
  });

  test("with the epoch's measurements where it was cut off before them", async () => {
    const states = await statesOf({ epochs: 2, validation });
    const { metrics: _later, ...rest } = states[3]!;
    const unmeasured = { ...rest, metrics: { ...states[2]!.metrics, epochCost: states[3]!.metrics["epochCost"]! } };
    const { state } = await fitted({ epochs: 2, validation, state: unmeasured, seed: undefined });
    expect(diff(state, states.at(-1))).toEqual([]);
  });
});

describe("validation", () => {
  test("predicts by the state, on all data together, whatever the batches", async () => {
    const validation = samples(2, 7);
    const metrics = { largest: (y: Tensor, target: Tensor) => y.sub(target).abs().max() };
    for (const batchSize of [2, 7, 100]) {
      const { state } = await fitted({ validation, metrics, batchSize, epochs: 1, data: samples(1, 8) });
      const y = model.apply(state.params, validation.features, { training: false, state: state.modelState });
      expect(state.metrics["validationCost"]).toBe(loss(y, validation.labels).item());
      expect(state.metrics["largest"]).toBe(y.sub(validation.labels).abs().max().item());
    }
  });

  test("of a cost is the mean over batches, by their samples", async () => {
    const state = trainState({ params: { w: tensor(3) }, optimizer: sgd({ learningRate: 0.1 }) });
    const contexts: boolean[] = [];
    const cost = (p: { w: Tensor }, { features }: Samples, context: Context): Tensor => {
      contexts.push(context.training);
      return features.sub(p.w).square().mean();
    };
    const validation = { features: tensor([1, 2, 3, 4, 5]), labels: tensor([0, 0, 0, 0, 0]) };
    const size = (_p: unknown, batch: Samples): number => batch.features.size;
    const run = await fit({ cost, optimizer: sgd({ learningRate: 0 }), state, data: validation, validation, epochs: 1, batchSize: 2, metrics: { size } }); // prettier-ignore
    expect(run.state.metrics["validationCost"]).toBeCloseTo((4 + 1 + 0 + 1 + 4) / 5, 14);
    expect(run.state.metrics["size"]).toBeCloseTo((2 * 2 + 2 * 2 + 1) / 5, 14);
    expect(contexts).toEqual([true, true, true, false, false, false]);
  });
});

describe("early stopping", () => {
  /** A cost on validation data that the test dictates, epoch by epoch. */
  const dictated = (values: readonly number[]): Pick<Options, "validation" | "metrics"> => {
    let at = 0;
    return { validation: samples(2, 3), metrics: { score: () => values[at++]! } };
  };

  test.each<[string, number[], object, number, number]>([
    ["after patience epochs without improvement", [3, 2, 2, 2, 1], { patience: 2, mode: "min" }, 4, 2],
    ["of a metric that should rise", [1, 5, 4, 6, 5, 4, 7], { patience: 2, mode: "max" }, 6, 4],
    ["where improvements are too small", [3, 2.95, 2.9, 2.85, 1], { patience: 3, minDelta: 0.5, mode: "min" }, 4, 1],
    ["where nothing is ever measured", [NaN, NaN, NaN], { patience: 2, mode: "min" }, 2, 0],
  ])("%s", async (_title, values, stopping, epochs, bestEpoch) => {
    const result = await fitted({ epochs: 10, ...dictated(values), earlyStopping: { metric: "score", ...stopping } as never }); // prettier-ignore
    expect([result.reason, result.epochs]).toEqual(["early", epochs]);
    expect(result.best?.metrics["bestEpoch"] ?? 0).toBe(bestEpoch);
    expect(result.best?.step ?? 0).toBe(3 * bestEpoch);
    expect(result.state.step).toBe(3 * epochs);
  });

  test("ends with the best state if it is to be restored", async () => {
    const earlyStopping = { patience: 2, metric: "score", mode: "min" } as const;
    const { state, best } = await fitted({ epochs: 10, ...dictated([3, 1, 2, 2]), earlyStopping, restoreBest: true });
    expect(state).toBe(best);
    expect([state.step, state.metrics["score"]]).toEqual([6, 1]);
  });

  test("gives the last state where the run was aborted, to go on from", async () => {
    const controller = new AbortController();
    const abort = (event: FitEvent): unknown => event.type === "epoch" && event.epoch === 3 && controller.abort();
    const earlyStopping = { patience: 2, metric: "score", mode: "min" } as const;
    const options = { ...dictated([3, 1, 2]), earlyStopping, restoreBest: true, callbacks: [abort] };
    const { state, best } = await fitted({ ...options, epochs: 10, signal: controller.signal });
    expect([state.step, best!.step]).toEqual([9, 6]);
  });

  test("finds the best state of the part before in the history, and refuses to go on without", async () => {
    const earlyStopping = { patience: 5, metric: "score", mode: "min" } as const;
    const policy = { best: { metric: "score", mode: "min" } } as const;
    const { state, history: kept } = await fitted({
      epochs: 3,
      ...dictated([3, 1, 2]),
      earlyStopping,
      history: policy,
    });
    const options = { epochs: 4, ...dictated([2]), earlyStopping, restoreBest: true, state, seed: undefined };
    expect((await fitted({ ...options, history: kept! })).state).toBe(kept!.at(6));
    expect(() => fitted(options)).toThrow(
      /^fit: expected the state of step 6, the best so far, in the history, got none/,
    );
  });
});

describe("it stops", () => {
  test("at a signal from a timer, in either form, before the steps are done", async () => {
    for (const looping of [true, false]) {
      const controller = new AbortController();
      const later = ({ type }: FitEvent): unknown => type === "start" && setTimeout(() => controller.abort(), 30);
      const run = fitted({ epochs: 1e9, signal: controller.signal, callbacks: [later] });
      if (looping) for await (const event of run) expect(event).toBeDefined();
      const { reason, state } = await run;
      expect(reason).toBe("aborted");
      expect(state.step).toBeLessThan(3e9);
    }
  });

  test("at once where the signal was given before", async () => {
    const { reason, state } = await fitted({ signal: AbortSignal.abort() });
    expect([reason, state.step]).toEqual(["aborted", 0]);
  });

  test("while it waits for data that never come", async () => {
    const never: AsyncIterable<Samples> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const { reason } = await fitted({ data: never, batchSize: undefined, signal: AbortSignal.timeout(5) });
    expect(reason).toBe("aborted");
  });

  test("but not before a callback is done", async () => {
    const controller = new AbortController();
    const heard: string[] = [];
    const slow = async ({ type }: FitEvent): Promise<void> => {
      if (type === "step") controller.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      heard.push(type);
    };
    const { reason } = await fitted({ callbacks: [slow], signal: controller.signal });
    expect([reason, ...heard]).toEqual(["aborted", "start", "step", "stop"]);
  });

  test("when the loop is left, and tells callbacks", async () => {
    const heard: string[] = [];
    const run = fitted({ callbacks: [({ type }) => heard.push(type)] });
    for await (const event of run) if (event.type === "step" && event.step === 2) break;
    expect(heard).toEqual(["start", "step", "step", "stop"]);
    const { reason, state } = await run;
    expect([reason, state.step]).toEqual(["aborted", 2]);
  });

  test("closes the data it has not read to the end", async () => {
    let closed = 0;
    const data = (): Iterable<Samples> => (function* () { try { for (;;) yield common.data; } finally { closed++; } })(); // prettier-ignore
    for await (const event of fitted({ data, batchSize: undefined })) if (event.type === "step") break;
    expect(closed).toBe(1);
  });

  test("where the cost is no longer finite, with the last good state and a report", async () => {
    const start = trainState({ params: { w: tensor(2) }, optimizer: sgd({ learningRate: 1 }) });
    const cost = (p: { w: Tensor }, batch: Tensor): Tensor => p.w.sub(batch).log();
    const data = [tensor(1), tensor(0), tensor(5)];
    const events: FitEvent[] = [];
    const run = fit({ cost, optimizer: sgd({ learningRate: 0.1 }), state: start, data, epochs: 2 });
    for await (const event of run) events.push(event);
    const { reason, state, explanation } = await run;
    expect([reason, state.step, state.params.w.item()]).toEqual(["notFinite", 2, 1.9 - 0.1 / 1.9]);
    expect(explanation!.first).toMatchObject({ op: "log", made: "NaN" });
    expect(events.at(-1)).toMatchObject({ type: "stop", reason: "notFinite", explanation });
  });

  test("with an error of the cost, a callback or the data, thrown in either form, and told to callbacks", async () => {
    const broken = new Error("broken");
    const fail = (): never => {
      throw broken;
    };
    const cases: Partial<Options>[] = [
      { loss: fail },
      { callbacks: [({ type }) => (type === "step" ? fail() : null)] },
      { data: fail, batchSize: undefined },
      { validation: samples(1, 2), metrics: { fail } },
      { callbacks: [({ type }) => (type === "step" ? Promise.reject(broken) : null)] },
    ];
    for (const options of cases) {
      const reasons: unknown[] = [];
      const callbacks = [...(options.callbacks ?? []), (event: FitEvent) => event.type === "stop" && reasons.push(event.reason)]; // prettier-ignore
      await expect(fitted({ ...options, callbacks })).rejects.toBe(broken);
      await expect(eventsOf({ ...options, callbacks })).rejects.toBe(broken);
      expect(reasons).toEqual(["error", "error"]);
    }
  });
});

describe("a history", () => {
  test("keeps what its policy wants, measured", async () => {
    const { history: kept, state } = await fitted({ history: { every: 4, last: 1 }, validation: samples(2, 3) });
    expect(kept!.steps).toEqual([0, 4, 8, 9]);
    expect(kept!.latest).toBe(state);
    expect(state.metrics["validationCost"]).toBeDefined();
  });

  test("goes on in another run, from where it stands", async () => {
    const first = await fitted({ epochs: 1, history: history({ every: 2 }) });
    const second = await fitted({ epochs: 2, history: first.history!, state: first.state, seed: undefined });
    expect(second.history!.steps).toEqual([0, 2, 4, 6]);
    expect(first.history!.steps).toEqual([0, 2]);
    const back = first.history!.at(2);
    expect(() => fitted({ history: second.history!, state: back, seed: undefined })).toThrow(/^fit: expected a history until step 2, .* got one until step 6; rewind or branch/); // prettier-ignore
    const again = await fitted({ epochs: 2, history: second.history!.rewind(2), state: back, seed: undefined });
    expect(diff(again.state, second.state)).toEqual([]);
  });
});
