/** What runs in the page: the golden trainings, and work that is large enough for WebAssembly; hashes go to `results`. */
import { compile, random, startThreads, withBackend, type Tensor } from "@cotangent/core";
import { bytesOf, train, trainings } from "../golden.js";

export interface Results {
  readonly hashes: Readonly<Record<string, string>>;
  /** Whether memory can be shared with workers. */
  readonly isolated: boolean;
  /** How many threads there were in the end. */
  readonly threads: number;
  /** What `withBackend` says to "wasm", before its code has been waited for and after; `null`: it computed. */
  readonly refusals: readonly (string | null)[];
}

async function hash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, 16);
}

const r = random(3);
const operands = [r.normal([120, 70], { dtype: "float32" }), r.normal([70, 50], { dtype: "float32" })] as const;

/** A product, maps and sums of so many elements that WebAssembly is asked for, and threads. */
const largeWork = (x: Tensor, y: Tensor): Tensor => x.matmul(y).tanh().sum({ axis: 0 }).exp();
export const large = (): Tensor => largeWork(...operands);

const page = globalThis as { document?: unknown; crossOriginIsolated?: boolean; results?: Promise<Results> };

/** What is said to `large()` in WebAssembly; `null`, and its bits go to `found`. */
function refusal(found: Tensor[]): string | null {
  try {
    found.push(withBackend("wasm", large));
    return null;
  } catch (error) {
    return String(error);
  }
}

async function results(): Promise<Results> {
  const found: Tensor[] = [];
  const early = refusal(found);
  const hashes: Record<string, string> = {
    large: await hash(bytesOf([large()])),
    "large, compiled": await hash(bytesOf([compile(largeWork)(...operands)])),
  };
  for (const [name, training] of Object.entries(trainings)) {
    const made = training();
    hashes[name] = await hash(train(made));
    hashes[`${name}, compiled`] = await hash(train({ ...made, step: compile(made.step) }));
  }
  const isolated = page.crossOriginIsolated!;
  const threads = await startThreads(isolated ? 2 : 1);
  found.push(large());
  const refusals = [early, refusal(found)];
  for (const x of found) hashes["large, WebAssembly waited for"] = await hash(bytesOf([x]));
  const program = compile(largeWork);
  for (let i = 0; i < 20; i++) hashes["large, again"] = await hash(bytesOf([program(...operands)]));
  return { hashes, isolated, threads, refusals };
}

// The test itself loads this file for `large`.
if (page.document !== undefined) page.results = results();
