/**
 * Forward mode, and what is built from transformations: products with the Hessian, whole matrices.
 * @module
 */
import { isFloat } from "./dtype.js";
import { ArgumentError, checkFunction, describe, GradientError } from "./errors.js";
import { ForwardLevel } from "./forward.js";
import { expectOutput, halves, transform, type Arguments, type Given } from "./grad.js";
import { leafPrimitive } from "./leaf.js";
import { concat, stack } from "./ops/shaping.js";
import { reshape, zerosOf } from "./ops/linear.js";
import { apply } from "./primitive.js";
import { sameShape, scalarLayout, showShape } from "./shape.js";
import { scalarTensor, type Tensor } from "./tensor.js";
import { mapLeaves, type Tensors } from "./tree.js";
import { withContext } from "./context.js";

/** What `f` returns, and the derivative of any part of it along the tangents. */
function pushForward(
  operator: string,
  f: (...args: never) => unknown,
  primals: readonly unknown[],
  tangents: readonly unknown[],
): { readonly output: unknown; readonly tangentOf: (part: Tensor) => Tensor } {
  for (const list of [primals, tangents])
    if (!Array.isArray(list))
      throw new ArgumentError(
        `${operator}: expected lists of primals and of tangents, such as [x] and [v], got ${describe(list)}`,
      );
  const level = new ForwardLevel();
  const seeded = mapLeaves(operator, ([primal, tangent], path) => {
    const x = typeof primal === "number" ? scalarTensor(scalarLayout, "float64", primal) : primal!;
    const t = typeof tangent === "number" ? scalarTensor(scalarLayout, x.dtype, tangent) : tangent!;
    if (!isFloat(x.dtype) || t.dtype !== x.dtype || !sameShape(x.layout.shape, t.layout.shape))
      throw new GradientError(
        `${operator}: expected a float primal and a tangent of its shape and dtype at "${path}", got ${x.dtype} ${showShape(x.layout.shape)} and ${t.dtype} ${showShape(t.layout.shape)}`,
      );
    // A handle of its own, so that two primals which are one tensor keep their tangents apart.
    const own = apply(leafPrimitive, [x], undefined);
    level.seed(own, t);
    return own;
  }, [primals, tangents]) as readonly unknown[]; // prettier-ignore
  const output = withContext({ observer: level }, () => f(...(seeded as never)));
  return { output, tangentOf: (part) => level.tangentOf(part) ?? zerosOf(part.layout.shape, part.dtype) };
}

/**
 * Forward mode: the output and its derivative along the tangents, $\dot y = J \dot x$, by rules of its own.
 *
 * `noGrad` does not stop tangents, it only keeps the graph of reverse mode from growing.
 *
 * @param primals the arguments of `f`, trees of tensors or numbers
 * @param tangents trees of the same structure and shapes
 * @throws {@link ArgumentError} if structures differ
 * @throws {@link GradientError} if shapes differ, or a primal is not differentiable
 * @example
 * ```ts
 * import { jvp, tensor } from "@cotangent/core";
 * const [y, tangent] = jvp((x) => x.square(), [tensor([1, 2])], [tensor([1, 10])]);
 * tangent.toArray(); // → [2,40]
 * ```
 */
export function jvp<A extends Arguments = [Tensor]>(
  f: (...args: A) => Tensor,
  primals: Given<A>,
  tangents: Given<A>,
): [Tensor, Tensor] {
  checkFunction("jvp", f);
  const { output, tangentOf } = pushForward("jvp", f, primals, tangents);
  const y = expectOutput("jvp", output);
  return [y, tangentOf(y)];
}

/**
 * Hessian-vector product $H v$ of a scalar-valued function, forward over reverse: as costly as a few gradients.
 *
 * @returns a function of the point and the direction, trees of the same structure
 * @throws {@link GradientError} if the output is not a scalar, or shapes differ
 * @example
 * ```ts
 * import { hvp, tensor } from "@cotangent/core";
 * hvp((x) => x.pow(3).sum())(tensor([1, 2]), tensor([1, 1])).toArray(); // → [6,12]
 * ```
 * @see Pearlmutter: Fast exact multiplication by the Hessian (1994)
 */
export function hvp<T = Tensor>(f: (x: T) => Tensor): (x: Given<[T]>[0], v: Given<[T]>[0]) => Tensors<T> {
  const gradient = transform("hvp", f, undefined);
  return (x, v) => {
    const { output, tangentOf } = pushForward("hvp", (point: T) => gradient(point)[1], [x], [v]);
    return mapLeaves("hvp", ([leaf]) => tangentOf(leaf as Tensor), [output]) as Tensors<T>;
  };
}

/**
 * The Jacobian $J_{ij} = \partial y_i / \partial x_j$ of a function of one tensor, row by row in reverse mode.
 *
 * @returns a function from a tensor to shape `[…output, …input]`
 * @throws {@link GradientError} if the output is not a float tensor
 * @example
 * ```ts
 * import { jacobian, tensor } from "@cotangent/core";
 * jacobian((x) => x.square())(tensor([1, 2])).toArray(); // → [[2,0],[0,4]]
 * ```
 */
export function jacobian(f: (x: Tensor) => Tensor): (x: Tensor | number) => Tensor {
  return jacobianOf("jacobian", f);
}

function jacobianOf(operator: string, f: (x: Tensor) => unknown): (x: Tensor | number) => Tensor {
  checkFunction(operator, f);
  return (x) => {
    const [output, pullback] = halves(operator, f, [x]);
    const { size, shape } = output;
    const rows = Array.from({ length: size }, (_, i) => {
      const unit = scalarTensor(scalarLayout, output.dtype, 1);
      const ct = size === 1 ? reshape(unit, shape) : reshape(unitVector(unit, i, size), shape);
      return pullback(ct)[0] as Tensor;
    });
    const inputShape = typeof x === "number" ? [] : x.shape;
    return size === 0
      ? zerosOf([...shape, ...inputShape], output.dtype)
      : reshape(stack(rows), [...shape, ...inputShape]);
  };
}

function unitVector(one: Tensor, at: number, size: number): Tensor {
  const zeros = (n: number): Tensor => zerosOf([n], one.dtype);
  return concat([zeros(at), reshape(one, [1]), zeros(size - at - 1)]);
}

/**
 * The Hessian $H_{ij} = \partial^2 f / \partial x_i \partial x_j$ of a scalar-valued function of one tensor.
 *
 * @returns a function from a tensor to shape `[…input, …input]`
 * @throws {@link GradientError} if the output is not a scalar float tensor
 * @example
 * ```ts
 * import { hessian, tensor } from "@cotangent/core";
 * hessian((x) => x.pow(3).sum())(tensor([1, 2])).toArray(); // → [[6,0],[0,12]]
 * ```
 */
export function hessian(f: (x: Tensor) => Tensor): (x: Tensor | number) => Tensor {
  const gradient = transform("hessian", f, undefined);
  return jacobianOf("hessian", (x) => gradient(x)[1]);
}
