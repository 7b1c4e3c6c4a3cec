/**
 * Memory for time: what a function computed on the way is computed again when derivatives are wanted.
 * @module
 */
import { Gradients } from "./gradients.js";
import { context, withContext, type Context, type Observer } from "./context.js";
import { checkFunction, GradientError } from "./errors.js";
import { ForwardLevel } from "./forward.js";
import { expectOutput, type Arguments } from "./grad.js";
import { leafPrimitive } from "./leaf.js";
import { Node, offTape } from "./node.js";
import { apply, evaluateNow, type Primitive } from "./primitive.js";
import { sameShape, showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** A function, its arguments, and the tracked tensors among them and in its closure, which are the inputs of the node. */
interface Recipe {
  readonly f: (...args: Arguments) => unknown;
  readonly args: Arguments;
  readonly sources: readonly Tensor[];
  readonly conditions: Pick<Context, "backend" | "defaultDtype">;
  /** Of the sweep that is going on: the cotangents of all sources, until the last of them was asked for. */
  readonly found: WeakMap<Tensor, readonly (Tensor | null)[]>;
}

const checkpointPrimitive: Primitive<Recipe> = {
  name: "checkpoint",
  kernel: { kind: "call", run: substituted },
  shape: null,
  dtype: null,
  vjp: (index, ct, inputs, output, recipe) => {
    const { found } = recipe;
    // A sweep asks for the first input first; what an interrupted one has left behind does not count.
    const cotangents = (index > 0 && found.get(ct)) || pullBack(recipe, ct, output);
    if (index === inputs.length - 1) found.delete(ct);
    else found.set(ct, cotangents);
    return cotangents[index]!;
  },
  jvp: (tangents, inputs, _output, { f, args, sources, conditions }) => {
    if (inputs.some((x, i) => x !== sources[i]))
      throw new GradientError("checkpoint: expected the inputs it was computed from, got others");
    const level = new ForwardLevel();
    tangents.forEach((t, i) => t && level.seed(sources[i]!, t));
    const output = withContext({ ...conditions, observer: level }, () => f(...args));
    return level.tangentOf(expectOutput("checkpoint", output));
  },
};

/** The value with other tensors in the place of the sources. */
function substituted(inputs: readonly Tensor[], { f, args, sources, conditions }: Recipe): Tensor {
  const places = new Map(sources.map((source, i) => [source, inputs[i]!]));
  const swap = (x: Tensor): Tensor => places.get(x) ?? x;
  return withContext(
    {
      ...conditions,
      recording: false,
      observer: null,
      evaluate: (primitive, xs, params) => evaluateNow(primitive, xs.map(swap), params),
    },
    () => swap(expectOutput("checkpoint", f(...args))),
  );
}

/**
 * Runs `body` with every source standing for itself, without its history; what is recorded meanwhile leads to the
 * sources, and so, when they have their history again, to it.
 */
function cut<R>(sources: readonly Tensor[], body: () => R): R {
  const origins = sources.map(({ origin }) => origin);
  for (const source of sources) {
    const node = new Node(leafPrimitive as never, [], undefined);
    // The tape would take the source for a variable for good.
    node.chunk = offTape;
    source.origin = node;
  }
  try {
    return body();
  } finally {
    sources.forEach((source, i) => (source.origin = origins[i]!));
  }
}

/** Computes again, this time with a graph, and sweeps it. */
function pullBack({ f, args, sources, conditions }: Recipe, ct: Tensor, before: Tensor): readonly (Tensor | null)[] {
  return cut(sources, () => {
    const result = withContext({ ...conditions, recording: true }, () => f(...args));
    const output = expectOutput("checkpoint", result);
    if (!sameResult(before, output))
      throw new GradientError(
        `checkpoint: expected a function that gives the same result again, got another one than before (${before.dtype} ${showShape(before.layout.shape)}, then ${output.dtype} ${showShape(output.layout.shape)}); pass in what changes, such as random numbers`,
      );
    if (output.origin === null) return sources.map(() => null);
    // The sweep is recorded exactly when the one that asks is.
    const gradients = new Gradients(output, ct);
    return sources.map((source) => (gradients.has(source) ? gradients.get(source) : null));
  });
}

/** Equal bits; examples of `vmap` have none to compare. */
function sameResult(a: Tensor, b: Tensor): boolean {
  if (!sameShape(a.layout.shape, b.layout.shape) || a.dtype !== b.dtype) return false;
  if (context.evaluate !== null) return true;
  const [before, after] = [a.toTypedArray(), b.toTypedArray()];
  return before.every((value, i) => Object.is(value, after[i]));
}

/** Collects the tracked tensors that a function takes up; those that are tracked inside of it only are younger. */
class Sources implements Observer {
  readonly found = new Set<Tensor>();
  readonly #start = new Node(leafPrimitive as never, [], undefined).id;

  observe<P>(_primitive: Primitive<P>, inputs: readonly Tensor[]): void {
    for (const x of inputs) if (x.origin !== null && x.node!.id < this.#start) this.found.add(x);
  }
}

/**
 * The same function, but what it computes on the way is not kept for the backward sweep: it is computed again when the
 * sweep comes there. Values are the same, bit for bit, and so are derivatives of every order, up to the order in which
 * contributions to one tensor are added. Memory is saved for the time of one more forward run: of a network of $n$
 * layers, cut into $\sqrt n$ pieces, $O(\sqrt n)$ layers are kept. Nests.
 *
 * Tracked tensors in the closure of `f` get their gradients too. `f` must be pure: draw random numbers outside and pass
 * them in. Inside of `jvp`, `hvp` and `vmap` the function runs as it is, and nothing is saved.
 *
 * @param f from any arguments to one float tensor
 * @returns a function of the same arguments
 * @throws {@link GradientError} if the result is not a float tensor, or is another one when it is computed again
 * @example
 * ```ts
 * import { checkpoint, grad, variable, type Tensor } from "@cotangent/core";
 * const w = variable(3);
 * const layer = checkpoint((x: Tensor) => x.mul(w).tanh().square());
 * grad((x) => layer(layer(x)))(0.5).item() === grad((x) => x.mul(w).tanh().square().mul(w).tanh().square())(0.5).item(); // → true
 * layer(variable(0)).backward().get(w).item(); // → 0
 * ```
 * @see Griewank, Walther: Algorithm 799: revolve (2000)
 */
export function checkpoint<A extends Arguments = [Tensor]>(f: (...args: A) => Tensor): (...args: A) => Tensor {
  checkFunction("checkpoint", f);
  return function checkpointed(...args) {
    // Forward mode and vmap follow every operator, so there is nothing to be left out.
    if (!context.recording || context.observer !== null || context.evaluate !== null)
      return expectOutput("checkpoint", f(...args));
    const observer = new Sources();
    const value = withContext({ recording: false, observer }, () => {
      const result = expectOutput("checkpoint", f(...args));
      // A handle of its own, for the node; this also sees a source that is the result itself.
      return apply(leafPrimitive, [result], undefined);
    });
    const sources = [...observer.found];
    if (sources.length === 0) return value;
    const { backend, defaultDtype } = context;
    const recipe: Recipe = {
      f: f as never,
      args,
      sources,
      conditions: { backend, defaultDtype },
      found: new WeakMap(),
    };
    value.origin = new Node(checkpointPrimitive as never, sources, recipe);
    return value;
  };
}
