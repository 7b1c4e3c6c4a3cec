/**
 * Data sets as immutable values: features and labels side by side.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  DataError,
  describe,
  expectTensor,
  tensor,
  Tensor,
  type Random,
} from "@cotangent/core";

/** Samples with their labels. */
export interface Dataset {
  readonly name: string;
  /** Shape `[samples, features]`. */
  readonly features: Tensor;
  /** Shape `[samples]`: int32 classes, or float targets. */
  readonly labels: Tensor;
  /** One name per feature, where known. */
  readonly featureNames: readonly string[];
  /** What the classes 0, 1, … mean, where known. */
  readonly classNames: readonly string[];
}

/** What `dataset` takes besides features and labels. */
export interface DatasetOptions {
  readonly name?: string | undefined;
  readonly featureNames?: readonly string[] | undefined;
  readonly classNames?: readonly string[] | undefined;
  /** Labels must be integers from 0 to below this. Default: the number of class names; without these, any number goes. */
  readonly classes?: number | undefined;
}

/** @throws `DataError` naming row and column of the first element of `[samples, features]` that is not finite */
export function checkFinite(operator: string, features: Tensor, names: readonly string[] = []): void {
  const values = features.toTypedArray();
  const at = values.findIndex((value) => !Number.isFinite(value));
  const columns = features.shape[1]!;
  if (at >= 0)
    throw new DataError(
      `${operator}: expected finite features, got ${values[at]!} in row ${Math.floor(at / columns)}, column ${names[at % columns] ?? at % columns}; fill or drop missing values`,
    );
}

function checkLabels(labels: Tensor, classes: number | undefined): void {
  if (classes !== undefined && !(Number.isInteger(classes) && classes >= 1))
    throw new ArgumentError(`dataset: expected classes to be an integer from 1, got ${describe(classes)}`);
  const values = labels.toTypedArray();
  const at = values.findIndex(
    (label) =>
      !Number.isFinite(label) || (classes !== undefined && !(Number.isInteger(label) && label >= 0 && label < classes)),
  );
  if (at < 0) return;
  const wanted =
    classes === undefined || !Number.isFinite(values[at]) ? "finite labels" : `classes from 0 to ${classes - 1}`;
  throw new DataError(
    `dataset: expected ${wanted}, got ${values[at]!} in row ${at}; ${wanted === "finite labels" ? "drop the sample" : "number the classes from 0, or drop the sample"}`,
  );
}

/**
 * A data set of features `[samples, features]` and labels `[samples]`.
 *
 * @throws `DataError` if it is empty, sizes differ, a feature or label is not finite, or a label is none of the classes
 * (row and column are named)
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { dataset } from "@cotangent/data";
 * dataset(tensor([[1, 2], [3, 4]]), tensor([0, 1], { dtype: "int32" })).features.shape; // → [2,2]
 * ```
 */
export function dataset(features: Tensor, labels: Tensor, options: DatasetOptions = {}): Dataset {
  checkOptions("dataset", options, ["name", "featureNames", "classNames", "classes"]);
  const { name = "data", featureNames = [], classNames = [], classes } = options;
  expectTensor("dataset", features, "features in a tensor");
  expectTensor("dataset", labels, "labels in a tensor");
  if (features.rank !== 2 || features.size === 0)
    throw new DataError(
      `dataset: expected features of shape [samples, features] with at least one of each, got [${features.shape.join(", ")}]`,
    );
  if (labels.rank !== 1 || labels.size !== features.shape[0])
    throw new DataError(
      `dataset: expected ${features.shape[0]!} labels, one a sample, got shape [${labels.shape.join(", ")}]`,
    );
  checkFinite("dataset", features, featureNames);
  checkLabels(labels, classes ?? (classNames.length === 0 ? undefined : classNames.length));
  return { name, features, labels, featureNames, classNames };
}

/** @throws `ArgumentError` if it is no data set */
function checkDataset(operator: string, value: unknown): Dataset {
  const { features, labels } = (value ?? {}) as Partial<Dataset>;
  if (features instanceof Tensor && labels instanceof Tensor) return value as Dataset;
  throw new ArgumentError(
    `${operator}: expected a data set, as dataset(features, labels) gives it, got ${describe(value)}`,
  );
}

/** The samples with the given row numbers, in that order. */
export function takeRows(data: Dataset, rows: Tensor): Dataset {
  const { features, labels } = checkDataset("takeRows", data);
  return { ...data, features: features.take(rows), labels: labels.take(rows) };
}

/**
 * The samples in random order.
 *
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { dataset, shuffle } from "@cotangent/data";
 * const data = dataset(tensor([[1], [2], [3]]), tensor([0, 1, 0], { dtype: "int32" }));
 * shuffle(data, random(1)).features.sum().item(); // → 6
 * ```
 */
export function shuffle(data: Dataset, random: Random): Dataset {
  return mixed("shuffle", data, random);
}

function mixed(operator: string, data: Dataset, random: Random): Dataset {
  const { size } = checkDataset(operator, data).labels;
  return takeRows(data, checkRandom(operator, random).permutation(size));
}

/** Options of `split`. */
export interface SplitOptions {
  /** Share of the samples that goes to the test part, between 0 and 1. */
  readonly testFraction: number;
  readonly random: Random;
  /** Give every class the same share in both parts. Default: false. */
  readonly stratify?: boolean | undefined;
}

/**
 * Shuffles and splits into a training and a test part; each gets at least one sample.
 *
 * @throws `ArgumentError` if the fraction is not strictly between 0 and 1
 * @throws `DataError` if there are fewer than two samples
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { dataset, split } from "@cotangent/data";
 * const data = dataset(tensor([[1], [2], [3], [4]]), tensor([0, 1, 0, 1], { dtype: "int32" }));
 * split(data, { testFraction: 0.25, random: random(1) }).train.labels.size; // → 3
 * ```
 */
export function split(data: Dataset, options: SplitOptions): { readonly train: Dataset; readonly test: Dataset } {
  checkOptions("split", options, ["testFraction", "random", "stratify"], ["testFraction"]);
  const { testFraction, stratify = false } = options;
  const random = checkRandom("split", options.random);
  if (!(testFraction > 0 && testFraction < 1))
    throw new ArgumentError(`split: expected a testFraction between 0 and 1, got ${describe(testFraction)}`);
  const n = checkDataset("split", data).labels.size;
  if (n < 2) throw new DataError(`split: expected at least two samples, got ${n}`);
  const order = Array.from(random.permutation(n).toTypedArray());
  const count = Math.min(n - 1, Math.max(1, Math.round(n * testFraction)));
  const test = new Set(stratify ? stratified(order, data.labels.toTypedArray(), count) : order.slice(0, count));
  const part = (inTest: boolean): Dataset =>
    takeRows(data, tensor(Int32Array.from(order.filter((row) => test.has(row) === inTest))));
  return { train: part(false), test: part(true) };
}

/** `count` rows in which classes are as frequent as in all of them: evenly spaced in the order by class. */
function stratified(order: readonly number[], labels: ArrayLike<number>, count: number): readonly number[] {
  const byClass = order.slice().sort((a, b) => labels[a]! - labels[b]!);
  return Array.from({ length: count }, (_, i) => byClass[Math.floor(((i + 0.5) * byClass.length) / count)]!);
}

/** Options of `kFold`. */
export interface KFoldOptions {
  /** How many parts, from 2. */
  readonly folds: number;
  readonly random: Random;
  /** Give every class the same share in all parts. Default: false. */
  readonly stratify?: boolean | undefined;
}

/**
 * Shuffles, and splits into folds whose sizes differ by one at most, for cross-validation: every sample is in the test
 * part once, and in the training part of all other folds.
 *
 * @throws `ArgumentError` if `folds` is not an integer from 2
 * @throws `DataError` if there are fewer samples than folds
 * @example
 * ```ts
 * import { random, tensor } from "@cotangent/core";
 * import { dataset, kFold } from "@cotangent/data";
 * const data = dataset(tensor([[1], [2], [3], [4], [5]]), tensor([0, 1, 0, 1, 0], { dtype: "int32" }));
 * kFold(data, { folds: 2, random: random(1) }).map(({ train, test }) => [train.labels.size, test.labels.size]); // → [[2,3],[3,2]]
 * ```
 */
export function kFold(
  data: Dataset,
  options: KFoldOptions,
): readonly { readonly train: Dataset; readonly test: Dataset }[] {
  checkOptions("kFold", options, ["folds", "random", "stratify"], ["folds"]);
  const { folds, stratify = false } = options;
  const random = checkRandom("kFold", options.random);
  if (!Number.isInteger(folds) || folds < 2)
    throw new ArgumentError(`kFold: expected folds to be an integer from 2, got ${describe(folds)}`);
  const n = checkDataset("kFold", data).labels.size;
  if (n < folds) throw new DataError(`kFold: expected at least ${folds} samples, one a fold, got ${n}`);
  const order = Array.from(random.permutation(n).toTypedArray());
  // Dealt like cards: sorted by class, every fold gets its share of each.
  const labels = data.labels.toTypedArray();
  const dealt = stratify ? order.slice().sort((a, b) => labels[a]! - labels[b]!) : order;
  const foldOf = new Map(dealt.map((row, i) => [row, i % folds]));
  const rows = (wanted: (fold: number) => boolean): Dataset =>
    takeRows(data, tensor(Int32Array.from(order.filter((row) => wanted(foldOf.get(row)!)))));
  return Array.from({ length: folds }, (_, i) => ({
    train: rows((fold) => fold !== i),
    test: rows((fold) => fold === i),
  }));
}

/** Options of `batches`. */
export interface BatchOptions {
  /** Samples a batch. */
  readonly size: number;
  /** Shuffles first, where given. */
  readonly random?: Random | undefined;
  /** Leave out a last batch that is not full. Default: false. */
  readonly dropLast?: boolean | undefined;
}

/**
 * The samples in batches.
 *
 * @throws `ArgumentError` if the size is not an integer from 1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { batches, dataset } from "@cotangent/data";
 * const data = dataset(tensor([[1], [2], [3]]), tensor([0, 1, 0], { dtype: "int32" }));
 * [...batches(data, { size: 2 })].map((batch) => batch.labels.size); // → [2,1]
 * ```
 */
export function batches(data: Dataset, options: BatchOptions): readonly Dataset[] {
  checkOptions("batches", options, ["size", "random", "dropLast"], ["size"]);
  const { size, random, dropLast = false } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError(`batches: expected a size that is an integer from 1, got ${describe(size)}`);
  const n = checkDataset("batches", data).labels.size;
  const { features, labels } = random === undefined ? data : mixed("batches", data, random);
  const count = dropLast ? Math.floor(n / size) : Math.ceil(n / size);
  return Array.from({ length: count }, (_, i) => {
    const range = [[i * size, Math.min(n, (i + 1) * size)]] as const;
    return { ...data, features: features.slice(range), labels: labels.slice(range) };
  });
}

/** A data set from rows of numbers whose last column is an integer class. */
export function fromRows(
  rows: readonly (readonly number[])[],
  columns: readonly string[],
  options: DatasetOptions,
): Dataset {
  const features = rows.map((row) => row.slice(0, -1));
  const classes = rows.map((row) => row.at(-1)!);
  const at = classes.findIndex((label) => label !== (label | 0));
  if (at >= 0)
    throw new DataError(
      `dataset: expected an integer class that fits int32 in the last column, got ${classes[at]!} in row ${at}`,
    );
  const labels = tensor(Int32Array.from(classes));
  return dataset(tensor(features, { dtype: "float64" }), labels, { ...options, featureNames: columns.slice(0, -1) });
}
