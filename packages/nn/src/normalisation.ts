/**
 * Layers that normalise: over the features of each sample, or over the samples of each feature.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  describe,
  noGrad,
  ones,
  ShapeError,
  Tensor,
  zeros,
} from "@cotangent/core";
import { checkNumber, checkParams, checkPositive, checkSize, expectFloat } from "./checks.js";
import type { Model, StatefulModel } from "./model.js";

/** What a normalised value is scaled and moved by. */
export interface NormParams {
  /** Starts at 1. */
  readonly weight: Tensor;
  /** Starts at 0. */
  readonly bias: Tensor;
}

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** Length of the last axis. */
  readonly size: number;
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number | undefined;
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/**
 * Layer normalisation over the last axis, $y = w \frac{x - \bar x}{\sqrt{s^2 + \varepsilon}} + b$ with the mean and the
 * biased variance of each sample; the same in training and in prediction.
 *
 * - inputs: shape `[…, size]`
 * @throws `ArgumentError` if the size is not an integer from 1, or epsilon not a finite number above 0
 * @throws `ShapeError` from `apply`, if the last axis has another length
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { layerNorm } from "@cotangent/nn";
 * const layer = layerNorm({ size: 2 });
 * layer.apply(layer.init(random(1)), tensor([[1, 3]])).toArray(); // → [[-0.999995,0.999995]]
 * ```
 * @see Ba, Kiros, Hinton: Layer normalization (2016)
 */
export function layerNorm(options: LayerNormOptions): Model<NormParams> {
  checkOptions("layerNorm", options, ["size", "epsilon", "dtype"], ["size"]);
  const { size, epsilon = 1e-5, dtype } = options;
  checkSize("layerNorm", "size", size);
  checkPositive("layerNorm", "epsilon", epsilon);
  return {
    name: "layerNorm",
    init: (random) => normParams("layerNorm", random, size, dtype),
    apply: (params, x) => {
      expectFloat("layerNorm", x);
      checkParams("layerNorm", params, ["weight", "bias"]);
      if (x.shape.at(-1) !== size)
        throw new ShapeError(`layerNorm: expected inputs of shape […, ${size}], got [${x.shape.join(", ")}]`);
      const reduce = { axis: -1, keepDims: true };
      const variance = x.variance({ ...reduce, correction: 0 });
      return normalised(x, x.mean(reduce), variance, epsilon).mul(params.weight).add(params.bias);
    },
  };
}

/** What a batch normalisation remembers of the batches it was trained on. */
export interface BatchNormState {
  /** Running means, shape `[features]`; starts at 0. */
  readonly mean: Tensor;
  /** Running unbiased variances, shape `[features]`; starts at 1. */
  readonly variance: Tensor;
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** Length of axis 1. */
  readonly features: number;
  /** The weight of the latest batch in the running statistics. Default: 0.1. */
  readonly momentum?: number | undefined;
  /** Added to the variance. Default: 1e-5. */
  readonly epsilon?: number | undefined;
  /** Default: the default dtype. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/**
 * Batch normalisation of each feature, $y = w \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + b$.
 *
 * In training μ and σ² are the mean and the biased variance of the batch, and `setState` hears of the running
 * statistics, $(1 - m) \mu_{\text{old}} + m \bar x$ and likewise of the unbiased variance, by which no derivatives flow.
 * In prediction they are the statistics of the context's state; without a context those of `initState`, 0 and 1, as of
 * a model that was never trained: pass `{ training: false, state }`, or take `predict`, which insists on the state.
 *
 * - inputs: shape `[batch, features, …]`
 * @throws `ArgumentError` if `features` is not an integer from 1, the momentum not in [0, 1], epsilon not above 0, or the
 * context has no state
 * @throws `ShapeError` from `apply`, if axis 1 has another length, or in training a feature has less than two values
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { batchNorm } from "@cotangent/nn";
 * const layer = batchNorm({ features: 1 });
 * const params = layer.init(random(1));
 * let state = layer.initState();
 * const x = tensor([[10], [30]]);
 * layer.apply(params, x, { training: true, random: random(2), state, setState: (next) => (state = next) }).round().toArray(); // → [[-1],[1]]
 * state.mean.toArray(); // → [2]
 * state.variance.toArray(); // → [20.9]
 * layer.apply(params, x, { training: false, state }).toArray(); // → [[1.749914],[6.124699]]
 * ```
 * @see Ioffe, Szegedy: Batch normalization (2015), algorithms 1 and 2
 */
export function batchNorm(options: BatchNormOptions): StatefulModel<NormParams, BatchNormState> {
  checkOptions("batchNorm", options, ["features", "momentum", "epsilon", "dtype"], ["features"]);
  const { features, momentum = 0.1, epsilon = 1e-5, dtype } = options;
  checkSize("batchNorm", "features", features);
  checkNumber("batchNorm", "momentum", momentum, 0, 1);
  checkPositive("batchNorm", "epsilon", epsilon);
  const initState = (): BatchNormState => ({
    mean: zeros([features], { dtype }),
    variance: ones([features], { dtype }),
  });
  return {
    name: "batchNorm",
    init: (random) => normParams("batchNorm", random, features, dtype),
    initState,
    apply: (params, x, context) => {
      expectFloat("batchNorm", x);
      checkParams("batchNorm", params, ["weight", "bias"]);
      if (x.rank < 2 || x.shape[1] !== features)
        throw new ShapeError(
          `batchNorm: expected inputs of shape [batch, ${features}, …], got [${x.shape.join(", ")}]`,
        );
      const state = context === undefined ? initState() : checkState(context.state);
      const along = (t: Tensor): Tensor =>
        x.rank === 2 ? t : t.reshape([features, ...Array<number>(x.rank - 2).fill(1)]);
      const scaled = (mean: Tensor, variance: Tensor): Tensor =>
        normalised(x, along(mean), along(variance), epsilon).mul(along(params.weight)).add(along(params.bias));
      // Statistics of another dtype must not change that of the outputs.
      if (context === undefined || !context.training)
        return scaled(state.mean.astype(x.dtype), state.variance.astype(x.dtype));
      const axis = x.shape.map((_, i) => i).filter((i) => i !== 1);
      const count = x.size / features;
      if (count < 2)
        throw new ShapeError(
          `batchNorm: expected at least two values a feature in training, got [${x.shape.join(", ")}]; one has no variance`,
        );
      const mean = x.mean({ axis });
      const variance = x.variance({ axis, correction: 0 });
      const running = (old: Tensor, now: Tensor): Tensor =>
        old.mul(1 - momentum).add(now.astype(old.dtype).mul(momentum));
      context.setState(
        noGrad(() => ({
          mean: running(state.mean, mean),
          variance: running(state.variance, variance.mul(count / (count - 1))),
        })),
      );
      return scaled(mean, variance);
    },
  };
}

function checkState(state: unknown): BatchNormState {
  const { mean, variance } = (state ?? {}) as Partial<BatchNormState>;
  if (mean instanceof Tensor && variance instanceof Tensor) return state as BatchNormState;
  throw new ArgumentError(
    `batchNorm: expected the state { mean, variance } that initState gives in the context, got ${describe(state)}`,
  );
}

function normParams(
  operator: string,
  random: unknown,
  size: number,
  dtype: NonNullable<LayerNormOptions["dtype"]> | undefined,
): NormParams {
  checkRandom(operator, random);
  return { weight: ones([size], { dtype }), bias: zeros([size], { dtype }) };
}

function normalised(x: Tensor, mean: Tensor, variance: Tensor, epsilon: number): Tensor {
  return x.sub(mean).div(variance.add(epsilon).sqrt());
}
