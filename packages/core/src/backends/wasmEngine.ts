/**
 * What the WebAssembly backend computes with: one memory, the modules made so far, room for a map's chunks, and threads.
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Precision } from "../scalar.js";
import { bind, roomOf, type Crew } from "./jobs.js";
import { cut, whole, type Cut, type Work } from "./parts.js";
import type { Pool } from "./threadPool.js";
import { groupSections, type GroupName } from "./wasmGroups.js";
import { Heap } from "./wasmHeap.js";
import { instantiate, moduleOf, wasmApi, type WasmFunctions, type WasmModule } from "./wasmModule.js";
import { Operands } from "./wasmOperands.js";
import { partialsBytes, type Partials } from "./wasmReduceParts.js";

const groupModules = new Map<string, WasmModule>();

/** The module of a group, which runs over any memory of its kind. */
export function groupModule(name: GroupName, precision: Precision, shared: boolean): WasmModule {
  const key = `${name} ${precision} ${shared}`;
  let module = groupModules.get(key);
  if (module === undefined) groupModules.set(key, (module = moduleOf(groupSections[name][precision], shared)));
  return module;
}

export class Engine {
  readonly operands: Operands;
  private readonly modules = new Map<string, WasmFunctions>();
  private readonly windows: number[] = [];
  private readonly published = new WeakMap<WasmModule, number>();
  /** How work is cut here. */
  readonly cut: Cut;
  /** The threads beside this one, and where they find modules. */
  readonly crew: Crew | null;
  /** Room for results of pieces of one line, if there are any. */
  readonly partials: Partials | null = null;

  constructor(
    readonly heap = new Heap(),
    readonly pool: Pool | null = null,
  ) {
    this.operands = new Operands(heap);
    this.cut = pool === null ? whole : cut;
    this.crew = pool === null ? null : { pool, addressOf: (module) => this.publish(module) };
    if (pool !== null)
      this.partials = {
        address: heap.reserve(partialsBytes),
        numbers: (precision) => (precision === "float64" ? heap.float64 : heap.float32),
      };
  }

  /** Whether other threads see the memory. */
  get shared(): boolean {
    return this.pool !== null;
  }

  /** Bytes of room that the work needs, for all threads. */
  roomFor(work: Work): number {
    return roomOf(work, this.pool?.count ?? 1);
  }

  /** Does the work at once. @throws {@link NoRoom} */
  run(work: Work): void {
    const bytes = this.roomFor(work);
    bind(work, bytes === 0 ? 0 : this.operands.room(bytes), this.crew)();
  }

  /** The address of a module's bytes, which are copied in at its first use. */
  private publish(module: WasmModule): number {
    let address = this.published.get(module);
    if (address === undefined) {
      address = this.operands.reserve(module.bytes.length);
      this.heap.bytes.set(module.bytes, address);
      this.published.set(module, address);
    }
    return address;
  }

  /** Gives back what the bytes of a module that is no longer used take up. */
  withdraw(module: WasmModule): void {
    const address = this.published.get(module);
    if (address === undefined) return;
    this.published.delete(module);
    this.heap.release(address);
  }

  /** The address of a block of its own for operand number `i`, always of the same number of bytes. */
  window(i: number, bytes: number): number {
    return (this.windows[i] ??= this.heap.reserve(bytes));
  }

  /** The functions of a module of that name, made at its first use. */
  module(name: string, make: () => WasmModule): WasmFunctions {
    let made = this.modules.get(name);
    if (made === undefined) this.modules.set(name, (made = instantiate(make(), this.heap.memory)));
    return made;
  }

  group(name: GroupName, precision: Precision): WasmFunctions {
    return this.module(`${name} ${precision}`, () => groupModule(name, precision, this.shared));
  }

  /** The memory as elements like those of an array. */
  viewFor(data: TypedArray): TypedArray {
    const { float64, float32, bytes } = this.heap;
    return data instanceof Float64Array ? float64 : data instanceof Float32Array ? float32 : bytes;
  }

  /** Copies `n` elements from an address. */
  read(address: number, n: number, data: TypedArray, offset: number): void {
    const view = this.viewFor(data);
    const first = address / view.BYTES_PER_ELEMENT;
    data.set(view.subarray(first, first + n), offset);
  }

  /** Copies `n` elements to an address. */
  write(address: number, n: number, data: TypedArray, offset: number): void {
    const view = this.viewFor(data);
    view.set(data.subarray(offset, offset + n), address / view.BYTES_PER_ELEMENT);
  }
}

let engine: Engine | null | undefined;

/** The engine; `null` where there is no WebAssembly with 128-bit lanes, or a policy forbids it. */
export function wasmEngine(): Engine | null {
  if (engine !== undefined) return engine;
  engine = null;
  if (wasmApi === undefined) return engine;
  try {
    const made = new Engine();
    made.group("extreme", "float32");
    engine = made;
  } catch {
    engine = null;
  }
  return engine;
}

/** Computes with another engine from now on; without one, with a new one on one thread, made when it is needed. */
export function useEngine(next: Engine | undefined): void {
  engine = next;
}
