/**
 * How elementwise operators are defined: a scalar expression, and its derivative in operators.
 * @module
 */
import { context } from "../context.js";
import { isFloat, promote, type DType } from "../dtype.js";
import { mapKernel } from "../kernel.js";
import { adopt, asTensor } from "../operand.js";
import { apply, applyMap, type Jvp, type Primitive } from "../primitive.js";
import type { Scalar } from "../scalar.js";
import { broadcastShapes, repeatedLayout, sameShape } from "../shape.js";
import { MapOperator } from "../tapeOperators.js";
import { materialize, Tensor, type TensorLike } from "../tensor.js";
import { astype, stretch } from "./linear.js";

/** An elementwise function of one tensor. */
export type Unary = (x: TensorLike) => Tensor;

/** An elementwise function of two tensors whose shapes broadcast. */
export type Binary = (x: TensorLike, y: TensorLike) => Tensor;

/**
 * What comes out for int32 and bool: `same` keeps int32 (bool counts as int32), `float` gives the default float,
 * `bool` gives bool whatever comes in; `picked` keeps every dtype, for what computes nothing.
 */
export type ResultKind = "same" | "float" | "bool" | "picked";

interface UnaryDefinition {
  readonly name: string;
  readonly result?: ResultKind;
  /** The choices in the expression are seams of a smooth function, not kinks. */
  readonly smooth?: boolean;
  readonly scalar: <T, M>(s: Scalar<T, M>, x: T) => T;
  /** From the cotangent, the input and the output to the input's cotangent. `null`: flat. */
  readonly vjp: ((ct: Tensor, x: Tensor, y: Tensor) => Tensor) | null;
  /** Forward mode, only where a derivative of the expression over dual pairs would break a convention at an edge. */
  readonly jvp?: (tangent: Tensor, x: Tensor, y: Tensor) => Tensor;
}

const toBool = (): DType => "bool";

const flat = { vjp: null, jvp: null } as const;

/** The tensor in the dtype in which an operator of this kind computes. */
export function computable(x: Tensor, result: ResultKind): Tensor {
  if (x.dtype === "float64" || x.dtype === "float32" || result === "bool" || result === "picked") return x;
  if (result === "float") return astype(x, context.defaultDtype);
  return x.dtype === "bool" ? astype(x, "int32") : x;
}

export function unary({ name, result = "float", smooth = false, scalar, vjp, jvp }: UnaryDefinition): Unary {
  const kernel = mapKernel<void>(scalar as never, null, smooth);
  const primitive: Primitive = {
    name,
    kernel,
    shape: null,
    dtype: result === "bool" ? toBool : null,
    ...(vjp === null
      ? flat
      : { vjp: (_, ct, [x], y) => vjp(ct, x!, y), jvp: jvp ? ([t], [x], y) => jvp(t!, x!, y) : ("scalar" as never) }),
  };
  const operator = new MapOperator(primitive, kernel);
  return (x) => applyMap(operator, computable(asTensor(name, x), result), null);
}

interface ParametricDefinition<P> {
  readonly name: string;
  /** The choices in the expression are seams of a smooth function, not kinks. */
  readonly smooth?: boolean;
  /** The numbers that follow the operand in the expression. */
  readonly parameters: (params: P) => readonly number[];
  readonly scalar: <T, M>(s: Scalar<T, M>, x: T, ...parameters: T[]) => T;
  readonly vjp: (ct: Tensor, x: Tensor, y: Tensor, params: P) => Tensor;
  /** Forward mode, only where a derivative of the expression over dual pairs would break a convention at an edge. */
  readonly jvp?: (tangent: Tensor, x: Tensor, y: Tensor, params: P) => Tensor;
}

/** An elementwise function with numbers as parameters, on a float tensor. */
export function parametric<P>({
  name,
  smooth = false,
  parameters,
  scalar,
  vjp,
  jvp,
}: ParametricDefinition<P>): (x: TensorLike, params: P) => Tensor {
  const primitive: Primitive<P> = {
    name,
    kernel: mapKernel(scalar as never, parameters, smooth),
    shape: null,
    dtype: null,
    vjp: (_, ct, [x], y, params) => vjp(ct, x!, y, params),
    jvp: jvp ? ([t], [x], y, params) => jvp(t!, x!, y, params) : ("scalar" as never),
  };
  return (x, params) => apply(primitive, [computable(asTensor(name, x), "float")], params);
}

/** From the cotangent, the inputs and the output to one input's cotangent. */
type BinaryRule = (ct: Tensor, x: Tensor, y: Tensor, z: Tensor) => Tensor;

interface BinaryDefinition {
  readonly name: string;
  readonly result?: ResultKind;
  /** The choices in the expression are seams of a smooth function, not kinks. */
  readonly smooth?: boolean;
  readonly scalar: <T, M>(s: Scalar<T, M>, x: T, y: T) => T;
  /** One rule per input, `null` where it is flat; or flat altogether. */
  readonly vjp: readonly [BinaryRule, BinaryRule | null] | null;
  /** Forward mode, only where the expression over dual pairs would break a convention at a kink. */
  readonly jvp?: Jvp<void>;
}

export function binary({
  name,
  result = "same",
  smooth = false,
  scalar,
  vjp,
  jvp = "scalar" as never,
}: BinaryDefinition): Binary {
  const kernel = mapKernel<void>(scalar as never, null, smooth);
  const primitive: Primitive = {
    name,
    kernel,
    shape: null,
    dtype: result === "bool" ? toBool : null,
    ...(vjp === null ? flat : { vjp: (index, ct, [x, y], z) => vjp[index]?.(ct, x!, y!, z) ?? null, jvp }),
  };
  const operator = new MapOperator(primitive, kernel);
  return (x, y) => {
    let a = typeof x === "number" && y instanceof Tensor ? adopt(x, y.dtype) : asTensor(name, x);
    let b = typeof y === "number" ? adopt(y, a.dtype) : asTensor(name, y);
    if (a.dtype !== b.dtype || !isFloat(a.dtype)) {
      const dtype = promote(a.dtype, b.dtype);
      a = computable(astype(a, dtype), result);
      b = computable(astype(b, dtype), result);
    }
    if (a.layout !== b.layout) {
      const [p, q] = [a.layout.shape, b.layout.shape];
      if (!sameShape(p, q)) {
        const shape = q.length === 0 ? p : p.length === 0 ? q : broadcastShapes(name, p, q);
        a = repeat(a, shape);
        b = repeat(b, shape);
      }
    }
    return applyMap(operator, a, b);
  };
}

/** An operand stretched to the common shape; a constant scalar without an operator of its own, since nothing can flow to it. */
function repeat(x: Tensor, shape: readonly number[]): Tensor {
  if (
    x.origin !== null ||
    x.layout.shape.length !== 0 ||
    context.evaluate !== null ||
    context.observer !== null ||
    typeof x.data !== "number"
  )
    return stretch(x, shape);
  materialize(x);
  return new Tensor(repeatedLayout(shape), x.dtype, x.data, x.offset);
}

/** Several operands, promoted to one dtype and stretched to one shape. */
export function align(operator: string, operands: readonly TensorLike[], result: ResultKind): readonly Tensor[] {
  const partner = operands.find((x) => x instanceof Tensor);
  const tensors = operands.map((x) =>
    typeof x === "number" && partner ? adopt(x, partner.dtype) : asTensor(operator, x),
  );
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  const shape = tensors.map((x) => x.layout.shape).reduce((a, b) => broadcastShapes(operator, a, b));
  return tensors.map((x) => stretch(computable(astype(x, dtype), result), shape));
}
