/**
 * The reverse sweep over graphs of single numbers on the tape.
 * @module
 */
import type { NumberFunction } from "./backend.js";
import { context } from "./context.js";
import type { Node } from "./node.js";
import { chunkSize, chunksOf, Reach, TapeNode, type Chunk } from "./tape.js";
import { Given, operators } from "./tapeOperators.js";
import type { Origin, Tensor } from "./tensor.js";

/** Room for the cotangents of a chunk's entries, and for which of them there are; 0 throughout when it is free. */
class Room {
  readonly totals = new Float64Array(chunkSize);
  readonly known = new Uint8Array(chunkSize);
}

/** Room that no sweep uses now: making it would take longer than a small sweep. */
const free: Room[] = [];

class Part {
  readonly chunk: Chunk;
  room = free.pop() ?? new Room();
  /** No result outside of these bounds has a cotangent. */
  first = chunkSize;
  last = -1;
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

  /** Keeps what was found, and gives the room back. */
  close(): void {
    const { chunk, room, first, last } = this;
    const found = new Array<number | undefined>(Math.max(0, last - first + 1));
    for (let i = first; i <= last; i++) if (room.known[i] === 1) found[i - first] = room.totals[i]!;
    this.found = found;
    room.known.fill(0, first, last + 1);
    for (const { entry } of chunk.imports) room.known[entry] = 0;
    free.push(room);
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
  /** The id of the latest entry that the sweep begins at. */
  latestId = 0;
  /** By numbers of chunks, the latest first. */
  #parts: Map<number, Part> | null = null;
  #latest: Part | null = null;
  readonly #functions: (NumberFunction | undefined)[] = [];

  /** Names a history that the sweep goes through; all of them before the first cotangent. */
  enter(reach: Reach, entry: number): void {
    this.#reaches.add(reach);
    this.latestId = Math.max(this.latestId, reach.chunk.ids[entry]!);
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

  /** Goes through the tape, from the latest entry to the first. */
  run(leaves: LeafTotals): void {
    if (this.#parts === null) return;
    for (const part of this.#parts.values()) {
      const { imports } = part.chunk;
      const { totals, known } = part.room;
      // Sums go on where they stand, so that what comes from several chunks is added in one order.
      for (const { entry, leaf, serial, index } of imports) {
        const total = leaf !== null ? leaves.totalOf(leaf) : this.#parts.get(serial)?.totalOf(index);
        if (total === undefined) continue;
        totals[entry] = total;
        known[entry] = 1;
      }
      this.#runChunk(part);
      for (const { entry, leaf, serial, index } of imports) {
        if (known[entry] === 0) continue;
        if (leaf !== null) leaves.setTotal(leaf, totals[entry]!);
        else this.#parts.get(serial)!.set(index, totals[entry]!);
      }
    }
    for (const part of this.#parts.values()) part.close();
  }

  #runChunk(part: Part): void {
    const { rows, values } = part.chunk;
    const { totals, known } = part.room;
    const functions = this.#functions;
    let { first } = part;
    for (let i = part.last; i >= first; i--) {
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
