/** A page without `compile`, whose work the test starts piece by piece. */
import { arange, startThreads, stopThreads, withBackend } from "@cotangent/core";

/** A product of $2^{24}$ multiplications, for which WebAssembly is asked. */
export function large(): string {
  const x = arange(0, 65536).reshape([256, 256]).mul(0.37).sin();
  return JSON.stringify(x.matmul(x.transpose()).sum({ axis: 0 }).toArray());
}

export interface Work {
  large(): string;
  largeInWasm(): string;
  threads(n: number): Promise<number>;
  stop(): void;
}

const page = globalThis as { document?: unknown; work?: Work };
if (page.document !== undefined)
  page.work = {
    large,
    largeInWasm: () => withBackend("wasm", large),
    threads: startThreads,
    stop: stopThreads,
  };
