/**
 * A node of the graph.
 * @module
 */
import type { Primitive } from "./primitive.js";
import { Tensor } from "./tensor.js";

/** In place of a chunk's number: what is computed from this leaf does not stand on the tape. */
export const offTape = -1;

/** Entries of a chunk, which have ids too: one after the other, as long as no node takes one in between. */
export interface Series {
  readonly count: number;
  /** Whether the next entry has the next id. */
  open: boolean;
}

let nextId = 1;
/** The series that is open, and how far its ids run ahead of the numbers of its entries. */
let series: Series | null = null;
let ahead = 0;

/** An id that no other node gets, and no entry. */
export function takeId(): number {
  if (series !== null) close(series);
  return nextId++;
}

/** Gives the next ids to the entries of a series to come; says how far ids run ahead of entries. */
export function openSeries(next: Series): number {
  if (series !== null) close(series);
  series = next;
  next.open = true;
  return (ahead = nextId - next.count);
}

function close(last: Series): void {
  nextId = ahead + last.count;
  last.open = false;
  series = null;
}

/**
 * One application of a primitive. Ids grow with time, so descending ids are a reverse topological order. Large graphs
 * of scalars are mostly nodes, so the usual one or two inputs stand in fields rather than in an array.
 */
export class Node {
  readonly id: number;
  /** Its place in the latest backward sweep that met it. */
  place = 0;
  /** Of a leaf: the latest chunk of the tape that has an entry for it, and which one; or `offTape`. */
  chunk = 0;
  entry = 0;
  readonly primitive: Primitive<never>;
  readonly params: unknown;
  readonly first: Tensor | null;
  /** The other inputs: none, one, or several. */
  readonly rest: Tensor | readonly Tensor[] | null;

  constructor(primitive: Primitive<never>, inputs: readonly Tensor[], params: unknown, id = takeId()) {
    this.id = id;
    this.primitive = primitive;
    this.params = params;
    const { length } = inputs;
    this.first = length > 0 ? inputs[0]! : null;
    this.rest = length < 2 ? null : length === 2 ? inputs[1]! : inputs.slice(1);
  }

  /** The node of a tensor that comes from this one. */
  nodeOf(): Node {
    return this;
  }

  get inputs(): readonly Tensor[] {
    const { first, rest } = this;
    if (first === null) return [];
    if (rest === null) return [first];
    return rest instanceof Tensor ? [first, rest] : [first, ...rest];
  }

  /** How many inputs there are. */
  get count(): number {
    const { first, rest } = this;
    if (rest === null) return first === null ? 0 : 1;
    return rest instanceof Tensor ? 2 : rest.length + 1;
  }

  /** Input number `index`, if there is one. */
  input(index: number): Tensor | null {
    const { first, rest } = this;
    if (index === 0) return first;
    if (rest instanceof Tensor) return index === 1 ? rest : null;
    return rest?.[index - 1] ?? null;
  }

  /** Whether nothing went in: a variable. */
  get isLeaf(): boolean {
    return this.first === null;
  }
}
