/**
 * Which way an evaluation went at its kinks: the masks of choices in scalar expressions, who was the largest, and what
 * flat operators such as `floor`, `argsort` or `less` gave.
 * @module
 */
import { context, withContext, type Observer } from "../context.js";
import { precisionOf } from "../backend.js";
import { isFloat } from "../dtype.js";
import * as ops from "../ops/index.js";
import { pickedAxes } from "../ops/extremes.js";
import type { Primitive } from "../primitive.js";
import { tensors } from "../readings/tensors.js";
import type { Scalar } from "../scalar.js";
import type { Tensor } from "../tensor.js";

/** Decisions that differ between two evaluations. */
export interface Flips {
  /** `Infinity` where another way was taken. */
  readonly count: number;
  /** The first mask that differs; -1: none. */
  readonly first: number;
  /** The first element of it that does. */
  readonly element: number;
}

/** Collects the decisions of all operators that run while it looks on. */
export class Branches implements Observer {
  readonly masks: Tensor[] = [];
  /** Which operator decided, and what it gave; one for each mask. */
  readonly deciders: { readonly name: string; readonly output: Tensor }[] = [];
  /** The masks that say which elements were picked, such as the largest ones. */
  readonly picks = new Set<number>();
  readonly #outer = context.observer;

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    withContext({ observer: this.#outer, recording: false }, () => this.#collect(primitive, inputs, params, output));
    while (this.deciders.length < this.masks.length) this.deciders.push({ name: primitive.name, output });
  }

  #collect<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    const { kernel, vjp } = primitive;
    if (vjp === null) {
      // What is flat changes by jumps only, unless it merely moves elements, as stopGradient does.
      if (kernel.kind !== "view" && kernel.kind !== "assemble" && inputs.some((x) => isFloat(x.dtype)))
        this.masks.push(output);
      return;
    }
    const axes = pickedAxes(primitive, params);
    if (axes !== null) {
      this.picks.add(this.masks.length);
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

  /** In what decisions differ. */
  differences(other: Branches): Flips {
    if (this.masks.length !== other.masks.length) return { count: Infinity, first: -1, element: -1 };
    let [count, first, element] = [0, -1, -1];
    for (let i = 0; i < this.masks.length; i++) {
      const [a, b] = [this.masks[i]!.toTypedArray(), other.masks[i]!.toTypedArray()];
      if (a.length !== b.length) return { count: Infinity, first: i, element: -1 };
      for (let j = 0; j < a.length; j++)
        if (a[j] !== b[j]) {
          count++;
          if (first < 0) [first, element] = [i, j];
        }
    }
    return { count, first, element };
  }

  /** Whether all decisions are the same. */
  equals(other: Branches): boolean {
    return this.differences(other).count === 0;
  }
}

/** The result of `run` and the decisions on the way. */
export function withBranches<R>(run: () => R): { readonly result: R; readonly branches: Branches } {
  const branches = new Branches();
  return { result: withContext({ observer: branches }, run), branches };
}
