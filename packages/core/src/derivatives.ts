/**
 * Forward mode, and what is built from transformations: products with the Hessian, whole matrices.
 * @module
 */
import { isFloat } from "./dtype.js";
import { ArgumentError, checkFunction, describe, GradientError } from "./errors.js";
import { ForwardLevel } from "./forward.js";
import { expectOutput, parted, transform, type Arguments, type Given, type Parted } from "./grad.js";
import { leafPrimitive } from "./leaf.js";
import { concat, stack } from "./ops/joining.js";
import { reshape, zerosOf } from "./ops/linear.js";
import { apply } from "./primitive.js";
import { sameShape, scalarLayout, showShape } from "./shape.js";
import { scalarTensor, type Tensor } from "./tensor.js";
import { mapLeaves, type Leaf, type Tensors } from "./tree.js";
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
    if ((v as unknown) === undefined)
      throw new ArgumentError("hvp: expected a direction beside the point, got none; call hvp(f)(x, v)");
    const { output, tangentOf } = pushForward("hvp", (point: T) => gradient(point)[1], [x], [v]);
    return mapLeaves("hvp", ([leaf]) => tangentOf(leaf as Tensor), [output]) as Tensors<T>;
  };
}

/** The tree `T` with `R` in the place of every leaf. */
export type Each<T, R> = T extends Leaf ? R : { readonly [K in keyof T]: Each<T[K], R> };

/**
 * The Jacobian $J_{ij} = \partial y_i / \partial x_j$, row by row in reverse mode. Of a function of a tree, such as a
 * model's parameters, it is a tree of Jacobians, one by each leaf.
 *
 * @returns a function from a tensor to shape `[…output, …input]`, or from a tree to the same tree of these
 * @throws {@link GradientError} if the output is not a float tensor, or a leaf is not differentiable
 * @example
 * ```ts
 * import { jacobian, tensor, type Tensor } from "@cotangent/core";
 * jacobian((x) => x.square())(tensor([1, 2])).toArray(); // → [[2,0],[0,4]]
 * const { w, b } = jacobian((p: { w: Tensor; b: Tensor }) => p.w.mul(p.b))({ w: tensor([1, 2]), b: tensor(3) });
 * w.toArray(); // → [[3,0],[0,3]]
 * b.toArray(); // → [1,2]
 * ```
 */
export function jacobian<T = Tensor>(f: (x: T) => Tensor): (x: Given<[T]>[0]) => Tensors<T> {
  checkFunction("jacobian", f);
  return (x) => {
    const { result, pullback } = parted("jacobian", f, [x]);
    return rows("jacobian", expectOutput("jacobian", result), pullback, x) as Tensors<T>;
  };
}

/** The derivatives of one tensor by every leaf of the tree. */
function rows(operator: string, output: Tensor, pullback: Parted["pullback"], tree: unknown): unknown {
  const { size, shape } = output;
  const unit = scalarTensor(scalarLayout, output.dtype, 1);
  const gradients = Array.from(
    { length: size },
    (_, i) => pullback(output, reshape(size === 1 ? unit : unitVector(unit, i, size), shape))[0],
  );
  const stacked = ([x, ...parts]: readonly Leaf[]): Tensor => {
    const inner = typeof x === "number" ? [] : x!.shape;
    return size === 0
      ? zerosOf([...shape, ...inner], typeof x === "number" ? "float64" : x!.dtype)
      : reshape(stack(parts as Tensor[]), [...shape, ...inner]);
  };
  return mapLeaves(operator, stacked, [tree, ...gradients]);
}

function unitVector(one: Tensor, at: number, size: number): Tensor {
  const zeros = (n: number): Tensor => zerosOf([n], one.dtype);
  return concat([zeros(at), reshape(one, [1]), zeros(size - at - 1)]);
}

/**
 * The Hessian $H_{ij} = \partial^2 f / \partial x_i \partial x_j$ of a scalar-valued function. Of a function of a tree
 * it is a tree of trees: under the place of $a$, and there under that of $b$, stands
 * $\partial^2 f / \partial a\, \partial b$ of shape `[…a, …b]`.
 *
 * @returns a function from a tensor to shape `[…input, …input]`, or from a tree to a tree of trees of these
 * @throws {@link GradientError} if the output is not a scalar float tensor, or a leaf is not differentiable
 * @example
 * ```ts
 * import { hessian, tensor, type Tensor } from "@cotangent/core";
 * hessian((x) => x.pow(3).sum())(tensor([1, 2])).toArray(); // → [[6,0],[0,12]]
 * const h = hessian((p: { w: Tensor; b: Tensor }) => p.w.square().sum().mul(p.b))({ w: tensor([1, 2]), b: tensor(3) });
 * h.w.w.toArray(); // → [[6,0],[0,6]]
 * h.w.b.toArray(); // → [2,4]
 * h.b.b.toArray(); // → 0
 * ```
 */
export function hessian<T = Tensor>(f: (x: T) => Tensor): (x: Given<[T]>[0]) => Each<T, Tensors<T>> {
  const gradient = transform("hessian", f, undefined);
  return (x) => {
    const { result, pullback } = parted("hessian", (point) => gradient(point)[1], [x]);
    return mapLeaves("hessian", ([part]) => rows("hessian", part as Tensor, pullback, x), [result]) as Each<T, Tensors<T>>;
  }; // prettier-ignore
}
