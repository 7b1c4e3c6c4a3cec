/**
 * Comparisons and logic, elementwise: bool, and flat. Shapes broadcast.
 * @module
 */
import type { Scalar } from "../scalar.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";

/** 1 where the mask holds, else 0: the value of a comparison. */
function truth<T, M>(s: Scalar<T, M>, mask: M): T {
  return s.select(mask, s.constant(1), s.constant(0));
}

function comparison(name: string, holds: <T, M>(s: Scalar<T, M>, x: T, y: T) => M): Binary {
  return binary({ name, result: "bool", scalar: (s, x, y) => truth(s, holds(s, x, y)), vjp: null });
}

function question(name: string, holds: <T, M>(s: Scalar<T, M>, x: T) => M): Unary {
  return unary({ name, result: "bool", scalar: (s, x) => truth(s, holds(s, x)), vjp: null });
}

function nonzero<T, M>(s: Scalar<T, M>, x: T): M {
  return s.not(s.equal(x, s.constant(0)));
}

/**
 * Elementwise $x = y$ as bool; false where either is NaN.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).equal(2).toArray(); // → [false,true,false]
 * ```
 */
export const equal: Binary = comparison("equal", (s, x, y) => s.equal(x, y));

/**
 * Elementwise $x \ne y$ as bool; true where either is NaN.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).notEqual(2).toArray(); // → [true,false,true]
 * ```
 */
export const notEqual: Binary = comparison("notEqual", (s, x, y) => s.not(s.equal(x, y)));

/**
 * Elementwise $x < y$ as bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).less(2).toArray(); // → [true,false,false]
 * ```
 */
export const less: Binary = comparison("less", (s, x, y) => s.less(x, y));

/**
 * Elementwise $x \le y$ as bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).lessEqual(2).toArray(); // → [true,true,false]
 * ```
 */
export const lessEqual: Binary = comparison("lessEqual", (s, x, y) => s.lessEqual(x, y));

/**
 * Elementwise $x > y$ as bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).greater(2).toArray(); // → [false,false,true]
 * ```
 */
export const greater: Binary = comparison("greater", (s, x, y) => s.less(y, x));

/**
 * Elementwise $x \ge y$ as bool.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3]).greaterEqual(2).toArray(); // → [false,true,true]
 * ```
 */
export const greaterEqual: Binary = comparison("greaterEqual", (s, x, y) => s.lessEqual(y, x));

/**
 * Elementwise "and" of what is not 0, $x \ne 0 \land y \ne 0$; NaN is not 0.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, true]).logicalAnd(tensor([true, false])).toArray(); // → [true,false]
 * ```
 */
export const logicalAnd: Binary = comparison("logicalAnd", (s, x, y) => s.and(nonzero(s, x), nonzero(s, y)));

/**
 * Elementwise "or" of what is not 0, $x \ne 0 \lor y \ne 0$; NaN is not 0.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([false, true]).logicalOr(tensor([false, false])).toArray(); // → [false,true]
 * ```
 */
export const logicalOr: Binary = comparison("logicalOr", (s, x, y) => s.or(nonzero(s, x), nonzero(s, y)));

/**
 * Elementwise "exclusive or" of what is not 0, $(x \ne 0) \ne (y \ne 0)$: exactly one of both; NaN is not 0.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative flat
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, true]).logicalXor(tensor([true, false])).toArray(); // → [false,true]
 * ```
 */
export const logicalXor: Binary = comparison("logicalXor", (s, x, y) =>
  s.not(s.equal(truth(s, nonzero(s, x)), truth(s, nonzero(s, y)))),
);

/**
 * Elementwise "not", $x = 0$ as bool.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([true, false]).logicalNot().toArray(); // → [false,true]
 * ```
 */
export const logicalNot: Unary = question("logicalNot", (s, x) => s.equal(x, s.constant(0)));

/**
 * Whether an element is NaN, $x \ne x$, as bool.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, NaN]).isNaN().toArray(); // → [false,true]
 * ```
 */
export const isNaN: Unary = question("isNaN", (s, x) => s.not(s.equal(x, x)));

/**
 * Whether an element is neither infinite nor NaN, $|x| < \infty$, as bool.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Infinity, NaN]).isFinite().toArray(); // → [true,false,false]
 * ```
 */
export const isFinite: Unary = question("isFinite", (s, x) => s.less(s.abs(x), s.constant(Infinity)));
