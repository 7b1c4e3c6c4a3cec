/**
 * How far a training run is, on a terminal.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import cliProgress from "cli-progress";
import type { FitEvent } from "../fit/events.js";

/** Options of `progressBar`. */
export interface ProgressBarOptions {
  /** Where it is drawn. Default: `process.stderr`. */
  readonly stream?: NodeJS.WritableStream | undefined;
}

const format = "{bar} {percentage}% | epoch {epoch}/{epochs} | cost {cost} | {rate} steps/s | {eta_formatted} left";

/** Milliseconds between two looks at the clock's news. */
const pause = 50;

const shown = (x: number): string => (Math.abs(x) >= 1e-4 && Math.abs(x) < 1e6 ? x.toFixed(4) : x.toExponential(3));
const shownRate = (rate: number): string => rate.toFixed(rate < 10 ? 1 : 0);

/** What a bar shows besides its length. */
interface Payload {
  readonly epoch: number;
  readonly epochs: number;
  readonly cost: string;
  readonly rate: string;
}

/** The bar of one run. */
class Bar {
  readonly #bar: cliProgress.SingleBar;
  readonly #epochs: number;
  /** `null`: the bar counts epochs, since nobody knows how many steps there will be. */
  readonly #stepsPerEpoch: number | null;
  readonly #firstStep: number;
  readonly #begun = performance.now();
  #drawn = 0;

  constructor(stream: NodeJS.WritableStream, event: FitEvent & { readonly type: "start" }) {
    // Without escape codes that an interrupted run would leave behind.
    const options = { format, stream, linewrap: true, fps: 10, etaBuffer: 50 };
    this.#bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    this.#epochs = event.epochs;
    this.#stepsPerEpoch = event.stepsPerEpoch;
    this.#firstStep = event.state.step;
    const { epoch = 0 } = event.state.metrics;
    const payload: Payload = { epoch, epochs: this.#epochs, cost: "…", rate: "…" };
    const total = this.#epochs * (this.#stepsPerEpoch ?? 1);
    this.#bar.start(total, this.#stepsPerEpoch === null ? epoch : Math.min(this.#firstStep, total), payload);
  }

  step({ step, epoch, cost }: FitEvent & { readonly type: "step" }, now: number): void {
    if (now - this.#drawn < pause) return;
    this.#drawn = now;
    const rate = (1000 * (step - this.#firstStep)) / (now - this.#begun);
    const payload: Payload = { epoch, epochs: this.#epochs, cost: shown(cost), rate: shownRate(rate) };
    this.#bar.update(this.#stepsPerEpoch === null ? epoch - 1 : step, payload);
  }

  stop({ state, epochs }: FitEvent & { readonly type: "stop" }): void {
    const rate = (1000 * (state.step - this.#firstStep)) / (performance.now() - this.#begun);
    const cost = state.cost === null ? "…" : shown(state.cost);
    const payload: Payload = { epoch: epochs, epochs: this.#epochs, cost, rate: shownRate(rate) };
    this.#bar.update(this.#stepsPerEpoch === null ? epochs : state.step, payload);
    this.#bar.stop();
  }
}

/**
 * A bar for `fit`'s callbacks: how much is done, the epoch, the cost of the latest batch, steps a second and the time
 * left. Where there is no terminal, nothing is written.
 *
 * @throws `ArgumentError` if an option is unknown, or the stream none
 * @example
 * ```ts
 * import { tensor, type Tensor } from "@cotangent/core";
 * import { fit, sgd, trainState } from "@cotangent/optim";
 * import { progressBar } from "@cotangent/optim/node";
 * const optimizer = sgd({ learningRate: 0.25 });
 * const cost = (p: { w: Tensor }, target: Tensor) => p.w.sub(target).square();
 * const state = trainState({ params: { w: tensor(0) }, optimizer });
 * const data = [tensor(4), tensor(4)];
 * const trained = await fit({ cost, optimizer, state, data, epochs: 3, callbacks: [progressBar()] });
 * trained.state.step; // → 6
 * ```
 */
export function progressBar(options?: ProgressBarOptions): (event: FitEvent) => void {
  checkOptions("progressBar", options, ["stream"]);
  const stream = options?.stream ?? process.stderr;
  if (typeof (stream as Partial<NodeJS.WritableStream> | null)?.write !== "function")
    throw new ArgumentError(`progressBar: expected a stream such as process.stderr, got ${describe(stream)}`);
  if ((stream as { readonly isTTY?: boolean }).isTTY !== true) return () => undefined;
  let bar: Bar | null = null;
  return (event) => {
    if (event.type === "start") bar = new Bar(stream, event);
    else if (event.type === "step") bar?.step(event, performance.now());
    else if (event.type === "stop") {
      bar?.stop(event);
      bar = null;
    }
  };
}
