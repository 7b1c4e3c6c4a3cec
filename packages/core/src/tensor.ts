/**
 * The handle that users hold.
 * @module
 */
import { newArray, type DType, type NestedArray, type TypedArray } from "./dtype.js";
import { ArgumentError, CotangentError, ShapeError } from "./errors.js";
import type { Fluent } from "./fluent.js";
import type { Node } from "./node.js";
import { print } from "./print.js";
import { forEachPosition, showShape, type Layout, type Shape } from "./shape.js";
import { allocate, allocatedOffset } from "./storage.js";
import type { Chunk } from "./tape.js";

/** Where a tracked tensor comes from. */
export interface Origin {
  /** Of the tape: the chunk of the entry; of a node: the number of the latest chunk that has an entry for it. */
  readonly chunk: Chunk | number;
  /** The node of a tensor of that offset. */
  nodeOf(offset: number): Node;
}

/** Every operator whose first parameter is a tensor is also a method; see `fluent.ts`. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface Tensor extends Fluent {}

/**
 * An immutable n-dimensional array: a buffer, a layout, a dtype, and the node of the computation graph that made it.
 * A scalar is a tensor of shape `[]`. Make one with `tensor`, `scalar`, `zeros` and the like.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([[1, 2], [3, 4]]);
 * x.shape; // → [2,2]
 * x.mul(10).sum({ axis: 0 }).toArray(); // → [40,60]
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export class Tensor {
  /** @internal */
  readonly layout: Layout;
  /** The type of the elements. */
  readonly dtype: DType;
  /** The buffer; of a scalar that never needed one, the number itself. @internal */
  data: TypedArray | number;
  /** @internal */
  offset: number;
  /** The node that made it, or the tape; `null`: no derivative was asked for. @internal */
  origin: Origin | null;

  /** @internal */
  constructor(layout: Layout, dtype: DType, data: TypedArray | number, offset: number) {
    this.layout = layout;
    this.dtype = dtype;
    this.data = data;
    this.offset = offset;
    this.origin = null;
  }

  /** @internal */
  get node(): Node | null {
    return this.origin === null ? null : this.origin.nodeOf(this.offset);
  }

  /** Sizes of the axes, outermost first; `[]` for a scalar. */
  get shape(): Shape {
    return Object.freeze(this.layout.shape);
  }

  /** The number of axes. */
  get rank(): number {
    return this.layout.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return this.layout.size;
  }

  /** Whether derivatives flow to this tensor: it is a variable or was computed from one. */
  get requiresGrad(): boolean {
    return this.origin !== null;
  }

  /**
   * The only element, as a number (1 or 0 for bool).
   *
   * @throws {@link ShapeError} if there is not exactly one element
   * @example
   * ```ts
   * import { tensor } from "@cotangent/core";
   * tensor([[2.5]]).item(); // → 2.5
   * ```
   */
  item(): number {
    if (typeof this.data === "number") return this.data;
    if (this.layout.size !== 1)
      throw new ShapeError(
        `item: expected a tensor with one element, got shape ${showShape(this.layout.shape)}; use toArray(), or reduce it with sum() or mean()`,
      );
    expectElements(this);
    return this.data[this.offset]!;
  }

  /**
   * The elements as nested plain arrays; a number for a scalar, booleans for bool.
   *
   * @example
   * ```ts
   * import { tensor } from "@cotangent/core";
   * tensor([1, 2, 3, 4], { shape: [2, 2] }).toArray(); // → [[1,2],[3,4]]
   * ```
   */
  toArray(): NestedArray {
    return nested<number | boolean>(this, this.dtype === "bool" ? (x) => x !== 0 : (x) => x);
  }

  /**
   * The elements as `toArray` gives them, for `JSON.stringify`; `"NaN"`, `"Infinity"` and `"-Infinity"` as text, which JSON
   * has no numbers for. JSON keeps neither the dtype nor the sign of a zero; checkpoints of `@cotangent/data` keep all.
   *
   * @example
   * ```ts
   * import { tensor } from "@cotangent/core";
   * JSON.stringify({ w: tensor([[1, 2.5], [3, NaN]]) }); // → {"w":[[1,2.5],[3,"NaN"]]}
   * ```
   */
  toJSON(): unknown {
    if (this.dtype === "bool") return this.toArray();
    return nested<number | string>(this, (x) => (Number.isFinite(x) ? x : String(x)));
  }

  /**
   * A flat copy of the elements in row-major order.
   *
   * @example
   * ```ts
   * import { tensor } from "@cotangent/core";
   * tensor([[1, 2], [3, 4]]).transpose().toTypedArray(); // → 1,3,2,4
   * ```
   */
  toTypedArray(): TypedArray {
    const { layout, data, offset } = this;
    if (typeof data === "number") {
      const single = newArray(this.dtype, 1);
      single[0] = data;
      return single;
    }
    expectElements(this);
    if (layout.contiguous) return data.slice(offset, offset + layout.size);
    const flat = newArray(this.dtype, layout.size);
    forEachPosition(layout, (position, index) => {
      flat[index] = data[offset + position]!;
    });
    return flat;
  }

  /**
   * Elements, shape and dtype as readable text; long axes are abbreviated.
   *
   * @example
   * ```ts
   * import { tensor } from "@cotangent/core";
   * tensor([1, 2.5]).toString(); // → tensor([1, 2.5])
   * ```
   */
  toString(): string {
    return print(this);
  }

  /** @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Refuses `x + y` and `x < y`, which JavaScript would turn into text or NaN. @throws {@link CotangentError} always, but for text */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new CotangentError(
      `Tensor: expected a method, got a JavaScript operator (such as + - * / < ==); write x.add(y), x.sub(y), x.mul(y), x.div(y), x.less(y), or x.item() for the number`,
    );
  }
}

type Nested<E> = E | Nested<E>[];

/** The elements, each as `show` gives it, in plain arrays along the axes. */
function nested<E>(x: Tensor, show: (x: number) => E): Nested<E> {
  const flat = x.toTypedArray();
  const { shape } = x.layout;
  let next = 0;
  return nest(0);
  function nest(axis: number): Nested<E> {
    return axis === shape.length ? show(flat[next++]!) : Array.from({ length: shape[axis]! }, () => nest(axis + 1));
  }
}

/** A tensor, or a plain number that adopts the dtype of its partner. */
export type TensorLike = Tensor | number;

/** A scalar held as a number. */
export function scalarTensor(layout: Layout, dtype: DType, value: number): Tensor {
  return new Tensor(layout, dtype, value, 0);
}

/** @throws {@link ArgumentError} if the buffer was transferred away, by `postMessage` for example */
export function expectElements(x: Tensor): void {
  const { data, layout } = x;
  if ((data as TypedArray).length === 0 && layout.size > 0)
    throw new ArgumentError(
      `tensor: expected the elements of a tensor of shape ${showShape(layout.shape)}, got a buffer that was transferred away, for example by postMessage; send a copy, toTypedArray()`,
    );
}

/** Gives a scalar that is held as a number a buffer, so that kernels can read it. */
export function materialize(x: Tensor): void {
  if (typeof x.data !== "number") return;
  const data = allocate(x.dtype, 1);
  const offset = allocatedOffset;
  data[offset] = x.data;
  x.offset = offset;
  x.data = data;
}
