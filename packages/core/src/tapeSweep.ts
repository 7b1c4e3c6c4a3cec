/**
 * The reverse sweep over graphs of single numbers on the tape.
 * @module
 */
import { context } from "./context.js";
import type { Node } from "./node.js";
import { chunkSize, forgetReaches, Reach, type Chunk, type Import } from "./tape.js";
import { chunksOf, TapeNode } from "./tapeNodes.js";
import { codeOf, firstOperator, leftOf, pullback, pullbacksOf, rightOf } from "./tapeOperators.js";
import type { Origin, Tensor } from "./tensor.js";

/**
 * Room for the cotangents of a chunk's entries, and for which of them there are. Where there is none stands -0, which
 * changes nothing that is added to it; throughout when the room is free.
 */
class Room {
  readonly totals = new Float64Array(chunkSize).fill(-0);
  readonly known = new Uint8Array(chunkSize);
  /** The same, four at a time. */
  readonly knownFours = new Int32Array(this.known.buffer);
}

/** Room that no sweep uses now, up to some: making it would take longer than a small sweep. */
const free: Room[] = [];
const mostFree = 16;

class Part {
  readonly chunk: Chunk;
  /** From the first cotangent on until the chunk is swept, so that a long sweep goes on in room that is in the cache. */
  room: Room | null = null;
  /** No result outside of these bounds has a cotangent. */
  first = chunkSize;
  last = -1;
  /** Entries before this one are still to be swept. */
  next = chunkSize;
  /** Whether the cotangents of what is imported stand here for now, all but some that are out again. */
  open = false;
  out: Import[] = [];
  #leaves: Map<Node, number> | null = null;
  /** The cotangents from `first` on, when the chunk is swept; `undefined` where there is none. */
  found: (number | undefined)[] = [];

  constructor(chunk: Chunk) {
    this.chunk = chunk;
  }

  /** Adds to the cotangent of a result. */
  add(entry: number, value: number): void {
    this.#roomFor(entry).totals[entry]! += value;
  }

  set(entry: number, total: number): void {
    this.#roomFor(entry).totals[entry] = total;
  }

  #roomFor(entry: number): Room {
    const room = (this.room ??= free.pop() ?? new Room());
    room.known[entry] = 1;
    this.first = Math.min(this.first, entry);
    this.last = Math.max(this.last, entry);
    return room;
  }

  totalOf(entry: number): number | undefined {
    const { room } = this;
    return room === null || room.known[entry] === 0 ? undefined : room.totals[entry]!;
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
    if (room === null) return;
    const { totals, known } = room;
    const found = new Array<number | undefined>(last - first + 1);
    for (let i = first; i <= last; i++) if (known[i] === 1) found[i - first] = totals[i]!;
    this.found = found;
    known.fill(0, first, last + 1);
    totals.fill(-0, first, last + 1);
    for (const { entry } of chunk.imports) forget(room, entry);
    this.room = null;
    if (free.length < mostFree) free.push(room);
  }
}

function forget({ totals, known }: Room, entry: number): void {
  totals[entry] = -0;
  known[entry] = 0;
}

/** Where variables have their cotangents, which come from outside of the tape too. */
export interface LeafTotals {
  /** `undefined`: nothing so far. */
  totalOf(leaf: Tensor): number | undefined;
  setTotal(leaf: Tensor, total: number): void;
}

export class TapeSweep {
  #reaches: Set<Reach> | null = null;
  /** By numbers of chunks, the latest first. */
  #parts: Map<number, Part> | null = null;
  #latest: Part | null = null;
  /** The parts from the latest to the first, and where the sweep is. */
  #order: Part[] | null = null;
  #place = 0;

  /** Names a history that the sweep goes through; all of them before the first cotangent. */
  enter(reach: Reach): void {
    (this.#reaches ??= new Set()).add(reach);
  }

  /** Whether there is nothing on the tape. */
  get isIdle(): boolean {
    return this.#reaches === null;
  }

  #part(serial: number): Part | undefined {
    if (this.#latest?.chunk.serial === serial) return this.#latest;
    this.#parts ??= new Map(chunksOf(this.#reaches!).map((chunk) => [chunk.serial, new Part(chunk)]));
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
      const { chunk, room } = part;
      const from = before === null ? 0 : chunk.countBefore(before.id);
      if (room !== null && from < part.next) {
        for (const each of part.open ? part.out : chunk.imports) this.#bringIn(room, each, leaves);
        part.open = true;
        part.out = [];
        this.#runChunk(part, room, from);
      }
      part.next = Math.min(part.next, from);
      if (from > 0) return this.#bringOutInputs(part, before!, leaves);
      if (part.open) for (const each of chunk.imports) this.#bringOut(room!, each, leaves);
      part.close();
    }
    // Mostly a graph is over with its sweep.
    if (before === null) forgetReaches();
  }

  /** A sum goes on where it stands, so that what comes from several chunks is added in one order. */
  #bringIn({ totals, known }: Room, { entry, leaf, serial, index }: Import, leaves: LeafTotals): void {
    const total = leaf !== null ? leaves.totalOf(leaf) : this.#parts!.get(serial)?.totalOf(index);
    if (total === undefined) return;
    totals[entry] = total;
    known[entry] = 1;
  }

  #bringOut({ totals, known }: Room, { entry, leaf, serial, index }: Import, leaves: LeafTotals): void {
    if (known[entry] === 0) return;
    if (leaf !== null) leaves.setTotal(leaf, totals[entry]!);
    else this.#parts!.get(serial)!.set(index, totals[entry]!);
  }

  /** A node is about to give cotangents to its inputs where they belong. */
  #bringOutInputs(part: Part, { inputs }: Node, leaves: LeafTotals): void {
    const { room } = part;
    if (room === null || !part.open) return;
    for (const x of inputs) {
      if (x.origin === null || x.origin.chunk === part.chunk) continue;
      const found = part.importOf(x);
      if (found === undefined) continue;
      this.#bringOut(room, found, leaves);
      forget(room, found.entry);
      part.out.push(found);
    }
  }

  #runChunk(part: Part, { totals, known, knownFours }: Room, from: number): void {
    const { rows, values } = part.chunk;
    const { backend } = context;
    const pullbacks = pullbacksOf(backend);
    let { first } = part;
    for (let i = Math.min(part.last, part.next - 1); i >= from; i--) {
      if (known[i] === 0) {
        // Other graphs have their entries here too.
        if ((i & 3) === 3 && knownFours[i >> 2] === 0) i -= 3;
        continue;
      }
      const row = rows[i]!;
      const code = codeOf(row);
      if (code < firstOperator) continue;
      (pullbacks[code] ?? pullback(backend, code))(values, totals, known, leftOf(row), rightOf(row), i);
      first = i;
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
