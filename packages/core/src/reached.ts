/**
 * What an output was computed from, in the order of the reverse sweep.
 * @module
 */
import type { Node } from "./node.js";
import { Reach } from "./tape.js";
import type { TapeSweep } from "./tapeSweep.js";
import { Tensor } from "./tensor.js";

let sweeps = 0;

/**
 * The tensors that an output was computed from, itself included. The index of each is its node's `place`, so that the
 * sweep need not look it up; where another sweep has moved the node since, the sorted ids tell, and for leaves a map.
 */
export class Reached {
  readonly #tape: TapeSweep | null;
  readonly tensors: Tensor[] = [];
  /** Where they come from. */
  readonly nodes: Node[] = [];
  /** Indices of results, by descending ids: reverse topological order. */
  readonly results: readonly number[];
  /** Leaves and their indices, from the first time on that another sweep may have moved some. */
  #placeOfLeaf: Map<Node, number> | null = null;
  readonly #sweep = ++sweeps;

  /** @param tape takes what comes from the tape; `null`: by nodes */
  constructor(root: Tensor, tape: TapeSweep | null) {
    this.#tape = tape;
    const { nodes } = this;
    const results: number[] = [];
    this.#enter(root, results);
    for (let i = 0; i < results.length; i++) {
      const { first, rest } = nodes[results[i]!]!;
      this.#enter(first!, results);
      if (rest instanceof Tensor) this.#enter(rest, results);
      else if (rest !== null) for (const x of rest) this.#enter(x, results);
    }
    this.results = descending(results, nodes);
  }

  #enter(x: Tensor, results: number[]): void {
    const { nodes } = this;
    const { origin } = x;
    if (origin === null) return;
    if (this.#tape !== null && origin instanceof Reach) return this.#tape.enter(origin);
    const node = origin.nodeOf(x.offset);
    if (node.place < nodes.length && nodes[node.place] === node) return;
    const place = nodes.length;
    node.place = place;
    nodes.push(node);
    this.tensors.push(x);
    if (!node.isLeaf) return void results.push(place);
    this.#placeOfLeaf?.set(node, place);
  }

  /** Index of a variable, which becomes known now if it was not. */
  leafPlace(leaf: Tensor): number {
    this.#enter(leaf, []);
    return this.placeOf(leaf.node!);
  }

  /** Index of a node's tensor, or -1. */
  placeOf(node: Node): number {
    const { nodes } = this;
    if (node.place < nodes.length && nodes[node.place] === node) return node.place;
    if (this.#sweep === sweeps) return -1;
    if (node.isLeaf) {
      this.#placeOfLeaf ??= new Map(nodes.flatMap((each, i) => (each.isLeaf ? [[each, i]] : [])));
      return this.#placeOfLeaf.get(node) ?? -1;
    }
    const sorted = this.results;
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const place = sorted[middle]!;
      const { id } = nodes[place]!;
      if (id === node.id) return place;
      if (id > node.id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** Indices by descending ids; without comparisons where ids are dense, as they are for a graph made in one go. */
function descending(indices: number[], nodes: readonly Node[]): number[] {
  const { length } = indices;
  const idOf = (index: number): number => nodes[index]!.id;
  let sorted = 1;
  while (sorted < length && idOf(indices[sorted - 1]!) > idOf(indices[sorted]!)) sorted++;
  if (sorted >= length) return indices;
  if (length <= 16) {
    for (; sorted < length; sorted++) {
      const index = indices[sorted]!;
      let to = sorted;
      for (; to > 0 && idOf(indices[to - 1]!) < idOf(index); to--) indices[to] = indices[to - 1]!;
      indices[to] = index;
    }
    return indices;
  }
  let newest = idOf(indices[0]!);
  let oldest = newest;
  for (let i = 1; i < length; i++) {
    newest = Math.max(newest, idOf(indices[i]!));
    oldest = Math.min(oldest, idOf(indices[i]!));
  }
  const span = newest - oldest + 1;
  if (span > 4 * length + 64) return indices.sort((a, b) => idOf(b) - idOf(a));
  const slots = new Array<number>(span).fill(-1);
  for (let i = 0; i < length; i++) slots[newest - idOf(indices[i]!)] = indices[i]!;
  let count = 0;
  for (let i = 0; i < span; i++) if (slots[i]! >= 0) indices[count++] = slots[i]!;
  return indices;
}
