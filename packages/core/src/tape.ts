/**
 * Graphs of single numbers, written down in rows of typed arrays: values, operators, and who went in. A node of its own
 * for each would cost the collector more than the arithmetic. What asks for nodes (a recorded sweep, `graphOf`, …) gets
 * them, made of the rows.
 *
 * Handles, not chunks, hold on to older chunks that their history needs. Otherwise one chain of chunks would stay for
 * ever, as the end of one graph and the beginning of the next share a chunk.
 * @module
 */
import { context } from "./context.js";
import { offTape, openSeries, type Node, type Series } from "./node.js";
import { scalarLayout } from "./shape.js";
import { slabBytes } from "./storage.js";
import { makeNodes } from "./tapeNodes.js";
import { constantCode, importedCode, rowOf, trackedLeft, trackedRight, type MapOperator } from "./tapeOperators.js";
import { Tensor, type Origin } from "./tensor.js";

/** Entries of a chunk: ten bits number them. */
export const chunkSize = 1024;

/** What an entry of a chunk stands for: a variable, or an entry of an earlier chunk, by number, which holds nothing. */
export interface Import {
  readonly entry: number;
  readonly leaf: Tensor | null;
  readonly serial: number;
  readonly index: number;
}

let serials = 0;

export class Chunk implements Series {
  readonly serial = ++serials;
  readonly values = new Float64Array(chunkSize);
  /** Of every entry in one number what it is, and the entries of its operands: see `rowOf`. */
  readonly rows = new Int32Array(chunkSize);
  count = 0;
  /** Entries from which on ids run ahead of entries by another number than before, and that number, in turn. */
  readonly #runs: number[] = [];
  open = false;
  readonly imports: Import[] = [];
  /** Entries that stand for those of earlier chunks. */
  readonly #earlier = new Map<number, number>();
  /** Of what has no history outside of this chunk. */
  readonly base = new Reach(this, []);
  /** Handles whose origin is a node, by entry, where nodes were asked for. */
  nodes: Map<number, Tensor> | null = null;

  /** Room for one more entry, of this row. */
  push(code: number, left: number, right: number): number {
    if (!this.open) this.#runs.push(this.count, openSeries(this));
    const entry = this.count++;
    this.rows[entry] = rowOf(code, left, right);
    return entry;
  }

  /** An entry that no operator has made. */
  #given(code: number, value: number, left: number): number {
    const entry = this.push(code, left, left);
    this.values[entry] = value;
    return entry;
  }

  /** The id of an entry's node: nodes and entries are numbered as they come, whichever they are. */
  idOf(entry: number): number {
    return entry + this.#runs[this.#runBefore((k) => this.#runs[k]! > entry) + 1]!;
  }

  /** How many entries are older than a node. */
  countBefore(id: number): number {
    const runs = this.#runs;
    const k = this.#runBefore((i) => runs[i]! + runs[i + 1]! > id);
    return k < 0 ? 0 : Math.min(id - runs[k + 1]!, runs[k + 2] ?? this.count);
  }

  /** Where the last run stands that is not `beyond`. */
  #runBefore(beyond: (k: number) => boolean): number {
    let low = 0;
    let high = this.#runs.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beyond(2 * middle)) high = middle;
      else low = middle + 1;
    }
    return 2 * low - 2;
  }

  #import(value: number, leaf: Tensor | null, serial: number, index: number): number {
    const entry = this.#given(importedCode, value, this.imports.length);
    this.imports.push({ entry, leaf, serial, index });
    return entry;
  }

  /** The entry that stands for one of an earlier chunk. */
  entryOfEarlier({ chunk: { serial } }: Reach, offset: number): number | undefined {
    return this.#earlier.get(serial * chunkSize + offset);
  }

  /** The entry of an operand, a new one if it has none here; a constant has a new one every time. */
  entryOf(x: Tensor): number {
    const { origin, offset } = x;
    if (origin === null) return this.#given(constantCode, x.item(), 0);
    if (origin instanceof Reach) {
      if (origin.chunk === this) return offset;
      let entry = this.entryOfEarlier(origin, offset);
      if (entry === undefined) {
        const { serial } = origin.chunk;
        entry = this.#import(x.item(), null, serial, offset);
        this.#earlier.set(serial * chunkSize + offset, entry);
      }
      return entry;
    }
    const node = origin as Node;
    if (node.chunk !== this.serial) {
      node.entry = this.#import(x.item(), x, 0, 0);
      node.chunk = this.serial;
    }
    return node.entry;
  }

  /** What a result of operands with these origins reaches. */
  reach(a: Origin | null, b: Origin | null): Reach {
    const p = a instanceof Reach ? this.#goneOn(a) : this.base;
    const q = b instanceof Reach ? this.#goneOn(b) : this.base;
    if (p.covers(q)) return p;
    if (q.covers(p)) return q;
    if (latest.chunk === this && latest.older[0] === p && latest.older[1] === q) return latest;
    const missing = q.older.filter((x) => !p.older.includes(x));
    // Long lists would be copied time and again.
    const flat = p.older.length + missing.length <= flatReach;
    return (latest = new Reach(this, flat ? [...p.older, ...missing] : [p, q]));
  }

  /** The history of what has only operands of this history, and is written down here. */
  #goneOn(x: Reach): Reach {
    if (x.chunk === this) return x;
    let here = goneOn.get(x);
    if (here === undefined) goneOn.set(x, (here = new Reach(this, [x])));
    return here;
  }
}

/** How many histories of earlier chunks stand in one list. */
const flatReach = 8;

/**
 * The history of entries of a chunk: the chunk itself, and what the entries reach in earlier ones. No more than that: one
 * entry that reached the histories of others too would hold all graphs that ever met in a chunk, and those before.
 */
export class Reach implements Origin {
  readonly chunk: Chunk;
  /** Histories in earlier chunks; or two of this chunk, where there are many of them. */
  readonly older: readonly Reach[];

  constructor(chunk: Chunk, older: readonly Reach[]) {
    this.chunk = chunk;
    this.older = older;
  }

  /** Whether all of another history of the same chunk is seen to be in this one. */
  covers(other: Reach): boolean {
    if (other === this) return true;
    for (let i = 0; i < other.older.length; i++) if (!this.older.includes(other.older[i]!)) return false;
    return true;
  }

  /** The node of an entry, if it was asked for before. */
  knownNode(entry: number): Node | null {
    return (this.chunk.nodes?.get(entry)?.origin as Node | undefined) ?? null;
  }

  nodeOf(entry: number): Node {
    const { chunk } = this;
    if (chunk.nodes?.has(entry) !== true) makeNodes(this, entry);
    return chunk.nodes!.get(entry)!.origin as Node;
  }
}

let current = new Chunk();

/** Histories of the current chunk, by the one that they go on from; not in the chunk, which must not hold older ones. */
const goneOn = new Map<Reach, Reach>();

/** The latest history made of two. */
let latest = current.base;

/** What `enter` has found: the entries of operands, and what their result reaches. */
const entered = { left: 0, right: 0, origin: current.base };

/** Lets go of histories that are at hand for what comes next. */
export function forgetReaches(): void {
  if (goneOn.size > 0) goneOn.clear();
  latest = entered.origin = current.base;
}

/** Whether an operand can stand on the tape: a float64 scalar that is a constant, a variable, or on the tape already. */
function fits({ layout, dtype, origin, data }: Tensor): boolean {
  if (layout !== scalarLayout || dtype !== "float64") return false;
  if (origin === null || origin instanceof Reach) return true;
  if (origin.chunk === offTape) return false;
  // A variable that is kept must not hold a large array.
  return (origin as Node).first === null && (typeof data === "number" || data.byteLength <= slabBytes);
}

/** Runs a map on scalars, and writes it down; `null` where nothing is to be written, or not on the tape. */
export function record<P>(operator: MapOperator<P>, a: Tensor, b: Tensor | null): Tensor | null {
  const { backend } = context;
  if (context.observer !== null || context.evaluate !== null) return null;
  if (operator.backend !== backend && !operator.turnTo(backend)) return null;
  const p = a.origin;
  const q = b === null ? null : b.origin;
  let origin = p;
  let left = a.offset;
  let right = -1;
  // Mostly a history of this chunk goes on, by itself, or with a variable that has an entry here.
  if (p !== null && p.chunk === current && current.count < chunkSize) {
    if (b === null) right = left;
    else if (q === p) right = b.offset;
    else if (q !== null && q.chunk === current.serial) right = (q as Node).entry;
  }
  if (right < 0) {
    if (!enter(a, b)) return null;
    ({ left, right, origin } = entered);
  }
  const tracked = (p === null ? 0 : trackedLeft) | (q === null ? 0 : trackedRight);
  let code = operator.codes[tracked]!;
  if (code < 0) code = operator.newCode(tracked);
  const chunk = current;
  const { values } = chunk;
  const entry = chunk.push(code, left, right);
  operator.step!(values, left, right, entry);
  const output = new Tensor(scalarLayout, "float64", values, entry);
  output.origin = origin;
  return output;
}

/** Sees to entries for the operands, and to room for one more; `false` where these operands do not stand on the tape. */
function enter(a: Tensor, b: Tensor | null): boolean {
  if ((a.origin === null && (b === null || b.origin === null)) || !fits(a) || (b !== null && !fits(b))) return false;
  // Entries for both, and the result.
  if (current.count > chunkSize - 3) {
    current = new Chunk();
    forgetReaches();
  }
  const chunk = current;
  entered.left = chunk.entryOf(a);
  entered.right = b === null ? entered.left : chunk.entryOf(b);
  entered.origin = chunk.reach(a.origin, b === null ? null : b.origin);
  return true;
}
