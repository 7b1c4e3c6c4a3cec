/**
 * Where the buffers of a program stand: one block of memory, in which results take the place of what is no longer read.
 * @module
 */
import { wasmEngine } from "../backends/wasmEngine.js";
import { wasmApi, type WasmMemory } from "../backends/wasmModule.js";
import type { DType, TypedArray } from "../dtype.js";
import { ShapeError } from "../errors.js";
import type { Step } from "./fuse.js";
import type { Buffer } from "./trace.js";

/** Bytes of an element. */
export const bytesOf: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** Every buffer starts at a multiple of this: a cache line. */
const alignment = 64;

/** The addresses of buffers, and how many bytes they take up together. */
export interface MemoryPlan {
  readonly addresses: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
  /** What it would be if nothing shared its place. */
  readonly unshared: number;
}

/** Loops read and write up to so many bytes past the end of a buffer. */
const slack = 64;

const roomOf = ({ dtype, size }: Buffer): number => align(size * bytesOf[dtype] + slack);

const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** Gaps between the buffers that live at the same time, the lowest that fits first. */
class Arena {
  /** Taken ranges by address, in ascending order. */
  readonly #taken: { readonly start: number; readonly end: number }[] = [];
  end = 0;

  take(bytes: number): number {
    let start = 0;
    let at = 0;
    for (; at < this.#taken.length; at++) {
      const range = this.#taken[at]!;
      if (range.start - start >= bytes) break;
      start = range.end;
    }
    this.#taken.splice(at, 0, { start, end: start + bytes });
    this.end = Math.max(this.end, start + bytes);
    return start;
  }

  free(start: number): void {
    this.#taken.splice(
      this.#taken.findIndex((range) => range.start === start),
      1,
    );
  }
}

/**
 * Places for what comes from outside (`kept`, which nothing may overwrite), for what the caller reads afterwards
 * (`returned`), and for what steps hand on.
 */
export function planMemory(steps: readonly Step[], kept: readonly Buffer[], returned: ReadonlySet<Buffer>): MemoryPlan {
  const arena = new Arena();
  const addresses = new Map<Buffer, number>();
  let unshared = 0;
  const place = (buffer: Buffer): void => {
    unshared += roomOf(buffer);
    addresses.set(buffer, arena.take(roomOf(buffer)));
  };
  kept.forEach(place);
  // Only what a step leaves behind has a place: most results in a long loop have none.
  const lastRead = new Map<Buffer, number>();
  for (const { stored } of steps) for (const buffer of stored) lastRead.set(buffer, -1);
  steps.forEach(({ equations }, at) => {
    for (const { inputs } of equations)
      for (let i = 0; i < inputs.length; i++) if (lastRead.has(inputs[i]!.buffer)) lastRead.set(inputs[i]!.buffer, at);
  });
  steps.forEach(({ equations, stored }, at) => {
    stored.forEach(place);
    for (const { inputs } of equations)
      for (let i = 0; i < inputs.length; i++) {
        const { buffer } = inputs[i]!;
        if (lastRead.get(buffer) !== at || returned.has(buffer)) continue;
        arena.free(addresses.get(buffer)!);
        lastRead.delete(buffer);
      }
  });
  return { addresses, bytes: arena.end, unshared };
}

const pageBytes = 65536;
/** Addresses have 32 bits. */
const mostPages = 65536;

/** One block of memory, seen as arrays of every dtype; WebAssembly's, where there is some with lanes. */
export class Memory {
  readonly buffer: ArrayBuffer;
  readonly wasm: WasmMemory | null;

  /** @throws {@link ShapeError} if there is no room for so many bytes */
  constructor(bytes: number) {
    const pages = Math.ceil(Math.max(1, bytes) / pageBytes);
    try {
      if (pages > mostPages) throw new RangeError("addresses have 32 bits");
      this.wasm = wasmEngine() === null ? null : new wasmApi!.Memory({ initial: pages, maximum: pages });
      this.buffer = this.wasm?.buffer ?? new ArrayBuffer(pages * pageBytes);
    } catch (cause) {
      throw new ShapeError(
        `compile: expected a program that fits into memory, got one that takes ${bytes} bytes (at most ${mostPages * pageBytes}); work in smaller batches, or leave this function uncompiled`,
        { cause },
      );
    }
  }

  /** The elements at an address. */
  view(dtype: DType, address: number, size: number): TypedArray {
    switch (dtype) {
      case "float64":
        return new Float64Array(this.buffer, address, size);
      case "float32":
        return new Float32Array(this.buffer, address, size);
      case "int32":
        return new Int32Array(this.buffer, address, size);
      case "bool":
        return new Uint8Array(this.buffer, address, size);
    }
  }
}
