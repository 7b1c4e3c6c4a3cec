/**
 * The training step: from one immutable state to the next.
 * @module
 */
import {
  ArgumentError,
  checkFunction,
  checkOptions,
  describe,
  noGrad,
  random,
  valueAndGrad,
  type Random,
  type Tensor,
} from "@cotangent/core";
import { freeze } from "immer";
import {
  checkModel,
  isSamples,
  type Context,
  type Samples,
  type TrainableModel,
  type TrainingContext,
} from "./context.js";
import { firstBad, notFinite } from "./notFinite.js";
import { checkOptimizer, type Evaluation, type Optimizer } from "./optimizer.js";
import { checkState, untracked, type TrainState } from "./state.js";
import { StepProgram } from "./stepProgram.js";

/** How training steps run. */
export interface StepOptions {
  /**
   * Whether steps become a program after the twentieth (`compile` of core), with the same bits; where they cannot, a notice
   * says why. The cost, and all that it calls, must be pure. A number outside that changes at every step, and `Math.random`,
   * are found before they do harm, and steps go on as they are; one that changes now and then is found only after as many
   * steps again as the program has done, and the notice says how many are in doubt. Put such numbers into the batch as
   * tensors, or switch it off. Default: true.
   */
  readonly compile?: boolean | undefined;
}

/** What a training step minimises: a cost of one's own. */
export interface CostOptions<P, B, S, M = undefined> extends StepOptions {
  /** The cost of a batch under parameters, a scalar. In a training step the context is the training one. */
  readonly cost: (params: P, batch: B, context: Context<M>) => Tensor;
  readonly optimizer: Optimizer<S>;
}

/** What a training step minimises: the loss of a model's prediction, by the labels. */
export interface LossOptions<P, S, M = undefined> extends StepOptions {
  readonly model: TrainableModel<P, M>;
  /** A scalar. */
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor;
  readonly optimizer: Optimizer<S>;
}

/** What is computed of options once, and used at every step. */
export interface Prepared {
  readonly parts: readonly unknown[];
  readonly cost: (params: unknown, batch: unknown, context: Context<unknown>) => Tensor;
  readonly gradient: (params: unknown, batch: unknown, context: Context<unknown>) => [unknown, unknown];
  readonly optimizer: Optimizer<unknown>;
  /** The same step as one program; without one it always runs as it is. */
  readonly program?: StepProgram | undefined;
}

type Given = Partial<CostOptions<unknown, unknown, unknown, unknown>> & Partial<LossOptions<unknown, unknown, unknown>>;
type AnyState = TrainState<unknown, unknown, unknown>;

/** @throws `ArgumentError` if it has no features and labels */
function expectSamples(operator: string, batch: unknown): Samples {
  if (isSamples(batch)) return batch;
  throw new ArgumentError(
    `${operator}: expected a batch { features, labels }, as batches gives it, got ${describe(batch)}; batches of other forms want the option cost`,
  );
}

/**
 * Reads what is minimised, and how.
 *
 * @throws `ArgumentError` if it is neither a cost, nor a model with a loss, or there is no optimiser
 */
export function prepare(operator: string, options: Given): Prepared {
  const { cost, model, loss, optimizer, compile = true } = options;
  checkOptimizer(operator, optimizer);
  if (typeof compile !== "boolean")
    throw new ArgumentError(`${operator}: expected compile to be true or false, got ${describe(compile)}`);
  if (cost === undefined && (model === undefined || loss === undefined))
    throw new ArgumentError(
      `${operator}: expected the options model and loss, or cost, got ${model !== undefined ? "a model alone" : loss !== undefined ? "a loss alone" : "none of them"}`,
    );
  if (cost !== undefined) {
    if (model !== undefined || loss !== undefined)
      throw new ArgumentError(`${operator}: expected the options model and loss, or cost, got both`);
    checkFunction(operator, cost, "cost to be a function of parameters, a batch and a context");
  } else {
    checkModel(operator, model);
    checkFunction(operator, loss, "loss to be a function of predictions and targets");
  }
  const costOf =
    cost ??
    ((params, batch, context) => {
      const { features, labels } = expectSamples(operator, batch);
      return loss!(model!.apply(params, features, context), labels);
    });
  const gradient = valueAndGrad(costOf as never) as unknown as Prepared["gradient"];
  return {
    parts: [cost, model, loss, optimizer, options.compile],
    cost: costOf,
    gradient,
    optimizer: optimizer!,
    program: compile ? new StepProgram({ gradient, optimizer: optimizer! }) : undefined,
  };
}

const known = new WeakMap<object, Prepared>();

/** By the options object, unless one of its parts was exchanged since. */
function preparedFor(options: Given): Prepared {
  const { cost, model, loss, optimizer, compile } = (options ?? {}) as Given;
  const found = known.get(options);
  if (found !== undefined) {
    const { parts } = found;
    if (parts[0] === cost && parts[1] === model && parts[2] === loss && parts[3] === optimizer && parts[4] === compile)
      return found;
  }
  checkOptions("train", options, ["model", "loss", "cost", "optimizer", "compile"], ["optimizer"]);
  const made = prepare("train", options);
  known.set(options, made);
  return made;
}

/** The context of one pass over a batch, and what came of it. */
class Pass {
  readonly context: TrainingContext<unknown>;
  #stream: Random | null = null;
  #said: { readonly state: unknown } | null = null;

  constructor(readonly state: AnyState) {
    const stream = (): Random => (this.#stream ??= random.fromState(state.random));
    this.context = {
      training: true,
      // A model that draws nothing must not pay for a generator.
      get random() {
        return stream();
      },
      state: state.modelState,
      setState: (next) => {
        if (state.modelState === undefined)
          throw new ArgumentError(
            "train: expected no setState where there is no state; give the model an initState, or trainState a modelState",
          );
        this.#said = { state: next };
      },
    };
  }

  modelState(): unknown {
    return this.#said === null ? this.state.modelState : untracked("train: setState", this.#said.state);
  }

  random(): AnyState["random"] {
    return this.#stream === null ? this.state.random : this.#stream.state();
  }
}

const at = (path: string): string => (path === "" ? "" : ` for "${path}"`);

/** A step; `metricsOf` may say what the next state remembers of measurements. */
export function advance(
  state: AnyState,
  batch: unknown,
  { cost, gradient, optimizer, program }: Prepared,
  metricsOf?: (cost: number) => AnyState["metrics"],
): AnyState {
  const compiled = program?.run(state, batch) ?? null;
  if (compiled !== null) {
    const { params, optimizer, modelState, random, cost: now } = compiled;
    const step = state.step + 1;
    const metrics = metricsOf === undefined ? state.metrics : metricsOf(now);
    return freeze({ params, modelState, optimizer, random, step, cost: now, metrics }, true);
  }
  const pass = new Pass(state);
  const [now, gradients] = noGrad(() => {
    const [value, gradients] = gradient(state.params, batch, pass.context);
    return [(value as Tensor).item(), gradients] as const;
  });
  const again = (params: never): Tensor => cost(params, batch, new Pass(state).context);
  if (!Number.isFinite(now)) throw notFinite(state, "cost", String(now), again);
  const badGradient = firstBad(gradients);
  if (badGradient !== null) throw notFinite(state, "gradient", `one that is not${at(badGradient)}`, again);
  // What is minimised must not change within a step: every look draws the same numbers.
  const objective = (params: unknown): Evaluation<unknown> => {
    const [value, gradients] = gradient(params, batch, new Pass(state).context);
    return { value: value as Tensor, gradients };
  };
  const { params, state: optimizerState } = noGrad(() =>
    optimizer.update(gradients, state.optimizer, state.params, { objective }),
  );
  const badParameter = firstBad(params);
  if (badParameter !== null)
    throw notFinite(state, "parameter", `one that is not after the update${at(badParameter)}`, again);
  program?.settle();
  return freeze(
    {
      params,
      modelState: pass.modelState(),
      optimizer: optimizerState,
      random: pass.random(),
      step: state.step + 1,
      cost: now,
      metrics: metricsOf === undefined ? state.metrics : metricsOf(now),
    },
    true,
  );
}

/**
 * A pure training step: from a state and a batch to the next state, by the optimiser's rule along the gradient of the
 * batch's cost. The cost is a function of one's own, or the loss of a model's prediction for `batch.features` by
 * `batch.labels`. It hears of the training context: what it draws from `context.random` moves the next state's stream, and
 * what it tells `context.setState` is the next state's `modelState`. Nothing else comes in, so that a step from a state
 * kept, or read from a file, gives the same bits again. No history is kept of what is computed.
 *
 * @param options are read once: pass the same object at every step
 * @throws `ArgumentError` if an option is missing or unknown, or the state none
 * @throws {@link NotFiniteError} if the cost, a gradient or a next parameter is not finite, with the report of `explain`
 * and the state that went in
 * @example
 * ```ts
 * import { tensor, type Tensor } from "@cotangent/core";
 * import { sgd, train, trainState } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: 0.25 });
 * const options = { cost: (p: { w: Tensor }, target: Tensor) => p.w.sub(target).square(), optimizer };
 * const start = trainState({ params: { w: tensor(0) }, optimizer });
 * const next = train(start, tensor(4), options);
 * next.params.w.item(); // → 2
 * next.cost; // → 16
 * start.params.w.item(); // → 0
 * ```
 */
export function train<P, B, S, M>(
  state: TrainState<P, S, M>,
  batch: B,
  options: CostOptions<P, B, S, M>,
): TrainState<P, S, M>;
export function train<P, S, M>(
  state: TrainState<P, S, M>,
  batch: Samples,
  options: LossOptions<P, S, M>,
): TrainState<P, S, M>;
export function train(state: AnyState, batch: unknown, options: object): AnyState {
  checkState("train", state);
  return advance(state, batch, preparedFor(options));
}
