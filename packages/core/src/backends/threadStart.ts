/**
 * Threads of Node and of pages, started from text.
 * @module
 */
import { threadText, type ThreadStart } from "./threadText.js";

/** A running thread. */
export interface Thread {
  terminate(): unknown;
}

interface NodeThread extends Thread {
  on(event: "message" | "error" | "exit", listener: (value: unknown) => void): void;
  unref(): void;
}
interface PageThread extends Thread {
  onmessage: () => void;
  onerror: (event: { readonly message?: string }) => void;
  postMessage(data: unknown): void;
}

/** What is used of Node and of pages; both may be missing. */
interface Surroundings {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: new (url: string) => PageThread;
  readonly Blob?: new (parts: readonly string[], options: { readonly type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
  setTimeout(f: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}
interface NodeThreads {
  readonly Worker?: new (text: string, options: object) => NodeThread;
}

const startMilliseconds = 30_000;

/**
 * Starts a thread, which no process waits for, and resolves once it runs; `gone` is told when it ends later.
 *
 * @throws Error where threads cannot be started
 */
export function startThread(start: ThreadStart, gone: (reason: string) => void): Promise<Thread> {
  const here = globalThis as unknown as Surroundings;
  // Bundlers follow imports, which a page could not load.
  const node = here.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
  return new Promise((resolve, reject) => {
    let thread: Thread | undefined;
    const timer = here.setTimeout(() => {
      thread?.terminate();
      reject(new Error("it does not answer"));
    }, startMilliseconds);
    const ready = (thread: Thread): void => {
      here.clearTimeout(timer);
      resolve(thread);
    };
    const failed = (reason: string): void => {
      here.clearTimeout(timer);
      reject(new Error(reason));
      gone(reason);
    };
    try {
      if (node?.Worker !== undefined) {
        const options = { eval: true, workerData: start, execArgv: [], name: `cotangent ${start.index}` };
        const made = new node.Worker(threadText, options);
        thread = made;
        made.on("message", () => {
          made.unref();
          ready(made);
        });
        made.on("error", (error) => failed(error instanceof Error ? error.message : String(error)));
        made.on("exit", () => failed("it has ended"));
      } else thread = startInPage(here, start, ready, failed);
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  });
}

function startInPage(
  { Worker, Blob, URL }: Surroundings,
  start: ThreadStart,
  ready: (thread: Thread) => void,
  failed: (reason: string) => void,
): Thread {
  if (Worker === undefined || Blob === undefined || URL === undefined) throw new Error("there are no workers here");
  const url = URL.createObjectURL(new Blob([threadText], { type: "text/javascript" }));
  try {
    const made = new Worker(url);
    made.onmessage = () => {
      URL.revokeObjectURL(url);
      ready(made);
    };
    made.onerror = ({ message }) => {
      URL.revokeObjectURL(url);
      failed(
        message ?? "its text could not be loaded, for example because a policy forbids workers of blob: addresses",
      );
    };
    made.postMessage(start);
    return made;
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}
