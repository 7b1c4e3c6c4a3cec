/**
 * Random numbers of a recorded function: what it draws from generators among its arguments is drawn again in every call,
 * in the same order, by the same generators.
 * @module
 */
import type { Recorder } from "../context.js";
import { newArray, type DType, type TypedArray } from "../dtype.js";
import { Random } from "../random.js";
import type { Draw } from "../distributions.js";
import { sizeOf, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";

/** Something done with generators, which have numbers: first those of the arguments, then those made of others. */
export type Operation =
  | { readonly kind: "branch"; readonly from: number; readonly how: (from: Random) => Random }
  | {
      readonly kind: "draw";
      readonly from: number;
      readonly name: string;
      readonly shape: Shape;
      readonly dtype: DType;
      readonly draw: Draw;
    };

/** What is drawn while a function is recorded. */
export class Draws implements Recorder {
  readonly operations: Operation[] = [];
  readonly #numbers = new Map<Random, number>();
  readonly #open: (index: number, dtype: DType, shape: Shape) => Tensor;
  #count = 0;

  /** `open` makes the handle of draw number `index`. */
  constructor(open: (index: number, dtype: DType, shape: Shape) => Tensor) {
    this.#open = open;
  }

  /** The next generator, which stands for one that comes with every call. */
  generator(): Random {
    const standIn = new Random("", true);
    this.#numbers.set(standIn, this.#numbers.size);
    return standIn;
  }

  numberOf(generator: Random): number | undefined {
    return this.#numbers.get(generator);
  }

  knows(generator: Random): boolean {
    return this.#numbers.has(generator);
  }

  draw(generator: Random, name: string, shape: Shape, dtype: DType, draw: Draw): Tensor | null {
    const from = this.numberOf(generator);
    if (from === undefined) return null;
    this.operations.push({ kind: "draw", from, name, shape, dtype, draw });
    return this.#open(this.#count++, dtype, shape);
  }

  branch(generator: Random, how: (from: Random) => Random): Random | null {
    const from = this.numberOf(generator);
    if (from === undefined) return null;
    this.operations.push({ kind: "branch", from, how });
    return this.generator();
  }
}

/** Does it all with the generators of a call. `rooms` has a place for every draw, `null` where nobody reads it. */
export function drawAgain(
  operations: readonly Operation[],
  rooms: readonly (TypedArray | null)[],
  generators: readonly Random[],
): Random[] {
  const all = [...generators];
  let count = 0;
  for (const operation of operations) {
    const from = all[operation.from]!;
    if (operation.kind === "branch") all.push(operation.how(from));
    else from.fill(operation.draw, rooms[count++] ?? newArray(operation.dtype, sizeOf(operation.shape)));
  }
  return all;
}
