/**
 * A function of one example, over a batch of examples: at the cost of whole batches, without a loop.
 * @module
 */
import { BatchLevel } from "./batching.js";
import { ArgumentError, checkFunction, checkOptions, describe, ShapeError } from "./errors.js";
import { transform, type Arguments } from "./grad.js";
import { moveAxis } from "./ops/shaping.js";
import { scalarLayout, showShape } from "./shape.js";
import { scalarTensor, Tensor } from "./tensor.js";
import { mapLeaves, type Leaf, type Tensors } from "./tree.js";

/** Options of `vmap`. */
export interface VmapOptions {
  /**
   * Along which axis the examples lie, negative ones counted from the last: one number for all arguments, or a list with
   * one entry an argument, `null` where an argument is the same for all examples. Default: 0.
   */
  readonly inAxes?: number | readonly (number | null)[] | undefined;
  /** Along which axis the results are put: a number, or a list where the function returns one. Default: 0. */
  readonly outAxes?: number | readonly number[] | undefined;
}

/**
 * A function over a batch from one over a single example: the function sees its arguments without the axis of examples,
 * runs once, and every operator in it works on all examples at a time. Values and derivatives are those of a loop, bit
 * for bit. Composes with `grad`, `jvp`, `checkpoint` and itself.
 *
 * Every operator can be batched, and custom ones whose rules are written in operators. What cannot is a function that
 * asks for values (`item`, `toArray`), since there is no single one. Results that do not depend on the example are
 * repeated; so are random numbers, which are drawn once.
 *
 * @param f from trees of tensors to a tree of tensors
 * @param options `inAxes`: where the examples are; `outAxes`: where the results go
 * @returns a function of batches
 * @throws {@link ArgumentError} if no argument has an axis of examples, or `inAxes` or `outAxes` do not fit
 * @throws {@link ShapeError} if an axis is out of range, or sizes along the axes differ
 * @throws {@link GraphError} if `f` reads values
 * @example
 * ```ts
 * import { grad, tensor, vmap, type Tensor } from "@cotangent/core";
 * const x = tensor([[1, 2], [3, 4], [5, 6]]);
 * vmap((row: Tensor) => row.mul(row.sum()))(x).toArray(); // → [[3,6],[21,28],[55,66]]
 * vmap((row: Tensor, w: Tensor) => row.dot(w), { inAxes: [0, null] })(x, tensor([1, 10])).toArray(); // → [21,43,65]
 * vmap(grad((row: Tensor) => row.square().sum()))(x).toArray(); // → [[2,4],[6,8],[10,12]]
 * ```
 */
export function vmap<A extends Arguments = [Tensor], R = Tensor>(
  f: (...args: A) => R,
  options?: VmapOptions,
): (...args: A) => Tensors<R> {
  return mapped("vmap", f, options) as never;
}

/** `vmap` under the name of the transformation that asks. */
function mapped(
  operator: string,
  f: (...args: Arguments) => unknown,
  options: VmapOptions | undefined,
): (...args: Arguments) => unknown {
  checkFunction(operator, f);
  checkOptions(operator, options, ["inAxes", "outAxes"], [], ["inAxes", "outAxes"]);
  const { inAxes = 0, outAxes = 0 } = options ?? {};
  checkAxes(operator, "inAxes", inAxes, true);
  checkAxes(operator, "outAxes", outAxes, false);
  return (...args) => {
    if (args.length === 0)
      throw new ArgumentError(
        `${operator}: expected arguments with an axis of examples, got none; what ${operator}(f) returns takes the arguments of f`,
      );
    if (Array.isArray(inAxes) && inAxes.length !== args.length)
      throw new ArgumentError(
        `${operator}: expected inAxes with an entry for each of the ${args.length} arguments, got ${inAxes.length}`,
      );
    const axisOf = (i: number): number | null => (typeof inAxes === "number" ? inAxes : inAxes[i]!);
    let size: number | null = null;
    let where = "";
    const moved = args.map((arg, i) => {
      const axis = axisOf(i);
      if (axis === null) return arg as unknown;
      return mapLeaves(operator, ([leaf], path) => {
        const all = toFront(operator, leaf!, axis, path);
        const count = all.layout.shape[0]!;
        size ??= ((where = path), count);
        if (size !== count)
          throw new ShapeError(
            `${operator}: expected one number of examples, got ${size} in "${where}" and ${count} in "${path}"`,
          );
        return all;
      }, [arg], ArgumentError, `arguments[${i}]`); // prettier-ignore
    });
    if (size === null)
      throw new ArgumentError(`${operator}: expected an argument with an axis of examples, got none; see inAxes`);
    const level = new BatchLevel(operator, size);
    const examples = moved.map((arg, i) =>
      axisOf(i) === null ? arg : mapLeaves(operator, ([all]) => level.enter(all as Tensor), [arg]),
    );
    const result = level.run(() => f(...examples));
    return collect(operator, level, result, outAxes);
  };
}

function checkAxes(operator: string, option: string, axes: unknown, orNull: boolean): void {
  const list: readonly unknown[] = Array.isArray(axes) ? axes : [axes];
  for (const axis of list)
    if (!Number.isInteger(axis) && !(axis === null && orNull && Array.isArray(axes)))
      throw new ArgumentError(
        `${operator}: expected ${option} to be an axis or a list of axes${orNull ? " and nulls" : ""}, got ${describe(axis)}`,
      );
}

/** Examples along axis 0. */
function toFront(operator: string, leaf: Leaf, axis: number, path: string): Tensor {
  if (!(leaf instanceof Tensor))
    throw new ArgumentError(
      `${operator}: expected tensors of examples, got the number ${leaf} in "${path}"${operator === "vmap" ? "; give null for it in inAxes" : "; make it a tensor with an element an example, or take it from the closure"}`,
    );
  const { rank } = leaf;
  if (axis < -rank || axis >= rank)
    throw new ShapeError(
      `${operator}: expected an axis of examples ${axis}, got shape ${showShape(leaf.layout.shape)} in "${path}"${operator === "vmap" ? "; give null for it in inAxes if it is the same for all" : "; take what is the same for all from the closure"}`,
    );
  return moveAxis(leaf, axis, 0);
}

/** The results of all examples, along the axes where they are wanted. */
function collect(operator: string, level: BatchLevel, result: unknown, outAxes: number | readonly number[]): unknown {
  if (typeof outAxes === "number") return back(result, outAxes);
  if (!Array.isArray(result) || result.length !== outAxes.length)
    throw new ArgumentError(
      `${operator}: expected the function to return a list of ${outAxes.length} results, one for each of outAxes, got ${describe(result)}`,
    );
  return result.map((part, i) => back(part, outAxes[i]!));

  function back(tree: unknown, axis: number): unknown {
    return mapLeaves(operator, ([leaf]) => {
      const one = typeof leaf === "number" ? scalarTensor(scalarLayout, "float64", leaf) : leaf!;
      const { rank } = one;
      if (axis < -rank - 1 || axis > rank)
        throw new ShapeError(
          `${operator}: expected outAxes from ${-rank - 1} to ${rank} for results of shape ${showShape(one.layout.shape)}, got ${axis}`,
        );
      return moveAxis(level.leave(one), 0, axis);
    }, [tree]); // prettier-ignore
  }
}

/**
 * The gradient of every example by itself, $\nabla_\theta f(\theta, x_i)$: `vmap` of `grad`, at the cost of whole batches.
 *
 * @param f from parameters (a tree) and one example (a tensor or tree, without the axis of examples) to a scalar
 * @returns a function of parameters and batch, whose leaves have the examples along axis 0, to the tree of the parameters
 * with leaves of shape `[examples, …parameter]`
 * @throws {@link GradientError} if the output is not a scalar float tensor, or a parameter is not differentiable
 * @throws {@link ShapeError} if leaves of the batch have different numbers of examples
 * @example
 * ```ts
 * import { perSampleGradients, tensor, type Tensor } from "@cotangent/core";
 * const loss = (w: Tensor, { x, y }: { x: Tensor; y: Tensor }) => x.dot(w).sub(y).square();
 * const batch = { x: tensor([[1, 0], [0, 1], [1, 1]]), y: tensor([0, 0, 1]) };
 * perSampleGradients(loss)(tensor([1, 2]), batch).toArray(); // → [[2,0],[0,4],[4,4]]
 * ```
 * @see Goodfellow: Efficient per-example gradient computations (2015)
 */
export function perSampleGradients<P = Tensor, B = Tensor>(
  f: (params: P, example: B) => Tensor,
): (params: P, batch: B) => Tensors<P> {
  const operator = "perSampleGradients";
  const both = transform(operator, f, undefined);
  const over = mapped(operator, (params, example) => both(params, example)[1], { inAxes: [null, 0] });
  return (params, batch) => over(params, batch) as never;
}
