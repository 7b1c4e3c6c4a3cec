import { ShapeError } from "../errors.js";

/** An index along an axis of `n` elements, negative ones counted from the end. @throws {@link ShapeError} out of range */
export function checkIndex(operator: string, index: number, n: number): number {
  if (index < -n || index >= n)
    throw new ShapeError(
      `${operator}: expected indices from ${-n} to ${n - 1}, got ${index}; the axis has ${n} elements`,
    );
  return index < 0 ? index + n : index;
}
