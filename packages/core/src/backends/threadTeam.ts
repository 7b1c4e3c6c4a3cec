/**
 * Threads, ready to be computed with: over memory that they share, with an engine of their own.
 * @module
 */
import { Pool } from "./threadPool.js";
import { Engine, useEngine, wasmEngine } from "./wasmEngine.js";
import { Heap } from "./wasmHeap.js";
import { mostPages, wasmApi, type WasmMemory } from "./wasmModule.js";

/** Memory that threads share, of as many addresses as the machine gives; `null` where there is none. */
function sharedMemory(): { readonly memory: WasmMemory; readonly pages: number } | null {
  const here = globalThis as { readonly SharedArrayBuffer?: unknown; readonly crossOriginIsolated?: boolean };
  if (wasmApi === undefined || typeof here.SharedArrayBuffer !== "function" || here.crossOriginIsolated === false)
    return null;
  try {
    return { memory: new wasmApi.Memory({ initial: 1, maximum: mostPages, shared: true }), pages: mostPages };
  } catch {
    return null;
  }
}

/** Threads that wait to be used. */
export interface Team {
  /** Computes with them from now on, until they end for whatever reason, which `ended` is told. */
  enter(ended: () => void): Engine;
  /** Ends them. */
  close(): void;
}

/** Starts threads, so many with this one. @throws Error with the reason where there can be none */
export async function startTeam(n: number): Promise<Team> {
  if (wasmEngine() === null)
    throw new Error("threads need WebAssembly with 128-bit lanes, which is missing here or forbidden by a policy");
  const found = sharedMemory();
  if (found === null)
    throw new Error("there is no memory that threads can share (a page has some if it is cross-origin isolated)");
  let pool: Pool;
  try {
    pool = await Pool.start(n, found.memory);
  } catch (error) {
    throw new Error(`threads cannot be started (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  }
  return {
    enter(ended) {
      // The last page stays free, as loops read a little past the end.
      const engine = new Engine(new Heap(found.pages - 1, found.memory), pool);
      pool.onClose = () => {
        ended();
        if (wasmEngine() === engine) useEngine(undefined);
      };
      useEngine(engine);
      return engine;
    },
    close: () => pool.close(),
  };
}
