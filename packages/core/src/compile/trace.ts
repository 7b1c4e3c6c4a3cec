/**
 * From a function to equations: operators are written down as they would reach a backend, and nothing is computed.
 * Equal equations are written once, and what depends on constants only is computed at once.
 * @module
 */
import { withContext, type Evaluate, type Absence } from "../context.js";
import type { Work } from "../backend.js";
import { newArray, type DType, type TypedArray } from "../dtype.js";
import { GraphError } from "../errors.js";
import { callerLine } from "../lines.js";
import { copyPrimitive, dtypeOf, evaluateNow, rowMajor, seenAs, shapeOf, type Primitive } from "../primitive.js";
import { contiguousLayout, sizeOf, type Layout, type Shape } from "../shape.js";
import { expectElements, Tensor } from "../tensor.js";
import { Draws } from "./draws.js";
import { keyOf } from "./keys.js";
import { expectRoom } from "./memory.js";

/** Row-major elements that a program reads or makes. */
export interface Buffer {
  readonly id: number;
  readonly dtype: DType;
  readonly size: number;
  readonly origin: Origin;
}

/** Where the elements of a buffer come from. */
export type Origin =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "drawn"; readonly index: number }
  | { readonly kind: "constant"; readonly data: TypedArray; readonly offset: number }
  | { readonly kind: "equation"; readonly index: number };

/** A buffer seen with a layout. */
export interface Place {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly layout: Layout;
  readonly dtype: DType;
}

/** The number that a place holds throughout, if that is known. */
export function constantOf({ buffer }: Place): number | null {
  return buffer.origin.kind === "constant" && buffer.size === 1 ? buffer.origin.data[buffer.origin.offset]! : null;
}

/** One operator to be run. */
export interface Equation {
  readonly name: string;
  readonly kernel: Work<unknown>;
  readonly inputs: readonly Place[];
  readonly params: unknown;
  readonly output: Place;
  /** What was recorded, where it runs in another form. */
  readonly recorded?: Equation;
}

/** What stands in a handle for elements that do not exist yet: where they will be, which only their recording can see. */
class Missing {
  readonly #trace: Trace;
  readonly #place: Place;

  constructor(trace: Trace, place: Place) {
    this.#trace = trace;
    this.#place = place;
  }

  static isOver(missing: unknown): boolean {
    return typeof missing === "object" && missing !== null && #trace in missing && missing.#trace.over;
  }

  static placeIn(trace: Trace, { data }: Tensor): Place | undefined {
    return typeof data === "object" && #trace in data && data.#trace === trace ? data.#place : undefined;
  }
}

// Whatever is read of it is looked up in its prototypes; one Proxy there serves all handles.
Object.setPrototypeOf(
  Missing.prototype,
  new Proxy(Object.create(null) as object, {
    get(_target, _key, missing) {
      const line = callerLine(new Error().stack);
      const at = line === null ? "" : `, at ${line}`;
      throw new GraphError(
        Missing.isOver(missing)
          ? `compile: expected tensors made in a recorded function to be used inside of it only, got one elsewhere${at}; return what is needed`
          : `compile: expected operators only, got a function that reads a value (item, toArray, toTypedArray or printing) while it is recorded${at}; choose with where(…), return what you want to read, or leave this function uncompiled`,
      );
    },
  }),
);

/** A look at values that come with every call. */
export interface Check {
  readonly place: Place;
  readonly look: (x: Tensor) => void;
}

/** The recording of one run. */
export class Trace implements Absence {
  readonly equations: Equation[] = [];
  readonly checks: Check[] = [];
  /** Whether the function has run. */
  over = false;
  readonly drawn: Buffer[] = [];
  readonly recorder = new Draws((index, dtype, shape) => {
    const handle = this.#handle(dtype, contiguousLayout(shape), { kind: "drawn", index });
    this.drawn.push(this.placeOf(handle).buffer);
    return handle;
  });
  readonly #known = new Map<string | number, Tensor>();
  readonly #constants = new Map<TypedArray, Map<string, Buffer>>();
  readonly #numbers = new Map<string, Buffer>();
  #count = 0;

  /** A handle of an argument whose elements come with every call. */
  input(index: number, dtype: DType, shape: Shape): Tensor {
    const layout = contiguousLayout(shape);
    return this.#handle(dtype, layout, { kind: "input", index });
  }

  /** Runs `f` on handles of arguments. */
  run<R>(f: () => R): R {
    try {
      return withContext({ evaluate: this.#evaluate, observer: null, recording: true, absence: this }, f);
    } finally {
      this.over = true;
    }
  }

  /** Whether the elements of `x` are known only when the program runs. */
  isOpen(x: Tensor): boolean {
    return Missing.placeIn(this, x) !== undefined;
  }

  check(x: Tensor, look: (x: Tensor) => void): void {
    this.checks.push({ place: this.placeOf(x), look });
  }

  /** Where a program finds the elements of `x`. */
  placeOf(x: Tensor): Place {
    const open = Missing.placeIn(this, x);
    if (open !== undefined) {
      if (x.layout === open.layout && x.offset === 0 && x.dtype === open.dtype) return open;
      return { buffer: open.buffer, offset: x.offset, layout: x.layout, dtype: x.dtype };
    }
    expectElements(x);
    if (repeatsOne(x)) return { buffer: this.#number(x), offset: 0, layout: x.layout, dtype: x.dtype };
    expectRoom(x.dtype, x.layout.size);
    const { data, layout, offset, dtype } = rowMajor(x) as Tensor & { readonly data: TypedArray };
    let constants = this.#constants.get(data);
    if (constants === undefined) this.#constants.set(data, (constants = new Map<string, Buffer>()));
    const key = `${offset} ${layout.size}`;
    let buffer = constants.get(key);
    if (buffer === undefined) {
      buffer = { id: this.#count++, dtype, size: layout.size, origin: { kind: "constant", data, offset } };
      constants.set(key, buffer);
    }
    return { buffer, offset: 0, layout, dtype };
  }

  /** The buffer of a constant number; equal ones have one buffer. */
  #number({ data, offset, dtype }: Tensor): Buffer {
    const value = typeof data === "number" ? data : data[offset]!;
    const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
    let buffer = this.#numbers.get(key);
    if (buffer === undefined) {
      const single = newArray(dtype, 1);
      single[0] = value;
      buffer = { id: this.#count++, dtype, size: 1, origin: { kind: "constant", data: single, offset: 0 } };
      this.#numbers.set(key, buffer);
    }
    return buffer;
  }

  #handle(dtype: DType, layout: Layout, origin: Origin): Tensor {
    const buffer = { id: this.#count++, dtype, size: layout.size, origin };
    const missing = new Missing(this, { buffer, offset: 0, layout, dtype });
    return new Tensor(layout, dtype, missing as unknown as TypedArray, 0);
  }

  readonly #evaluate: Evaluate = (primitive, inputs, params) => {
    const { kernel } = primitive;
    if (kernel.kind === "call") return kernel.run(inputs, params);
    if (!inputs.some((x) => this.isOpen(x)))
      try {
        if (kernel.kind !== "view")
          expectRoom(dtypeOf(primitive, inputs, params), sizeOf(shapeOf(primitive, inputs, params)));
        return withContext({ evaluate: null, absence: null }, () => evaluateNow(primitive, inputs, params));
      } catch {
        // What is wrong with the values shows again when the program runs, in the order in which the function would come to
        // it; what there is no room for, when its memory is planned.
      }
    if (kernel.kind === "view")
      return seenAs(primitive, kernel, inputs[0]!, params, (x) => this.#write(copyPrimitive, [x], undefined));
    return this.#write(primitive, inputs, params);
  };

  #write<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    const kernel = primitive.kernel as Work<unknown>;
    const dtype = dtypeOf(primitive, inputs, params);
    const first = inputs[0]?.layout;
    const layout =
      kernel.kind === "map" && first!.contiguous
        ? first!
        : contiguousLayout(kernel.kind === "map" ? first!.shape : shapeOf(primitive, inputs, params));
    const places = inputs.map((x) => this.placeOf(x));
    const key = keyOf(kernel, dtype, places, params);
    const known = key === null ? undefined : this.#known.get(key);
    // A handle of its own, since the node of the graph belongs to it.
    if (known !== undefined) return new Tensor(layout, dtype, known.data, 0);
    const output = this.#handle(dtype, layout, { kind: "equation", index: this.equations.length });
    this.equations.push({ name: primitive.name, kernel, inputs: places, params, output: this.placeOf(output) });
    if (key !== null) this.#known.set(key, output);
    return output;
  }
}

function repeatsOne({ layout: { shape, strides, size } }: Tensor): boolean {
  if (size === 0) return false;
  for (let axis = 0; axis < shape.length; axis++) if (strides[axis] !== 0 && shape[axis] !== 1) return false;
  return true;
}
