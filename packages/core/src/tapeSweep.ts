/**
 * The reverse sweep over graphs of single numbers on the tape.
 * @module
 */
import type { NumberFunction } from "./backend.js";
import { context } from "./context.js";
import type { Node } from "./node.js";
import { chunkSize, chunksOf, forgetReaches, Reach, TapeNode, type Chunk, type Import } from "./tape.js";
import { Given, operators } from "./tapeOperators.js";
import type { Origin, Tensor } from "./tensor.js";

/** Room for the cotangents of a chunk's entries, and for which of them there are; 0 throughout when it is free. */
class Room {
  readonly totals = new Float64Array(chunkSize);
  readonly known = new Uint8Array(chunkSize);
}

/** Room that no sweep uses now, up to some: making it would take longer than a small sweep. */
const free: Room[] = [];
const mostFree = 128;

class Part {
  readonly chunk: Chunk;
  room = free.pop() ?? new Room();
  /** No result outside of these bounds has a cotangent. */
  first = chunkSize;
  last = -1;
  /** Entries before this one are still to be swept. */
  next = chunkSize;
  /** Whether the cotangents of what is imported stand here for now, all but some that are out again. */
  open = false;
  out: Import[] = [];
  #leaves: Map<Node, number> | null = null;
  /** The cotangents from `first` on, when the sweep is over; `undefined` where there is none. */
  found: (number | undefined)[] = [];

  constructor(chunk: Chunk) {
    this.chunk = chunk;
  }

  set(entry: number, total: number): void {
    const { totals, known } = this.room;
    totals[entry] = total;
    known[entry] = 1;
    this.first = Math.min(this.first, entry);
    this.last = Math.max(this.last, entry);
  }

  totalOf(entry: number): number | undefined {
    return this.room.known[entry] === 0 ? undefined : this.room.totals[entry]!;
  }

  /** What stands here for an operand, if it comes from elsewhere and has an entry. */
  importOf({ origin, offset }: Tensor): Import | undefined {
    const { chunk } = this;
    let entry: number | undefined;
    if (origin instanceof Reach) entry = chunk.entryOfEarlier(origin, offset);
    else if (origin?.chunk === chunk.serial) ({ entry } = origin as Node);
    else {
      this.#leaves ??= new Map(chunk.imports.flatMap((x) => (x.leaf === null ? [] : [[x.leaf.node!, x.entry]])));
      entry = this.#leaves.get(origin as Node);
    }
    return entry === undefined ? undefined : chunk.imports[chunk.rows[3 * entry + 1]!];
  }

  /** Keeps what was found, and gives the room back. */
  close(): void {
    const { chunk, room, first, last } = this;
    const found = new Array<number | undefined>(Math.max(0, last - first + 1));
    for (let i = first; i <= last; i++) if (room.known[i] === 1) found[i - first] = room.totals[i]!;
    this.found = found;
    room.known.fill(0, first, last + 1);
    for (const { entry } of chunk.imports) room.known[entry] = 0;
    if (free.length < mostFree) free.push(room);
  }
}

/** Where variables have their cotangents, which come from outside of the tape too. */
export interface LeafTotals {
  /** `undefined`: nothing so far. */
  totalOf(leaf: Tensor): number | undefined;
  setTotal(leaf: Tensor, total: number): void;
}

export class TapeSweep {
  readonly #reaches = new Set<Reach>();
  /** By numbers of chunks, the latest first. */
  #parts: Map<number, Part> | null = null;
  #latest: Part | null = null;
  /** The parts from the latest to the first, and where the sweep is. */
  #order: Part[] | null = null;
  #place = 0;
  readonly #functions: (NumberFunction | undefined)[] = [];

  /** Names a history that the sweep goes through; all of them before the first cotangent. */
  enter(reach: Reach): void {
    this.#reaches.add(reach);
  }

  #part(serial: number): Part | undefined {
    if (this.#latest?.chunk.serial === serial) return this.#latest;
    this.#parts ??= new Map(chunksOf(this.#reaches).map((chunk) => [chunk.serial, new Part(chunk)]));
    const part = this.#parts.get(serial);
    if (part !== undefined) this.#latest = part;
    return part;
  }

  receive({ chunk: { serial } }: Reach, entry: number, value: number): void {
    const part = this.#part(serial)!;
    const total = part.totalOf(entry);
    part.set(entry, total === undefined ? value : total + value);
  }

  /** The cotangent of a tensor that comes from the tape, after the sweep; `undefined` where there is none. */
  find(origin: Origin, offset: number): number | undefined {
    if (this.#parts === null) return undefined;
    let [serial, entry] = [0, offset];
    if (origin instanceof Reach) ({ serial } = origin.chunk);
    else if (origin instanceof TapeNode) ({ serial, index: entry } = origin);
    const part = this.#parts.get(serial);
    return part?.found[entry - part.first];
  }

  /**
   * Goes through the tape, from the latest entry to the first that is younger than a node; `null`: to the very first.
   * Cotangents are added in the order of a sweep over nodes, wherever entries and nodes stand.
   */
  run(leaves: LeafTotals, before: Node | null): void {
    if (this.#parts === null) return;
    const parts = (this.#order ??= [...this.#parts.values()]);
    for (; this.#place < parts.length; this.#place++) {
      const part = parts[this.#place]!;
      const from = before === null ? 0 : part.chunk.countBefore(before.id);
      if (from < part.next) {
        for (const each of part.open ? part.out : part.chunk.imports) this.#bringIn(part, each, leaves);
        part.open = true;
        part.out = [];
        this.#runChunk(part, from);
        part.next = from;
      }
      if (from > 0) return this.#bringOutInputs(part, before!, leaves);
      for (const each of part.chunk.imports) this.#bringOut(part, each, leaves);
    }
    if (before !== null) return;
    for (const part of parts) part.close();
    // Mostly a graph is over with its sweep.
    forgetReaches();
  }

  /** A sum goes on where it stands, so that what comes from several chunks is added in one order. */
  #bringIn({ room: { totals, known } }: Part, { entry, leaf, serial, index }: Import, leaves: LeafTotals): void {
    const total = leaf !== null ? leaves.totalOf(leaf) : this.#parts!.get(serial)?.totalOf(index);
    if (total === undefined) return;
    totals[entry] = total;
    known[entry] = 1;
  }

  #bringOut({ room: { totals, known } }: Part, { entry, leaf, serial, index }: Import, leaves: LeafTotals): void {
    if (known[entry] === 0) return;
    if (leaf !== null) leaves.setTotal(leaf, totals[entry]!);
    else this.#parts!.get(serial)!.set(index, totals[entry]!);
  }

  /** A node is about to give cotangents to its inputs where they belong. */
  #bringOutInputs(part: Part, { inputs }: Node, leaves: LeafTotals): void {
    if (!part.open) return;
    for (const x of inputs) {
      if (x.origin === null || x.origin.chunk === part.chunk) continue;
      const found = part.importOf(x);
      if (found === undefined) continue;
      this.#bringOut(part, found, leaves);
      part.room.known[found.entry] = 0;
      part.out.push(found);
    }
  }

  #runChunk(part: Part, from: number): void {
    const { rows, values } = part.chunk;
    const { totals, known } = part.room;
    const functions = this.#functions;
    let { first } = part;
    for (let i = Math.min(part.last, part.next - 1); i >= first && i >= from; i--) {
      const code = rows[3 * i]!;
      if (known[i] === 0 || code < Given.operator) continue;
      const { rules } = operators[code]!;
      const ct = totals[i]!;
      const left = rows[3 * i + 1]!;
      const right = rows[3 * i + 2]!;
      const arity = rules.length;
      for (let j = 0; j < arity; j++) {
        const target = j === 0 ? left : right;
        const kind = rows[3 * target]!;
        if (kind === Given.constant) continue;
        const { kernel, operands } = rules[j]!;
        let value = ct;
        if (kernel !== null) {
          const f = (functions[kernel.slot] ??= context.backend.number(kernel, "float64"));
          const { length } = operands;
          if (length === 1) value = f(ct);
          else {
            const p = operands[1]!;
            const second = values[p > arity ? i : p === 1 ? left : right]!;
            // A third operand is the result, or the right one behind the left.
            if (length === 2) value = f(ct, second);
            else value = f(ct, second, values[operands[2]! > arity ? i : right]!);
          }
        }
        totals[target] = known[target] === 0 ? value : totals[target]! + value;
        known[target] = 1;
        if (target < first && kind >= Given.operator) first = target;
      }
    }
    part.first = first;
  }

  /** Whether all variables from which the cotangents go on are among `own`. */
  reachesOnly(own: ReadonlySet<Node | null>, leaves: LeafTotals): boolean {
    for (const { chunk } of this.#parts?.values() ?? [])
      for (const { leaf } of chunk.imports)
        if (leaf !== null && !own.has(leaf.origin as Node) && leaves.totalOf(leaf) !== undefined) return false;
    return true;
  }
}
