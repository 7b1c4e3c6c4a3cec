/**
 * Random shapes and tensors for fast-check, that shrink to small shapes and round numbers.
 * @module
 */
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore fast-check is optional: where it is not installed, declarations must compile all the same. */
import type { Arbitrary } from "fast-check";
import { tensor } from "../construct.js";
import { checkDtype, isFloat, type DType } from "../dtype.js";
import { ArgumentError, checkOptions, describe } from "../errors.js";
import { checkShape, sizeOf, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { fastCheck, isArbitrary } from "./fastCheck.js";

/** Options of `shapes`. */
export interface ShapesOptions {
  /** The fewest axes. Default: 0. */
  readonly minRank?: number | undefined;
  /** The most axes. Default: 3. */
  readonly maxRank?: number | undefined;
  /** The smallest size of an axis; 0 gives tensors without elements too, 2 leaves out axes of size 1. Default: 1. */
  readonly minSize?: number | undefined;
  /** The largest size of an axis. Default: 4. */
  readonly maxSize?: number | undefined;
}

/** Options of `tensors`. */
export interface TensorsOptions {
  /** The shape, or an arbitrary of shapes. Default: `shapes()`. */
  readonly shape?: Shape | Arbitrary<Shape> | undefined;
  /** Default: `"float64"`. */
  readonly dtype?: DType | undefined;
  /** The smallest value, where the domain begins. Default: -4. */
  readonly min?: number | undefined;
  /** The largest value, where the domain ends. Default: 4. */
  readonly max?: number | undefined;
  /** Values are multiples of it. Default: 1/8, and 1 for int32. */
  readonly step?: number | undefined;
  /** Values to keep away from, such as kinks. Default: none. */
  readonly avoid?: readonly number[] | undefined;
  /** How far. Default: `step`. */
  readonly gap?: number | undefined;
  /** No two elements are equal. Default: false. */
  readonly distinct?: boolean | undefined;
}

function checkRange(operator: string, names: readonly [string, string], low: number, high: number): void {
  for (const [name, value] of Object.entries({ [names[0]]: low, [names[1]]: high }))
    if (!Number.isInteger(value) || value < 0)
      throw new ArgumentError(`${operator}: expected ${name} to be an integer from 0, got ${describe(value)}`);
  if (low > high)
    throw new ArgumentError(`${operator}: expected ${names[0]} to be at most ${names[1]}, got ${low} and ${high}`);
}

const shapeNames = ["minRank", "maxRank", "minSize", "maxSize"];

/**
 * Shapes, shrinking to fewer and smaller axes.
 *
 * @throws `ArgumentError` for an unknown option, a negative or fractional number, or if fast-check is not installed
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { shapes } from "@cotangent/core/check";
 * fc.sample(shapes({ minRank: 2, maxRank: 2, minSize: 3, maxSize: 3 }), 1); // → [[3,3]]
 * ```
 */
export function shapes(options: ShapesOptions = {}): Arbitrary<Shape> {
  return shapesOf("shapes", options);
}

function shapesOf(operator: string, options: ShapesOptions): Arbitrary<Shape> {
  checkOptions(operator, options, shapeNames);
  const { minRank = 0, maxRank = 3, minSize = 1, maxSize = 4 } = options;
  checkRange(operator, ["minRank", "maxRank"], minRank, maxRank);
  checkRange(operator, ["minSize", "maxSize"], minSize, maxSize);
  const fc = fastCheck(operator);
  return fc.array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank });
}

/**
 * Pairs of shapes that broadcast together: axes of size 1, and missing leading axes, on either side.
 *
 * @throws `ArgumentError` as `shapes` does
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { zeros } from "@cotangent/core";
 * import { broadcastableShapes } from "@cotangent/core/check";
 * fc.sample(broadcastableShapes(), 20).every(([a, b]) => zeros(a).add(zeros(b)).size >= 1); // → true
 * ```
 */
export function broadcastableShapes(options: ShapesOptions = {}): Arbitrary<readonly [Shape, Shape]> {
  return broadcastableShapesOf("broadcastableShapes", options);
}

function broadcastableShapesOf(operator: string, options: ShapesOptions): Arbitrary<readonly [Shape, Shape]> {
  const wholes = shapesOf(operator, options);
  const fc = fastCheck(operator);
  const { minRank = 0, maxRank = 3 } = options;
  // 0: the axis stays on both sides; 1 and 2: it has size 1 on the first or second.
  const ones = fc.array(fc.nat(2), { minLength: maxRank, maxLength: maxRank });
  return fc
    .tuple(wholes, ones, fc.nat(maxRank), fc.boolean())
    .map(([whole, kinds, drop, first]): readonly [Shape, Shape] => {
      const side = (which: number): Shape => whole.map((n, axis) => (kinds[axis] === which ? 1 : n));
      const short = (shape: Shape): Shape => shape.slice(Math.min(drop, shape.length - minRank));
      return first ? [short(side(1)), side(2)] : [side(1), short(side(2))];
    });
}

/** The values allowed, as multiples of the step, nearest to 0 first where that is one of them. */
function grid(operator: string, options: TensorsOptions, dtype: DType): Arbitrary<number> {
  const fc = fastCheck(operator);
  const { min = -4, max = 4, step = isFloat(dtype) ? 1 / 8 : 1, avoid = [] } = options;
  const { gap = step } = options;
  for (const [name, value] of Object.entries({ min, max, step, gap }))
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new ArgumentError(`${operator}: expected ${name} to be a finite number, got ${describe(value)}`);
  if (!Array.isArray(avoid) || !avoid.every((kink) => typeof kink === "number"))
    throw new ArgumentError(
      `${operator}: expected a list of values to avoid, such as [0], got ${Array.isArray(avoid) ? `[${avoid.map(describe).join(", ")}]` : describe(avoid)}`,
    );
  if (!(step > 0 && step < Infinity))
    throw new ArgumentError(`${operator}: expected a positive step, got ${describe(step)}`);
  const [low, high] = [Math.ceil(min / step), Math.floor(max / step)];
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low > high)
    throw new ArgumentError(
      `${operator}: expected a multiple of the step ${step} between min and max, got ${describe(min)} and ${describe(max)}`,
    );
  const allowed = (k: number): boolean => avoid.every((kink) => Math.abs(k * step - kink) >= gap);
  if (avoid.length === 0) return fc.integer({ min: low, max: high }).map((k) => k * step);
  const values = Array.from({ length: Math.min(high - low + 1, 1e6) }, (_, i) => low + i).filter(allowed);
  if (values.length === 0)
    throw new ArgumentError(`${operator}: expected room between min and max beside what to avoid, got none`);
  values.sort((a, b) => Math.abs(a) - Math.abs(b) || b - a);
  return fc.nat(values.length - 1).map((i) => values[i]! * step);
}

/**
 * Tensors with values on a grid, so that they shrink to small shapes and round numbers near 0.
 *
 * @throws `ArgumentError` for an unknown option, a range without a multiple of the step, or if fast-check is not
 * installed
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { tensors } from "@cotangent/core/check";
 * const [x] = fc.sample(tensors({ shape: [2, 3], min: 1, max: 1 }), 1);
 * x!.toArray(); // → [[1,1,1],[1,1,1]]
 * ```
 */
export function tensors(options: TensorsOptions = {}): Arbitrary<Tensor> {
  return tensorsOf("tensors", options);
}

const tensorNames = ["shape", "dtype", "min", "max", "step", "avoid", "gap", "distinct"];

function tensorsOf(operator: string, options: TensorsOptions): Arbitrary<Tensor> {
  checkOptions(operator, options, tensorNames);
  const fc = fastCheck(operator);
  const dtype = checkDtype(operator, options.dtype ?? "float64");
  const { shape = shapes(), distinct = false } = options;
  const value = grid(operator, dtype === "bool" ? { min: 0, max: 1 } : options, dtype);
  if (!Array.isArray(shape) && !isArbitrary(shape))
    throw new ArgumentError(
      `${operator}: expected a shape such as [2, 3], or an arbitrary such as shapes(), got ${describe(shape)}`,
    );
  if (typeof distinct !== "boolean")
    throw new ArgumentError(`${operator}: expected distinct to be true or false, got ${describe(distinct)}`);
  const known: Arbitrary<Shape> = Array.isArray(shape)
    ? fc.constant(checkShape(operator, shape))
    : (shape as Arbitrary<Shape>);
  return known.chain((sizes) => {
    const length = { minLength: sizeOf(sizes), maxLength: sizeOf(sizes) };
    const data = distinct ? fc.uniqueArray(value, length) : fc.array(value, length);
    return data.map((values) => tensor(Float64Array.from(values), { shape: sizes, dtype }));
  });
}

/**
 * Pairs of tensors whose shapes broadcast together.
 *
 * @param options those of `tensors`, but for `shape`, which may be an arbitrary of `broadcastableShapes`
 * @throws `ArgumentError` as `tensors` does
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { broadcastableTensors } from "@cotangent/core/check";
 * fc.sample(broadcastableTensors({ min: 1 }), 20).every(([x, y]) => x.div(y).size >= 1); // → true
 * ```
 */
export function broadcastableTensors(
  options: Omit<TensorsOptions, "shape"> & { readonly shapes?: ShapesOptions | undefined } = {},
): Arbitrary<readonly [Tensor, Tensor]> {
  checkOptions("broadcastableTensors", options, [...tensorNames.slice(1), "shapes"]);
  const fc = fastCheck("broadcastableTensors");
  const { shapes: within = {}, ...rest } = options;
  return broadcastableShapesOf("broadcastableTensors", within).chain(([a, b]) =>
    fc.tuple(
      tensorsOf("broadcastableTensors", { ...rest, shape: a }),
      tensorsOf("broadcastableTensors", { ...rest, shape: b }),
    ),
  );
}
