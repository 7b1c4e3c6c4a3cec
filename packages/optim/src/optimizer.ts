/**
 * What an optimiser is: a pure pair of functions.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  describe,
  expectTensor,
  fromNumber,
  hasValues,
  scalar,
  Tensor,
  type TensorLike,
  type Tree,
} from "@cotangent/core";

/** A learning rate, or one that depends on the number of steps done: 0, 1, 2, … */
export type LearningRate = number | ((step: number) => number);

/** The value and the gradients of what is minimised, at some parameters. */
export interface Evaluation<P> {
  /** Shape `[]`. */
  readonly value: TensorLike;
  readonly gradients: P;
}

/** Options of `update`. */
export interface UpdateOptions<P = unknown> {
  /** Used in place of the optimiser's own rate in this step; a tensor of shape `[]` may be tracked. */
  readonly learningRate?: TensorLike | undefined;
  /** What is minimised; asked by `lbfgs`, which looks at several points in a step. */
  readonly objective?: ((params: P) => Evaluation<P>) | undefined;
}

/** Never mutates: parameters and state go in, the next ones come out. */
export interface Optimizer<S> {
  init<P>(params: P): S;
  update<P>(gradients: P, state: S, params: P, options?: UpdateOptions<P>): { readonly params: P; readonly state: S };
  /** The rate that the update which gave the state used for the parameter at a path; for `rateReport`. */
  rateAt?(state: S, path: string): number;
}

/** State of an optimiser: the steps done, and trees of the parameters' structure under the names of its slots. */
export type OptimizerState<Slot extends string = never> = {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
  /** The rate of the latest step, that of the first before it; float64, shape `[]`. */
  readonly learningRate: Tensor;
} & { readonly [Name in Slot]: Tree };

/** @throws `ArgumentError` if it is no optimiser */
export function checkOptimizer(operator: string, value: unknown): void {
  const { init, update } = (value ?? {}) as Partial<Optimizer<unknown>>;
  if (typeof init !== "function" || typeof update !== "function")
    throw new ArgumentError(
      `${operator}: expected an optimizer such as sgd({ learningRate: 0.1 }), got ${describe(value)}`,
    );
}

/** @throws `ArgumentError` if the rate is not a finite number from 0 */
export function checkRate(operator: string, rate: unknown): number {
  if (typeof rate === "number" && rate >= 0 && rate < Infinity) return rate;
  throw new ArgumentError(`${operator}: expected a learningRate that is a finite number from 0, got ${describe(rate)}`);
}

const float64 = { dtype: "float64" } as const;

/** What every state of an optimiser begins with: no steps done, and the rate of the first. */
export function beginState(operator: string, learningRate: LearningRate): Progress {
  const first = typeof learningRate === "function" ? learningRate(0) : learningRate;
  return {
    step: scalar(0, { dtype: "int32" }),
    learningRate: scalar(checkRate(operator, first), float64),
  };
}

/** What all states hold alike. */
type Progress = Pick<OptimizerState, "step" | "learningRate">;

/** The rate of the latest update, from the state it gave. */
export function latestRate(state: Progress): number {
  return state.learningRate.item();
}

/**
 * What every `update` starts with: the next count of steps and the rate for the state, and the rate for the rule.
 *
 * @param slots what the state holds besides
 * @throws `ArgumentError` if the options, the state or the rate is none
 */
export function beginUpdate(
  operator: string,
  learningRate: LearningRate,
  state: unknown,
  options: { readonly learningRate?: unknown } | undefined,
  slots: readonly string[],
): { readonly progress: Progress; readonly rate: TensorLike } {
  const step = expectStep(operator, state, options);
  const missing = slots.filter((slot) => (state as Readonly<Record<string, unknown>>)[slot] === undefined);
  if (missing.length > 0)
    throw new ArgumentError(
      `${operator}.update: expected a state of ${operator} with ${slots.join(", ")}, got one without ${missing.join(", ")}; another optimizer or other options made it: begin with a fresh one, init(params) or history.branch(step, { optimizer })`,
    );
  const next = step.add(1);
  const given = options?.learningRate;
  if (given instanceof Tensor) {
    if (given.rank === 0) return { progress: { step: next, learningRate: given.astype("float64") }, rate: given };
    throw new ArgumentError(
      `${operator}.update: expected a learningRate of shape [], got one of shape [${given.shape.join(", ")}]`,
    );
  }
  if (given === undefined && typeof learningRate === "function") {
    const rate = fromNumber(step, (count) => checkRate(operator, learningRate(count)));
    return { progress: { step: next, learningRate: rate }, rate: hasValues(rate) ? rate.item() : rate };
  }
  const rate = checkRate(operator, given ?? learningRate);
  return { progress: { step: next, learningRate: scalar(rate, float64) }, rate };
}

/**
 * The steps done, after a look at the options of `update`.
 *
 * @throws `ArgumentError` if an option is unknown or the state is none
 */
export function expectStep(operator: string, state: unknown, options: object | undefined): Tensor {
  return expectCount(operator, (state as Partial<OptimizerState> | undefined)?.step, options);
}

/** The same for another count of the state. */
export function expectCount(operator: string, count: unknown, options: object | undefined): Tensor {
  checkOptions(`${operator}.update`, options, ["learningRate", "objective"]);
  return expectTensor(`${operator}.update`, count, "a state that init or update gave");
}

/**
 * The options for an optimiser within another that cannot say what is minimised: who asks for it is told so.
 */
export function withoutObjective(
  operator: string,
  options: (Omit<UpdateOptions, "objective"> & { readonly objective?: unknown }) | undefined,
): Pick<UpdateOptions, "learningRate"> & { readonly objective: (() => never) | undefined } {
  const { learningRate, objective } = options ?? {};
  const refuse = (): never => {
    throw new ArgumentError(
      `${operator}: expected an optimizer of one gradient a step, got one that evaluates the objective, as lbfgs does; use it by itself`,
    );
  };
  return { learningRate, objective: objective === undefined ? undefined : refuse };
}
