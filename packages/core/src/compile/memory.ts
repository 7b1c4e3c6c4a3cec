/**
 * Where the buffers of a program stand: one block of memory, in which results take the place of what is no longer read.
 * @module
 */
import { wasmEngine, type Engine } from "../backends/wasmEngine.js";
import {
  compileModule,
  instantiate,
  mostPages,
  wasmApi,
  type WasmFunction,
  type WasmFunctions,
  type WasmMemory,
  type WasmModule,
} from "../backends/wasmModule.js";
import { willChange } from "../backends/wasmOperands.js";
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
/** All addresses of one memory. */
const mostBytes = mostPages * pageBytes;

/** @throws {@link ShapeError} if so many elements are more than any program has room for, before anybody asks for it */
export function expectRoom(dtype: DType, size: number): void {
  if (size * bytesOf[dtype] > mostBytes) throw tooLarge(size * bytesOf[dtype], undefined);
}

/** Memory of a program, seen as arrays of every dtype: blocks of what threads share, or, without them, memory of its own. */
export class Memory {
  /** The engine whose threads see the memory; `null`: none does. */
  readonly engine: Engine | null = null;
  readonly wasm: WasmMemory | null = null;
  /** Where the block begins that was asked for. */
  readonly base: number = 0;
  readonly #plain: ArrayBuffer | null = null;
  #blocks: number[] = [];
  #modules: WasmModule[] = [];

  /**
   * @param shared whether threads may see it, if there are any
   * @throws {@link ShapeError} if there is no room for so many bytes; `NoRoom` if there is none in what threads share
   */
  constructor(bytes: number, shared: boolean) {
    const engine = wasmEngine();
    const size = Math.max(1, bytes);
    if (shared && engine?.shared === true) {
      this.base = engine.operands.reserve(size);
      this.#blocks.push(this.base);
      this.engine = engine;
      this.wasm = engine.heap.memory;
      engine.heap.bytes.fill(0, this.base, this.base + size);
      return;
    }
    const pages = Math.ceil(size / pageBytes);
    try {
      if (pages > mostPages) throw new RangeError("addresses have 32 bits");
      if (engine === null) this.#plain = new ArrayBuffer(pages * pageBytes);
      else this.wasm = new wasmApi!.Memory({ initial: pages });
    } catch (cause) {
      throw tooLarge(bytes, cause);
    }
  }

  get buffer(): ArrayBuffer {
    return this.#plain ?? this.wasm!.buffer;
  }

  /**
   * More bytes, before anything is seen of the memory.
   *
   * @throws {@link ShapeError} if there is no room; `NoRoom` if there is none in what threads share
   */
  room(bytes: number): number {
    if (bytes === 0) return 0;
    if (this.engine !== null) {
      const address = this.engine.operands.reserve(bytes);
      this.#blocks.push(address);
      return address;
    }
    const end = this.wasm!.buffer.byteLength;
    try {
      this.wasm!.grow(Math.ceil(bytes / pageBytes));
    } catch (cause) {
      throw tooLarge(end + bytes, cause);
    }
    return end;
  }

  /** The functions of a module over the memory, which are given back together with it. */
  functions(texts: readonly WasmFunction[]): WasmFunctions {
    const module = compileModule(texts, this.engine !== null);
    this.#modules.push(module);
    return instantiate(module, this.wasm!);
  }

  /** Gives back what others can use; the memory must not be used any more. */
  release(): void {
    for (const address of this.#blocks) this.engine!.heap.release(address);
    for (const module of this.#modules) this.engine?.withdraw(module);
    this.#blocks = [];
    this.#modules = [];
  }

  /** The elements at an address. */
  view(dtype: DType, address: number, size: number): TypedArray {
    return willChange(new arrays[dtype](this.buffer, address, size));
  }
}

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

function tooLarge(bytes: number, cause: unknown): ShapeError {
  return new ShapeError(
    `compile: expected a program that fits into memory, got one that takes ${bytes} bytes (at most ${mostBytes}); work in smaller batches, or leave this function uncompiled`,
    { cause },
  );
}
