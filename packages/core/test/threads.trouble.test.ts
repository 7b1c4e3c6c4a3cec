/** Threads that die, fail or cannot be had. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Worker } from "node:worker_threads";
import {
  compile,
  startThreads,
  stopThreads,
  threadCount,
  ThreadError,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { bind } from "../src/backends/jobs.js";
import { patience } from "../src/backends/threadPool.js";
import { wasmEngine } from "../src/backends/wasmEngine.js";
import { NoRoom } from "../src/backends/wasmHeap.js";
import { compileModule, functionOf, instantiate } from "../src/backends/wasmModule.js";
import type { Tokens } from "../src/readings/lanes.js";
import { bits } from "./bits.js";
import { cutFinely, dawdle } from "./cutFinely.js";
import { elements } from "./elements.js";

cutFinely();

/** The workers that Node has started. */
const workers: Worker[] = [];
const node = createRequire(import.meta.url)("node:worker_threads") as { Worker: typeof Worker };
const usual = { Worker: node.Worker, ...patience };

beforeEach(() => {
  node.Worker = class extends usual.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
});
afterEach(() => {
  vi.restoreAllMocks();
  stopThreads();
  node.Worker = usual.Worker;
  Object.assign(patience, { milliseconds: usual.milliseconds, factor: usual.factor });
  workers.length = 0;
});

const [x, w] = [elements([40, 30], "float64", 1, false), elements([30, 35], "float64", 2, false)];
const work = (): Tensor => withBackend("wasm", () => x.matmul(w).tanh().sum({ axis: 0 }));
const expected = withBackend("reference", () => bits(x.matmul(w).tanh().sum({ axis: 0 })));

/** The main thread of a page may not sleep. */
function withoutSleep(): void {
  vi.spyOn(Atomics, "wait").mockImplementation(() => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  });
}

/** After trouble: one thread, all as before, and several threads when they are asked for. */
async function recovers(): Promise<void> {
  expect(threadCount()).toBe(1);
  expect(bits(work())).toBe(expected);
  expect(await startThreads(2)).toBe(2);
  expect(bits(work())).toBe(expected);
  expect(threadCount()).toBe(2);
}

describe("a thread that ended between two jobs", () => {
  test("and whose end was told, is an error once", async () => {
    await startThreads(3);
    expect(bits(work())).toBe(expected);
    await workers[1]!.terminate();
    expect(work).toThrow(ThreadError);
    await recovers();
  });

  test("is replaced by startThreads", async () => {
    await startThreads(2);
    await workers[0]!.terminate();
    expect(await startThreads(2)).toBe(2);
    expect(bits(work())).toBe(expected);
  });

  test("in silence, is noticed by its missing signs of life; until then the others do its parts", async () => {
    await startThreads(2);
    expect(bits(work())).toBe(expected);
    workers[0]!.removeAllListeners("exit");
    await workers[0]!.terminate();
    patience.milliseconds = 1e9;
    expect(bits(work())).toBe(expected);
    patience.milliseconds = 20;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(work).toThrow(/^startThreads: expected threads that do their part, .* does not answer .*; all values/);
    await recovers();
  });
});

/** Work in parts of a function that is harmless here and does something else in another thread. */
function trap(body: Tokens, does = true): () => void {
  const engine = wasmEngine()!;
  const text: Tokens = [["param", "i32"], "local.get", 0, "i32.load", "if", ...body, "end"];
  const { f } = instantiate(compileModule([functionOf("f", text)], true), engine.heap.memory);
  const address = engine.heap.reserve(64);
  const call = { run: f!, args: [address] };
  const run = bind({ parts: Array.from({ length: 6 }, () => [call]), room: 0 }, 0, engine.crew);
  return () => {
    const view = new Int32Array(engine.heap.memory.buffer, address, 1);
    run();
    view[0] = 1;
    // This thread pauses first, so that the other one has taken a part.
    dawdle(50, does);
    run();
  };
}

describe("a thread in the middle of a part", () => {
  test("that fails is an error with its message", async () => {
    await startThreads(2);
    expect(trap(["unreachable"])).toThrow(/^startThreads: .* \(.*unreachable.*\); all values are as they were/);
    vi.restoreAllMocks();
    await recovers();
  });

  test.each(["sleeps", "spins"])("that never ends is an error, when the main one %s meanwhile", async (how) => {
    if (how === "spins") withoutSleep();
    await startThreads(2);
    patience.milliseconds = 300;
    patience.factor = 0;
    // This thread must not do its parts: it would not end either.
    const forever = trap(["loop", "br", 0, "end"], false);
    expect(forever).toThrow(/does not answer any more/);
    vi.restoreAllMocks();
    await recovers();
  });
});

test("a state that a failing program was running on is intact, and the next call goes on from it", async () => {
  await startThreads(2);
  const program = compile((state: Tensor, batch: Tensor) => state.add(batch.matmul(w).tanh().sum({ axis: 0 })));
  const start = elements([35], "float64", 3, false);
  const before = bits(start);
  const whole = bits(program.repeat(start, [x, x, x]));
  function* batches(): Generator<Tensor> {
    yield x;
    void workers[0]!.emit("exit", 1);
    yield x;
  }
  expect(() => program.repeat(start, batches())).toThrow(ThreadError);
  expect(bits(start)).toBe(before);
  expect(threadCount()).toBe(1);
  expect(bits(program.repeat(start, [x, x, x]))).toBe(whole);
  await startThreads(2);
  expect(bits(program.repeat(start, [x, x, x]))).toBe(whole);
  expect(program.recorded).toBe(1);
});

test("threads may be stopped and started between the steps of a program", async () => {
  const program = compile((state: Tensor, batch: Tensor) => state.add(batch.matmul(w).tanh().sum({ axis: 0 })));
  const start = elements([35], "float64", 3, false);
  const whole = bits(program.repeat(start, [x, x, x]));
  await startThreads(2);
  function* batches(): Generator<Tensor> {
    yield x;
    stopThreads();
    yield x;
    yield x;
  }
  expect(bits(program.repeat(start, batches()))).toBe(whole);
});

describe("memory", () => {
  test("of recordings that are dropped is given back", async () => {
    await startThreads(2);
    const { heap } = wasmEngine()!;
    const program = compile((v: Tensor, n: number) => v.mul(n).exp().sum());
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const v = elements([50_000], "float64", 1, false);
    const sizes: number[] = [];
    for (let n = 0; n < 150; n++) {
      program(v, n / 1000);
      sizes.push(heap.memory.buffer.byteLength);
    }
    expect(sizes.at(-1)).toBe(sizes[50]);
  });

  // For the program's memory, for what its work needs beside it, for the modules that threads make of it.
  test.each([0, 1, 2, 3])("that threads cannot share after block %d leaves programs on one thread", async (most) => {
    await startThreads(2);
    const { heap } = wasmEngine()!;
    const reserve = heap.reserve.bind(heap);
    const release = vi.spyOn(heap, "release");
    let taken = 0;
    const full = vi.spyOn(heap, "reserve").mockImplementation((bytes) => {
      if (taken === most) throw new NoRoom("no more memory");
      taken++;
      return reserve(bytes);
    });
    expect(bits(compile((v: Tensor) => v.matmul(w).tanh().sum({ axis: 0 }))(x))).toBe(expected);
    expect(taken).toBe(most);
    expect(release.mock.calls.length).toBeGreaterThanOrEqual(Math.min(most, 2));
    full.mockRestore();
    expect(bits(work())).toBe(expected);
  });
});

test("a thread that may not sleep, as that of a page, spins instead", async () => {
  withoutSleep();
  await startThreads(2);
  const sleeping = vi.mocked(Atomics.wait);
  sleeping.mockClear();
  dawdle(0.2);
  for (let i = 0; i < 5; i++) expect(bits(work())).toBe(expected);
  expect(sleeping).not.toHaveBeenCalled();
});

const core = new URL("../dist/index.js", import.meta.url).href;

function run(before: string, after = ""): { out: readonly string[]; err: string; status: number | null } {
  const program = `
    ${before}
    const { compile, random, startThreads, threadCount } = await import(${JSON.stringify(core)});
    console.log(await startThreads(3));
    console.log(await startThreads(3), threadCount());
    const x = random(1).normal([300, 200]);
    for (let i = 0; i < 3; i++) console.log(x.tanh().matmul(x.transpose()).sum().item());
    console.log(compile((v) => v.tanh().matmul(v.transpose()).sum())(x).item());
    ${after}`;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    timeout: 50_000,
  });
  return { out: child.stdout.trim().split("\n"), err: child.stderr.trim(), status: child.status };
}

describe("a process", () => {
  const free = run("");

  test("ends by itself", () => {
    expect(free.err).toBe("");
    expect(free.status).toBe(0);
    expect(free.out.slice(0, 2)).toEqual(["3", "3 3"]);
    expect(new Set(free.out.slice(2)).size).toBe(1);
  });

  test.each([
    ["without shared memory", "delete globalThis.SharedArrayBuffer;", "there is no memory that threads can share"],
    [
      "in a page that is not isolated",
      "globalThis.crossOriginIsolated = false;",
      "there is no memory that threads can share",
    ],
    ["without workers", "process.getBuiltinModule = undefined;", "threads cannot be started"],
    [
      "that may not start any",
      "process.getBuiltinModule('node:worker_threads').Worker = class { constructor() { throw new Error('no'); } };",
      "threads cannot be started (no)",
    ],
    [
      "whose threads end at once",
      `const threads = process.getBuiltinModule('node:worker_threads');
      threads.Worker = class extends threads.Worker { constructor() { super('process.exit(1)', { eval: true }); } };`,
      "threads cannot be started",
    ],
    ["without WebAssembly", "delete globalThis.WebAssembly;", "threads need WebAssembly with 128-bit lanes"],
  ])("%s has one thread, the same bits, and one notice about it", (_, before, reason) => {
    const { out, err, status } = run(before);
    expect(status).toBe(0);
    expect(out.slice(0, 2)).toEqual(["1", "1 1"]);
    expect(out.slice(2)).toEqual(free.out.slice(2));
    expect(err.split("Cotangent: everything runs on one thread here, as ")).toEqual([
      expect.anything(),
      expect.stringMatching(`^${reason.replaceAll(/[()]/g, "\\$&")}`),
    ]);
  });

  test("may end while threads sleep", () => {
    expect(run("", "process.exit(7);").status).toBe(7);
  });
});
