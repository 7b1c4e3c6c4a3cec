/**
 * Which way an evaluation went at its kinks: the masks of choices in scalar expressions, and who was the largest.
 * @module
 */
import { context, withContext, type Observer } from "../context.js";
import { precisionOf } from "../backend.js";
import { isFloat } from "../dtype.js";
import * as ops from "../ops/index.js";
import type { Primitive } from "../primitive.js";
import { tensors } from "../readings/tensors.js";
import type { Scalar } from "../scalar.js";
import type { Tensor } from "../tensor.js";

/** Collects the decisions of all operators that run while it looks on. */
export class Branches implements Observer {
  readonly masks: Tensor[] = [];
  readonly #outer = context.observer;

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    if (primitive.vjp === null) return;
    withContext({ observer: this.#outer, recording: false }, () => this.#collect(primitive, inputs, params, output));
  }

  #collect<P>({ kernel }: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    if (kernel.kind === "reduce" && (kernel.monoid === "max" || kernel.monoid === "min")) {
      const axes = kernel.axes(params);
      const wide = inputs[0]!.layout.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
      this.masks.push(ops.equal(inputs[0]!, ops.reshape(output, wide)));
    }
    if (kernel.kind !== "map" || kernel.smooth) return;
    const plain = tensors(precisionOf(inputs.filter((x) => isFloat(x.dtype))));
    const s: Scalar<Tensor, Tensor> = {
      ...plain,
      select: (mask, x, y) => {
        this.masks.push(mask);
        return plain.select(mask, x, y);
      },
      abs: (x) => {
        this.masks.push(ops.less(x, 0));
        return plain.abs(x);
      },
      // Jumps that elementary functions keep to themselves.
      mod: (x, y) => {
        const z = plain.mod(x, y);
        this.masks.push(ops.round(ops.div(ops.sub(x, z), y)));
        return z;
      },
      atan2: (y, x) => {
        this.masks.push(ops.logicalAnd(ops.less(y, 0), ops.less(x, 0)));
        return plain.atan2(y, x);
      },
    };
    kernel.scalar(s, ...inputs, ...(kernel.parameters?.(params) ?? []).map((value) => s.constant(value)));
  }

  /** Whether all decisions are the same. */
  equals(other: Branches): boolean {
    return (
      this.masks.length === other.masks.length &&
      this.masks.every((mask, i) => {
        const [a, b] = [mask.toTypedArray(), other.masks[i]!.toTypedArray()];
        return a.length === b.length && a.every((v, j) => v === b[j]);
      })
    );
  }
}

/** The result of `run` and the decisions on the way. */
export function withBranches<R>(run: () => R): { readonly result: R; readonly branches: Branches } {
  const branches = new Branches();
  return { result: withContext({ observer: branches }, run), branches };
}
