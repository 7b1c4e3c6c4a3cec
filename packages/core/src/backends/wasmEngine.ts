/**
 * What the WebAssembly backend computes with: one memory, the modules made so far, and room for a map's chunks.
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Precision } from "../scalar.js";
import { groupSections, type GroupName } from "./wasmGroups.js";
import { Heap } from "./wasmHeap.js";
import { instantiate, moduleOf, wasmApi, type WasmFunctions } from "./wasmModule.js";
import { Operands } from "./wasmOperands.js";

const groupModules = new Map<string, object>();

/** The module of a group, which runs over any memory. */
export function groupModule(name: GroupName, precision: Precision): object {
  const key = `${name} ${precision}`;
  let module = groupModules.get(key);
  if (module === undefined) groupModules.set(key, (module = moduleOf(groupSections[name][precision])));
  return module;
}

export class Engine {
  readonly heap = new Heap();
  readonly operands = new Operands(this.heap);
  private readonly modules = new Map<string, WasmFunctions>();

  private readonly windows: number[] = [];

  /** The address of a block of its own for operand number `i`, always of the same number of bytes. */
  window(i: number, bytes: number): number {
    return (this.windows[i] ??= this.heap.reserve(bytes));
  }

  /** The functions of a module of that name, made at its first use. */
  module(name: string, make: () => object): WasmFunctions {
    let made = this.modules.get(name);
    if (made === undefined) this.modules.set(name, (made = instantiate(make(), this.heap.memory)));
    return made;
  }

  group(name: GroupName, precision: Precision): WasmFunctions {
    return this.module(`${name} ${precision}`, () => groupModule(name, precision));
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
