/**
 * Comparisons, logic, and functions with kinks; every kink's convention is stated and tested.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "../errors.js";
import { mapKernel } from "../kernel.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import type { Scalar } from "../scalar.js";
import { broadcastShapes } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul } from "./arithmetic.js";
import { align, binary, parametric, unary, type Binary, type Unary } from "./elementwise.js";
import { astype, stretch, zerosOf } from "./linear.js";

/** 1 where the mask holds, else 0: the value of a comparison. */
function truth<T, M>(s: Scalar<T, M>, mask: M): T {
  return s.select(mask, s.constant(1), s.constant(0));
}

function nonzero<T, M>(s: Scalar<T, M>, x: T): M {
  return s.not(s.equal(x, s.constant(0)));
}

/**
 * Elementwise $x = y$ as bool; false where either is NaN.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).equal(2).toArray(); // → [false,true,false]
 * ```
 */
export const equal: Binary = binary({
  name: "equal",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.equal(x, y)),
  vjp: null,
});

/**
 * Elementwise $x \ne y$ as bool; true where either is NaN.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).notEqual(2).toArray(); // → [true,false,true]
 * ```
 */
export const notEqual: Binary = binary({
  name: "notEqual",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.not(s.equal(x, y))),
  vjp: null,
});

/**
 * Elementwise $x < y$ as bool.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).less(2).toArray(); // → [true,false,false]
 * ```
 */
export const less: Binary = binary({
  name: "less",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.less(x, y)),
  vjp: null,
});

/**
 * Elementwise $x \le y$ as bool.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).lessEqual(2).toArray(); // → [true,true,false]
 * ```
 */
export const lessEqual: Binary = binary({
  name: "lessEqual",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.lessEqual(x, y)),
  vjp: null,
});

/**
 * Elementwise $x > y$ as bool.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).greater(2).toArray(); // → [false,false,true]
 * ```
 */
export const greater: Binary = binary({
  name: "greater",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.less(y, x)),
  vjp: null,
});

/**
 * Elementwise $x \ge y$ as bool.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).greaterEqual(2).toArray(); // → [false,true,true]
 * ```
 */
export const greaterEqual: Binary = binary({
  name: "greaterEqual",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.lessEqual(y, x)),
  vjp: null,
});

/**
 * Elementwise "and" of what is not 0.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, true]).logicalAnd(tensor([true, false])).toArray(); // → [true,false]
 * ```
 */
export const logicalAnd: Binary = binary({
  name: "logicalAnd",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.and(nonzero(s, x), nonzero(s, y))),
  vjp: null,
});

/**
 * Elementwise "or" of what is not 0.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([false, true]).logicalOr(tensor([false, false])).toArray(); // → [false,true]
 * ```
 */
export const logicalOr: Binary = binary({
  name: "logicalOr",
  result: "bool",
  scalar: (s, x, y) => truth(s, s.or(nonzero(s, x), nonzero(s, y))),
  vjp: null,
});

/**
 * Elementwise "exclusive or" of what is not 0: exactly one of both.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, true]).logicalXor(tensor([true, false])).toArray(); // → [false,true]
 * ```
 */
export const logicalXor: Binary = binary({
  name: "logicalXor",
  result: "bool",
  scalar: (s, x, y) => s.select(nonzero(s, x), truth(s, s.equal(y, s.constant(0))), truth(s, nonzero(s, y))),
  vjp: null,
});

/**
 * Elementwise "not": true where $x = 0$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, false]).logicalNot().toArray(); // → [false,true]
 * ```
 */
export const logicalNot: Unary = unary({
  name: "logicalNot",
  result: "bool",
  scalar: (s, x) => truth(s, s.equal(x, s.constant(0))),
  vjp: null,
});

/**
 * Whether an element is NaN.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, NaN]).isNaN().toArray(); // → [false,true]
 * ```
 */
export const isNaN: Unary = unary({
  name: "isNaN",
  result: "bool",
  scalar: (s, x) => truth(s, s.not(s.equal(x, x))),
  vjp: null,
});

/**
 * Whether an element is neither infinite nor NaN.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Infinity, NaN]).isFinite().toArray(); // → [true,false,false]
 * ```
 */
export const isFinite: Unary = unary({
  name: "isFinite",
  result: "bool",
  scalar: (s, x) => truth(s, s.less(s.abs(x), s.constant(Infinity))),
  vjp: null,
});

/**
 * Picks from `x` where the condition holds and from `y` elsewhere. The branch that is not picked gets a cotangent of
 * exactly 0, even where its own derivative is infinite, so mask before the pole: `where(c, log(where(c, x, 1)), 0)`.
 *
 * - `condition`: bool, or what is not 0
 * @example
 * ```ts
 * import { tensor, where } from "@cotangent/core";
 * where(tensor([true, false]), tensor([1, 2]), -1).toArray(); // → [1,-1]
 * ```
 */
export const where: (condition: TensorLike, x: TensorLike, y: TensorLike) => Tensor = function where(condition, x, y) {
  const c = astype(asTensor("where", condition), "bool");
  const [a, b] = align("where", [x, y], "same") as readonly [Tensor, Tensor];
  const shape = broadcastShapes("where", c.layout.shape, a.layout.shape);
  return apply(wherePrimitive, [stretch(c, shape), stretch(a, shape), stretch(b, shape)], undefined);
};

const wherePrimitive: Primitive = {
  name: "where",
  kernel: mapKernel((s, c, x, y) => s.select(nonzero(s, c!), x!, y!)),
  shape: null,
  dtype: ([, x]) => x!,
  vjp: (index, ct, [condition]) => {
    if (index === 0) return null;
    const zero = zerosOf(ct.layout.shape, ct.dtype);
    return index === 1 ? where(condition!, ct, zero) : where(condition!, zero, ct);
  },
  jvp: "scalar",
};

/** The cotangent where the condition holds, ½ of it where `tie` does, 0 elsewhere. */
function shared(ct: Tensor, wins: Tensor, tie: Tensor): Tensor {
  return where(wins, ct, where(tie, mul(ct, 0.5), zerosOf(ct.layout.shape, ct.dtype)));
}

/** The tie rule in forward mode: the tangents of the winners, the mean of both at ties. */
function sharedTangent(
  wins: Binary,
): (tangents: readonly (Tensor | null)[], inputs: readonly Tensor[]) => Tensor | null {
  return ([tx, ty], [x, y]) => {
    const tie = equal(x!, y!);
    const parts = [tx && shared(tx, wins(x!, y!), tie), ty && shared(ty, wins(y!, x!), tie)].filter(
      (part) => part != null,
    );
    return parts.length === 0 ? null : parts.reduce((a, b) => add(a, b));
  };
}

/**
 * Elementwise larger value, $z = \max(x, y)$; NaN if either is. A tie gives ½ of the derivative to each side.
 *
 * @example
 * ```ts
 * import { maximum, tensor } from "@cotangent/core";
 * maximum(tensor([1, 5]), 3).toArray(); // → [3,5]
 * ```
 */
export const maximum: Binary = binary({
  name: "maximum",
  scalar: (s, x, y) => s.select(s.less(y, x), x, s.select(s.lessEqual(x, y), y, s.add(x, y))),
  vjp: [(ct, x, y) => shared(ct, greater(x, y), equal(x, y)), (ct, x, y) => shared(ct, greater(y, x), equal(x, y))],
  // Read over dual pairs, the expression would give a tie to one side.
  jvp: sharedTangent(greater),
});

/**
 * Elementwise smaller value, $z = \min(x, y)$; NaN if either is. A tie gives ½ of the derivative to each side.
 *
 * @example
 * ```ts
 * import { minimum, tensor } from "@cotangent/core";
 * minimum(tensor([1, 5]), 3).toArray(); // → [1,3]
 * ```
 */
export const minimum: Binary = binary({
  name: "minimum",
  scalar: (s, x, y) => s.select(s.less(x, y), x, s.select(s.lessEqual(y, x), y, s.add(x, y))),
  vjp: [(ct, x, y) => shared(ct, less(x, y), equal(x, y)), (ct, x, y) => shared(ct, less(y, x), equal(x, y))],
  jvp: sharedTangent(less),
});

/**
 * Magnitude, $y = |x|$. The derivative at 0 is 0.
 *
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
 * Sign, -1, 0 or 1; NaN of NaN. Flat: the derivative is 0.
 *
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
 * Limits the elements to `[min, max]`, $y = \min(\max(x, a), b)$. The derivative is 1 inside and at the bounds, 0
 * outside.
 *
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
      `clamp: expected a bound min or max that is a number, got min ${describe(min)} and max ${describe(max)}`,
    );
  return clampBetween(x, { min, max });
};

const clampBetween = parametric<{ min: number; max: number }>({
  name: "clamp",
  parameters: ({ min, max }) => [min, max],
  scalar: (s, x, min, max) => {
    const raised = s.select(s.less(x, min!), min!, x);
    return s.select(s.less(max!, raised), max!, raised);
  },
  vjp: (ct, x, _y, { min, max }) =>
    where(logicalAnd(greaterEqual(x, min), lessEqual(x, max)), ct, zerosOf(ct.layout.shape, ct.dtype)),
});
