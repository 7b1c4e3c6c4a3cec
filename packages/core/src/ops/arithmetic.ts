/**
 * Elementwise arithmetic. Shapes broadcast; a plain number adopts the dtype of its partner.
 * @module
 */
import { mapKernel } from "../kernel.js";
import { apply, type Primitive } from "../primitive.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { align, binary, unary, type Binary, type Unary } from "./elementwise.js";

/**
 * Elementwise sum, $z = x + y$.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1$, $\partial z / \partial y = 1$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).add(tensor([10, 20])).toArray(); // → [[11,22],[13,24]]
 * ```
 */
export const add: Binary = binary({ name: "add", scalar: (s, x, y) => s.add(x, y), vjp: [(ct) => ct, (ct) => ct] });

/**
 * Elementwise difference, $z = x - y$.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1$, $\partial z / \partial y = -1$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([5, 7]).sub(2).toArray(); // → [3,5]
 * ```
 */
export const sub: Binary = binary({
  name: "sub",
  scalar: (s, x, y) => s.sub(x, y),
  vjp: [(ct) => ct, (ct) => neg(ct)],
});

/**
 * Elementwise product, $z = x y$.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = y$, $\partial z / \partial y = x$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).mul(tensor([4, 5, 6])).toArray(); // → [4,10,18]
 * ```
 */
export const mul: Binary = binary({
  name: "mul",
  scalar: (s, x, y) => s.mul(x, y),
  vjp: [(ct, _x, y) => mul(ct, y), (ct, x) => mul(ct, x)],
});

/**
 * Elementwise quotient, $z = x / y$; of int32 or bool in the default float. Division by zero gives ±Infinity or NaN.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1 / y$, $\partial z / \partial y = -z / y$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 9]).div(tensor([4, 3])).toArray(); // → [0.25,3]
 * ```
 */
export const div: Binary = binary({
  name: "div",
  result: "float",
  scalar: (s, x, y) => s.div(x, y),
  vjp: [(ct, _x, y) => div(ct, y), (ct, _x, y, z) => neg(div(mul(ct, z), y))],
});

/**
 * Reversed difference, $z = y - x$, for a number on the left: `x.rsub(1)` is $1 - x$.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = -1$, $\partial z / \partial y = 1$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0.25, 1]).rsub(1).toArray(); // → [0.75,0]
 * ```
 */
export const rsub: Binary = binary({
  name: "rsub",
  scalar: (s, x, y) => s.sub(y, x),
  vjp: [(ct) => neg(ct), (ct) => ct],
});

/**
 * Reversed quotient, $z = y / x$, for a number on the left: `x.rdiv(1)` is $1 / x$.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = -z / x$, $\partial z / \partial y = 1 / x$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([2, 4]).rdiv(1).toArray(); // → [0.5,0.25]
 * ```
 */
export const rdiv: Binary = binary({
  name: "rdiv",
  result: "float",
  scalar: (s, x, y) => s.div(y, x),
  vjp: [(ct, x, _y, z) => neg(div(mul(ct, z), x)), (ct, x) => div(ct, x)],
});

/**
 * Elementwise negation, $y = -x$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -1$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, -2]).neg().toArray(); // → [-1,2]
 * ```
 */
export const neg: Unary = unary({ name: "neg", result: "same", scalar: (s, x) => s.neg(x), vjp: (ct) => neg(ct) });

/**
 * Elementwise square, $y = x^2$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 2 x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-3, 0.5]).square().toArray(); // → [9,0.25]
 * ```
 */
export const square: Unary = unary({
  name: "square",
  result: "same",
  scalar: (s, x) => s.mul(x, x),
  vjp: (ct, x) => mul(ct, mul(x, 2)),
});

/**
 * Elementwise reciprocal, $y = 1 / x$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -y^2$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([2, -4]).reciprocal().toArray(); // → [0.5,-0.25]
 * ```
 */
export const reciprocal: Unary = unary({
  name: "reciprocal",
  scalar: (s, x) => s.div(s.constant(1), x),
  vjp: (ct, _x, y) => neg(mul(ct, square(y))),
});

/**
 * Elementwise square root, $y = \sqrt x$. `NaN` for $x < 0$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (2 y)$
 * @kink Infinity at 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([4, 2.25]).sqrt().toArray(); // → [2,1.5]
 * ```
 */
export const sqrt: Unary = unary({
  name: "sqrt",
  scalar: (s, x) => s.sqrt(x),
  vjp: (ct, _x, y) => div(ct, mul(y, 2)),
});

/**
 * Elementwise reciprocal square root, $y = 1 / \sqrt x$. `NaN` for $x < 0$.
 *
 * Within 1.5 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -y^3 / 2$
 * @kink at ±0 it is ±Infinity, and its derivative ∓Infinity
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([4, 0.25]).rsqrt().toArray(); // → [0.5,2]
 * ```
 */
export const rsqrt: Unary = unary({
  name: "rsqrt",
  scalar: (s, x) => s.div(s.constant(1), s.sqrt(x)),
  vjp: (ct, _x, y) => mul(ct, mul(mul(y, -0.5), square(y))),
});

/**
 * Elementwise cube root, $y = \sqrt[3] x$, of negative numbers too.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (3 y^2)$
 * @kink Infinity at 0, where the second derivative is ∓Infinity at ±0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([8, -27]).cbrt().toArray(); // → [2,-3]
 * ```
 */
export const cbrt: Unary = unary({
  name: "cbrt",
  scalar: (s, x) => s.cbrt(x),
  vjp: (ct, x) => mul(ct, cbrtSlope(x)),
  jvp: (t, x) => mul(t, cbrtSlope(x)),
});

/** $x^{-2/3} / 3$, whose own derivative is $-\frac{2}{3}$ of it over x, at 0 and ±Infinity too. */
const cbrtSlope: Unary = unary({
  name: "cbrtSlope",
  scalar: (s, x) => {
    const y = s.cbrt(x);
    return s.div(s.constant(1), s.mul(s.constant(3), s.mul(y, y)));
  },
  vjp: (ct, x, y) => mul(ct, div(mul(y, -2 / 3), x)),
  jvp: (t, x, y) => mul(t, div(mul(y, -2 / 3), x)),
});

/**
 * Linear interpolation, $z = x + w (y - x)$ with the weight w: exactly `x` at 0 and, being counted from the nearer end,
 * exactly `y` at 1. Weights beyond extrapolate. The three shapes broadcast.
 *
 * @returns the shape to which all three broadcast
 * @derivative $\partial z / \partial x = 1 - w$, $\partial z / \partial y = w$, $\partial z / \partial w = y - x$
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { lerp, tensor } from "@cotangent/core";
 * lerp(tensor([0, 10]), tensor([4, 20]), 0.25).toArray(); // → [1,12.5]
 * ```
 */
export const lerp: (x: TensorLike, y: TensorLike, weight: TensorLike) => Tensor = function lerp(x, y, weight) {
  return apply(lerpPrimitive, align("lerp", [x, y, weight], "float"), undefined);
};

const lerpPrimitive: Primitive = {
  name: "lerp",
  kernel: mapKernel(
    (s, x, y, w) => {
      const way = s.sub(y!, x!);
      const fromEnd = s.sub(y!, s.mul(way, s.sub(s.constant(1), w!)));
      return s.select(s.less(w!, s.constant(0.5)), s.add(x!, s.mul(w!, way)), fromEnd);
    },
    null,
    true,
  ),
  shape: null,
  dtype: null,
  vjp: (index, ct, [x, y, w]) => mul(ct, index === 0 ? sub(1, w!) : index === 1 ? w! : sub(y!, x!)),
  jvp: "scalar",
};
