/**
 * Networks of dense layers from their sizes. They return logits unless an `output` is given.
 * @module
 */
import { ArgumentError, checkOptions, describe, relu, tanh } from "@cotangent/core";
import { checkParts, checkSize } from "./checks.js";
import { sequential } from "./composition.js";
import { dense, type DenseOptions, type DenseParams } from "./dense.js";
import type { Initialiser } from "./initialisers.js";
import type { Activation, Model } from "./model.js";
import { heNormal, xavierNormal } from "./scaledInitialisers.js";

/** Options of `shallowNetwork`. */
export interface ShallowOptions {
  readonly inputs: number;
  /** Neurons of the hidden layer. */
  readonly hidden: number;
  readonly outputs: number;
  /** Of the hidden layer. Default: tanh. */
  readonly activation?: Activation | undefined;
  /** Of the last layer. Default: none, the output is a logit. */
  readonly output?: Activation | undefined;
  /** Default: `xavierNormal`. */
  readonly init?: Initialiser | undefined;
  readonly dtype?: DenseOptions["dtype"];
}

/**
 * A network with one hidden layer, $Z = g(X W_1 + b_1) W_2 + b_2$.
 *
 * @throws `ArgumentError` if a size is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { shallowNetwork } from "@cotangent/nn";
 * const model = shallowNetwork({ inputs: 2, hidden: 4, outputs: 1 });
 * model.apply(model.init(random(1)), ones([5, 2])).shape; // → [5,1]
 * ```
 */
export function shallowNetwork(options: ShallowOptions): Model<readonly DenseParams[]> {
  checkOptions(
    "shallowNetwork",
    options,
    ["inputs", "hidden", "outputs", "activation", "output", "init", "dtype"],
    ["inputs", "hidden", "outputs"],
  );
  const { inputs, hidden, outputs, activation = tanh, init = xavierNormal, ...rest } = options;
  checkSize("shallowNetwork", "inputs", inputs);
  checkSize("shallowNetwork", "hidden", hidden);
  checkSize("shallowNetwork", "outputs", outputs);
  checkParts("shallowNetwork", { activation, output: rest.output, init });
  return deepNetwork({ sizes: [inputs, hidden, outputs], activation, init, ...rest });
}

/** Options of `deepNetwork`. */
export interface DeepOptions {
  /** Neurons a layer, inputs first, outputs last. */
  readonly sizes: readonly number[];
  /** Of the hidden layers. Default: relu. */
  readonly activation?: Activation | undefined;
  /** Of the last layer. Default: none, the output is a logit. */
  readonly output?: Activation | undefined;
  /** Default: `heNormal`. */
  readonly init?: Initialiser | undefined;
  readonly dtype?: DenseOptions["dtype"];
}

/**
 * A network of L layers from their sizes, $A_l = g(A_{l-1} W_l + b_l)$.
 *
 * @throws `ArgumentError` if there are fewer than two sizes, or one is not an integer from 1
 * @example
 * ```ts
 * import { leavesOf, random } from "@cotangent/core";
 * import { deepNetwork } from "@cotangent/nn";
 * leavesOf(deepNetwork({ sizes: [64, 32, 10] }).init(random(1))).map(({ path }) => path);
 * // → ["[0].weight","[0].bias","[1].weight","[1].bias"]
 * ```
 */
export function deepNetwork(options: DeepOptions): Model<readonly DenseParams[]> {
  checkOptions("deepNetwork", options, ["sizes", "activation", "output", "init", "dtype"], ["sizes"]);
  const { sizes, activation = relu, output, init = heNormal, dtype } = options;
  if (!Array.isArray(sizes) || sizes.length < 2)
    throw new ArgumentError(
      `deepNetwork: expected sizes of at least two layers, such as [64, 32, 10], got ${describe(sizes)}`,
    );
  const list = sizes as readonly number[];
  checkParts("deepNetwork", { activation, output, init });
  list.forEach((size, i) => checkSize("deepNetwork", `sizes[${i}]`, size));
  const layers = list.slice(1).map((outputs, i) => {
    const last = i === list.length - 2;
    return dense({ inputs: list[i]!, outputs, activation: last ? output : activation, init, dtype });
  });
  return sequential<readonly Model<DenseParams>[]>(...layers);
}
