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
import { Node, reserveIds } from "./node.js";
import type { Primitive } from "./primitive.js";
import { ruleMap, type RuleMap } from "./ruleMaps.js";
import { scalarLayout } from "./shape.js";
import { slabBytes } from "./storage.js";
import { scalarTensor, Tensor, type Origin } from "./tensor.js";

/** Entries of a chunk. */
export const chunkSize = 1024;

/** What an entry is, if it is not the result of an operator. */
export const enum Given {
  /** A variable, or an entry of an earlier chunk: the row for the left operand tells which import. */
  imported,
  constant,
  /** The first code of an operator. */
  operator,
}

/** An operator whose rules are maps for both operands. */
export interface Operator {
  readonly primitive: Primitive<never>;
  readonly kernel: MapKernel<never>;
  readonly rules: readonly RuleMap[];
}

/** By codes. */
export const operators: Operator[] = [];
/** Codes by slots of kernels; 0: rules are more than maps. */
const codes: (number | undefined)[] = [];

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
  readonly firstId = reserveIds(chunkSize);
  readonly values = new Float64Array(chunkSize);
  readonly codes = new Uint16Array(chunkSize);
  readonly left = new Uint16Array(chunkSize);
  readonly right = new Uint16Array(chunkSize);
  count = 0;
  readonly imports: Import[] = [];
  /** Entries that stand for those of earlier chunks. */
  readonly #earlier = new Map<number, number>();
  /** Of what has no history outside of this chunk. */
  readonly base = new Reach(this, []);
  /** The latest one that reaches further. */
  #further = this.base;
  /** Handles whose origin is a node, by entry, where nodes were asked for. */
  nodes: Map<number, Tensor> | null = null;

  push(code: number, value: number, left: number, right: number): number {
    const entry = this.count++;
    this.codes[entry] = code;
    this.values[entry] = value;
    this.left[entry] = left;
    this.right[entry] = right;
    return entry;
  }

  #import(value: number, leaf: Tensor | null, serial: number, index: number): number {
    const entry = this.push(Given.imported, value, this.imports.length, 0);
    this.imports.push({ entry, leaf, serial, index });
    return entry;
  }

  entryOf(x: Tensor): number {
    const { origin } = x;
    if (origin === null) return this.push(Given.constant, x.item(), 0, 0);
    if (origin instanceof Reach) {
      if (origin.chunk === this) return x.offset;
      const key = origin.chunk.serial * chunkSize + x.offset;
      let entry = this.#earlier.get(key);
      if (entry === undefined) {
        entry = this.#import(x.item(), null, origin.chunk.serial, x.offset);
        this.#earlier.set(key, entry);
      }
      return entry;
    }
    const node = origin as Node;
    if (node.chunk !== this.serial) {
      node.chunk = this.serial;
      node.entry = this.#import(x.item(), x, 0, 0);
    }
    return node.entry;
  }

  /** What a result of operands with these histories reaches. */
  reach(a: Reach | null, b: Reach | null): Reach {
    const first = a === null || a === b ? b : b === null || (b === this.base && a.chunk === this) ? a : null;
    if (first !== null && first.chunk === this) return first;
    if (a === null && b === null) return this.base;
    if (first === null && a === this.base && b!.chunk === this) return b!;
    const further = this.#further;
    const both = first !== null ? [first] : [a!, b!];
    const missing = both.filter((x) => x !== further && !further.older.includes(x));
    if (missing.length === 0) return further;
    // What goes on from the latest one takes its list over, lest lists of lists become deep.
    const older = missing.length < both.length && both.includes(further) ? [...further.older, ...missing] : both;
    return (this.#further = new Reach(this, older));
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
    super(primitive, inputs, undefined, chunk.firstId + index);
    this.serial = chunk.serial;
    this.index = index;
  }
}

let current: Chunk | null = null;

/** Whether an operand can stand on the tape: a float64 scalar that is a constant, a variable, or on the tape already. */
function fits({ layout, dtype, origin, data }: Tensor): boolean {
  if (layout !== scalarLayout || dtype !== "float64") return false;
  if (origin === null || origin instanceof Reach) return true;
  // A variable that is kept must not hold a large array.
  return (origin as Node).first === null && (typeof data === "number" || data.byteLength <= slabBytes);
}

function codeOf(primitive: Primitive<never>, kernel: MapKernel<never>): number {
  const known = codes[kernel.slot];
  if (known !== undefined) return known > 0 && operators[known]!.primitive !== primitive ? 0 : known;
  const { vjp } = primitive;
  const arity = kernel.scalar.length - 1;
  const dtypes = new Array<"float64">(arity).fill("float64");
  const rules =
    vjp === null || primitive.dtype !== null
      ? [null]
      : dtypes.map((_, index) => ruleMap(vjp, index, dtypes, "float64"));
  let code = 0;
  if (rules.every((rule) => rule !== null && rule.operands.length <= 3)) {
    code = Math.max(Given.operator, operators.length);
    operators[code] = { primitive, kernel, rules: rules as RuleMap[] };
  }
  return (codes[kernel.slot] = code);
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
  const a = inputs[0]!;
  const b = length === 2 ? inputs[1]! : null;
  if ((a.origin === null && (b === null || b.origin === null)) || !fits(a) || (b !== null && !fits(b))) return null;
  const code = codeOf(primitive as Primitive<never>, kernel as MapKernel<never>);
  if (code === 0) return null;
  const f = context.backend.number(kernel, "float64");
  const value = b === null ? f(a.item()) : f(a.item(), b.item());
  // Two operands may need an entry too.
  if (current === null || current.count > chunkSize - 3) current = new Chunk();
  const chunk = current;
  const left = chunk.entryOf(a);
  const right = b === null ? 0 : chunk.entryOf(b);
  const p = a.origin instanceof Reach ? a.origin : null;
  const q = b !== null && b.origin instanceof Reach ? b.origin : null;
  const output = new Tensor(scalarLayout, "float64", chunk.values, chunk.push(code, value, left, right));
  output.origin = chunk.reach(p, q);
  return output;
}

/** The chunks of some histories, from the latest to the first. */
export function chunksOf(reaches: Iterable<Reach>): Chunk[] {
  const seen = new Set<Reach>(reaches);
  const chunks = new Set<Chunk>();
  for (const reach of seen) {
    chunks.add(reach.chunk);
    for (const older of reach.older) seen.add(older);
  }
  return [...chunks].sort((a, b) => b.serial - a.serial);
}

/** The entries from which one was computed, itself included, as marks by chunk, from the latest chunk to the first. */
function ancestorsOf(root: Reach, entry: number): Map<number, { readonly chunk: Chunk; readonly marks: Uint8Array }> {
  const parts = new Map(
    chunksOf([root]).map((chunk) => [chunk.serial, { chunk, marks: new Uint8Array(chunkSize) }] as const),
  );
  parts.get(root.chunk.serial)!.marks[entry] = 1;
  for (const { chunk, marks } of parts.values()) {
    for (let i = chunk.count - 1; i >= 0; i--) {
      const code = chunk.codes[i]!;
      if (marks[i] === 0 || code < Given.operator) continue;
      marks[chunk.left[i]!] = 1;
      if (operators[code]!.rules.length === 2) marks[chunk.right[i]!] = 1;
    }
    for (const { entry: here, leaf, serial, index } of chunk.imports)
      if (marks[here] === 1 && leaf === null) parts.get(serial)!.marks[index] = 1;
  }
  return parts;
}

/** The variables from which an entry was computed. */
export function leavesOf(root: Reach, entry: number): Tensor[] {
  return [...ancestorsOf(root, entry).values()].flatMap(({ chunk, marks }) =>
    chunk.imports.flatMap(({ entry: here, leaf }) => (marks[here] === 1 && leaf !== null ? [leaf] : [])),
  );
}

/** Makes the nodes of an entry and of what it was computed from, as far as they do not exist. */
function makeNodes(root: Reach, entry: number): void {
  const parts = ancestorsOf(root, entry);
  for (const { chunk, marks } of [...parts.values()].reverse()) {
    const handles = (chunk.nodes ??= new Map<number, Tensor>());
    const handleOf = (i: number): Tensor => {
      if (chunk.codes[i] === Given.constant) return scalarTensor(scalarLayout, "float64", chunk.values[i]!);
      if (chunk.codes[i] !== Given.imported) return handles.get(i)!;
      const { leaf, serial, index } = chunk.imports[chunk.left[i]!]!;
      return leaf ?? parts.get(serial)!.chunk.nodes!.get(index)!;
    };
    for (let i = 0; i < chunk.count; i++) {
      const code = chunk.codes[i]!;
      if (marks[i] === 0 || code < Given.operator || handles.has(i)) continue;
      const { primitive, rules } = operators[code]!;
      const inputs = [handleOf(chunk.left[i]!)];
      if (rules.length === 2) inputs.push(handleOf(chunk.right[i]!));
      const handle = scalarTensor(scalarLayout, "float64", chunk.values[i]!);
      handle.origin = new TapeNode(primitive, inputs, chunk, i);
      handles.set(i, handle);
    }
  }
}
