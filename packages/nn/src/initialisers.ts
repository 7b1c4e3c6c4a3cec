/**
 * First values of parameters that do not depend on the shape.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  describe,
  full,
  Random,
  zeros,
  type Shape,
  type Tensor,
} from "@cotangent/core";
import { checkNumber } from "./checks.js";

/** Options of initialisers. */
export interface InitOptions {
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/** Makes a parameter of a shape. */
export type Initialiser = (random: Random, shape: Shape, options?: InitOptions) => Tensor;

/** An initialiser with options of its own: called with them alone it gives an initialiser that has them. */
export interface InitialiserWith<O> {
  (options: O): Initialiser;
  (random: Random, shape: Shape, options: O & InitOptions): Tensor;
}

/** An initialiser whose own options all have defaults. */
export interface InitialiserMaybeWith<O> {
  (options?: O): Initialiser;
  (random: Random, shape: Shape, options?: O & InitOptions): Tensor;
}

function configurable<O extends object>(
  name: string,
  own: readonly string[],
  required: readonly string[],
  configure: (options: O) => Initialiser,
): InitialiserWith<O> & InitialiserMaybeWith<O> {
  const made = (first?: Random | O, shape?: Shape, options?: O & InitOptions): Initialiser | Tensor => {
    if (first instanceof Random) {
      checkOptions(name, options, [...own, "dtype"], required);
      return configure(options ?? ({} as O))(first, shape!, { dtype: options?.dtype });
    }
    checkOptions(name, first, own, required);
    const init = configure(first ?? ({} as O));
    return (random, shape, options) => {
      checkOptions(name, options, ["dtype"]);
      return init(checkRandom(name, random), shape, options);
    };
  };
  return made as InitialiserWith<O> & InitialiserMaybeWith<O>;
}

/**
 * Zeros: right for biases, wrong for hidden weights, whose units then stay equal for ever.
 *
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { zerosInit } from "@cotangent/nn";
 * zerosInit(random(1), [2]).toArray(); // → [0,0]
 * ```
 */
export const zerosInit: Initialiser = (_random, shape, options) => {
  checkOptions("zerosInit", options, ["dtype"]);
  return zeros(shape, options);
};

/** Options of `constantInit`. */
export interface ConstantInitOptions {
  readonly value: number;
}

/**
 * One number everywhere: $w = c$.
 *
 * @throws `ArgumentError` if the value is not a finite number
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { constantInit } from "@cotangent/nn";
 * constantInit({ value: 0.5 })(random(1), [2]).toArray(); // → [0.5,0.5]
 * ```
 */
export const constantInit: InitialiserWith<ConstantInitOptions> = configurable<ConstantInitOptions>(
  "constantInit",
  ["value"],
  ["value"],
  ({ value }) => {
    checkNumber("constantInit", "value", value, -Infinity, Infinity);
    return (_random, shape, options) => full(shape, value, options);
  },
);

/** Options of `normalInit`. */
export interface NormalInitOptions {
  /** Standard deviation. */
  readonly std: number;
}

/**
 * Normal numbers with mean 0 and standard deviation `std`.
 *
 * @throws `ArgumentError` if `std` is negative or not finite
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { normalInit } from "@cotangent/nn";
 * normalInit({ std: 0.01 })(random(1), [3, 2]).shape; // → [3,2]
 * ```
 */
export const normalInit: InitialiserWith<NormalInitOptions> = configurable<NormalInitOptions>(
  "normalInit",
  ["std"],
  ["std"],
  ({ std }) => {
    if (typeof std !== "number" || !(std >= 0 && std < Infinity))
      throw new ArgumentError(`normalInit: expected a finite std from 0, got ${describe(std)}`);
    return (random, shape, options) => random.normal(shape, { std, dtype: options?.dtype });
  },
);

/** Options of `uniformInit`. */
export interface UniformInitOptions {
  /** Default: 0. */
  readonly low?: number | undefined;
  /** Default: 1. */
  readonly high?: number | undefined;
}

/**
 * Uniform numbers in [low, high), by default in [0, 1).
 *
 * @throws `ArgumentError` if a bound is not finite, or low > high
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { uniformInit } from "@cotangent/nn";
 * uniformInit({ low: -1, high: 1 })(random(1), [100]).abs().max().lessEqual(1).item(); // → 1
 * uniformInit(random(1), [3, 2]).shape; // → [3,2]
 * ```
 */
export const uniformInit: InitialiserMaybeWith<UniformInitOptions> = configurable<UniformInitOptions>(
  "uniformInit",
  ["low", "high"],
  [],
  ({ low = 0, high = 1 }) => {
    checkNumber("uniformInit", "low", low, -Infinity, Infinity);
    checkNumber("uniformInit", "high", high, low, Infinity);
    return (random, shape, options) => random.uniform(shape, { low, high, dtype: options?.dtype });
  },
);
