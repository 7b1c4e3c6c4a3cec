/**
 * Which line of the user's source made a tensor.
 * @module
 */
import { context, underRule, withContext, type Observer, type RuleCall } from "./context.js";
import { checkFunction, synchronous } from "./errors.js";
import type { Primitive } from "./primitive.js";
import type { Tensor } from "./tensor.js";

/** Frames of Cotangent itself, installed or in its own repository. */
const own = /[/\\](?:@cotangent|packages)[/\\](?:core|nn|optim|data|viz)[/\\](?:src|dist)[/\\]/;
const place = /\(?((?:file:\/\/|https?:\/\/|[A-Za-z]:)?[^\s()]*:\d+:\d+)\)?$/;

/** `file:line:column` of the innermost frame outside of Cotangent and of the engine; `null` where the stack does not say. */
export function callerLine(stack: string | undefined): string | null {
  for (const frame of stack?.split("\n").slice(1) ?? []) {
    const at = place.exec(frame.trim())?.[1];
    if (at !== undefined && !at.startsWith("node:") && !own.test(at)) return at.replace(/^file:\/\//, "");
  }
  return null;
}

/** Written within `withLines` only. */
const lines = new WeakMap<Tensor, string>();

/** The line that made `x`, where that happened within `withLines`; else `null`. */
export function lineOf(x: Tensor): string | null {
  return lines.get(x) ?? null;
}

class LineRecorder implements Observer {
  readonly #outer = context.observer;

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    const line = callerLine(new Error().stack);
    if (line !== null) lines.set(output, line);
  }

  applyRule(call: RuleCall, run: () => Tensor | null): Tensor | null {
    return underRule(this.#outer, call, run);
  }
}

/**
 * What `run` returns, and for every tensor that an operator made in it the line of the caller's source. Nothing is
 * recorded outside, as looking at the stack takes longer than a small operator.
 *
 * @returns `result`, and `lineOf(x)`: `file:line:column`, or `null` where `x` was not made in `run`
 * @throws {@link ArgumentError} if `run` is not a function or returns a promise
 * @example
 * ```ts
 * import { scalar, withLines } from "@cotangent/core";
 * const { result, lineOf } = withLines(() => scalar(2).mul(3));
 * /:\d+:\d+$/.test(lineOf(result)!); // → true
 * ```
 */
export function withLines<R>(run: () => R): { readonly result: R; readonly lineOf: (x: Tensor) => string | null } {
  checkFunction("withLines", run);
  const stacks = Error as { stackTraceLimit?: number };
  const limit = stacks.stackTraceLimit;
  // Operators are called through several layers, of models too. Engines other than V8 have no limit.
  if (limit !== undefined) stacks.stackTraceLimit = Math.max(limit, 50);
  try {
    return { result: synchronous("withLines", withContext({ observer: new LineRecorder() }, run)), lineOf };
  } finally {
    if (limit !== undefined) stacks.stackTraceLimit = limit;
  }
}
