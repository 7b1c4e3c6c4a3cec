/**
 * The canonical orders, on which all backends agree to the last bit (DESIGN section 4).
 *
 * - A sum or product of n elements is cut into blocks of 128. In a block, element i goes to lane i mod 8; a lane
 *   combines its elements in ascending order, starting from the identity; lanes 0…7 combine as
 *   ((0·4)·(2·6))·((1·5)·(3·7)). Blocks combine pairwise: the left part is the largest power of two of whole blocks
 *   that leaves something for the right.
 * - Elements along several axes count in row-major order of these axes.
 * - An element of a matrix product starts from 0 and adds k = 0, 1, 2, …, product and sum rounded separately; a product
 *   with a single output column takes the order of sums.
 * - `max` and `min` propagate NaN and put -0 below +0, so no order can show.
 * @module
 */
export const lanes = 8;
export const block = 128;

/** How many of `n` elements, `n > block`, stand left in the topmost pair. */
export function leftPart(n: number): number {
  let left = block;
  while (left * 2 < n) left *= 2;
  return left;
}

/** Combines `element(start)`, …, `element(start + n - 1)` in the canonical order. */
export function combineInOrder(
  element: (index: number) => number,
  start: number,
  n: number,
  identity: number,
  combine: (a: number, b: number) => number,
): number {
  if (n > block) {
    const left = leftPart(n);
    return combine(
      combineInOrder(element, start, left, identity, combine),
      combineInOrder(element, start + left, n - left, identity, combine),
    );
  }
  const lane = new Array<number>(lanes).fill(identity);
  for (let i = 0; i < n; i++) lane[i % lanes] = combine(lane[i % lanes]!, element(start + i));
  const [a, b, c, d, e, f, g, h] = lane as [number, number, number, number, number, number, number, number];
  return combine(combine(combine(a, e), combine(c, g)), combine(combine(b, f), combine(d, h)));
}
