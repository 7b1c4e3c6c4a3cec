/**
 * Rectifiers, elementwise: lines and exponentials that meet at 0. What happens there is PyTorch's convention.
 * @module
 */
import { checkOptions } from "../errors.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { mul } from "./arithmetic.js";
import { greater } from "./comparisons.js";
import { binary, parametric, unary, type Binary, type Unary } from "./elementwise.js";
import { where } from "./piecewise.js";
import { finiteOption } from "./options.js";

/**
 * Rectifier, $y = \max(x, 0)$. Of int32 and bool it is int32.
 *
 * @returns the shape of `x`
 * @derivative 1 for $x > 0$, 0 below
 * @kink 0 at 0; 1 at NaN, which comes through
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([-2, 3]).relu().toArray(); // → [0,3]
 * grad((x) => x.relu())(0).item(); // → 0
 * ```
 */
export const relu: Unary = unary({
  name: "relu",
  result: "same",
  // "not x ≤ 0" lets NaN through.
  scalar: (s, x) => s.select(s.lessEqual(x, s.constant(0)), s.constant(0), x),
  vjp: (ct, x) => gate(ct, x),
});

/** The first operand where the second is not below or at 0, as `relu` lets it through: one pass instead of three. */
const gate: Binary = binary({
  name: "gate",
  scalar: (s, x, y) => s.select(s.lessEqual(y, s.constant(0)), s.constant(0), x),
  vjp: [(ct, _x, y) => gate(ct, y), null],
});

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope below 0. Default: 0.01. */
  readonly negativeSlope?: number | undefined;
}

/**
 * Leaky rectifier, $y = x$ for $x > 0$ and $a x$ below, with the slope a. Of int32 and bool it is in the default float.
 *
 * @returns the shape of `x`
 * @derivative 1 for $x > 0$, a below
 * @kink a at 0
 * @throws {@link ArgumentError} if the slope is not a finite number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-2, 3]).leakyRelu({ negativeSlope: 0.1 }).toArray(); // → [-0.2,3]
 * ```
 */
export const leakyRelu: (x: TensorLike, options?: LeakyReluOptions) => Tensor = function leakyRelu(x, options) {
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  return leaky(x, { negativeSlope: finiteOption("leakyRelu", "negativeSlope", options?.negativeSlope ?? 0.01) });
};

const leaky = parametric<{ negativeSlope: number }>({
  name: "leakyRelu",
  parameters: ({ negativeSlope }) => [negativeSlope],
  scalar: (s, x, slope) => s.select(s.less(s.constant(0), x), x, s.mul(x, slope!)),
  vjp: (ct, x, _y, { negativeSlope }) => where(greater(x, 0), ct, mul(ct, negativeSlope)),
});

/** $a$ for $x > 0$ and $b e^{x / r}$ below: what exponential units have as derivatives, of all orders. */
interface HalfExponential {
  readonly above: number;
  readonly below: number;
  readonly reach: number;
}

const halfExponential: (x: TensorLike, params: HalfExponential) => Tensor = parametric<HalfExponential>({
  name: "halfExponential",
  parameters: ({ above, below, reach }) => [above, below, reach],
  scalar: (s, x, above, below, reach) => {
    const positive = s.less(s.constant(0), x);
    return s.select(positive, above!, s.mul(below!, s.exp(s.div(s.select(positive, s.constant(0), x), reach!))));
  },
  vjp: (ct, x, _y, { below, reach }) => mul(ct, halfExponential(x, { above: 0, below: below / reach, reach })),
});

/** $c x$ for $x > 0$ and $a (e^{x / r} - 1)$ below. */
interface ExponentialUnit {
  readonly scale: number;
  readonly depth: number;
  readonly reach: number;
}

function exponentialUnit(name: string): (x: TensorLike, params: ExponentialUnit) => Tensor {
  return parametric<ExponentialUnit>({
    name,
    parameters: ({ scale, depth, reach }) => [scale, depth, reach],
    scalar: (s, x, scale, depth, reach) => {
      const positive = s.less(s.constant(0), x);
      const below = s.expm1(s.div(s.select(positive, s.constant(0), x), reach!));
      return s.select(positive, s.mul(x, scale!), s.mul(depth!, below));
    },
    vjp: (ct, x, _y, { scale, depth, reach }) =>
      mul(ct, halfExponential(x, { above: scale, below: depth / reach, reach })),
  });
}

const eluUnit = exponentialUnit("elu");
const seluUnit = exponentialUnit("selu");
const celuUnit = exponentialUnit("celu");

/** Options of `elu`. */
export interface EluOptions {
  /** The limit far below 0, negated. Default: 1. */
  readonly alpha?: number | undefined;
}

/**
 * Exponential linear unit, $y = x$ for $x > 0$ and $\alpha (e^x - 1)$ below.
 *
 * Within 1 unit in the last place if `alpha` is 1, else within 2, but where the result is subnormal.
 *
 * @returns the shape of `x`
 * @derivative 1 for $x > 0$, $\alpha e^x$ below
 * @kink α at 0
 * @throws {@link ArgumentError} if `alpha` is not a finite number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([2, -1]).elu().toArray(); // → [2,-0.632121]
 * ```
 * @see Clevert, Unterthiner, Hochreiter: Fast and accurate deep network learning by exponential linear units (2015)
 */
export const elu: (x: TensorLike, options?: EluOptions) => Tensor = function elu(x, options) {
  checkOptions("elu", options, ["alpha"]);
  const alpha = finiteOption("elu", "alpha", options?.alpha ?? 1);
  return eluUnit(x, { scale: 1, depth: alpha, reach: 1 });
};

/** The constants under which means 0 and variances 1 reproduce themselves (Klambauer et al., equation 14). */
const seluScale = 1.0507009873554805;
const seluAlpha = 1.6732632423543772;

/**
 * Scaled exponential linear unit, $y = \lambda x$ for $x > 0$ and $\lambda \alpha (e^x - 1)$ below, with λ = 1.0507…
 * and α = 1.6732….
 *
 * Within 3 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative λ for $x > 0$, $\lambda \alpha e^x$ below
 * @kink λα at 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, -1]).selu().toArray(); // → [1.050701,-1.111331]
 * ```
 * @see Klambauer, Unterthiner, Mayr, Hochreiter: Self-normalizing neural networks (2017)
 */
export const selu: Unary = (x) => seluUnit(x, { scale: seluScale, depth: seluScale * seluAlpha, reach: 1 });

/** Options of `celu`. */
export interface CeluOptions {
  /** The limit far below 0, negated, and the reach of the exponential. Default: 1. */
  readonly alpha?: number | undefined;
}

/**
 * Continuously differentiable exponential linear unit, $y = x$ for $x > 0$ and $\alpha (e^{x / \alpha} - 1)$ below.
 *
 * Within 1 unit in the last place if `alpha` is 1, else within 3, but where the result or $x / \alpha$ is subnormal.
 *
 * @returns the shape of `x`
 * @derivative 1 for $x > 0$, $e^{x / \alpha}$ below
 * @kink 1 at 0; the second derivative jumps and counts as $1 / \alpha$
 * @throws {@link ArgumentError} if `alpha` is not a finite number above 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([2, -1]).celu({ alpha: 0.5 }).toArray(); // → [2,-0.432332]
 * ```
 * @see Barron, Continuously differentiable exponential linear units (2017)
 */
export const celu: (x: TensorLike, options?: CeluOptions) => Tensor = function celu(x, options) {
  checkOptions("celu", options, ["alpha"]);
  const alpha = finiteOption("celu", "alpha", options?.alpha ?? 1, 0);
  return celuUnit(x, { scale: 1, depth: alpha, reach: alpha });
};
