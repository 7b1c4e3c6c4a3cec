/**
 * What a model consists of.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  describe,
  leavesOf,
  noGrad,
  random,
  Tensor,
  zeros,
  type DType,
  type Shape,
} from "@cotangent/core";
import { checkModel } from "./checks.js";
import type { Model } from "./model.js";

/** A layer of a summary. */
export interface SummaryLayer {
  /** Where it stands among the layers, such as `[0][1]`; the model itself is empty. */
  readonly path: string;
  readonly name: string;
  /** `[batch, …]`. */
  readonly outputShape: Shape;
  /** Numbers that are trained. */
  readonly parameters: number;
}

/** What `summary` gives. */
export interface Summary {
  /** The layers that are not made of others, in the order in which they compute. */
  readonly layers: readonly SummaryLayer[];
  readonly outputShape: Shape;
  /** Numbers that are trained, of the whole model. */
  readonly parameters: number;
  /** A table. */
  toString(): string;
}

/** Options of `summary`. */
export interface SummaryOptions {
  /** Of the inputs. Default: int32 if the first layer is an embedding, else the default dtype. */
  readonly dtype?: DType | undefined;
}

const countOf = (params: unknown): number =>
  leavesOf(params).reduce((sum, { leaf }) => sum + (leaf instanceof Tensor ? leaf.size : 1), 0);

const firstOf = (model: Model<unknown, unknown>): string | undefined =>
  model.layers === undefined || model.layers.models.length === 0 ? model.name : firstOf(model.layers.models[0]!);

/** Adds the layers of a model to a list, and gives the output. */
function walk(
  model: Model<unknown, unknown>,
  params: unknown,
  state: unknown,
  x: Tensor,
  path: string,
  found: SummaryLayer[],
): Tensor {
  if (model.layers !== undefined) {
    const { models, chained, part } = model.layers;
    models.reduce((input, layer, i) => {
      const own = layer.initState === undefined ? undefined : part(state, i);
      const output = walk(layer, part(params, i), own, input, `${path}[${i}]`, found);
      return chained ? output : input;
    }, x);
  }
  const output = model.apply(params, x, state === undefined ? undefined : { training: false, state });
  if (model.layers === undefined)
    found.push({ path, name: model.name ?? "custom", outputShape: output.shape, parameters: countOf(params) });
  return output;
}

function tableOf(layers: readonly SummaryLayer[], shape: Shape, parameters: number): string {
  const rows = [
    ["layer", "output", "parameters"],
    ...layers.map(({ path, name, outputShape, parameters }) => [
      `${path} ${name}`.trim(),
      `[${outputShape.join(", ")}]`,
      String(parameters),
    ]),
    ["total", `[${shape.join(", ")}]`, String(parameters)],
  ] as [string, string, string][];
  const [first, second, third] = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map(([a, b, c]) => `${a.padEnd(first!)}  ${b.padEnd(second!)}  ${c.padStart(third!)}`).join("\n");
}

/**
 * The layers of a model, the shapes of their outputs, and how many parameters they have; `toString()` is a table. It
 * applies the model once to zeros.
 *
 * @param inputShape with the batch, `[batch, …]`
 * @throws `ArgumentError` if it is no model, or the shape no list of integers
 * @throws `ShapeError` from a layer whose inputs do not fit
 * @example
 * ```ts
 * import { deepNetwork, summary } from "@cotangent/nn";
 * summary(deepNetwork({ sizes: [64, 32, 10] }), [1, 64]).toString();
 * // → layer      output   parameters
 * // → [0] dense  [1, 32]        2080
 * // → [1] dense  [1, 10]         330
 * // → total      [1, 10]        2410
 * ```
 */
export function summary<P, S>(model: Model<P, S>, inputShape: Shape, options?: SummaryOptions): Summary {
  checkModel("summary", model, "a model");
  checkOptions("summary", options, ["dtype"]);
  if (!Array.isArray(inputShape))
    throw new ArgumentError(`summary: expected a shape such as [1, 64], got ${describe(inputShape)}`);
  const any = model as Model<unknown, unknown>;
  const dtype = options?.dtype ?? (firstOf(any) === "embedding" ? "int32" : undefined);
  const params = any.init(random(0));
  const layers: SummaryLayer[] = [];
  const output = noGrad(() => walk(any, params, any.initState?.(), zeros(inputShape, { dtype }), "", layers));
  const parameters = countOf(params);
  return {
    layers,
    outputShape: output.shape,
    parameters,
    toString: () => tableOf(layers, output.shape, parameters),
  };
}
