/**
 * Turning a tensor around, and laying copies of it or of its elements side by side.
 * @module
 */
import { tensor } from "../construct.js";
import { ArgumentError, checkOptions, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { checkShape, normalizeAxes, normalizeAxis, type Axes } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { take } from "./indexing.js";
import { integerOption } from "./options.js";
import { asLine, reshape, stretch } from "./linear.js";
import { join, sliceAlong, sliceRanges, wholeAxis } from "./regions.js";

/**
 * Reverses the order of the elements along axes, $y_i = x_{n - 1 - i}$. A view.
 *
 * - `axis`: one axis or several. Default: all
 * @returns the shape of `x`
 * @derivative the cotangent, flipped back
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).flip({ axis: 1 }).toArray(); // → [[2,1],[4,3]]
 * ```
 */
export const flip: (x: TensorLike, options?: { readonly axis?: Axes | undefined }) => Tensor = function flip(
  x,
  options,
) {
  const t = asTensor("flip", x);
  checkOptions("flip", options, ["axis"]);
  const axes = normalizeAxes("flip", options?.axis, t.rank).filter((axis) => t.layout.shape[axis]! > 1);
  return sliceRanges(
    t,
    t.layout.shape.map((n, axis) => (axes.includes(axis) ? { start: n - 1, step: -1, count: n } : wholeAxis(n))),
  );
};

/** Options of `roll`. */
export interface RollOptions {
  /** By how many places, towards higher indices; a list where several axes are given. */
  readonly shift: number | readonly number[];
  /** The axis, or one for each shift. Default: all elements as one line, in row-major order. */
  readonly axis?: Axes | undefined;
}

/**
 * Moves the elements along axes, $y_i = x_{(i - s) \bmod n}$; what leaves at one end enters at the other.
 *
 * @returns the shape of `x`
 * @derivative the cotangent, rolled back
 * @throws {@link ShapeError} if an axis is out of range
 * @throws {@link ArgumentError} if a shift is not an integer, or there is not one shift for each axis
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3, 4]).roll({ shift: 1 }).toArray(); // → [4,1,2,3]
 * tensor([[1, 2], [3, 4]]).roll({ shift: -1, axis: 0 }).toArray(); // → [[3,4],[1,2]]
 * ```
 */
export const roll: (x: TensorLike, options: RollOptions) => Tensor = function roll(x, options) {
  const t = asTensor("roll", x);
  checkOptions("roll", options, ["shift", "axis"], ["shift"]);
  const { shift, axis } = options;
  const shifts = (Array.isArray(shift) ? (shift as readonly unknown[]) : [shift]).map((s) =>
    integerOption("roll", "shift", s),
  );
  const axes = axis === undefined ? [0] : Array.isArray(axis) ? (axis as readonly number[]) : [axis as number];
  if (shifts.length !== axes.length)
    throw new ArgumentError(
      `roll: expected one shift for each axis, got ${shifts.length} for ${axis === undefined ? "all elements as one line" : `${axes.length} axes`}; give lists of equal length`,
    );
  if (axis === undefined) return reshape(rollAlong(reshape(t, [t.size]), shifts[0]!, 0), t.layout.shape);
  const places = axes.map((a) => normalizeAxis("roll", a, t.rank));
  return reshape(
    places.reduce<Tensor>((y, place, i) => rollAlong(y, shifts[i]!, place), asLine(t)),
    t.layout.shape,
  );
};

function rollAlong(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.layout.shape[axis]!;
  const cut = n === 0 ? 0 : (n - (shift % n)) % n;
  if (cut === 0) return x;
  return join([sliceAlong(x, axis, cut, n - cut), sliceAlong(x, axis, 0, cut)], axis);
}

/**
 * Lays copies of a tensor side by side, $y_i = x_{i \bmod n}$, so many along each of the last axes; new leading axes
 * appear where there are more counts than axes.
 *
 * - `repetitions`: a count for each of the last axes, or one for the last
 * @returns the shape of `x`, each size times its count
 * @derivative the cotangent, summed over the copies
 * @throws {@link ArgumentError} if a count is not an integer from 0
 * @throws {@link ShapeError} if the result would have more than 2^32 elements
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).tile([2]).toArray(); // → [1,2,1,2]
 * tensor([[1, 2]]).tile([2, 1]).toArray(); // → [[1,2],[1,2]]
 * ```
 */
export const tile: (x: TensorLike, repetitions: number | readonly number[]) => Tensor = function tile(x, repetitions) {
  const t = asTensor("tile", x);
  const counts = (Array.isArray(repetitions) ? (repetitions as readonly unknown[]) : [repetitions]).map((count) =>
    integerOption("tile", "each of the repetitions", count, 0),
  );
  const rank = Math.max(t.rank, counts.length);
  const shape = [...new Array<number>(rank - t.rank).fill(1), ...t.layout.shape];
  const times = [...new Array<number>(rank - counts.length).fill(1), ...counts];
  const tiled = checkShape(
    "tile",
    shape.map((n, axis) => times[axis]! * n),
  );
  const apart = reshape(
    t,
    shape.flatMap((n) => [1, n]),
  );
  const copies = stretch(
    apart,
    shape.flatMap((n, axis) => [times[axis]!, n]),
  );
  return reshape(copies, tiled);
};

/** Options of `repeat`. */
export interface RepeatOptions {
  /** How often each element comes, or a list with a count for each. */
  readonly repeats: number | readonly number[];
  /** Negative counts from the last. Default: all elements as one line, in row-major order. */
  readonly axis?: number | undefined;
}

/**
 * Repeats each element in place along an axis, $y_i = x_{\lfloor i / r \rfloor}$ with one count r (NumPy's `repeat`;
 * see `tile` for copies of the whole).
 *
 * @returns the shape of `x` with the sum of the counts along the axis
 * @derivative the cotangent, summed over the copies of each element
 * @throws {@link ArgumentError} if a count is not an integer from 0
 * @throws {@link ShapeError} if the axis is out of range, or a list has not one count for each element along it
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).repeat({ repeats: 2 }).toArray(); // → [1,1,2,2]
 * tensor([[1, 2], [3, 4]]).repeat({ repeats: [1, 2], axis: 0 }).toArray(); // → [[1,2],[3,4],[3,4]]
 * ```
 */
export const repeat: (x: TensorLike, options: RepeatOptions) => Tensor = function repeat(x, options) {
  const given = asTensor("repeat", x);
  checkOptions("repeat", options, ["repeats", "axis"], ["repeats"]);
  const t = options.axis === undefined ? reshape(given, [given.size]) : asLine(given);
  const axis = normalizeAxis("repeat", options.axis, t.rank, 0);
  const n = t.layout.shape[axis]!;
  const { repeats } = options;
  const listed = Array.isArray(repeats);
  const counts = (listed ? (repeats as readonly unknown[]) : [repeats]).map((count) =>
    integerOption("repeat", "each of repeats", count, 0),
  );
  if (listed && counts.length !== n)
    throw new ShapeError(
      `repeat: expected one of repeats for each of the ${n} elements along axis ${axis}, got ${counts.length}; or give one number for all`,
    );
  const countOf = (i: number): number => counts[listed ? i : 0]!;
  let total = 0;
  for (let i = 0; i < n; i++) total += countOf(i);
  checkShape("repeat", t.layout.shape.with(axis, total));
  const indices = new Int32Array(total);
  for (let i = 0, next = 0; i < n; i++) indices.fill(i, next, (next += countOf(i)));
  return take(t, tensor(indices), { axis });
};
