/**
 * Transposed convolutions: the columns of a matrix product are added back into windows.
 * @module
 */
import { ArgumentError, checkOptions, ShapeError } from "../errors.js";
import { showShape, sizeOf, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import {
  channelsSecond,
  checkChannels,
  checkGroups,
  convolutionOptions,
  operandsOf,
  withBias,
  type ConvolutionOptions,
} from "./convolution.js";
import { matmul } from "./linalg.js";
import { permute, reshape } from "./linear.js";
import { sliceRanges, wholeAxis } from "./regions.js";
import { transpose } from "./shaping.js";
import { fold, perAxis, reach, type Margin, type Window } from "./windows.js";

/** Options of transposed convolutions. */
export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Elements added to the output at the end of each axis; less than the stride or the dilation. Default: 0. */
  readonly outputPadding?: number | readonly number[] | undefined;
}

/** A transposed convolution; the weights have shape `[in, out / groups, ...window]`. */
export type TransposedConvolution = (
  x: TensorLike,
  weights: TensorLike,
  options?: TransposedConvolutionOptions,
) => Tensor;

function transposedConvolution(operator: string, rank: number): TransposedConvolution {
  return function convolve(x, weights, options) {
    checkOptions(operator, options, [...convolutionOptions, "outputPadding"]);
    const operands = operandsOf(operator, rank, x, weights, options ?? {}, "[in, out / groups");
    const { groups, axes, around, bias } = operands;
    const { shape } = operands.x.layout;
    const [batch, channels, ...counts] = shape as [number, number, ...number[]];
    const [inputs, depth] = operands.weights.layout.shape as [number, number];
    checkGroups(operator, "input channels", channels, groups);
    checkChannels(operator, operands, channels, inputs);
    const extra = perAxis(operator, "outputPadding", options?.outputPadding ?? 0, rank, 0);
    const space = outputSpace(operator, shape, axes, around, extra);
    const volume = depth * sizeOf(axes.map(({ size }) => size));
    const rows = reshape(operands.weights, [groups, channels / groups, volume]);
    const right = reshape(channelsSecond(operands.x), [groups, channels / groups, batch * sizeOf(counts)]);
    const product = reshape(matmul(transpose(rows), right), [
      groups * depth,
      ...axes.map(({ size }) => size),
      batch,
      ...counts,
    ]);
    const [place, inside] = [axes.map((_, i) => rank + 2 + i), axes.map((_, i) => 1 + i)];
    const placed = axes.map((axis, i) => ({ ...axis, count: counts[i]! }));
    const full = fold(permute(product, [rank + 1, 0, ...place, ...inside]), placed, space);
    const ranges = [batch, groups * depth].map(wholeAxis);
    const cropped = sliceRanges(full, [
      ...ranges,
      ...space.map((n, i) => ({ start: around[i]!.before, step: 1, count: n - around[i]!.before - around[i]!.after })),
    ]);
    return withBias(operator, cropped, bias, rank);
  };
}

/** The output's axes of space before the padding is cut off. */
function outputSpace(
  operator: string,
  shape: Shape,
  axes: readonly Window[],
  around: readonly Margin[],
  extra: readonly number[],
): Shape {
  return axes.map((axis, i) => {
    if (extra[i]! > 0 && extra[i]! >= Math.max(axis.stride, axis.dilation))
      throw new ArgumentError(
        `${operator}: expected outputPadding below the stride or the dilation, got ${extra[i]!} with stride ${axis.stride} and dilation ${axis.dilation}`,
      );
    const n = (shape[i + 2]! - 1) * axis.stride + reach(axis) + extra[i]!;
    const left = n - around[i]!.before - around[i]!.after;
    if (shape[i + 2]! < 1 || left < 1)
      throw new ShapeError(
        `${operator}: expected an output of at least one element along axis ${i + 2}, got ${Math.min(left, 0)} from an input ${showShape(shape)}; use less padding`,
      );
    return n;
  });
}

/**
 * Transposed convolution along one axis, $y_{b o j} = \beta_o + \sum_{c, i, k} w_{c o k} \, x_{b c i}$ over
 * $s i + d k - p = j$: the transpose of the linear map that `conv1d` with the same weights and options is, so each
 * input element adds a multiple of the window to the output.
 *
 * - `x`: shape `[batch, in, length]`
 * - `weights`: shape `[in, out / groups, window]`
 * @returns shape `[batch, out, (length - 1) s - 2p + d (window - 1) + 1 + outputPadding]`
 * @derivative for `x` the convolution of the cotangent with the weights, for the weights that of the cotangent with
 *   `x`, for the bias the sum
 * @throws {@link ShapeError} if ranks, channels or groups do not fit, or nothing is left of the output
 * @throws {@link ArgumentError} if an option is not what it should be
 * @example
 * ```ts
 * import { convTranspose1d, tensor } from "@cotangent/core";
 * const x = tensor([[[1, 2]]]);
 * convTranspose1d(x, tensor([[[1, 10, 100]]]), { stride: 2 }).toArray(); // → [[[1,10,102,20,200]]]
 * ```
 * @see Dumoulin, Visin: A guide to convolution arithmetic for deep learning (2016), arXiv:1603.07285
 */
export const convTranspose1d: TransposedConvolution = transposedConvolution("convTranspose1d", 1);

/**
 * Transposed convolution along two axes, $y_{b o j} = \beta_o + \sum_{c, i, k} w_{c o k} \, x_{b c i}$ over pairs with
 * $s i + d k - p = j$; as `convTranspose1d`, but each option is a number or one for each axis.
 *
 * - `x`: shape `[batch, in, height, width]`
 * - `weights`: shape `[in, out / groups, ...window]`
 * @returns shape `[batch, out, …, …]`, each size as that of `convTranspose1d`
 * @derivative as that of `convTranspose1d`
 * @throws {@link ShapeError} if ranks, channels or groups do not fit, or nothing is left of the output
 * @throws {@link ArgumentError} if an option is not what it should be
 * @example
 * ```ts
 * import { convTranspose2d, ones, tensor } from "@cotangent/core";
 * const x = tensor([[[[1, 2]]]]);
 * convTranspose2d(x, ones([1, 1, 2, 2])).toArray(); // → [[[[1,3,2],[1,3,2]]]]
 * ```
 */
export const convTranspose2d: TransposedConvolution = transposedConvolution("convTranspose2d", 2);
