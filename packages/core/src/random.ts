/**
 * Seeded random numbers. There is no hidden global seed: whoever wants randomness passes a `Random`.
 * @module
 */
import alea from "seedrandom/lib/alea.js";
import { context, type Recorder } from "./context.js";
import { castNumber, type DType, type TypedArray } from "./dtype.js";
import { ArgumentError, checkOptions, describe, GraphError } from "./errors.js";
import { checkShape, sizeOf, type Shape } from "./shape.js";
import { tensor } from "./construct.js";
import {
  each,
  floatDtype,
  integer,
  normalOptions,
  shuffled,
  standardNormal,
  type Draw,
  type RandomDType,
  type Unit,
} from "./distributions.js";
import type { Tensor } from "./tensor.js";

/** The numbers between two draws. */
interface AleaState {
  c: number;
  s0: number;
  s1: number;
  s2: number;
}

/** Everything a generator is, as plain JSON. */
export interface RandomState {
  readonly seed: string;
  readonly generator: AleaState;
}

/**
 * A stream of random numbers; each call goes on where the last one stopped. The generator is Alea (Baagøe 2010) as
 * implemented by seedrandom, with 53 bits a number. Two streams of one seed give the same bits in every engine.
 */
export class Random {
  readonly #seed: string;
  readonly #start: AleaState | true;
  /** Made at the first draw: many streams are never drawn from. */
  #alea: ReturnType<typeof alea<AleaState>> | null = null;
  /** The recording in which the stream was made, in every run the same. */
  readonly #owner: Recorder | null = recorder();

  /** @internal */
  constructor(seed: string, start: AleaState | true) {
    this.#seed = seed;
    this.#start = start;
  }

  get #generator(): ReturnType<typeof alea<AleaState>> {
    return (this.#alea ??= alea(this.#seed, { state: this.#start }));
  }

  #draw(operator: string, shape: Shape, dtype: DType, draw: Draw): Tensor {
    const known = checkShape(operator, shape);
    const later = recorder()?.draw(this, operator, known, dtype, draw) ?? null;
    if (later !== null) return later;
    const values = new Float64Array(sizeOf(known));
    this.fill(draw, values);
    return tensor(values, { shape: known, dtype });
  }

  /** Draws into room that is there. @internal */
  fill(draw: Draw, room: TypedArray): void {
    draw.fill(this.#unit, room);
  }

  /** Refuses what a program could not do again in every call. */
  #expectNow(): void {
    const now = recorder();
    if (now === null || now === this.#owner) return;
    throw new GraphError(
      now.knows(this)
        ? "random: expected draws of tensors only, got a function that makes a choice or reads a state while it is recorded; choose with where(…), or do it outside and pass the result in"
        : "random: expected a generator among the arguments, got a draw from one of the closure while the function is recorded; pass the generator in, as every call moves it",
    );
  }

  /** A number in [0, 1) with 53 random bits. */
  readonly #unit = (): number => {
    this.#expectNow();
    return this.#generator.double();
  };

  /**
   * Uniform numbers in [low, high).
   *
   * The bounds are rounded to the dtype; where they are equal, all numbers are.
   *
   * @throws {@link ArgumentError} if a bound is not finite, low > high, or the dtype is not a float
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).uniform([2], { low: 3, high: 4 }).greaterEqual(3).toArray(); // → [true,true]
   * ```
   */
  uniform(
    shape: Shape,
    options?: RandomDType & { readonly low?: number | undefined; readonly high?: number | undefined },
  ): Tensor {
    checkOptions("uniform", options, ["low", "high", "dtype"]);
    const { low = 0, high = 1 } = options ?? {};
    const dtype = floatDtype("uniform", options);
    if (!Number.isFinite(low) || !Number.isFinite(high) || low > high)
      throw new ArgumentError(`uniform: expected finite bounds low ≤ high, got ${describe(low)} and ${describe(high)}`);
    const [a, b] = [castNumber(low, dtype), castNumber(high, dtype)];
    // Halved where the width itself would overflow.
    const scale = b - a === Infinity ? 2 : 1;
    const next = (unit: Unit): number => {
      for (;;) {
        const x = castNumber(scale * (a / scale + (b / scale - a / scale) * unit()), dtype);
        if (x < b || a === b) return x;
      }
    };
    return this.#draw("uniform", shape, dtype, each([a, b], next));
  }

  /**
   * Normal numbers, density $\frac{1}{\sigma\sqrt{2\pi}} e^{-(x-\mu)^2 / 2\sigma^2}$.
   *
   * @throws {@link ArgumentError} if the mean is not finite or the standard deviation is negative
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random("seed").normal([2, 3], { mean: 5, std: 0 }).toArray(); // → [[5,5,5],[5,5,5]]
   * ```
   */
  normal(
    shape: Shape,
    options?: RandomDType & { readonly mean?: number | undefined; readonly std?: number | undefined },
  ): Tensor {
    const { mean, std, dtype } = normalOptions("normal", options);
    return this.#draw(
      "normal",
      shape,
      dtype,
      each([mean, std], (unit) => mean + std * standardNormal(unit)),
    );
  }

  /**
   * Normal numbers, drawn again where they lie more than two standard deviations from the mean.
   *
   * @throws {@link ArgumentError} if the mean is not finite or the standard deviation is negative
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).truncatedNormal([1000]).abs().max().lessEqual(2).item(); // → 1
   * ```
   */
  truncatedNormal(
    shape: Shape,
    options?: RandomDType & { readonly mean?: number | undefined; readonly std?: number | undefined },
  ): Tensor {
    const { mean, std, dtype } = normalOptions("truncatedNormal", options);
    const next = (unit: Unit): number => {
      let z = standardNormal(unit);
      while (Math.abs(z) > 2) z = standardNormal(unit);
      return mean + std * z;
    };
    return this.#draw("truncatedNormal", shape, dtype, each([mean, std], next));
  }

  /**
   * 1 with the given probability, else 0.
   *
   * @throws {@link ArgumentError} if the probability is not in [0, 1], or the dtype is not a float
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).bernoulli([3], { probability: 1 }).toArray(); // → [1,1,1]
   * ```
   */
  bernoulli(shape: Shape, options: RandomDType & { readonly probability: number }): Tensor {
    checkOptions("bernoulli", options, ["probability", "dtype"]);
    const { probability } = options ?? ({} as Partial<typeof options>);
    const dtype = floatDtype("bernoulli", options);
    if (!(probability! >= 0 && probability! <= 1))
      throw new ArgumentError(`bernoulli: expected a probability from 0 to 1, got ${describe(probability)}`);
    return this.#draw(
      "bernoulli",
      shape,
      dtype,
      each([probability!], (unit) => (unit() < probability! ? 1 : 0)),
    );
  }

  /**
   * Integers from low up to but not including high, as int32.
   *
   * @throws {@link ArgumentError} if the bounds are not integers with low < high that int32 holds
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).integers([3], { low: 4, high: 5 }).toArray(); // → [4,4,4]
   * ```
   */
  integers(shape: Shape, options: { readonly low: number; readonly high: number }): Tensor {
    checkOptions("integers", options, ["low", "high"]);
    const { low = NaN, high = NaN } = options ?? {};
    if (!Number.isInteger(low) || !Number.isInteger(high) || low >= high || low < -(2 ** 31) || high > 2 ** 31)
      throw new ArgumentError(
        `integers: expected integers low < high from -2^31 to 2^31, got ${describe(options?.low)} and ${describe(options?.high)}`,
      );
    return this.#draw(
      "integers",
      shape,
      "int32",
      each([low, high], (unit) => integer(unit, low, high)),
    );
  }

  /**
   * The integers 0 to n - 1 in random order, as int32 (Fisher and Yates' shuffle).
   *
   * @throws {@link ArgumentError} if n is not an integer from 0 below 2^31
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).permutation(5).sum().item(); // → 10
   * ```
   */
  permutation(n: number): Tensor {
    if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31)
      throw new ArgumentError(`permutation: expected an integer from 0 below 2^31, got ${describe(n)}`);
    return this.#draw("permutation", [n], "int32", shuffled);
  }

  /**
   * One element of a list, each as likely as the others.
   *
   * @throws {@link ArgumentError} if the list is empty
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * random(1).choice(["relu"]); // → relu
   * ```
   */
  choice<T>(list: readonly T[]): T {
    if (!Array.isArray(list) || list.length === 0)
      throw new ArgumentError(`choice: expected a list of at least one element, got ${describe(list)}`);
    return (list as readonly T[])[integer(this.#unit, 0, list.length)]!;
  }

  /**
   * Another stream, which depends on this one's seed and the name only, not on what was drawn so far.
   *
   * @throws {@link ArgumentError} if the name is not a string
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * const a = random(7);
   * a.uniform([100]);
   * a.fork("weights").uniform([]).item() === random(7).fork("weights").uniform([]).item(); // → true
   * ```
   */
  fork(name: string): Random {
    if (typeof name !== "string") throw new ArgumentError(`fork: expected a name, got ${describe(name)}`);
    return (
      recorder()?.branch(this, (stream) => stream.fork(name)) ??
      new Random(`${this.#seed}/${JSON.stringify(name)}`, true)
    );
  }

  /**
   * Another stream, chosen by a number drawn from this one: every call gives another.
   *
   * @example
   * ```ts
   * import { random } from "@cotangent/core";
   * const a = random(7);
   * a.split().uniform([]).item() === a.split().uniform([]).item(); // → false
   * ```
   */
  split(): Random {
    return recorder()?.branch(this, (stream) => stream.split()) ?? this.fork(`split ${this.#unit()}`);
  }

  /** Where the stream stands, as plain JSON; `random.fromState` goes on from there. */
  state(): RandomState {
    this.#expectNow();
    const untouched = this.#alea === null && this.#start !== true;
    return { seed: this.#seed, generator: untouched ? { ...this.#start } : this.#generator.state() };
  }
}

/** Who writes draws down, so that a program makes them in every call. */
function recorder(): Recorder | null {
  return context.absence === null ? null : context.absence.recorder;
}
