/**
 * Learning rates that fall with the step. A schedule is a function of the number of steps done: 0, 1, 2, …
 * @module
 */
import { cos, noGrad, pow, scalar, type Tensor } from "@cotangent/core";
import { checkKind, count, countFromZero, fromZero, optional, readOptions, type Kind } from "./options.js";

/** From the number of steps done to a learning rate. */
export type Schedule = (step: number) => number;

/** A schedule that refuses steps that are none. */
export function scheduled(name: string, rateAt: Schedule): Schedule {
  return (step) => rateAt(checkKind(name, "step", fromZero, step));
}

const numberOf = (compute: () => Tensor): number => noGrad(() => compute().item());

/** A power, by Cotangent's own functions, whose bits are the same in every engine. */
export function power(base: number, exponent: number): number {
  return numberOf(() => pow(scalar(base, { dtype: "float64" }), exponent));
}

/** From 1 at 0 to 0 at 1 along half a wave of the cosine. */
export function halfWave(part: number): number {
  return (1 + numberOf(() => cos(scalar(Math.PI * part, { dtype: "float64" })))) / 2;
}

/**
 * Always the same rate.
 *
 * @throws `ArgumentError` if the rate is not a finite number from 0
 * @example
 * ```ts
 * import { constant } from "@cotangent/optim";
 * constant(0.1)(1000); // → 0.1
 * ```
 */
export function constant(rate: number): Schedule {
  checkKind("constant", "rate", fromZero, rate);
  return scheduled("constant", () => rate);
}

/** Options of `stepDecay`. */
export interface StepDecayOptions {
  /** The rate at first. */
  readonly initial: number;
  /** How many steps a rate lasts. */
  readonly every: number;
  /** What the rate is multiplied by then. */
  readonly factor: number;
}

/**
 * A rate that is multiplied by a factor every so many steps, $\alpha_0 f^{\lfloor t / n \rfloor}$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { stepDecay } from "@cotangent/optim";
 * const rate = stepDecay({ initial: 1, every: 10, factor: 0.5 });
 * [0, 9, 10, 25].map(rate); // → [1,1,0.5,0.25]
 * ```
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const { initial, every, factor } = readOptions("stepDecay", options, {
    initial: fromZero,
    every: count,
    factor: fromZero,
  });
  return scheduled("stepDecay", (step) => initial * power(factor, Math.floor(step / every)));
}

/** Options of `multiStep`. */
export interface MultiStepOptions {
  /** The rate at first. */
  readonly initial: number;
  /** The steps from which on the rate is multiplied once more. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by. */
  readonly factor: number;
}

const milestonesKind: Kind<readonly number[]> = {
  says: "a list of integers from 0",
  holds: (value) => Array.isArray(value) && value.every((item) => countFromZero.holds(item)),
};

/**
 * A rate that is multiplied by a factor at each milestone, $\alpha_0 f^{k}$ with the number $k$ of milestones $\le t$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { multiStep } from "@cotangent/optim";
 * const rate = multiStep({ initial: 1, milestones: [30, 80], factor: 0.5 });
 * [0, 29, 30, 80].map(rate); // → [1,1,0.5,0.25]
 * ```
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const { initial, milestones, factor } = readOptions("multiStep", options, {
    initial: fromZero,
    milestones: milestonesKind,
    factor: fromZero,
  });
  const sorted = [...milestones];
  return scheduled("multiStep", (step) => initial * power(factor, sorted.filter((each) => each <= step).length));
}

/** Options of `exponentialDecay`. */
export interface ExponentialDecayOptions {
  /** The rate at first. */
  readonly initial: number;
  /** What the rate is multiplied by in each step. */
  readonly factor: number;
}

/**
 * A rate that is multiplied by a factor in each step, $\alpha_0 f^t$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { exponentialDecay } from "@cotangent/optim";
 * exponentialDecay({ initial: 1, factor: 0.5 })(3); // → 0.125
 * ```
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const { initial, factor } = readOptions("exponentialDecay", options, { initial: fromZero, factor: fromZero });
  return scheduled("exponentialDecay", (step) => initial * power(factor, step));
}

/** Options of `linear`. */
export interface LinearOptions {
  readonly initial: number;
  /** The rate at first is this times `initial`. Default: 1/3. */
  readonly startFactor?: number | undefined;
  /** The rate at last is this times `initial`. Default: 1. */
  readonly endFactor?: number | undefined;
  /** How many steps it takes. */
  readonly steps: number;
}

/**
 * A rate that changes evenly, $\alpha_0 (a + (b - a) \min(t, n) / n)$ from the factor $a$ to $b$ in $n$ steps.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { linear } from "@cotangent/optim";
 * const rate = linear({ initial: 2, startFactor: 1, endFactor: 0, steps: 10 });
 * [0, 5, 10, 20].map(rate); // → [2,1,0,0]
 * ```
 */
export function linear(options: LinearOptions): Schedule {
  const { initial, startFactor, endFactor, steps } = readOptions("linear", options, {
    initial: fromZero,
    startFactor: optional(fromZero, 1 / 3),
    endFactor: optional(fromZero, 1),
    steps: count,
  });
  const slope = endFactor - startFactor;
  return scheduled("linear", (step) => initial * (startFactor + (slope * Math.min(step, steps)) / steps));
}

/** Options of `polynomial`. */
export interface PolynomialOptions {
  /** The rate at first. */
  readonly initial: number;
  /** The exponent $p$. Default: 1. */
  readonly power?: number | undefined;
  /** How many steps it takes to 0. */
  readonly steps: number;
}

/**
 * A rate that falls to 0 as a power, $\alpha_0 (1 - \min(t, n) / n)^p$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { polynomial } from "@cotangent/optim";
 * polynomial({ initial: 1, power: 2, steps: 10 })(5); // → 0.25
 * ```
 */
export function polynomial(options: PolynomialOptions): Schedule {
  const read = readOptions("polynomial", options, { initial: fromZero, power: optional(fromZero, 1), steps: count });
  const { initial, steps } = read;
  return scheduled("polynomial", (step) => initial * power(1 - Math.min(step, steps) / steps, read.power));
}
