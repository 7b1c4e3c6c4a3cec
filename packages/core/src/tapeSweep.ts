/**
 * The reverse sweep over graphs of single numbers on the tape.
 * @module
 */
import { context } from "./context.js";
import type { NumberFunction } from "./backend.js";
import { chunkSize, chunksOf, Given, operators, Reach, TapeNode, type Chunk } from "./tape.js";
import type { Origin, Tensor } from "./tensor.js";

/** The cotangents of a chunk's entries, and which of them there are. */
interface Part {
  readonly chunk: Chunk;
  readonly totals: Float64Array;
  readonly known: Uint8Array;
  /** No result outside of these bounds has a cotangent. */
  first: number;
  last: number;
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
  #last: Part | null = null;
  readonly #functions: (NumberFunction | undefined)[] = [];

  /** Names a history that the sweep goes through; all of them before the first cotangent. */
  enter(reach: Reach): void {
    this.#reaches.add(reach);
  }

  #part(serial: number): Part | undefined {
    if (this.#last?.chunk.serial === serial) return this.#last;
    this.#parts ??= new Map(
      chunksOf(this.#reaches).map((chunk) => [
        chunk.serial,
        {
          chunk,
          totals: new Float64Array(chunk.count),
          known: new Uint8Array(chunk.count),
          first: chunkSize,
          last: -1,
        },
      ]),
    );
    const part = this.#parts.get(serial);
    if (part !== undefined) this.#last = part;
    return part;
  }

  receive({ chunk: { serial } }: Reach, entry: number, value: number): void {
    const part = this.#part(serial)!;
    const { totals, known } = part;
    part.first = Math.min(part.first, entry);
    part.last = Math.max(part.last, entry);
    totals[entry] = known[entry] === 0 ? value : totals[entry]! + value;
    known[entry] = 1;
  }

  /** The cotangent of a tensor that comes from the tape; `undefined` where there is none. */
  find(origin: Origin, offset: number): number | undefined {
    let [serial, entry] = [0, offset];
    if (origin instanceof Reach) ({ serial } = origin.chunk);
    else if (origin instanceof TapeNode) ({ serial, index: entry } = origin);
    const part = serial === 0 ? undefined : this.#part(serial);
    return part === undefined || part.known[entry] === 0 ? undefined : part.totals[entry]!;
  }

  /** Goes through the tape, from the latest entry to the first. */
  run(leaves: LeafTotals): void {
    if (this.#reaches.size === 0) return;
    this.#part(0);
    for (const part of this.#parts!.values()) {
      const { chunk, totals, known } = part;
      // Sums go on where they stand, so that what comes from several chunks is added in one order.
      for (const { entry, leaf, serial, index } of chunk.imports) {
        const other = leaf === null ? this.#part(serial) : undefined;
        const total =
          leaf !== null ? leaves.totalOf(leaf) : other?.known[index] === 1 ? other.totals[index] : undefined;
        if (total === undefined) continue;
        totals[entry] = total;
        known[entry] = 1;
      }
      this.#runChunk(part);
      for (const { entry, leaf, serial, index } of chunk.imports) {
        if (known[entry] === 0) continue;
        if (leaf !== null) leaves.setTotal(leaf, totals[entry]!);
        else {
          const other = this.#part(serial)!;
          other.totals[index] = totals[entry]!;
          other.known[index] = 1;
          other.first = Math.min(other.first, index);
          other.last = Math.max(other.last, index);
        }
      }
    }
  }

  #runChunk({ chunk, totals, known, first, last }: Part): void {
    const { codes, values, left, right } = chunk;
    const functions = this.#functions;
    for (let i = last; i >= first; i--) {
      const code = codes[i]!;
      if (known[i] === 0 || code < Given.operator) continue;
      const { rules } = operators[code]!;
      const l = left[i]!;
      const r = right[i]!;
      for (let j = 0; j < rules.length; j++) {
        const target = j === 0 ? l : r;
        if (codes[target] === Given.constant) continue;
        const { kernel, operands } = rules[j]!;
        const { length } = operands;
        if (length === 0) continue;
        let value = this.#number(operands[0]!, rules.length, totals, values, i, l, r);
        if (kernel !== null) {
          const f = (functions[kernel.slot] ??= context.backend.number(kernel, "float64"));
          if (length === 1) value = f(value);
          else {
            const second = this.#number(operands[1]!, rules.length, totals, values, i, l, r);
            value =
              length === 2
                ? f(value, second)
                : f(value, second, this.#number(operands[2]!, rules.length, totals, values, i, l, r));
          }
        }
        totals[target] = known[target] === 0 ? value : totals[target]! + value;
        known[target] = 1;
        if (target < first && codes[target]! >= Given.operator) first = target;
      }
    }
  }

  /** An operand of a rule: the cotangent, an input, or the result. */
  #number(
    operand: number,
    arity: number,
    totals: Float64Array,
    values: Float64Array,
    i: number,
    l: number,
    r: number,
  ): number {
    if (operand === 0) return totals[i]!;
    return values[operand > arity ? i : operand === 1 ? l : r]!;
  }
}
