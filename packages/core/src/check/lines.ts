/**
 * Which line of the user's source made a tensor.
 * @module
 */
import { context, withContext, type Observer } from "../context.js";
import type { Primitive } from "../primitive.js";
import type { Tensor } from "../tensor.js";

/** Frames of Cotangent itself, installed or in its own repository. */
const own = /[/\\](?:@cotangent|packages)[/\\](?:core|nn|optim|data|viz)[/\\](?:src|dist)[/\\]/;
const place = /\(?((?:file:\/\/|https?:\/\/|[A-Za-z]:)?[^\s()]*:\d+:\d+)\)?$/;

/** `file:line:column` of the innermost frame outside of Cotangent and of the engine; `null` where the stack does not say. */
function callerLine(stack: string | undefined): string | null {
  for (const frame of stack?.split("\n").slice(1) ?? []) {
    const at = place.exec(frame.trim())?.[1];
    if (at !== undefined && !at.startsWith("node:") && !own.test(at)) return at.replace(/^file:\/\//, "");
  }
  return null;
}

class LineRecorder implements Observer {
  readonly lines = new WeakMap<Tensor, string>();
  readonly #outer = context.observer;

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    const line = callerLine(new Error().stack);
    if (line !== null) this.lines.set(output, line);
  }
}

/** What `run` returns, and for every tensor made by an operator in it the line of the user's source. */
export function withLines<R>(run: () => R): { readonly result: R; readonly lineOf: (x: Tensor) => string | null } {
  const recorder = new LineRecorder();
  const stacks = Error as { stackTraceLimit?: number };
  const limit = stacks.stackTraceLimit;
  // Operators are called through several layers, of models too. Engines other than V8 have no limit.
  if (limit !== undefined) stacks.stackTraceLimit = Math.max(limit, 50);
  try {
    const result = withContext({ observer: recorder }, run);
    return { result, lineOf: (x) => recorder.lines.get(x) ?? null };
  } finally {
    if (limit !== undefined) stacks.stackTraceLimit = limit;
  }
}
