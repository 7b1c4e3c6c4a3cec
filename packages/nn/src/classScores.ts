/**
 * How well a class is found among others.
 * @module
 */
import { ArgumentError, checkOptions, describe, type Tensor } from "@cotangent/core";
import { countsOf } from "./metrics.js";

/** Options of `precision`, `recall` and `f1`. */
export interface ScoreOptions {
  /** The class that counts as found. Default: 1. */
  readonly positive?: number | undefined;
  /**
   * Over all classes that occur: the mean of their scores, the mean weighted by their labels, or the score of all
   * decisions together. Default: none, the score of the positive class.
   */
  readonly average?: "macro" | "weighted" | "micro" | undefined;
}

/** Decisions for a class: right ones, all that were predicted, all that were labelled. */
interface Decisions {
  readonly right: number;
  readonly predicted: number;
  readonly labelled: number;
}

function score(
  operator: string,
  predictions: Tensor,
  labels: Tensor,
  options: ScoreOptions | undefined,
  of: (decisions: Decisions) => number,
): number {
  checkOptions(operator, options, ["positive", "average"]);
  const counts = countsOf(operator, predictions, labels, undefined);
  const sum = (list: readonly number[]): number => list.reduce((total, n) => total + n, 0);
  const each = counts.map((row, k): Decisions => ({
    right: row[k]!,
    predicted: sum(counts.map((other) => other[k]!)),
    labelled: sum(row),
  }));
  const { positive = 1, average } = options ?? {};
  if (average === undefined) {
    if (!Number.isInteger(positive) || positive < 0)
      throw new ArgumentError(
        `${operator}: expected positive to be a class, an integer from 0, got ${describe(positive)}`,
      );
    return of(each[positive] ?? { right: 0, predicted: 0, labelled: 0 });
  }
  if (options?.positive !== undefined)
    throw new ArgumentError(`${operator}: expected either positive or average, got both`);
  const occurring = each.filter(({ predicted, labelled }) => predicted + labelled > 0);
  const total = (key: keyof Decisions): number => sum(occurring.map((decisions) => decisions[key]));
  switch (average) {
    case "macro":
      return sum(occurring.map(of)) / occurring.length;
    case "weighted":
      return sum(occurring.map((decisions) => of(decisions) * decisions.labelled)) / total("labelled");
    case "micro":
      return of({ right: total("right"), predicted: total("predicted"), labelled: total("labelled") });
    default:
      throw new ArgumentError(
        `${operator}: expected the average "macro", "weighted" or "micro", got ${describe(average)}`,
      );
  }
}

/** 0 of 0 counts as 0: nothing was found. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Precision, the share of what was predicted positive that is: $\frac{TP}{TP + FP}$; 0 if nothing was.
 *
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if a class is no integer from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { precision } from "@cotangent/nn";
 * precision(tensor([1, 1, 0, 1]), tensor([1, 0, 0, 1])); // → 0.666667
 * ```
 */
export function precision(predictions: Tensor, labels: Tensor, options?: ScoreOptions): number {
  return score("precision", predictions, labels, options, ({ right, predicted }) => share(right, predicted));
}

/**
 * Recall, the share of what is positive that was predicted so: $\frac{TP}{TP + FN}$; 0 if nothing is.
 *
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if a class is no integer from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { recall } from "@cotangent/nn";
 * recall(tensor([1, 0, 0, 1]), tensor([1, 1, 0, 1])); // → 0.666667
 * ```
 */
export function recall(predictions: Tensor, labels: Tensor, options?: ScoreOptions): number {
  return score("recall", predictions, labels, options, ({ right, labelled }) => share(right, labelled));
}

/**
 * The harmonic mean of precision and recall, $\frac{2 TP}{2 TP + FP + FN}$; 0 if nothing is or was predicted positive.
 *
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if a class is no integer from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { f1 } from "@cotangent/nn";
 * f1(tensor([1, 1, 0, 0]), tensor([1, 0, 1, 0])); // → 0.5
 * f1(tensor([0, 1, 2]), tensor([0, 1, 1]), { average: "macro" }); // → 0.555556
 * ```
 * @see van Rijsbergen: Information retrieval (1979), chapter 7
 */
export function f1(predictions: Tensor, labels: Tensor, options?: ScoreOptions): number {
  return score("f1", predictions, labels, options, ({ right, predicted, labelled }) =>
    share(2 * right, predicted + labelled),
  );
}
