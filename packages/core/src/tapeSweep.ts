/**
 * The reverse sweep over graphs of single numbers on the tape.
 * @module
 */
import { context } from "./context.js";
import type { Node } from "./node.js";
import { chunkSize, forgetReaches, Reach, type Chunk, type Import } from "./tape.js";
import { chunksOf, TapeNode } from "./tapeNodes.js";
import { codeOf, Given, leftOf, pullback, pullbacksOf, rightOf } from "./tapeOperators.js";
import type { Origin, Tensor } from "./tensor.js";

/**
 * Room for the cotangents of a chunk's entries, and for which of them there are. Where there is none stands -0, which
 * changes nothing that is added to it; throughout when the room is free.
 */
class Room {
  readonly totals = new Float64Array(chunkSize).fill(-0);
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

  add(entry: number, value: number): void {
    this.room.totals[entry]! += value;
    this.#know(entry);
  }

  set(entry: number, total: number): void {
    this.room.totals[entry] = total;
    this.#know(entry);
  }

  #know(entry: number): void {
    this.room.known[entry] = 1;
    this.first = Math.min(this.first, entry);
    this.last = Math.max(this.last, entry);
  }

  totalOf(entry: number): number | undefined {
    return this.room.known[entry] === 0 ? undefined : this.room.totals[entry]!;
  }

  forget(entry: number): void {
    this.room.known[entry] = 0;
    this.room.totals[entry] = -0;
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
    return entry === undefined ? undefined : chunk.imports[leftOf(chunk.rows[entry]!)];
  }

  /** Keeps what was found, and gives the room back. */
  close(): void {
    const { chunk, room, first, last } = this;
    const found = new Array<number | undefined>(Math.max(0, last - first + 1));
    for (let i = first; i <= last; i++) if (room.known[i] === 1) found[i - first] = room.totals[i]!;
    this.found = found;
    room.known.fill(0, first, last + 1);
    room.totals.fill(-0, first, last + 1);
    for (const { entry } of chunk.imports) this.forget(entry);
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
    this.#part(serial)!.add(entry, value);
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
      part.forget(found.entry);
      part.out.push(found);
    }
  }

  #runChunk(part: Part, from: number): void {
    const { rows, values } = part.chunk;
    const { totals, known } = part.room;
    const { backend } = context;
    const pullbacks = pullbacksOf(backend);
    let { first } = part;
    for (let i = Math.min(part.last, part.next - 1); i >= first && i >= from; i--) {
      if (known[i] === 0) continue;
      const row = rows[i]!;
      const code = codeOf(row);
      if (code < Given.operator) continue;
      const left = leftOf(row);
      const right = rightOf(row);
      (pullbacks[code] ?? pullback(backend, code))(values, totals, known, left, right, i);
      if (left < first && codeOf(rows[left]!) >= Given.operator) first = left;
      if (right < first && codeOf(rows[right]!) >= Given.operator) first = right;
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
