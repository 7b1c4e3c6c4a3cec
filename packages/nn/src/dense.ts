/**
 * The fully connected layer.
 * @module
 */
import { checkOptions, checkRandom, expectTensor, ShapeError, type Tensor } from "@cotangent/core";
import { checkParams, checkParts, checkSize } from "./checks.js";
import { zerosInit, type Initialiser } from "./initialisers.js";
import type { Activation, Model } from "./model.js";
import { xavierNormal } from "./scaledInitialisers.js";

/** Parameters of a dense layer. */
export interface DenseParams {
  /** Shape `[inputs, outputs]`. */
  readonly weight: Tensor;
  /** Shape `[outputs]`. */
  readonly bias?: Tensor;
}

/** Options of `dense`. */
export interface DenseOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Default: none. */
  readonly activation?: Activation | undefined;
  /** Whether a bias is added. Default: true. */
  readonly bias?: boolean | undefined;
  /** Of the weight; the bias starts at 0. Default: `xavierNormal`. */
  readonly init?: Initialiser | undefined;
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/**
 * A fully connected layer, $A = g(X W + b)$.
 *
 * @throws `ArgumentError` if a size is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { dense, zerosInit } from "@cotangent/nn";
 * const layer = dense({ inputs: 3, outputs: 2, init: zerosInit });
 * layer.apply(layer.init(random(1)), ones([4, 3])).shape; // → [4,2]
 * ```
 */
export function dense(options: DenseOptions): Model<DenseParams> {
  checkOptions("dense", options, ["inputs", "outputs", "activation", "bias", "init", "dtype"], ["inputs", "outputs"]);
  const { inputs, outputs, activation, bias = true, init = xavierNormal, dtype } = options;
  checkSize("dense", "inputs", inputs);
  checkSize("dense", "outputs", outputs);
  checkParts("dense", { activation, init });
  return {
    name: "dense",
    init: (random) => ({
      weight: init(checkRandom("dense", random), [inputs, outputs], { dtype }),
      ...(bias ? { bias: zerosInit(random, [outputs], { dtype }) } : {}),
    }),
    apply: (params, x) => {
      expectTensor("dense", x, "inputs in a tensor");
      checkParams("dense", params, ["weight"], ["weight", "bias"]);
      if (x.rank === 0 || x.shape.at(-1) !== inputs)
        throw new ShapeError(`dense: expected inputs of shape [batch, ${inputs}], got [${x.shape.join(", ")}]`);
      const z = params.bias === undefined ? x.matmul(params.weight) : x.matmul(params.weight).add(params.bias);
      return activation === undefined ? z : activation(z);
    },
  };
}
