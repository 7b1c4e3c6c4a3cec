/**
 * First values of weights that depend on their size. Of a weight `[inputs, outputs]`, fan-in is `inputs` and fan-out
 * `outputs`.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  describe,
  type Random,
  type Shape,
  type Tensor,
} from "@cotangent/core";
import type { Initialiser, InitOptions } from "./initialisers.js";

/** Draws numbers of a standard deviation. */
type Draw = (random: Random, shape: Shape, std: number, dtype: InitOptions["dtype"]) => Tensor;

const normal: Draw = (random, shape, std, dtype) => random.normal(shape, { std, dtype });

/** Uniform numbers in [-a, a) have the standard deviation a / √3. */
const uniform: Draw = (random, shape, std, dtype) => {
  const high = Math.sqrt(3) * std;
  return random.uniform(shape, { low: -high, high, dtype });
};

/** @throws `ArgumentError` if the shape has fewer than two axes */
export function checkWeight(name: string, shape: unknown): void {
  if (!Array.isArray(shape) || shape.length < 2)
    throw new ArgumentError(
      `${name}: expected a weight with at least two axes, got ${Array.isArray(shape) ? `shape [${shape.join(", ")}]` : describe(shape)}`,
    );
}

/** Numbers whose standard deviation depends on how many inputs and outputs a weight has. */
function scaled(name: string, draw: Draw, stdOf: (fanIn: number, fanOut: number) => number): Initialiser {
  return (random, shape, options) => {
    checkOptions(name, options, ["dtype"]);
    checkWeight(name, shape);
    const [fanIn, fanOut] = shape as readonly number[] as readonly [number, number];
    return draw(checkRandom(name, random), shape, stdOf(fanIn, fanOut), options?.dtype);
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
export const xavierNormal: Initialiser = scaled("xavierNormal", normal, (fanIn, fanOut) =>
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
export const heNormal: Initialiser = scaled("heNormal", normal, (fanIn) => Math.sqrt(2 / fanIn));

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
export const lecunNormal: Initialiser = scaled("lecunNormal", normal, (fanIn) => Math.sqrt(1 / fanIn));

/**
 * Uniform numbers in $[-a, a)$ with $a = \sqrt{6 / (\text{fan-in} + \text{fan-out})}$, for tanh and sigmoid.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { xavierUniform } from "@cotangent/nn";
 * xavierUniform(random(1), [4, 2]).abs().max().less(1).item(); // → 1
 * ```
 * @see Glorot, Bengio: Understanding the difficulty of training deep feedforward neural networks (2010), equation 16
 */
export const xavierUniform: Initialiser = scaled("xavierUniform", uniform, (fanIn, fanOut) =>
  Math.sqrt(2 / (fanIn + fanOut)),
);

/**
 * Uniform numbers in $[-a, a)$ with $a = \sqrt{6 / \text{fan-in}}$, for relu.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { heUniform } from "@cotangent/nn";
 * heUniform(random(1), [6, 2]).abs().max().less(1).item(); // → 1
 * ```
 * @see He, Zhang, Ren, Sun: Delving deep into rectifiers (2015), equation 10
 */
export const heUniform: Initialiser = scaled("heUniform", uniform, (fanIn) => Math.sqrt(2 / fanIn));
