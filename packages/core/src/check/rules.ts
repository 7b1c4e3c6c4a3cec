/**
 * Rules as they are applied: which one threw, and which one gave something else the second time.
 * @module
 */
import { context, underRule, withContext, type Observer, type RuleCall } from "../context.js";
import { NoForwardRule } from "../customOp.js";
import { GradientError } from "../errors.js";
import type { Primitive } from "../primitive.js";
import type { Tensor } from "../tensor.js";
import { same } from "./integrity.js";

/** What an exception in a rule says, with the operator and the mode. */
export function ruleMessage(op: string, mode: RuleCall["mode"], error: unknown): string {
  // These name the operator and what its rule was expected to give.
  if (error instanceof GradientError) return error.message;
  return `${op}: its ${mode} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** A rule that threw. */
export class BrokenRule extends GradientError {}

/** One application of a rule. */
export interface Application {
  readonly call: RuleCall;
  readonly result: Tensor | null;
}

/** Runs a rule that must leave alone what it is handed. */
function unchanged({ primitive, mode, inputs, given, output }: RuleCall, run: () => Tensor | null): Tensor | null {
  const handed: readonly (readonly [string, Tensor])[] = [
    ...inputs.map((x, i) => [`input ${i}`, x] as const),
    ...given.flatMap((x) => (x === null ? [] : [[mode === "vjp" ? "the cotangent" : "a tangent", x] as const])),
    ["the output", output],
  ];
  const before = handed.map(([, x]) => x.toTypedArray());
  const result = run();
  handed.forEach(([what, x], i) => {
    if (!same(x.toTypedArray(), before[i]!))
      throw new GradientError(
        `${primitive.name}: expected its ${mode} to change nothing, got another value of ${what}; copy it with toTypedArray() before writing`,
      );
  });
  return result;
}

class RuleWatch implements Observer {
  readonly #outer = context.observer;
  readonly #log: Application[] | null;

  constructor(log: Application[] | null) {
    this.#log = log;
  }

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
  }

  applyRule(call: RuleCall, run: () => Tensor | null): Tensor | null {
    const result = underRule(this.#outer, call, () => {
      try {
        // Only rules of defineOp may be anything but operators, which change nothing.
        return this.#log === null || call.primitive.kernel.kind !== "call" ? run() : unchanged(call, run);
      } catch (error) {
        if (error instanceof BrokenRule || error instanceof NoForwardRule) throw error;
        throw new BrokenRule(ruleMessage(call.primitive.name, call.mode, error), { cause: error });
      }
    });
    this.#log?.push({ call, result });
    return result;
  }
}

/**
 * Runs `run`, in which a rule that throws is named.
 *
 * @param log gets what every rule gave
 */
export function watched<R>(run: () => R, log: Application[] | null = null): R {
  return withContext({ observer: new RuleWatch(log) }, run);
}

function equal(a: Tensor | null | undefined, b: Tensor | null | undefined): boolean {
  if (a == null || b == null) return (a ?? null) === (b ?? null);
  return a === b || same(a.toTypedArray(), b.toTypedArray());
}

/** The first rule that gave something else the second time for the same cotangent or tangents. */
export function firstChange(first: readonly Application[], second: readonly Application[]): RuleCall | null {
  for (let i = 0; i < first.length; i++) {
    const [a, b] = [first[i]!, second[i]];
    if (b === undefined || a.call.primitive !== b.call.primitive || a.call.index !== b.call.index) return null;
    if (equal(a.result, b.result)) continue;
    return a.call.given.every((x, j) => equal(x, b.call.given[j])) ? a.call : null;
  }
  return null;
}
