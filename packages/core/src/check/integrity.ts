/**
 * Who changes its inputs in place, and who gives something else the second time.
 * @module
 */
import { context, withContext, type Observer } from "../context.js";
import type { Primitive } from "../primitive.js";
import type { Tensor } from "../tensor.js";

/** An operator that does what it must not. */
export interface Misconduct {
  readonly op: string;
  readonly output: Tensor;
  /** Which operand it changed; `null`: it gave something else for the same operands. */
  readonly operand: number | null;
}

interface Application {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly values: Float64Array;
}

/** Bit for bit, NaN being one. */
function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** Remembers what every tensor was when it was made. */
export class Integrity implements Observer {
  readonly #outer = context.observer;
  readonly #values = new Map<Tensor, Float64Array>();
  readonly applications: Application[] = [];
  /** The first operator that changed an operand. */
  culprit: Misconduct | null = null;

  constructor(leaves: readonly Tensor[]) {
    for (const leaf of leaves) this.#values.set(leaf, Float64Array.from(leaf.toTypedArray()));
  }

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    // Kernels other than routines and calls are run by the backends, which only write to the output.
    const { kind } = primitive.kernel;
    if ((kind === "routine" || kind === "call") && this.culprit === null)
      inputs.forEach((x, operand) => {
        const known = this.#values.get(x);
        if (this.culprit === null && known !== undefined && !same(x.toTypedArray(), known))
          this.culprit = { op: primitive.name, output, operand };
      });
    this.applications.push({ op: primitive.name, inputs, output, values: this.#remember(output) });
  }

  #remember(x: Tensor): Float64Array {
    const values = Float64Array.from(x.toTypedArray());
    this.#values.set(x, values);
    return values;
  }

  /** The first operator that gave something else than in `other` for the same operands. */
  firstDifference(other: Integrity): Misconduct | null {
    for (let i = 0; i < this.applications.length; i++) {
      const [a, b] = [this.applications[i]!, other.applications[i]];
      if (b === undefined || a.op !== b.op || a.inputs.length !== b.inputs.length) return null;
      if (same(a.values, b.values)) continue;
      const fed = a.inputs.every((x, j) => same(x.toTypedArray(), b.inputs[j]!.toTypedArray()));
      return fed ? { op: a.op, output: a.output, operand: null } : null;
    }
    return null;
  }
}

/** Runs something watched over. */
export function withIntegrity<R>(leaves: readonly Tensor[], run: () => R): { result: R; integrity: Integrity } {
  const integrity = new Integrity(leaves);
  return { result: withContext({ observer: integrity }, run), integrity };
}

export { same };
