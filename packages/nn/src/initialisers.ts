/**
 * First values of parameters. Of a weight `[inputs, outputs]`, fan-in is `inputs` and fan-out `outputs`.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  describe,
  zeros,
  type Random,
  type Shape,
  type Tensor,
} from "@cotangent/core";

/** Options of initialisers. */
export interface InitOptions {
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/** Makes a parameter of a shape. */
export type Initialiser = (random: Random, shape: Shape, options?: InitOptions) => Tensor;

/** Normal numbers whose standard deviation depends on how many inputs and outputs a weight has. */
function scaledNormal(name: string, stdOf: (fanIn: number, fanOut: number) => number): Initialiser {
  return (random, shape, options) => {
    checkOptions(name, options, ["dtype"]);
    if (!Array.isArray(shape) || shape.length < 2)
      throw new ArgumentError(
        `${name}: expected a weight with at least two axes, got ${Array.isArray(shape) ? `shape [${shape.join(", ")}]` : describe(shape)}`,
      );
    const [fanIn, fanOut] = shape as readonly number[] as readonly [number, number];
    return checkRandom(name, random).normal(shape, { std: stdOf(fanIn, fanOut), dtype: options?.dtype });
  };
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
export function normalInit(options: { readonly std: number }): Initialiser {
  checkOptions("normalInit", options, ["std"], ["std"]);
  const { std } = options;
  if (typeof std !== "number" || !(std >= 0 && std < Infinity))
    throw new ArgumentError(`normalInit: expected a finite std from 0, got ${describe(std)}`);
  return (random, shape, options) => {
    checkOptions("normalInit", options, ["dtype"]);
    return checkRandom("normalInit", random).normal(shape, { std, dtype: options?.dtype });
  };
}

/**
 * Normal numbers of variance $2 / (\text{fan-in} + \text{fan-out})$, for tanh and sigmoid.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { xavierNormal } from "@cotangent/nn";
 * xavierNormal(random(1), [4, 3]).shape; // → [4,3]
 * ```
 * @see Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010)
 */
export const xavierNormal: Initialiser = scaledNormal("xavierNormal", (fanIn, fanOut) =>
  Math.sqrt(2 / (fanIn + fanOut)),
);

/**
 * Normal numbers of variance $2 / \text{fan-in}$, for relu.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { heNormal } from "@cotangent/nn";
 * heNormal(random(1), [4, 3]).shape; // → [4,3]
 * ```
 * @see He, Zhang, Ren, Sun: Delving deep into rectifiers (2015), equation 10
 */
export const heNormal: Initialiser = scaledNormal("heNormal", (fanIn) => Math.sqrt(2 / fanIn));

/**
 * Normal numbers of variance $1 / \text{fan-in}$.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { lecunNormal } from "@cotangent/nn";
 * lecunNormal(random(1), [4, 3]).shape; // → [4,3]
 * ```
 * @see LeCun, Bottou, Orr, Müller: Efficient BackProp (1998), section 4.6
 */
export const lecunNormal: Initialiser = scaledNormal("lecunNormal", (fanIn) => Math.sqrt(1 / fanIn));
