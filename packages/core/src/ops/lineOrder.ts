/**
 * The lines of a tensor along an axis in their order, or the first few of each without sorting the rest.
 * @module
 */
import type { TypedArray } from "../dtype.js";

/** NaN counts as larger than everything else. */
function comesBefore(x: number, y: number, descending: boolean): boolean {
  if (Number.isNaN(x) || Number.isNaN(y)) return descending ? !Number.isNaN(y) : !Number.isNaN(x);
  return descending ? x > y : x < y;
}

/** Calls `visit` with each line of `n` elements `stride` apart, and where it begins. */
export function forEachLine(
  x: TypedArray,
  n: number,
  stride: number,
  visit: (line: Float64Array, start: number) => void,
): void {
  const line = new Float64Array(n);
  for (let base = 0; base < x.length; base += n * stride)
    for (let start = base; start < base + stride; start++) {
      for (let i = 0; i < n; i++) line[i] = x[start + i * stride]!;
      visit(line, start);
    }
}

/** Calls `visit` with the indices of each line's order, where it begins, and its elements. */
export function forEachOrder(
  x: TypedArray,
  n: number,
  stride: number,
  descending: boolean,
  visit: (order: Int32Array, start: number, line: Float64Array) => void,
): void {
  const scratch = [new Int32Array(n), new Int32Array(n)] as const;
  forEachLine(x, n, stride, (line, start) => visit(orderOf(line, descending, ...scratch), start, line));
}

/** The indices of a line in its order: a merge sort from the bottom up, in which equal elements keep theirs. */
function orderOf(line: Float64Array, descending: boolean, from: Int32Array, to: Int32Array): Int32Array {
  const n = line.length;
  for (let i = 0; i < n; i++) from[i] = i;
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(start + width, n);
      const end = Math.min(start + 2 * width, n);
      let i = start;
      let j = middle;
      for (let k = start; k < end; k++) {
        const right = j < end && (i === middle || comesBefore(line[from[j]!]!, line[from[i]!]!, descending));
        to[k] = from[right ? j++ : i++]!;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * The indices of the first `k` elements of `line` in its order; equal ones in that of their indices. A heap keeps the
 * best so far, the last of them on top (J. W. J. Williams, "Algorithm 232: Heapsort", 1964).
 */
export function topIndices(line: TypedArray, k: number, descending: boolean): Int32Array {
  const heap = Int32Array.from({ length: k }, (_, i) => i);
  const isAfter = (i: number, j: number): boolean => {
    const [x, y] = [line[i]!, line[j]!];
    return comesBefore(y, x, descending) || (i > j && !comesBefore(x, y, descending));
  };
  /** Lets the element at `place` of the first `n` go down below those that come after it. */
  const settle = (place: number, n: number): void => {
    const moved = heap[place]!;
    for (let below = 2 * place + 1; below < n; below = 2 * place + 1) {
      if (below + 1 < n && isAfter(heap[below + 1]!, heap[below]!)) below++;
      if (!isAfter(heap[below]!, moved)) break;
      heap[place] = heap[below]!;
      place = below;
    }
    heap[place] = moved;
  };
  for (let place = (k >> 1) - 1; place >= 0; place--) settle(place, k);
  for (let i = k; i < line.length && k > 0; i++)
    if (comesBefore(line[i]!, line[heap[0]!]!, descending)) {
      heap[0] = i;
      settle(0, k);
    }
  for (let n = k - 1; n > 0; n--) {
    const last = heap[0]!;
    heap[0] = heap[n]!;
    heap[n] = last;
    settle(0, n);
  }
  return heap;
}
