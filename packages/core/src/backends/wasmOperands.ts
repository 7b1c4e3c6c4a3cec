/**
 * Operands of WebAssembly functions: copied into memory, and kept there while they are used again and again. Elements of
 * a tensor never change, so a copy stays right.
 * @module
 */
import type { Operand } from "../backend.js";
import type { TypedArray } from "../dtype.js";
import { contiguousLayout, type Layout } from "../shape.js";
import { slabBytes } from "../storage.js";
import { dense } from "./reference.js";
import { sourceAvailable } from "./source.js";
import { denseElements } from "./sourceCopy.js";
import { NoRoom, type Heap } from "./wasmHeap.js";

/** An operand in memory: the address of its first element, and steps in bytes. */
export interface Placed {
  readonly address: number;
  readonly strides: readonly number[];
}

/** Bytes of all copies that are kept, at most; the least recently used ones go first. */
const defaultKeptBytes = 2 ** 27;
/** Smaller arrays are copied faster than they are found; and the slabs that small tensors share do change (`storage.ts`). */
const worthKeeping = 2 * slabBytes;

/** Arrays that are written more than once, of which no copy stays right. */
const changing = new WeakSet<TypedArray>();

/** Says that the elements of an array will change: those of a program's memory do, in every step. */
export function willChange(data: TypedArray): TypedArray {
  changing.add(data);
  return data;
}

interface Copy {
  readonly address: number;
  readonly bytes: number;
  kept: boolean;
}

/** The elements in row-major order, in whichever way works here. */
export const rowMajorElements = sourceAvailable() ? denseElements : (x: Operand): TypedArray => dense(x);

/** The lowest and the highest position that a layout reaches. */
function reachOf({ shape, strides }: Layout): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0];
  for (let axis = 0; axis < shape.length; axis++) {
    const far = (shape[axis]! - 1) * strides[axis]!;
    if (far < 0) low += far;
    else high += far;
  }
  return { low, high };
}

export class Operands {
  /** What was seen once, or is kept. */
  private readonly known = new WeakMap<TypedArray, Copy | "seen">();
  /** In the order of use. */
  private readonly kept = new Set<Copy>();
  private total = 0;
  private temporary: number[] = [];
  /** Kept copies that stay until `end`. */
  private readonly used = new Set<Copy>();

  constructor(
    private readonly heap: Heap,
    private readonly keptBytes = defaultKeptBytes,
  ) {}

  /** Room until `end`. @throws {@link NoRoom} */
  room(bytes: number): number {
    const address = this.reserve(bytes);
    this.temporary.push(address);
    return address;
  }

  /** A block of the heap, for which kept copies give way. @throws {@link NoRoom} */
  reserve(bytes: number): number {
    try {
      return this.heap.reserve(bytes);
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      this.makeRoom(this.keptBytes);
      return this.heap.reserve(bytes);
    }
  }

  /** Gives the room back that calls since the last `end` took. */
  end(): void {
    for (const address of this.temporary) this.heap.release(address);
    this.temporary = [];
    this.used.clear();
  }

  /** The elements of `x` in memory until `end`, in its own strides if they are not far apart. */
  place(x: Operand): Placed {
    const { data, offset, layout } = x;
    const size = data.BYTES_PER_ELEMENT;
    const { low, high } = reachOf(layout);
    const span = high - low + 1;
    if (span > 2 * layout.size) return this.placeRowMajor(x);
    const strides = layout.strides.map((stride) => stride * size);
    if (2 * span >= data.length && data.byteLength >= worthKeeping && data.byteLength <= this.keptBytes / 2) {
      const copy = this.keep(data);
      if (copy !== null) return { address: copy.address + offset * size, strides };
    }
    const address = this.room(span * size);
    this.write(address, data.subarray(offset + low, offset + high + 1));
    return { address: address - low * size, strides };
  }

  /** Like `place`, with the elements side by side in row-major order. */
  placeRowMajor(x: Operand): Placed {
    const size = x.data.BYTES_PER_ELEMENT;
    const address = this.room(x.layout.size * size);
    this.write(address, rowMajorElements(x));
    return { address, strides: contiguousLayout(x.layout.shape).strides.map((stride) => stride * size) };
  }

  private write(address: number, elements: TypedArray): void {
    const { heap } = this;
    if (elements instanceof Float64Array) heap.float64.set(elements, address / 8);
    else if (elements instanceof Float32Array) heap.float32.set(elements, address / 4);
    else heap.bytes.set(elements as Uint8Array, address);
  }

  /** A copy of the whole array that is kept; `null` when it comes for the first time, as most never come again. */
  private keep(data: TypedArray): Copy | null {
    const known = this.known.get(data);
    if (known === undefined) {
      if (changing.has(data)) return null;
      this.known.set(data, "seen");
      return null;
    }
    if (known !== "seen" && known.kept) {
      this.kept.delete(known);
      this.kept.add(known);
      this.used.add(known);
      return known;
    }
    const bytes = data.byteLength;
    this.makeRoom(bytes);
    const address = this.room(bytes);
    this.temporary.pop();
    this.write(address, data);
    const copy = { address, bytes, kept: true };
    this.known.set(data, copy);
    this.kept.add(copy);
    this.used.add(copy);
    this.total += bytes;
    return copy;
  }

  /** Drops copies until so many bytes more may be kept. */
  private makeRoom(bytes: number): void {
    for (const copy of this.kept) {
      if (this.total + bytes <= this.keptBytes) break;
      if (!this.used.has(copy)) this.drop(copy);
    }
  }

  private drop(copy: Copy): void {
    copy.kept = false;
    this.kept.delete(copy);
    this.total -= copy.bytes;
    this.heap.release(copy.address);
  }
}
