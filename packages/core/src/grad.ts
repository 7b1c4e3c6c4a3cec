/**
 * Transformations of functions: from a function to its derivative.
 * @module
 */
import { seedFor, sweep } from "./backward.js";
import { context, withRecording } from "./context.js";
import { isFloat } from "./dtype.js";
import { ArgumentError, checkFunction, checkOptions, describe, GradientError } from "./errors.js";
import type { Gradients } from "./gradients.js";
import { leafPrimitive, untracked } from "./leaf.js";
import { booleanOption } from "./ops/options.js";
import { zerosOf } from "./ops/linear.js";
import { Node } from "./node.js";
import { Reach } from "./tape.js";
import { leavesOf } from "./tapeNodes.js";
import { apply } from "./primitive.js";
import { scalarLayout } from "./shape.js";
import { scalarTensor, Tensor } from "./tensor.js";
import { mapLeaves, type Leaf, type Tensors } from "./tree.js";

/** Arguments as a caller may give them: a number where the function takes a tensor. */
export type Given<A extends readonly unknown[]> = {
  readonly [I in keyof A]: A[I] extends Tensor ? Tensor | number : A[I];
};

/** The positions that `argnums` names, as the keys of a list of arguments. */
type Positions<O> = O extends { readonly argnums: infer N }
  ? N extends readonly (infer I extends number)[]
    ? `${I}`
    : N extends number
      ? `${N}`
      : "0"
  : "0";

/** Arguments of which those that are differentiated may be numbers; the others reach the function as they are. */
type GivenAt<A extends Arguments, O> = {
  readonly [I in keyof A]: I extends Positions<O> ? (A[I] extends Tensor ? Tensor | number : A[I]) : A[I];
};

/** Options of `grad`. */
export interface GradOptions {
  /** Which arguments to differentiate by. Default: 0. A list gives a list of gradients. */
  readonly argnums?: number | readonly number[] | undefined;
}

/** Options of `valueAndGrad`. */
export interface ValueAndGradOptions extends GradOptions {
  /** Whether the function returns `[value, auxiliary]`, of which only the value is differentiated. Default: false. */
  readonly hasAux?: boolean | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Arguments = readonly any[];

/** The gradient's type: that of the first argument, or a list where `argnums` is one. */
type GradientOf<A extends Arguments, O> = O extends { readonly argnums: readonly number[] }
  ? Tensors<A[number]>[]
  : O extends { readonly argnums: number }
    ? Tensors<A[O["argnums"]]>
    : Tensors<A[0]>;

/** A fresh leaf that stands for `x`: derivatives by it are collected, and flow on to `x` where that is tracked itself. */
function lift(operator: string, x: Leaf, path: string): Tensor {
  const original = typeof x === "number" ? scalarTensor(scalarLayout, "float64", x) : x;
  if (!isFloat(original.dtype))
    throw new GradientError(
      `${operator}: expected float leaves to differentiate by, got ${original.dtype} at ${path === "" ? "the argument" : `"${path}"`}; convert it with astype("float64") or pass it as another argument`,
    );
  const leaf = apply(leafPrimitive, [original], undefined);
  leaf.origin ??= new Node(leafPrimitive as never, [], undefined);
  return leaf;
}

function liftTree(operator: string, tree: unknown, leaves: Tensor[]): unknown {
  return mapLeaves(operator, ([leaf], path) => {
    const lifted = lift(operator, leaf!, path);
    leaves.push(lifted);
    return lifted;
  }, [tree], GradientError); // prettier-ignore
}

/** Tensors without their history where nobody outside of the lifted leaves can ask for it, in any plain structure. */
function shown(value: unknown, lifted: Lifted, outerRecording: boolean): unknown {
  return show(value);
  function show(item: unknown): unknown {
    if (item instanceof Tensor) return outerRecording && lifted.dependsOnOthers(item) ? item : untracked(item);
    if (Array.isArray(item)) return item.map(show);
    if (typeof item === "object" && item !== null && Object.getPrototypeOf(item) === Object.prototype)
      return Object.fromEntries(Object.entries(item).map(([key, part]) => [key, show(part)]));
    return item;
  }
}

/** @throws {@link GradientError} if it is no float tensor */
export function expectOutput(operator: string, output: unknown): Tensor {
  if (output instanceof Tensor) {
    if (isFloat(output.dtype)) return output;
    throw new GradientError(`${operator}: expected a float output, got ${output.dtype}, which has no derivatives`);
  }
  throw new GradientError(
    `${operator}: expected the function to return a tensor, got ${describe(output)}${typeof output === "number" ? "; item() leaves the graph, return the tensor itself" : ""}`,
  );
}

/** Gradients by lifted leaves; recorded exactly when something outside of them is tracked. */
function pullBack(output: Tensor, cotangent: Tensor, lifted: Lifted, outerRecording: boolean): Tensor[] {
  const { leaves } = lifted;
  if (output.origin === null) return leaves.map((leaf) => zerosOf(leaf.layout.shape, leaf.dtype));
  const { observer, evaluate } = context;
  const unseen = observer === null && evaluate === null;
  if (outerRecording && unseen && cotangent.origin === null && output.origin instanceof Reach) {
    // Of numbers a sweep costs no more than to look for variables, and finds them all.
    const found = sweep(output, cotangent, false);
    if (lifted.areAllOf(output, found)) return leaves.map((leaf) => found.get(leaf));
  }
  const outer = outerRecording && (cotangent.origin !== null || lifted.dependsOnOthers(output));
  const found = sweep(output, cotangent, outer);
  return leaves.map((leaf) => found.get(leaf));
}

/** The leaves that stand for the arguments of a function. */
class Lifted {
  readonly leaves: Tensor[] = [];
  #own: Set<Node | null> | null = null;
  /** Results that were asked for. */
  readonly #known = new Map<Tensor, boolean>();

  get #nodes(): ReadonlySet<Node | null> {
    return (this.#own ??= new Set(this.leaves.map((leaf) => leaf.node)));
  }

  /** Whether the sweep knows that no other variables went into the output. */
  areAllOf(output: Tensor, found: Gradients): boolean {
    const all = found.reachesOnly(this.#nodes);
    if (all) this.#known.set(output, false);
    return all;
  }

  /** Whether a variable other than the lifted leaves went in, or a lifted leaf stands for a tracked tensor. */
  dependsOnOthers(x: Tensor): boolean {
    let known = this.#known.get(x);
    if (known === undefined) this.#known.set(x, (known = this.#search(x)));
    return known;
  }

  #search(root: Tensor): boolean {
    const own = this.#nodes;
    const seen = new Set<Node>();
    const enter = (x: Tensor): void => {
      const { origin } = x;
      if (origin instanceof Reach) for (const leaf of leavesOf(origin, x.offset)) seen.add(leaf.node!);
      else if (origin !== null) seen.add(origin as Node);
    };
    enter(root);
    for (const node of seen) {
      if (own.has(node) ? !node.isLeaf : node.isLeaf) return true;
      for (const input of node.inputs) enter(input);
    }
    return false;
  }
}

/**
 * A function that computes both $f(\theta)$ and its gradient $\nabla_\theta f$. Arguments are trees of tensors or
 * numbers; the gradient has the same structure. Composable: the result can be differentiated again.
 *
 * @param f returns a scalar tensor (with `hasAux`, a pair of it and anything else)
 * @returns a function of the same arguments, to `[value, gradient]` (`[[value, aux], gradient]`)
 * @throws {@link GradientError} if the output is not a scalar float tensor, or a leaf is not differentiable
 * @example
 * ```ts
 * import { tensor, valueAndGrad, type Tensor } from "@cotangent/core";
 * const cost = (p: { w: Tensor; b: Tensor }) => p.w.mul(3).add(p.b).square().sum();
 * const [value, gradient] = valueAndGrad(cost)({ w: tensor(1), b: tensor(2) });
 * value.item(); // → 25
 * gradient.w.item(); // → 30
 * gradient.b.item(); // → 10
 * ```
 */
export function valueAndGrad<A extends Arguments = [Tensor], const O extends ValueAndGradOptions = object, R = unknown>(
  f: (...args: A) => R,
  options?: O,
): (...args: GivenAt<A, O>) => [R, GradientOf<A, O>] {
  return transform("valueAndGrad", f, options) as never;
}

/**
 * The gradient $\nabla f$ of a scalar-valued function, by its first argument or those in `argnums`.
 *
 * @param f returns a scalar tensor
 * @throws {@link GradientError} if the output is not a scalar float tensor, or a leaf is not differentiable
 * @example
 * ```ts
 * import { grad } from "@cotangent/core";
 * const cube = grad((x) => x.pow(3));
 * cube(2).item(); // → 12
 * grad(cube)(2).item(); // → 12
 * grad(grad(cube))(2).item(); // → 6
 * ```
 */
export function grad<A extends Arguments = [Tensor], const O extends GradOptions = object>(
  f: (...args: A) => Tensor,
  options?: O,
): (...args: GivenAt<A, O>) => GradientOf<A, O> {
  checkOptions("grad", options, ["argnums"]);
  const both = transform("grad", f, options);
  return (...args) => both(...args)[1] as never;
}

/** `valueAndGrad` under the name of the transformation that asks. */
export function transform(
  operator: string,
  f: (...args: Arguments) => unknown,
  options: ValueAndGradOptions | undefined,
): (...args: readonly unknown[]) => [unknown, unknown] {
  checkFunction(operator, f);
  checkOptions(operator, options, ["argnums", "hasAux"]);
  const argnums = options?.argnums ?? 0;
  const hasAux = booleanOption(operator, "hasAux", options?.hasAux ?? false);
  const picked = typeof argnums === "number" ? [argnums] : argnums;
  if (!Array.isArray(picked) || !picked.every(Number.isInteger))
    throw new ArgumentError(
      `${operator}: expected argnums to be the number of an argument or a list of them, got ${Array.isArray(argnums) ? `[${argnums.map(describe).join(", ")}]` : describe(argnums)}`,
    );
  const distinct = [...new Set(picked as readonly number[])];
  return (...args) => {
    const outerRecording = context.recording;
    const leaves = new Lifted();
    const lifted = args.slice();
    for (const i of distinct) {
      if (i < 0 || i >= args.length)
        throw new ArgumentError(
          args.length === 0
            ? `${operator}: expected an argument to differentiate by, got none; what ${operator}(f) returns takes the arguments of f`
            : `${operator}: expected argnums from 0 to ${args.length - 1}, as there ${args.length === 1 ? "is 1 argument" : `are ${args.length} arguments`}, got ${i}`,
        );
      lifted[i] = liftTree(operator, args[i], leaves.leaves);
    }
    const result = withRecording(true, () => f(...lifted));
    if (hasAux && !(Array.isArray(result) && result.length === 2))
      throw new GradientError(
        `${operator}: expected the function to return [value, auxiliary] with hasAux, got ${describe(result)}`,
      );
    const [output, aux] = hasAux ? (result as [unknown, unknown]) : [result, undefined];
    const value = expectOutput(operator, output);
    const gradients = pullBack(value, seedFor(operator, value, undefined), leaves, outerRecording);
    let next = 0;
    const byArgument = new Map(distinct.map((i) => [i, mapLeaves(operator, () => gradients[next++], [args[i]])]));
    return [
      shown(hasAux ? [value, aux] : value, leaves, outerRecording),
      typeof argnums === "number" ? byArgument.get(argnums) : picked.map((i) => byArgument.get(i)),
    ];
  };
}

/**
 * Reverse mode in two halves: the output, and a pullback from its cotangent to those of the primals,
 * $\bar x = J^\top \bar y$.
 *
 * @returns `[output, pullback]`; the pullback returns a list, one tree per primal
 * @throws {@link GradientError} if the output is not a float tensor, or a primal is not differentiable
 * @example
 * ```ts
 * import { tensor, vjp } from "@cotangent/core";
 * const [y, pullback] = vjp((x) => x.square(), tensor([1, 2]));
 * y.toArray(); // → [1,4]
 * pullback(tensor([1, 10]))[0].toArray(); // → [2,40]
 * ```
 */
export function vjp<A extends Arguments = [Tensor]>(
  f: (...args: A) => Tensor,
  ...primals: Given<A>
): [Tensor, (cotangent: Tensor) => { -readonly [I in keyof A]: Tensors<A[I]> }] {
  return halves("vjp", f, primals) as never;
}

/** `vjp` under the name of the transformation that asks. */
export function halves(
  operator: string,
  f: (...args: Arguments) => unknown,
  primals: readonly unknown[],
): [Tensor, (cotangent: Tensor) => readonly unknown[]] {
  const { result, pullback, shown: show } = parted(operator, f, primals);
  const output = expectOutput(operator, result);
  return [show(output) as Tensor, (cotangent) => pullback(output, cotangent)];
}

/** What a function returns, and how cotangents of any part of it come back to the primals. */
export interface Parted {
  readonly result: unknown;
  readonly pullback: (part: Tensor, cotangent: Tensor) => readonly unknown[];
  /** The result without the history that leads to the lifted leaves. */
  readonly shown: (value: unknown) => unknown;
}

export function parted(operator: string, f: (...args: Arguments) => unknown, primals: readonly unknown[]): Parted {
  checkFunction(operator, f);
  const outerRecording = context.recording;
  const leaves = new Lifted();
  const lifted = primals.map((primal) => liftTree(operator, primal, leaves.leaves));
  const result = withRecording(true, () => f(...lifted));
  return {
    result,
    pullback: (part, cotangent) => {
      const gradients = pullBack(part, seedFor(operator, part, cotangent), leaves, context.recording);
      let next = 0;
      return primals.map((primal) => mapLeaves(operator, () => gradients[next++], [primal]));
    },
    shown: (value) => shown(value, leaves, outerRecording),
  };
}
