/**
 * Layers, and the networks of the course composed from them. Networks return logits unless an `output` is given.
 * @module
 */
import {
  ArgumentError,
  checkFunction,
  checkOptions,
  checkRandom,
  describe,
  expectTensor,
  relu,
  ShapeError,
  tanh,
  Tensor,
} from "@cotangent/core";
import { heNormal, xavierNormal, zerosInit, type Initialiser } from "./initialisers.js";
import type { Activation, Model } from "./model.js";

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

function checkSize(operator: string, name: string, size: unknown): void {
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1)
    throw new ArgumentError(`${operator}: expected ${name} to be an integer from 1, got ${describe(size)}`);
}

function checkParts(operator: string, parts: { readonly [option: string]: unknown }): void {
  for (const [name, part] of Object.entries(parts))
    if (part !== undefined)
      checkFunction(operator, part, `${name} to be a function such as ${name === "init" ? "heNormal" : "tanh"}`);
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
    init: (random) => ({
      weight: init(checkRandom("dense", random), [inputs, outputs], { dtype }),
      ...(bias ? { bias: zerosInit(random, [outputs], { dtype }) } : {}),
    }),
    apply: (params, x) => {
      expectTensor("dense", x, "inputs in a tensor");
      if (!((params as Partial<DenseParams> | undefined)?.weight instanceof Tensor))
        throw new ArgumentError(
          `dense: expected the parameters { weight, bias } that init gives, got ${describe(params)}`,
        );
      if (x.rank === 0 || x.shape.at(-1) !== inputs)
        throw new ShapeError(`dense: expected inputs of shape [batch, ${inputs}], got [${x.shape.join(", ")}]`);
      const z = params.bias === undefined ? x.matmul(params.weight) : x.matmul(params.weight).add(params.bias);
      return activation === undefined ? z : activation(z);
    },
  };
}

/**
 * Models one after the other; the parameters are the list of theirs.
 *
 * @example
 * ```ts
 * import { ones, random, tanh } from "@cotangent/core";
 * import { dense, sequential } from "@cotangent/nn";
 * const model = sequential(dense({ inputs: 3, outputs: 4, activation: tanh }), dense({ inputs: 4, outputs: 1 }));
 * model.apply(model.init(random(1)), ones([5, 3])).shape; // → [5,1]
 * ```
 */
export function sequential<P extends readonly unknown[]>(
  ...models: { readonly [I in keyof P]: Model<P[I]> }
): Model<P> {
  const list = models as readonly Model<unknown>[];
  for (const model of list as readonly (Partial<Model<unknown>> | null | undefined)[])
    if (typeof model?.init !== "function" || typeof model.apply !== "function")
      throw new ArgumentError(
        `sequential: expected models, one an argument, got ${describe(model)}${Array.isArray(model) ? "; spread it: sequential(...models)" : ""}`,
      );
  return {
    init: (random) => {
      checkRandom("sequential", random);
      return list.map((model, i) => model.init(random.fork(`layer ${i}`))) as unknown as P;
    },
    apply: (params, x) => {
      if (!Array.isArray(params) || params.length !== list.length)
        throw new ArgumentError(
          `sequential: expected the list of ${list.length} parameters that init gives, got ${describe(params)}`,
        );
      return list.reduce((a, model, i) => model.apply(params[i], a), x);
    },
  };
}

/**
 * Logistic regression, a network of one neuron without hidden layers: the logit $z = X w + b$, whose probability is
 * $\sigma(z)$. The weight starts at zero, as the cost is convex.
 *
 * @throws `ArgumentError` if `features` is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { logisticRegression } from "@cotangent/nn";
 * const model = logisticRegression({ features: 3 });
 * model.apply(model.init(random(1)), ones([5, 3])).sigmoid().mean().item(); // → 0.5
 * ```
 */
export function logisticRegression(options: {
  readonly features: number;
  readonly dtype?: DenseOptions["dtype"];
}): Model<DenseParams> {
  checkOptions("logisticRegression", options, ["features", "dtype"], ["features"]);
  checkSize("logisticRegression", "features", options.features);
  return dense({ inputs: options.features, outputs: 1, init: zerosInit, dtype: options.dtype });
}

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
  return sequential<readonly DenseParams[]>(...layers);
}
