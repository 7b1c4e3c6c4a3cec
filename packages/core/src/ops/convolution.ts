/**
 * Convolutions in one, two and three dimensions, lowered to the matrix product: the windows of the input, a view, are
 * copied into the columns of a matrix.
 * @module
 */
import { promote } from "../dtype.js";
import { checkOptions, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { showShape, sizeOf } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { matmul } from "./linalg.js";
import { astype, permute, reshape } from "./linear.js";
import {
  checkFit,
  checkImage,
  margins,
  perAxis,
  reach,
  surround,
  windows,
  type Margin,
  type Padding,
  type Window,
} from "./windows.js";
import { integerOption } from "./options.js";

/** Options of convolutions; a number holds for every axis of space. */
export interface ConvolutionOptions {
  /** Added to each output channel; shape `[out]`. */
  readonly bias?: TensorLike | undefined;
  /** From one window to the next. Default: 1. */
  readonly stride?: number | readonly number[] | undefined;
  /** Zeros on both sides; `"valid"`: none, `"same"`: the output is as large as the input (at stride 1). Default: 0. */
  readonly padding?: Padding | undefined;
  /** From one element of a window to the next. Default: 1. */
  readonly dilation?: number | readonly number[] | undefined;
  /** Channels in so many groups of their own. Default: 1. */
  readonly groups?: number | undefined;
}

/** A convolution; the weights have shape `[out, in / groups, ...window]`. */
export type Convolution = (x: TensorLike, weights: TensorLike, options?: ConvolutionOptions) => Tensor;

/** What both kinds take, checked and in one dtype. */
export interface Operands {
  readonly x: Tensor;
  readonly weights: Tensor;
  readonly bias: Tensor | null;
  readonly groups: number;
  readonly axes: readonly Window[];
  readonly around: readonly Margin[];
}

/** The options that both kinds take. */
export const convolutionOptions = ["bias", "stride", "padding", "dilation", "groups"];

export function operandsOf(
  operator: string,
  rank: number,
  x: TensorLike,
  weights: TensorLike,
  options: ConvolutionOptions,
  layout: string,
): Operands {
  const { bias, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const list = [x, weights, ...(bias === undefined ? [] : [bias])].map((t) =>
    computable(asTensor(operator, t), "same"),
  );
  const dtype = list.map((t) => t.dtype).reduce(promote);
  const [a, w, b = null] = list.map((t) => astype(t, dtype)) as [Tensor, Tensor, Tensor?];
  checkImage(operator, a, rank);
  checkImage(operator, w, rank, "weights", layout);
  integerOption(operator, "groups", groups, 1);
  const { shape } = w.layout;
  if (sizeOf(shape.slice(2)) === 0)
    throw new ShapeError(`${operator}: expected a window that is not empty, got weights ${showShape(shape)}`);
  const strides = perAxis(operator, "stride", stride, rank, 1);
  const dilations = perAxis(operator, "dilation", dilation, rank, 1);
  const axes = strides.map((s, i) => ({ size: shape[i + 2]!, stride: s, dilation: dilations[i]! }));
  return { x: a, weights: w, bias: b, groups, axes, around: margins(operator, padding, axes) };
}

/** The channels must fill the groups and fit the weights. */
export function checkChannels(operator: string, { x, weights, groups }: Operands, wanted: number, got: number): void {
  if (wanted !== got)
    throw new ShapeError(
      `${operator}: expected weights for ${wanted} channels${groups === 1 ? "" : ` (${groups} groups)`}, got ${got}: input ${showShape(x.layout.shape)}, weights ${showShape(weights.layout.shape)}`,
    );
}

export function checkGroups(operator: string, what: string, channels: number, groups: number): void {
  if (channels % groups !== 0)
    throw new ShapeError(
      `${operator}: expected a number of ${what} that ${groups} groups divide, got ${channels}; change groups or the channels`,
    );
}

export function withBias(operator: string, y: Tensor, bias: Tensor | null, rank: number): Tensor {
  if (bias === null) return y;
  const out = y.layout.shape[1]!;
  if (bias.rank !== 1 || bias.size !== out)
    throw new ShapeError(
      `${operator}: expected a bias of shape [${out}], one number for each output channel, got ${showShape(bias.layout.shape)}`,
    );
  return add(y, reshape(bias, [out, ...new Array<number>(rank).fill(1)]));
}

function convolution(operator: string, rank: number): Convolution {
  return function convolve(x, weights, options) {
    checkOptions(operator, options, convolutionOptions);
    const operands = operandsOf(operator, rank, x, weights, options ?? {}, "[out, in / groups");
    const { groups, axes, around, bias } = operands;
    const [batch, channels] = operands.x.layout.shape as [number, number];
    const [out, depth] = operands.weights.layout.shape as [number, number];
    checkGroups(operator, "input channels", channels, groups);
    checkGroups(operator, "output channels", out, groups);
    checkChannels(operator, operands, channels / groups, depth);
    const padded = surround(operands.x, around);
    const placed = axes.map((axis, i) => ({ ...axis, count: countOf(operator, padded, axis, i) }));
    const counts = placed.map(({ count }) => count);
    const volume = depth * sizeOf(placed.map(({ size }) => size));
    // [channels, ...window, batch, ...counts], so that a group's columns lie together.
    const [place, inside] = [counts.map((_, i) => 2 + i), counts.map((_, i) => 2 + rank + i)];
    const columns = permute(windows(padded, placed), [1, ...inside, 0, ...place]);
    const right = reshape(columns, [groups, volume, batch * sizeOf(counts)]);
    const product = matmul(reshape(operands.weights, [groups, out / groups, volume]), right);
    return withBias(operator, channelsSecond(reshape(product, [out, batch, ...counts])), bias, rank);
  };
}

/** Swaps the first two axes: from `[channels, batch, …]`, in which products come, and back. */
export function channelsSecond(x: Tensor): Tensor {
  return permute(x, [1, 0, ...x.layout.shape.slice(2).map((_, i) => i + 2)]);
}

/** How many windows fit along axis `i` of space. */
function countOf(operator: string, x: Tensor, axis: Window, i: number): number {
  const n = x.layout.shape[i + 2]!;
  checkFit(operator, axis, n, i + 2);
  return Math.floor((n - reach(axis)) / axis.stride) + 1;
}

/**
 * Convolution along one axis (as everywhere in deep learning, a cross-correlation: the window is not flipped),
 * $y_{b o i} = \beta_o + \sum_{c, k} w_{o c k} \, x_{b, c, s i + d k - p}$ with stride s, dilation d and padding p.
 *
 * - `x`: shape `[batch, in, length]`
 * - `weights`: shape `[out, in / groups, window]`
 * @returns shape `[batch, out, ⌊(length + 2p - d (window - 1) - 1) / s⌋ + 1]`
 * @derivative $\bar x_{b c j} = \sum_{o, k} w_{o c k} \, \bar y_{b o i}$ over $s i + d k - p = j$,
 *   $\bar w_{o c k} = \sum_{b, i} \bar y_{b o i} \, x_{b, c, s i + d k - p}$,
 *   $\bar \beta_o = \sum_{b, i} \bar y_{b o i}$
 * @throws {@link ShapeError} if ranks, channels or groups do not fit, or the window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be
 * @example
 * ```ts
 * import { conv1d, tensor } from "@cotangent/core";
 * const x = tensor([[[1, 2, 4, 7]]]);
 * conv1d(x, tensor([[[-1, 1]]])).toArray(); // → [[[1,2,3]]]
 * x.conv1d(tensor([[[1, 1, 1]]]), { padding: "same", stride: 1 }).toArray(); // → [[[3,7,13,11]]]
 * ```
 * @see Dumoulin, Visin: A guide to convolution arithmetic for deep learning (2016), arXiv:1603.07285
 */
export const conv1d: Convolution = convolution("conv1d", 1);

/**
 * Convolution along two axes, $y_{b o i} = \beta_o + \sum_{c, k} w_{o c k} \, x_{b, c, s i + d k - p}$ with pairs $i$
 * and $k$ of indices; as `conv1d`, but each option is a number or one for each axis.
 *
 * - `x`: shape `[batch, in, height, width]`
 * - `weights`: shape `[out, in / groups, ...window]`
 * @returns shape `[batch, out, …, …]`
 * @derivative as that of `conv1d`: for `x` the transposed convolution of the cotangent with the weights
 * @throws {@link ShapeError} if ranks, channels or groups do not fit, or the window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be
 * @example
 * ```ts
 * import { conv2d, ones, tensor } from "@cotangent/core";
 * const x = tensor([[[[1, 2], [3, 4]]]]);
 * conv2d(x, ones([1, 1, 2, 2])).toArray(); // → [[[[10]]]]
 * conv2d(x, ones([1, 1, 2, 2]), { padding: [1, 0], bias: tensor([0.5]) }).toArray(); // → [[[[3.5],[10.5],[7.5]]]]
 * ```
 */
export const conv2d: Convolution = convolution("conv2d", 2);

/**
 * Convolution along three axes, $y_{b o i} = \beta_o + \sum_{c, k} w_{o c k} \, x_{b, c, s i + d k - p}$ with triples
 * $i$ and $k$ of indices; as `conv1d`, but each option is a number or one for each axis.
 *
 * - `x`: shape `[batch, in, depth, height, width]`
 * - `weights`: shape `[out, in / groups, ...window]`
 * @returns shape `[batch, out, …, …, …]`
 * @derivative as that of `conv1d`: for `x` the transposed convolution of the cotangent with the weights
 * @throws {@link ShapeError} if ranks, channels or groups do not fit, or the window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be
 * @example
 * ```ts
 * import { conv3d, ones } from "@cotangent/core";
 * conv3d(ones([1, 2, 3, 3, 3]), ones([4, 2, 2, 2, 2]), { stride: 1 }).shape; // → [1,4,2,2,2]
 * ```
 */
export const conv3d: Convolution = convolution("conv3d", 3);
