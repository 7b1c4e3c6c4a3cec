/**
 * Seeded random numbers. There is no hidden global seed: whoever wants randomness passes a `Random`.
 * @module
 */
import alea from "seedrandom/lib/alea.js";
import { context } from "./context.js";
import { castNumber, type DType } from "./dtype.js";
import { ArgumentError, checkOptions, describe, GraphError } from "./errors.js";
import { numbers } from "./readings/numbers.js";
import { checkShape, sizeOf, type Shape } from "./shape.js";
import { tensor } from "./construct.js";
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

/** A float dtype for random numbers. Default: the default dtype. */
export interface RandomDType {
  readonly dtype?: "float64" | "float32" | undefined;
}

/**
 * A stream of random numbers; each call goes on where the last one stopped. The generator is Alea (Baagøe 2010) as
 * implemented by seedrandom, with 53 bits a number. Two streams of one seed give the same bits in every engine.
 */
export class Random {
  readonly #seed: string;
  readonly #alea: ReturnType<typeof alea<AleaState>>;

  /** @internal */
  constructor(seed: string, state: AleaState | true) {
    this.#seed = seed;
    this.#alea = alea(seed, { state });
  }

  #draw(operator: string, shape: Shape, dtype: DType, next: () => number): Tensor {
    const known = checkShape(operator, shape);
    const values = new Float64Array(sizeOf(known));
    for (let i = 0; i < values.length; i++) values[i] = next();
    return tensor(values, { shape: known, dtype });
  }

  /** A number in [0, 1) with 53 random bits. */
  readonly #unit = (): number => {
    if (context.absence?.records === true)
      throw new GraphError(
        "random: expected to draw outside of a compiled function, got a draw while it is recorded, whose numbers would be the same in every call; draw outside and pass them in",
      );
    return this.#alea.double();
  };

  /** A standard normal number, by the inverse of the radius and a random angle (Box and Muller 1958); of each pair only one is used. */
  readonly #standardNormal = (): number => {
    const s = numbers("float64");
    const radius = Math.sqrt(-2 * s.log(1 - this.#unit()));
    return radius * s.cos(2 * Math.PI * this.#unit());
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
    return this.#draw("uniform", shape, dtype, () => {
      for (;;) {
        const x = castNumber(scale * (a / scale + (b / scale - a / scale) * this.#unit()), dtype);
        if (x < b || a === b) return x;
      }
    });
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
    return this.#draw("normal", shape, dtype, () => mean + std * this.#standardNormal());
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
    const next = (): number => {
      let z = this.#standardNormal();
      while (Math.abs(z) > 2) z = this.#standardNormal();
      return mean + std * z;
    };
    return this.#draw("truncatedNormal", shape, dtype, next);
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
    return this.#draw("bernoulli", shape, dtype, () => (this.#unit() < probability! ? 1 : 0));
  }

  #integer(low: number, high: number): number {
    return low + Math.floor(this.#unit() * (high - low));
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
    return this.#draw("integers", shape, "int32", () => this.#integer(low, high));
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
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#integer(0, i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return tensor(order);
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
    return (list as readonly T[])[this.#integer(0, list.length)]!;
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
    return new Random(`${this.#seed}/${JSON.stringify(name)}`, true);
  }

  /** Where the stream stands, as plain JSON; `random.fromState` goes on from there. */
  state(): RandomState {
    return { seed: this.#seed, generator: this.#alea.state() };
  }
}

/**
 * Refuses what is no generator.
 *
 * @throws {@link ArgumentError} saying what came
 * @example
 * ```ts
 * import { checkRandom, random } from "@cotangent/core";
 * checkRandom("shuffle", random(1)).permutation(3).size; // → 3
 * ```
 */
export function checkRandom(operator: string, value: unknown): Random {
  if (value instanceof Random) return value;
  throw new ArgumentError(`${operator}: expected a generator such as random(1), got ${describe(value)}`);
}

function floatDtype(operator: string, options: RandomDType | undefined): "float64" | "float32" {
  const dtype: unknown = options?.dtype ?? context.defaultDtype;
  if (dtype === "float64" || dtype === "float32") return dtype;
  throw new ArgumentError(`${operator}: expected the dtype "float64" or "float32", got ${describe(dtype)}`);
}

function normalOptions(
  operator: string,
  options: (RandomDType & { readonly mean?: number | undefined; readonly std?: number | undefined }) | undefined,
): { mean: number; std: number; dtype: "float64" | "float32" } {
  checkOptions(operator, options, ["mean", "std", "dtype"]);
  const { mean = 0, std = 1 } = options ?? {};
  const dtype = floatDtype(operator, options);
  if (!Number.isFinite(mean) || !Number.isFinite(std) || std < 0)
    throw new ArgumentError(
      `${operator}: expected a finite mean and a finite std from 0, got ${describe(mean)} and ${describe(std)}`,
    );
  return { mean, std, dtype };
}

function fromState(state: RandomState): Random {
  const { seed, generator } = (state ?? {}) as Partial<RandomState>;
  const wellFormed =
    typeof seed === "string" &&
    typeof generator === "object" &&
    generator !== null &&
    [generator.c, generator.s0, generator.s1, generator.s2].every((v) => typeof v === "number" && Number.isFinite(v));
  if (!wellFormed)
    throw new ArgumentError(`random.fromState: expected what Random.state() returned, got ${describe(state)}`);
  return new Random(seed, generator);
}

/**
 * A stream of random numbers from a seed: the same seed, the same bits. `random.fromState(state)` goes on where
 * another stream stood.
 *
 * @throws {@link ArgumentError} if the seed is neither a string nor a finite number
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * const a = random(42);
 * a.uniform([10]);
 * const b = random.fromState(a.state());
 * a.uniform([]).item() === b.uniform([]).item(); // → true
 * ```
 */
export const random: { (seed: number | string): Random; fromState(state: RandomState): Random } = Object.assign(
  function random(seed: number | string): Random {
    if (typeof seed === "string") return new Random(JSON.stringify(seed), true);
    if (typeof seed === "number" && Number.isFinite(seed)) return new Random(String(seed), true);
    throw new ArgumentError(`random: expected a seed that is a string or a finite number, got ${describe(seed)}`);
  },
  { fromState },
);
