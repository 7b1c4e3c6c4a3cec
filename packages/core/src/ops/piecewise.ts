/**
 * Choices, and functions with kinks, elementwise; every kink's convention is stated and tested.
 * @module
 */
import { isFloat } from "../dtype.js";
import { ArgumentError, checkOptions, describe } from "../errors.js";
import { mapKernel } from "../kernel.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { broadcastShapes } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { mul } from "./arithmetic.js";
import { equal, greater, less, logicalOr } from "./comparisons.js";
import { align, binary, parametric, unary, type Binary, type Unary } from "./elementwise.js";
import { astype, stretch, zerosOf } from "./linear.js";
import { addTangents } from "./tangents.js";

/**
 * Picks from `x` where the condition holds and from `y` elsewhere, $z = x$ if $c \ne 0$, else $z = y$. The three shapes
 * broadcast; of bool it is bool.
 *
 * - `condition`: bool, or what is not 0
 * @returns the shape to which all three broadcast
 * @derivative $\partial z / \partial x = 1$ where the condition holds and 0 elsewhere, $\partial z / \partial y$ the
 *   other way round; flat in the condition
 * @kink the branch that is not picked gets a cotangent of exactly 0, even where its own derivative is infinite, so mask
 *   before the pole: `where(c, log(where(c, x, 1)), 0)`
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor, where } from "@cotangent/core";
 * where(tensor([true, false]), tensor([1, 2]), -1).toArray(); // → [1,-1]
 * ```
 */
export const where: (condition: TensorLike, x: TensorLike, y: TensorLike) => Tensor = function where(condition, x, y) {
  const c = astype(asTensor("where", condition), "bool");
  const [a, b] = align("where", [x, y], "picked") as readonly [Tensor, Tensor];
  const shape = broadcastShapes("where", c.layout.shape, a.layout.shape);
  return apply(wherePrimitive, [stretch(c, shape), stretch(a, shape), stretch(b, shape)], undefined);
};

const wherePrimitive: Primitive = {
  name: "where",
  kernel: mapKernel((s, c, x, y) => s.select(s.equal(c!, s.constant(0)), y!, x!)),
  shape: null,
  dtype: ([, x]) => x!,
  vjp: (index, ct, [condition]) => {
    if (index === 0) return null;
    const zero = zerosOf(ct.layout.shape, ct.dtype);
    return index === 1 ? where(condition!, ct, zero) : where(condition!, zero, ct);
  },
  jvp: "scalar",
};

/** Nothing of the cotangent where `loses` holds, ½ of it where `tie` does, all of it elsewhere, beside NaN too. */
function shared(ct: Tensor, loses: Tensor, tie: Tensor): Tensor {
  return where(loses, zerosOf(ct.layout.shape, ct.dtype), where(tie, mul(ct, 0.5), ct));
}

/** The tie rule in forward mode: the tangents of the winners, the mean of both at ties. */
function sharedTangent(
  loses: Binary,
): (tangents: readonly (Tensor | null)[], inputs: readonly Tensor[]) => Tensor | null {
  return ([tx, ty], [x, y]) => {
    const tie = equal(x!, y!);
    return addTangents(tx && shared(tx, loses(x!, y!), tie), ty && shared(ty, loses(y!, x!), tie));
  };
}

/**
 * Elementwise larger value, $z = \max(x, y)$; NaN if either is. Of int32 it is int32, of bool bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1$ where $x > y$ and 0 where $x < y$, $\partial z / \partial y$ the other way
 *   round
 * @kink a tie gives ½ to each side; beside NaN, which comes through, both sides get 1, as in PyTorch
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { maximum, tensor } from "@cotangent/core";
 * maximum(tensor([1, 5]), 3).toArray(); // → [3,5]
 * ```
 */
export const maximum: Binary = binary({
  name: "maximum",
  result: "picked",
  scalar: (s, x, y) => s.select(s.less(y, x), x, s.select(s.lessEqual(x, y), y, s.add(x, y))),
  vjp: [(ct, x, y) => shared(ct, less(x, y), equal(x, y)), (ct, x, y) => shared(ct, less(y, x), equal(x, y))],
  // Read over dual pairs, the expression would give a tie to one side.
  jvp: sharedTangent(less),
});

/**
 * Elementwise smaller value, $z = \min(x, y)$; NaN if either is. Of int32 it is int32, of bool bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1$ where $x < y$ and 0 where $x > y$, $\partial z / \partial y$ the other way
 *   round
 * @kink a tie gives ½ to each side; beside NaN, which comes through, both sides get 1, as in PyTorch
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { minimum, tensor } from "@cotangent/core";
 * minimum(tensor([1, 5]), 3).toArray(); // → [1,3]
 * ```
 */
export const minimum: Binary = binary({
  name: "minimum",
  result: "picked",
  scalar: (s, x, y) => s.select(s.less(x, y), x, s.select(s.lessEqual(y, x), y, s.add(x, y))),
  vjp: [(ct, x, y) => shared(ct, greater(x, y), equal(x, y)), (ct, x, y) => shared(ct, greater(y, x), equal(x, y))],
  jvp: sharedTangent(greater),
});

/**
 * Magnitude, $y = |x|$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \operatorname{sgn} x$
 * @kink 0 at 0, NaN at NaN
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-2, 3]).abs().toArray(); // → [2,3]
 * ```
 */
export const abs: Unary = unary({
  name: "abs",
  result: "same",
  scalar: (s, x) => s.abs(x),
  vjp: (ct, x) => mul(ct, sign(x)),
});

/**
 * Sign, $y = \operatorname{sgn} x$: -1, 0 or 1; NaN of NaN.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @kink flat at the jump too
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-2, 0, 3]).sign().toArray(); // → [-1,0,1]
 * ```
 */
export const sign: Unary = unary({
  name: "sign",
  result: "same",
  scalar: (s, x) =>
    s.select(s.less(s.constant(0), x), s.constant(1), s.select(s.less(x, s.constant(0)), s.constant(-1), x)),
  vjp: null,
});

/** Bounds of `clamp`. */
export interface ClampOptions {
  /** Default: -Infinity. */
  readonly min?: number | undefined;
  /** Default: Infinity. */
  readonly max?: number | undefined;
}

/**
 * Limits the elements to `[min, max]`, $y = \min(\max(x, a), b)$ with the bounds a and b.
 *
 * Of int32 and bool it is int32 where the bounds are integers, else a float.
 *
 * @returns the shape of `x`
 * @derivative 1 inside, 0 outside
 * @kink 1 at the bounds, and at NaN, which comes through (0 in PyTorch)
 * @throws {@link ArgumentError} if neither bound is given, or one is not a number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-2, 0.5, 2]).clamp({ min: -1, max: 1 }).toArray(); // → [-1,0.5,1]
 * ```
 */
export const clamp: (x: TensorLike, options: ClampOptions) => Tensor = function clamp(x, options) {
  checkOptions("clamp", options, ["min", "max"]);
  const { min = -Infinity, max = Infinity } = options ?? {};
  if (typeof min !== "number" || typeof max !== "number" || !(min > -Infinity || max < Infinity))
    throw new ArgumentError(
      `clamp: expected a bound min or max that is a number, got min ${describe(min)} and max ${describe(max)}; write { min: … }, { max: … } or both`,
    );
  const t = asTensor("clamp", x);
  return clampIntegers(t, min, max) ?? clampBetween(t, { min, max });
};

/** What stays an integer between integer bounds; `null`: it does not. */
export function clampIntegers(t: Tensor, min: number, max: number): Tensor | null {
  const whole = [min, max].every((bound) => !Number.isFinite(bound) || Number.isInteger(bound));
  if (isFloat(t.dtype) || !whole) return null;
  const raised = min > -Infinity ? maximum(t, min) : t;
  return max < Infinity ? minimum(raised, max) : raised;
}

const clampBetween = parametric<{ min: number; max: number }>({
  name: "clamp",
  parameters: ({ min, max }) => [min, max],
  scalar: (s, x, min, max) => {
    const raised = s.select(s.less(x, min!), min!, x);
    return s.select(s.less(max!, raised), max!, raised);
  },
  vjp: (ct, x, _y, { min, max }) =>
    where(logicalOr(less(x, min), greater(x, max)), zerosOf(ct.layout.shape, ct.dtype), ct),
});

/** x, and large numbers of their sign instead of ±Infinity, which must not meet a factor of 0; flat there. */
export function finite(x: Tensor): Tensor {
  const limit = x.dtype === "float32" ? 2 ** 127 : 2 ** 1023;
  return clamp(x, { min: -limit, max: limit });
}
