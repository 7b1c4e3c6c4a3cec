/**
 * Reverse mode: where a sweep over the recorded graph begins.
 * @module
 */
import { withRecording } from "./context.js";
import { checkOptions, describe, GradientError, GraphError, ShapeError } from "./errors.js";
import { Gradients } from "./gradients.js";
import { untracked } from "./leaf.js";
import { booleanOption } from "./ops/options.js";
import { stretch } from "./ops/linear.js";
import { asTensor } from "./operand.js";
import { sameShape, scalarLayout, showShape } from "./shape.js";
import { scalarTensor, Tensor } from "./tensor.js";

/** Options of `backward`. */
export interface BackwardOptions {
  /** The derivative of what follows by the output; of the output's shape. Default: 1, for a scalar output. */
  readonly cotangent?: Tensor | undefined;
  /** Record the sweep itself, so that gradients can be differentiated again. Default: false. */
  readonly createGraph?: boolean | undefined;
}

/** The sweep, recorded or not. */
export function sweep(root: Tensor, seed: Tensor, createGraph: boolean): Gradients {
  return withRecording(createGraph, () => new Gradients(root, createGraph ? seed : untracked(seed)));
}

/** A cotangent for `output`: the one given, checked, or 1 for a scalar. */
export function seedFor(operator: string, output: Tensor, cotangent: Tensor | undefined): Tensor {
  const { shape } = output.layout;
  if (cotangent === undefined) {
    if (shape.length !== 0)
      throw new GradientError(
        `${operator}: expected a scalar output, got shape ${showShape(shape)}; reduce it, for example with sum() or mean()${operator === "backward" || operator === "vjp" ? ", or pass a cotangent" : ""}`,
      );
    return onesLike(output);
  }
  const ct = asTensor(operator, cotangent, "a cotangent that is a tensor or a number");
  if (!sameShape(ct.layout.shape, shape))
    throw new ShapeError(
      `${operator}: expected a cotangent of the output's shape ${showShape(shape)}, got ${showShape(ct.layout.shape)}`,
    );
  if (ct.dtype !== output.dtype)
    throw new GradientError(
      `${operator}: expected a cotangent of dtype ${output.dtype}, got ${ct.dtype}; convert it with astype`,
    );
  return ct;
}

function onesLike(output: Tensor): Tensor {
  return stretch(scalarTensor(scalarLayout, output.dtype, 1), output.layout.shape);
}

/**
 * Reverse mode: the derivatives of `output` by everything it was computed from. Pure: the result is returned, no
 * tensor changes, and it can be called again.
 *
 * @param output a scalar, or any shape if a cotangent is given
 * @throws {@link GraphError} if no variable went into `output`
 * @throws {@link GradientError} if `output` is not a scalar and no cotangent is given
 * @throws {@link ShapeError} if the cotangent has another shape
 * @example
 * ```ts
 * import { backward, tensor } from "@cotangent/core";
 * const w = tensor([1, 2, 3], { requiresGrad: true });
 * const loss = w.square().sum();
 * backward(loss).get(w).toArray(); // → [2,4,6]
 * ```
 * @see Griewank, Walther: Evaluating Derivatives (2008), chapter 3
 */
export function backward(output: Tensor, options?: BackwardOptions): Gradients {
  if (!(output instanceof Tensor)) throw new GraphError(`backward: expected a tensor, got ${describe(output)}`);
  checkOptions("backward", options, ["cotangent", "createGraph"]);
  if (output.origin === null)
    throw new GraphError(
      "backward: expected an output computed from a variable, got one without history; make inputs with variable(…) or tensor(…, { requiresGrad: true }), outside of noGrad, and not only through flat operators such as round or argmax",
    );
  return sweep(
    output,
    seedFor("backward", output, options?.cotangent),
    booleanOption("backward", "createGraph", options?.createGraph ?? false),
  );
}
