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
import type { MapKernel } from "./kernel.js";
import { Node, offTape, reserveIds } from "./node.js";
import type { Primitive } from "./primitive.js";
import { scalarLayout } from "./shape.js";
import { slabBytes } from "./storage.js";
import { Given, operatorOf, operators } from "./tapeOperators.js";
import { scalarTensor, Tensor, type Origin } from "./tensor.js";

/** Entries of a chunk. */
export const chunkSize = 1024;

/** What an entry of a chunk stands for: a variable, or an entry of an earlier chunk, by number, which holds nothing. */
export interface Import {
  readonly entry: number;
  readonly leaf: Tensor | null;
  readonly serial: number;
  readonly index: number;
}

let serials = 0;

export class Chunk {
  readonly serial = ++serials;
  /** Of the nodes that entries stand for: in order of time, among those of all nodes. */
  readonly ids = new Float64Array(chunkSize);
  readonly values = new Float64Array(chunkSize);
  /** Three numbers an entry: its code, and the entries of its operands. */
  readonly rows = new Uint16Array(3 * chunkSize);
  count = 0;
  readonly imports: Import[] = [];
  /** Entries that stand for those of earlier chunks. */
  readonly #earlier = new Map<number, number>();
  /** Of what has no history outside of this chunk. */
  readonly base = new Reach(this, []);
  /** Handles whose origin is a node, by entry, where nodes were asked for. */
  nodes: Map<number, Tensor> | null = null;

  push(code: number, value: number, left: number, right: number): number {
    const entry = this.count++;
    const { rows } = this;
    const row = 3 * entry;
    rows[row] = code;
    rows[row + 1] = left;
    rows[row + 2] = right;
    this.values[entry] = value;
    this.ids[entry] = reserveIds(1);
    return entry;
  }

  #import(value: number, leaf: Tensor | null, serial: number, index: number): number {
    const entry = this.push(Given.imported, value, this.imports.length, 0);
    this.imports.push({ entry, leaf, serial, index });
    return entry;
  }

  /** The entry of an operand that has one here, or -1. */
  find(x: Tensor): number {
    const { origin, offset } = x;
    if (origin === null) return -1;
    if (origin.chunk === this) return offset;
    return origin.chunk === this.serial ? (origin as Node).entry : -1;
  }

  /** A new entry for an operand that has none here. */
  add(x: Tensor): number {
    const { origin } = x;
    if (origin === null) return this.push(Given.constant, x.item(), 0, 0);
    if (origin instanceof Reach) {
      const key = origin.chunk.serial * chunkSize + x.offset;
      let entry = this.#earlier.get(key);
      if (entry === undefined) {
        entry = this.#import(x.item(), null, origin.chunk.serial, x.offset);
        this.#earlier.set(key, entry);
      }
      return entry;
    }
    const node = origin as Node;
    node.chunk = this.serial;
    return (node.entry = this.#import(x.item(), x, 0, 0));
  }

  /** What a result of operands with these origins reaches. */
  reach(a: Origin | null, b: Origin | null): Reach {
    // Mostly one history, and beside it constants and variables that have an entry here.
    if (a !== null && a.chunk === this && (b === null || b === a || b.chunk === this.serial)) return a as Reach;
    if (b !== null && b.chunk === this && (a === null || a.chunk === this.serial)) return b as Reach;
    return this.#reachOfBoth(a, b);
  }

  #reachOfBoth(a: Origin | null, b: Origin | null): Reach {
    const p = a instanceof Reach ? a : null;
    const q = b instanceof Reach ? b : null;
    const first = p === null || p === q ? q : q === null || (q === this.base && p.chunk === this) ? p : null;
    if (first !== null && first.chunk === this) return first;
    if (p === null && q === null) return this.base;
    if (first === null && p === this.base && q!.chunk === this) return q!;
    const further = latest.chunk === this ? latest : this.base;
    const both = first !== null ? [first] : [p!, q!];
    const missing = both.filter((x) => x !== further && !further.older.includes(x));
    if (missing.length === 0) return further;
    // What goes on from the latest one takes its list over, lest lists of lists become deep.
    const older = missing.length < both.length && both.includes(further) ? [...further.older, ...missing] : both;
    return (latest = new Reach(this, older));
  }
}

/** The history of entries of a chunk: the chunk itself, and what the entries reach in earlier ones. */
export class Reach implements Origin {
  readonly chunk: Chunk;
  readonly older: readonly Reach[];

  constructor(chunk: Chunk, older: readonly Reach[]) {
    this.chunk = chunk;
    this.older = older;
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

/** A node made of an entry. It names the chunk by number, lest nodes that are kept hold chunks. */
export class TapeNode extends Node {
  readonly serial: number;
  readonly index: number;

  constructor(primitive: Primitive<never>, inputs: readonly Tensor[], chunk: Chunk, index: number) {
    super(primitive, inputs, undefined, chunk.ids[index]);
    this.serial = chunk.serial;
    this.index = index;
  }
}

let current = new Chunk();

/** The latest history that reaches further than one chunk; not in the chunk, which must not hold older ones. */
let latest = current.base;

/** Whether an operand can stand on the tape: a float64 scalar that is a constant, a variable, or on the tape already. */
function fits({ layout, dtype, origin, data }: Tensor): boolean {
  if (layout !== scalarLayout || dtype !== "float64") return false;
  if (origin === null || origin instanceof Reach) return true;
  if (origin.chunk === offTape) return false;
  // A variable that is kept must not hold a large array.
  return (origin as Node).first === null && (typeof data === "number" || data.byteLength <= slabBytes);
}

/** Runs a map on scalars, and writes it down; `null` where nothing is to be written, or not on the tape. */
export function record<P>(
  primitive: Primitive<P>,
  kernel: MapKernel<P>,
  inputs: readonly Tensor[],
  params: P,
): Tensor | null {
  const { length } = inputs;
  if (params !== undefined || length > 2 || context.observer !== null || context.evaluate !== null) return null;
  const operator = operatorOf(primitive as Primitive<never>, kernel as MapKernel<never>);
  if (operator === null) return null;
  const a = inputs[0]!;
  const b = length === 2 ? inputs[1]! : null;
  let chunk = current;
  let left = chunk.find(a);
  let right = b === null ? 0 : chunk.find(b);
  if (left < 0 || right < 0 || chunk.count === chunkSize) {
    if (!enter(a, b)) return null;
    chunk = current;
    left = chunk.find(a);
    right = b === null ? 0 : chunk.find(b);
    // A constant has a new entry every time; that of an earlier chunk's entry is known now.
    if (right < 0) right = chunk.add(b!);
    if (left < 0) left = chunk.add(a);
  }
  if (operator.backend !== context.backend) {
    operator.backend = context.backend;
    operator.f = context.backend.number(kernel, "float64");
  }
  const { values } = chunk;
  const { f } = operator;
  const value = b === null ? f(values[left]!) : f(values[left]!, values[right]!);
  const output = new Tensor(scalarLayout, "float64", values, chunk.push(operator.code, value, left, right));
  output.origin = chunk.reach(a.origin, b === null ? null : b.origin);
  return output;
}

/** Sees to entries for tracked operands and to room for constants; `false` where these operands do not stand on the tape. */
function enter(a: Tensor, b: Tensor | null): boolean {
  if ((a.origin === null && (b === null || b.origin === null)) || !fits(a) || (b !== null && !fits(b))) return false;
  if (current.count > chunkSize - 3) current = new Chunk();
  if (a.origin !== null && current.find(a) < 0) current.add(a);
  if (b !== null && b.origin !== null && current.find(b) < 0) current.add(b);
  return true;
}

/** The chunks of some histories, from the latest to the first. */
export function chunksOf(reaches: ReadonlySet<Reach>): Chunk[] {
  const [only] = reaches;
  if (reaches.size === 1 && only!.older.length === 0) return [only!.chunk];
  const seen = new Set(reaches);
  const chunks = new Set<Chunk>();
  for (const reach of seen) {
    chunks.add(reach.chunk);
    for (const older of reach.older) seen.add(older);
  }
  return [...chunks].sort((a, b) => b.serial - a.serial);
}

/** Entries of a chunk that are marked; no results outside of the bounds. */
class Marked {
  readonly marks: Uint8Array;
  first: number;
  last = -1;

  constructor(readonly chunk: Chunk) {
    this.first = chunk.count;
    this.marks = new Uint8Array(chunk.count);
  }

  mark(entry: number): void {
    this.marks[entry] = 1;
    this.first = Math.min(this.first, entry);
    this.last = Math.max(this.last, entry);
  }
}

/** The entries from which one was computed, itself included, from the latest chunk to the first. */
function ancestorsOf(root: Reach, entry: number): Marked[] {
  const parts = chunksOf(new Set([root])).map((chunk) => new Marked(chunk));
  parts[0]!.mark(entry);
  for (const part of parts) {
    const { chunk, marks } = part;
    const { rows } = chunk;
    let { first } = part;
    const mark = (i: number): void => {
      marks[i] = 1;
      if (i < first && rows[3 * i]! >= Given.operator) first = i;
    };
    for (let i = part.last; i >= first; i--) {
      const code = rows[3 * i]!;
      if (marks[i] === 0 || code < Given.operator) continue;
      mark(rows[3 * i + 1]!);
      if (operators[code]!.rules.length === 2) mark(rows[3 * i + 2]!);
    }
    part.first = first;
    if (parts.length > 1)
      for (const { entry: here, leaf, serial, index } of chunk.imports)
        if (marks[here] === 1 && leaf === null) partOf(parts, serial).mark(index);
  }
  return parts;
}

function partOf(parts: readonly Marked[], serial: number): Marked {
  return parts.find(({ chunk }) => chunk.serial === serial)!;
}

/** The variables from which an entry was computed. */
export function leavesOf(root: Reach, entry: number): Tensor[] {
  return ancestorsOf(root, entry).flatMap(({ chunk, marks }) =>
    chunk.imports.flatMap(({ entry: here, leaf }) => (marks[here] === 1 && leaf !== null ? [leaf] : [])),
  );
}

/** Makes the nodes of an entry and of what it was computed from, as far as they do not exist. */
function makeNodes(root: Reach, entry: number): void {
  const parts = ancestorsOf(root, entry);
  for (const { chunk, marks, first, last } of parts.toReversed()) {
    const { rows, values } = chunk;
    const handles = (chunk.nodes ??= new Map<number, Tensor>());
    const handleOf = (i: number): Tensor => {
      const code = rows[3 * i]!;
      if (code === Given.constant) return scalarTensor(scalarLayout, "float64", values[i]!);
      if (code !== Given.imported) return handles.get(i)!;
      const { leaf, serial, index } = chunk.imports[rows[3 * i + 1]!]!;
      return leaf ?? partOf(parts, serial).chunk.nodes!.get(index)!;
    };
    for (let i = first; i <= last; i++) {
      const code = rows[3 * i]!;
      if (marks[i] === 0 || code < Given.operator || handles.has(i)) continue;
      const { primitive, rules } = operators[code]!;
      const inputs = [handleOf(rows[3 * i + 1]!)];
      if (rules.length === 2) inputs.push(handleOf(rows[3 * i + 2]!));
      const handle = scalarTensor(scalarLayout, "float64", values[i]!);
      handle.origin = new TapeNode(primitive, inputs, chunk, i);
      handles.set(i, handle);
    }
  }
}
