/**
 * What an operator is, and `apply`, the only place where operators run and the graph grows.
 * @module
 */
import { arithmeticOf, type NumberFunction, type Work } from "./backend.js";
import { context } from "./context.js";
import { castNumber, newArray, type DType, type TypedArray } from "./dtype.js";
import { ShapeError } from "./errors.js";
import type { Kernel, MapKernel, ViewKernel } from "./kernel.js";
import { Node } from "./node.js";
import { contiguousLayout, scalarLayout, showShape, type Layout, type Shape } from "./shape.js";
import { allocate, allocatedOffset } from "./storage.js";
import { record } from "./tape.js";
import type { MapOperator } from "./tapeOperators.js";
import { expectElements, materialize, scalarTensor, Tensor } from "./tensor.js";

/**
 * A rule of reverse mode: from the cotangent of the output to that of input number `index`, in differentiable
 * operators. `null`: flat there (zero derivative).
 */
export type Vjp<P> = (index: number, ct: Tensor, inputs: readonly Tensor[], output: Tensor, params: P) => Tensor | null;

/** A rule of forward mode: from the tangents of the inputs (`null`: zero) to that of the output. */
export type Jvp<P> = (
  tangents: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  output: Tensor,
  params: P,
) => Tensor | null;

interface Described<P> {
  readonly name: string;
  readonly kernel: Kernel<P>;
  /** The shape of the output; `null`: that of the first input. */
  readonly shape: ((shapes: readonly Shape[], params: P) => Shape) | null;
  /** The dtype of the output; `null`: that of the first input. */
  readonly dtype: ((dtypes: readonly DType[], params: P) => DType) | null;
}

/** How a primitive differentiates in both modes, by rules that do not call each other. */
type Rules<P> =
  /** Flat everywhere: comparisons, rounding, indices. */
  | { readonly vjp: null; readonly jvp: null }
  /** A map: forward mode reads its scalar expression over dual pairs. */
  | { readonly vjp: Vjp<P>; readonly jvp: "scalar" }
  /** Linear in each of the float inputs: forward mode applies the primitive to the tangents. */
  | { readonly vjp: Vjp<P>; readonly jvp: "linear" }
  | { readonly vjp: Vjp<P>; readonly jvp: Jvp<P> };

/** Everything the framework knows about one operator. */
export type Primitive<P = void> = Described<P> & Rules<P>;

/** Whether it makes new values; views and assemblies only move values, and fill in constants such as a pool's $-\infty$. */
export function computes<P>({ kernel: { kind } }: Primitive<P>): boolean {
  return kind !== "view" && kind !== "assemble";
}

/** Runs an operator on normalised inputs, and records it where an input is tracked. */
export function apply<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  const { evaluate } = context;
  const output = evaluate === null ? evaluateNow(primitive, inputs, params) : evaluate(primitive, inputs, params);
  return noted(primitive, inputs, params, output);
}

/** `apply` for a map of one or two operands, which writes single numbers down on the tape. */
export function applyMap(operator: MapOperator, a: Tensor, b: Tensor | null): Tensor {
  if (a.layout === scalarLayout && context.recording) {
    const entry = record(operator, a, b);
    if (entry !== null) return entry;
  }
  const { primitive, kernel } = operator;
  const inputs = b === null ? [a] : [a, b];
  const { evaluate } = context;
  if (evaluate !== null) return noted(primitive, inputs, undefined, evaluate(primitive, inputs, undefined));
  const dtype = dtypeOf(primitive, inputs, undefined);
  return noted(primitive, inputs, undefined, evaluateMap(primitive.name, kernel, inputs, undefined, dtype));
}

/** The output, of which the graph and those who look on know now. */
function noted<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): Tensor {
  if (context.recording && primitive.vjp !== null)
    for (let i = 0; i < inputs.length; i++)
      if (inputs[i]!.origin !== null) {
        output.origin = new Node(primitive as Primitive<never>, inputs, params);
        break;
      }
  if (context.observer !== null) context.observer.observe(primitive, inputs, params, output);
  return output;
}

/** The value of an operator, computed at once on the current backend; makes no node. */
export function evaluateNow<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  const { kernel } = primitive;
  if (kernel.kind === "call") return kernel.run(inputs, params);
  const first = inputs[0]!;
  if (kernel.kind === "view") return seenAs(primitive, kernel, first, params, rowMajor);
  const dtype = dtypeOf(primitive, inputs, params);
  if (kernel.kind === "map") return evaluateMap(primitive.name, kernel, inputs, params, dtype);
  return execute(primitive.name, kernel, inputs, params, contiguousLayout(shapeOf(primitive, inputs, params)), dtype);
}

/** The value of a map, computed at once; an error names `operator`. */
export function evaluateMap<P>(
  operator: string,
  kernel: MapKernel<P>,
  inputs: readonly Tensor[],
  params: P,
  dtype: DType,
): Tensor {
  if (inputs[0]!.layout.shape.length === 0) return evaluateNumber(kernel, inputs, params, dtype);
  return execute(operator, kernel, inputs, params, denseLayout(inputs), dtype);
}

/** The dtype of the output. */
export function dtypeOf<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): DType {
  return primitive.dtype === null ? inputs[0]!.dtype : primitive.dtype(dtypesOf(inputs), params);
}

/** The shape of the output. */
export function shapeOf<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Shape {
  return primitive.shape === null ? inputs[0]!.layout.shape : primitive.shape(shapesOf(inputs), params);
}

/** The elements of `x` with another layout; where only a row-major copy can be seen so, `copy` makes one. */
export function seenAs<P>(
  primitive: Primitive<P>,
  kernel: ViewKernel<P>,
  x: Tensor,
  params: P,
  copy: (x: Tensor) => Tensor,
): Tensor {
  materialize(x);
  const dtype = primitive.dtype === null ? x.dtype : primitive.dtype([x.dtype], params);
  const seen = kernel.view(x.layout, params);
  if (seen !== null) return new Tensor(seen.layout, dtype, x.data, x.offset + seen.shift);
  const dense = copy(x);
  const again = kernel.view(dense.layout, params)!;
  return new Tensor(again.layout, dtype, dense.data, dense.offset + again.shift);
}

function execute<P>(
  operator: string,
  kernel: Work<P>,
  inputs: readonly Tensor[],
  params: P,
  layout: Layout,
  dtype: DType,
): Tensor {
  for (let i = 0; i < inputs.length; i++) {
    materialize(inputs[i]!);
    expectElements(inputs[i]!);
  }
  const operands = inputs as readonly Held[];
  // A scalar that is kept, such as a cost, must not pin a slab.
  if (layout.shape.length === 0) {
    const data = singles[dtype];
    context.backend.execute(kernel, operands, params, { data, offset: 0, layout, dtype });
    return scalarTensor(layout, dtype, data[0]!);
  }
  const data = roomFor(operator, layout, dtype);
  const output = new Tensor(layout, dtype, data, allocatedOffset);
  context.backend.execute(kernel, operands, params, output as Held);
  return output;
}

/** @throws {@link ShapeError} if there is no room for so many elements */
function roomFor(operator: string, { size, shape }: Layout, dtype: DType): TypedArray {
  try {
    return allocate(dtype, size);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ShapeError(
      `${operator}: expected a result that fits into memory, got shape ${showShape(shape)} of ${dtype}, ${size} elements; slice the operands, or work in batches`,
      { cause: error },
    );
  }
}

type Held = Tensor & { readonly data: TypedArray };

/** Where a backend puts a result that is one number. */
const singles: Readonly<Record<DType, TypedArray>> = {
  float64: newArray("float64", 1),
  float32: newArray("float32", 1),
  int32: newArray("int32", 1),
  bool: newArray("bool", 1),
};

/** Scalars need neither buffers nor layouts. */
function evaluateNumber<P>(kernel: MapKernel<P>, inputs: readonly Tensor[], params: P, dtype: DType): Tensor {
  const arithmetic = arithmeticOf(inputs);
  const f: NumberFunction = context.backend.number(kernel, arithmetic);
  const [x, y] = inputs as readonly [Tensor, Tensor?, Tensor?];
  const a = x.item();
  let value: number;
  if (kernel.parameters === null && inputs.length <= 2) value = y === undefined ? f(a) : f(a, y.item());
  else {
    const parameters = kernel.parameters === null ? [] : kernel.parameters(params);
    value = f(
      ...inputs.map((input) => input.item()),
      ...parameters.map((p) => (arithmetic === "float32" ? Math.fround(p) : p)),
    );
  }
  return scalarTensor(scalarLayout, dtype, dtype === "float64" ? value : castNumber(value, dtype));
}

/** A row-major layout of the inputs' common shape, shared with an input where one has it. */
function denseLayout(inputs: readonly Tensor[]): Layout {
  for (let i = 0; i < inputs.length; i++) {
    const { layout } = inputs[i]!;
    if (layout.contiguous) return layout;
  }
  return contiguousLayout(inputs[0]!.layout.shape);
}

/** The same elements in row-major order. */
export const copyPrimitive: Primitive = {
  name: "copy",
  kernel: {
    kind: "assemble",
    fill: () => 0,
    regions: ([shape]) => [{ start: shape!.map(() => 0), step: shape!.map(() => 1) }],
  },
  shape: null,
  dtype: null,
  vjp: null,
  jvp: null,
};

/** The same elements without gaps. */
export function rowMajor(x: Tensor): Tensor {
  return x.layout.contiguous ? x : evaluateNow(copyPrimitive, [x], undefined);
}

function shapesOf(inputs: readonly Tensor[]): readonly Shape[] {
  const shapes = new Array<Shape>(inputs.length);
  for (let i = 0; i < inputs.length; i++) shapes[i] = inputs[i]!.layout.shape;
  return shapes;
}

function dtypesOf(inputs: readonly Tensor[]): readonly DType[] {
  const dtypes = new Array<DType>(inputs.length);
  for (let i = 0; i < inputs.length; i++) dtypes[i] = inputs[i]!.dtype;
  return dtypes;
}
