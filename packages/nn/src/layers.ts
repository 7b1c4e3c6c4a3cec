/**
 * Layers without arithmetic of their own: dropout, embedding, activation, flattening.
 * @module
 */
import {
  checkFunction,
  checkOptions,
  checkRandom,
  checkValues,
  DataError,
  DTypeError,
  expectTensor,
  ShapeError,
  type Tensor,
} from "@cotangent/core";
import { checkNumber, checkParams, checkParts, checkSize, expectFloat } from "./checks.js";
import { normalInit, type Initialiser } from "./initialisers.js";
import type { Activation, Model, NoParams } from "./model.js";

/** Options of `dropout`. */
export interface DropoutOptions {
  /** The share that is dropped, from 0 to 1. */
  readonly rate: number;
}

/**
 * Dropout: in training, each element is 0 with probability r and $x / (1 - r)$ else, so that its expectation is x; in
 * prediction $y = x$. With the rate 1 everything is 0.
 *
 * @throws `ArgumentError` if the rate is not in [0, 1]
 * @throws `DTypeError` from `apply` in training, if the inputs are not float
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { dropout } from "@cotangent/nn";
 * const layer = dropout({ rate: 0.5 });
 * layer.apply({}, ones([2])).toArray(); // → [1,1]
 * const training = { training: true, random: random(1), state: undefined, setState: () => {} } as const;
 * layer.apply({}, ones([1000]), training).max().item(); // → 2
 * ```
 * @see Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov: Dropout (2014)
 */
export function dropout(options: DropoutOptions): Model<NoParams> {
  checkOptions("dropout", options, ["rate"], ["rate"]);
  const { rate } = options;
  checkNumber("dropout", "rate", rate, 0, 1);
  return {
    name: "dropout",
    init: () => ({}),
    apply: (_params, x, context) => {
      expectTensor("dropout", x, "inputs in a tensor");
      if (context === undefined || !context.training || rate === 0) return x;
      const { dtype } = expectFloat("dropout", x);
      const keep = checkRandom("dropout", context.random).bernoulli(x.shape, {
        probability: 1 - rate,
        dtype: dtype as "float64" | "float32",
      });
      return x.mul(rate === 1 ? keep : keep.div(1 - rate));
    },
  };
}

/** Parameters of an embedding. */
export interface EmbeddingParams {
  /** A row a symbol, shape `[count, size]`. */
  readonly weight: Tensor;
}

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** How many symbols there are. */
  readonly count: number;
  /** The length of the vector of each. */
  readonly size: number;
  /** Default: standard normal numbers. */
  readonly init?: Initialiser | undefined;
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/**
 * A vector for each symbol, $y_{i} = W_{x_i}$: from int32 `[…]` to `[…, size]`. Rows that are used more than once
 * collect the derivatives of all uses.
 *
 * @throws `ArgumentError` if a size is not an integer from 1
 * @throws `DTypeError` from `apply`, if the inputs are not int32
 * @throws `DataError` from `apply`, if one is negative or not below `count`
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { embedding } from "@cotangent/nn";
 * const words = embedding({ count: 10, size: 3 });
 * words.apply(words.init(random(1)), tensor([[4, 1], [0, 9]], { dtype: "int32" })).shape; // → [2,2,3]
 * ```
 */
export function embedding(options: EmbeddingOptions): Model<EmbeddingParams> {
  checkOptions("embedding", options, ["count", "size", "init", "dtype"], ["count", "size"]);
  const { count, size, init = normalInit({ std: 1 }), dtype } = options;
  checkSize("embedding", "count", count);
  checkSize("embedding", "size", size);
  checkParts("embedding", { init });
  return {
    name: "embedding",
    init: (random) => ({ weight: init(checkRandom("embedding", random), [count, size], { dtype }) }),
    apply: (params, x) => {
      checkParams("embedding", params, ["weight"]);
      if (expectTensor("embedding", x, "symbols in a tensor").dtype !== "int32")
        throw new DTypeError(`embedding: expected int32 symbols, got ${x.dtype}; convert them with astype("int32")`);
      checkValues(x, (symbols) => {
        const values = symbols.toTypedArray();
        const wrong = values.findIndex((v) => v < 0 || v >= count);
        if (wrong >= 0)
          throw new DataError(
            `embedding: expected symbols from 0 to ${count - 1}, got ${values[wrong]!} at flat index ${wrong}`,
          );
      });
      return params.weight.take(x);
    },
  };
}

/**
 * A function as a layer, $y = g(x)$, without parameters.
 *
 * @throws `ArgumentError` if it is no function
 * @example
 * ```ts
 * import { relu, tensor } from "@cotangent/core";
 * import { activation } from "@cotangent/nn";
 * activation(relu).apply({}, tensor([-1, 2])).toArray(); // → [0,2]
 * ```
 */
export function activation(fn: Activation): Model<NoParams> {
  checkFunction("activation", fn, "a function such as tanh");
  return {
    name: "activation",
    init: () => ({}),
    apply: (_params, x) => fn(expectTensor("activation", x, "inputs in a tensor")),
  };
}

/**
 * All axes but the first made one: from `[batch, …]` to `[batch, features]`, without parameters.
 *
 * @throws `ShapeError` from `apply`, if there is no axis
 * @example
 * ```ts
 * import { ones } from "@cotangent/core";
 * import { flatten } from "@cotangent/nn";
 * flatten().apply({}, ones([5, 8, 8])).shape; // → [5,64]
 * ```
 */
export function flatten(): Model<NoParams> {
  return {
    name: "flatten",
    init: () => ({}),
    apply: (_params, x) => {
      if (expectTensor("flatten", x, "inputs in a tensor").rank === 0)
        throw new ShapeError("flatten: expected inputs of shape [batch, …], got []");
      const [batch, ...rest] = x.shape as readonly [number, ...number[]];
      return x.reshape([batch, rest.reduce((product, n) => product * n, 1)]);
    },
  };
}
