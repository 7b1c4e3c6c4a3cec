/**
 * Room in one growing WebAssembly memory: blocks by first fit, given back one by one.
 * @module
 */
import { wasmApi, type WasmMemory } from "./wasmModule.js";

const page = 65536;
/** Addresses have 32 bits; the last page stays free, as loops read a little past the end. */
const allPages = 65535;
const alignment = 64;
/** Every block is followed by so many bytes which loops may touch. */
export const slack = 64;

/** There is no room: the address space ends, or the machine gives no more memory. */
export class NoRoom extends Error {}

interface Free {
  start: number;
  end: number;
}

export class Heap {
  readonly memory: WasmMemory;
  /** The memory as elements; new ones after it has grown. */
  float64!: Float64Array;
  float32!: Float32Array;
  bytes!: Uint8Array;
  /** In ascending order, never touching. The start stays unused, so that no block has the address 0. */
  private readonly free: Free[] = [{ start: alignment, end: page }];
  private readonly sizes = new Map<number, number>();

  constructor(
    private readonly mostPages = allPages,
    memory?: WasmMemory,
  ) {
    this.memory = memory ?? new wasmApi!.Memory({ initial: 1 });
    this.look();
  }

  private look(): void {
    const { buffer } = this.memory;
    this.float64 = new Float64Array(buffer);
    this.float32 = new Float32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /** The address of a new block, a multiple of 64. @throws {@link NoRoom} */
  reserve(bytes: number): number {
    const size = Math.ceil((bytes + slack) / alignment) * alignment;
    for (;;) {
      const at = this.free.findIndex(({ start, end }) => end - start >= size);
      if (at >= 0) {
        const gap = this.free[at]!;
        const address = gap.start;
        gap.start += size;
        if (gap.start === gap.end) this.free.splice(at, 1);
        this.sizes.set(address, size);
        return address;
      }
      this.grow(size);
    }
  }

  release(address: number): void {
    const end = address + this.sizes.get(address)!;
    this.sizes.delete(address);
    this.insert(address, end);
  }

  private insert(start: number, end: number): void {
    const { free } = this;
    let at = free.findIndex((gap) => gap.start > start);
    if (at < 0) at = free.length;
    const before = free[at - 1];
    const after = free[at];
    if (before?.end === start) {
      before.end = end;
      if (after?.start === end) {
        before.end = after.end;
        free.splice(at, 1);
      }
    } else if (after?.start === end) after.start = start;
    else free.splice(at, 0, { start, end });
  }

  /** Makes the memory longer, so that a block of `size` fits at its end. */
  private grow(size: number): void {
    const end = this.memory.buffer.byteLength;
    const last = this.free.at(-1);
    const missing = size - (last?.end === end ? end - last.start : 0);
    const pages = Math.ceil(missing / page);
    // A quarter more, so that growing is rare: views have to be made anew, and engines may move the memory.
    const wanted = Math.min(Math.max(pages, Math.ceil(end / page / 4)), this.mostPages - end / page);
    if (wanted < pages) throw new NoRoom(`${size} bytes more than the ${end} in use end beyond the address space`);
    try {
      this.memory.grow(wanted);
    } catch (error) {
      throw new NoRoom(`no more memory beside the ${end} bytes in use`, { cause: error });
    }
    this.look();
    this.insert(end, this.memory.buffer.byteLength);
  }
}
