/**
 * What an output was computed from, in the order of the reverse sweep.
 * @module
 */
import type { Node } from "./node.js";
import { Reach } from "./tape.js";
import type { TapeSweep } from "./tapeSweep.js";
import { Tensor } from "./tensor.js";

/**
 * The tensors that an output was computed from, itself included. The index of each is its node's `place`, so that the
 * sweep need not look it up; where another sweep has moved the node since, the sorted ids tell.
 */
export class Reached {
  readonly #tape: TapeSweep | null;
  readonly tensors: Tensor[] = [];
  readonly #ids: number[] = [];
  /** Indices of results, by descending ids: reverse topological order. */
  readonly results: readonly number[];
  /** Indices of leaves, by descending ids from the first time on that this matters. */
  #leaves: number[] = [];

  /** @param tape takes what comes from the tape; `null`: by nodes */
  constructor(root: Tensor, tape: TapeSweep | null) {
    this.#tape = tape;
    const { tensors } = this;
    const ids = this.#ids;
    const results: number[] = [];
    this.#enter(root, results);
    for (let i = 0; i < results.length; i++) {
      const { first, rest } = tensors[results[i]!]!.node!;
      this.#enter(first!, results);
      if (rest instanceof Tensor) this.#enter(rest, results);
      else if (rest !== null) for (const x of rest) this.#enter(x, results);
    }
    this.results = descending(results, ids);
  }

  #enter(x: Tensor, results: number[]): void {
    const { tensors } = this;
    const { origin } = x;
    if (origin === null) return;
    if (this.#tape !== null && origin instanceof Reach) return this.#tape.enter(origin, x.offset);
    const node = origin.nodeOf(x.offset);
    if (node.place < tensors.length && tensors[node.place]!.node === node) return;
    const place = tensors.length;
    node.place = place;
    tensors.push(x);
    this.#ids.push(node.id);
    (node.isLeaf ? this.#leaves : results).push(place);
  }

  /** The id of the earliest result that does not stand on the tape. */
  get earliestId(): number {
    const { length } = this.results;
    return length === 0 ? Infinity : this.#ids[this.results[length - 1]!]!;
  }

  /** Index of a variable, which becomes known now if it was not. */
  leafPlace(leaf: Tensor): number {
    this.#enter(leaf, []);
    return this.placeOf(leaf.node!);
  }

  /** Index of a node's tensor, or -1. */
  placeOf(node: Node): number {
    const { tensors } = this;
    if (node.place < tensors.length && tensors[node.place]!.node === node) return node.place;
    const sorted = node.isLeaf ? (this.#leaves = descending(this.#leaves, this.#ids)) : this.results;
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const place = sorted[middle]!;
      const id = this.#ids[place]!;
      if (id === node.id) return place;
      if (id > node.id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** Indices by descending ids; without comparisons where ids are dense, as they are for a graph made in one go. */
function descending(indices: number[], ids: readonly number[]): number[] {
  const { length } = indices;
  let sorted = 1;
  while (sorted < length && ids[indices[sorted - 1]!]! > ids[indices[sorted]!]!) sorted++;
  if (sorted >= length) return indices;
  if (length <= 16) {
    for (; sorted < length; sorted++) {
      const index = indices[sorted]!;
      let to = sorted;
      for (; to > 0 && ids[indices[to - 1]!]! < ids[index]!; to--) indices[to] = indices[to - 1]!;
      indices[to] = index;
    }
    return indices;
  }
  let newest = ids[indices[0]!]!;
  let oldest = newest;
  for (let i = 1; i < length; i++) {
    newest = Math.max(newest, ids[indices[i]!]!);
    oldest = Math.min(oldest, ids[indices[i]!]!);
  }
  const span = newest - oldest + 1;
  if (span > 4 * length + 64) return indices.sort((a, b) => ids[b]! - ids[a]!);
  const slots = new Array<number>(span).fill(-1);
  for (let i = 0; i < length; i++) slots[newest - ids[indices[i]!]!] = indices[i]!;
  let count = 0;
  for (let i = 0; i < span; i++) if (slots[i]! >= 0) indices[count++] = slots[i]!;
  return indices;
}
