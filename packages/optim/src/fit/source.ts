/**
 * Where batches come from: samples cut in batches, or batches as they are given.
 * @module
 */
import { ArgumentError, DataError, describe, random, type RandomState, type Tensor } from "@cotangent/core";
import { isSamples, type Samples } from "../context.js";
import { checkKind, count } from "../options.js";

/** Batches of an epoch. */
export type EpochBatches<B> = Iterable<B> | AsyncIterable<B>;

/** The same batches in every epoch, or a function of the epoch, 1, 2, …; a generator gives its batches but once. */
export type Batches<B> = EpochBatches<B> | ((epoch: number) => EpochBatches<B>);

/** How samples become batches. */
export interface Cutting {
  readonly batchSize?: number | undefined;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

type Cursor = Iterator<unknown> | AsyncIterator<unknown>;

/** Batches epoch by epoch. */
export interface Source {
  /** How many batches an epoch has; `null`: that is seen at its end. */
  readonly stepsPerEpoch: number | null;
  /** The batches of an epoch, 1, 2, …, from one on; the order depends on the stream's seed and the epoch only. */
  open(epoch: number, from: number, stream: RandomState): Cursor;
}

/** @throws `DataError` naming row and column, if a value is not finite */
function checkFinite(operator: string, what: string, x: Tensor): void {
  if (x.dtype === "int32" || x.dtype === "bool" || x.isFinite().all().item() !== 0) return;
  const at = x.toTypedArray().findIndex((value) => !Number.isFinite(value));
  const width = x.size / x.shape[0]!;
  const column = x.rank < 2 ? "" : `, column ${at % width}`;
  throw new DataError(
    `${operator}: expected finite ${what}, got ${x.toTypedArray()[at]!} in row ${Math.floor(at / width)}${column}; fill or drop missing values`,
  );
}

/** @throws `DataError` if there are none, features and labels differ in number, or one is not finite */
export function checkSamples(operator: string, { features, labels }: Samples): void {
  const [n, m] = [features.shape[0], labels.shape[0]];
  if (n === undefined || n !== m)
    throw new DataError(
      `${operator}: expected as many labels as samples, got shapes [${features.shape.join(", ")}] and [${labels.shape.join(", ")}]`,
    );
  if (n === 0) throw new DataError(`${operator}: expected at least one sample, got none`);
  checkFinite(operator, "features", features);
  checkFinite(operator, "labels", labels);
}

function* cut(data: Samples, size: number, from: number, to: number, order: Tensor | null): Generator<Samples> {
  const n = data.labels.shape[0]!;
  for (let i = from; i < to; i++) {
    if (order === null && size >= n) yield data;
    else {
      const range = [[i * size, Math.min(n, (i + 1) * size)]] as const;
      const part = (x: Tensor): Tensor => (order === null ? x.slice(range) : x.take(order.slice(range)));
      yield { ...data, features: part(data.features), labels: part(data.labels) };
    }
  }
}

function ofSamples(operator: string, data: Samples, { batchSize, shuffle, dropLast }: Cutting): Source {
  checkSamples(operator, data);
  const n = data.labels.shape[0]!;
  const size = batchSize === undefined ? n : checkKind(operator, "batchSize", count, batchSize);
  const stepsPerEpoch = dropLast ? Math.floor(n / size) : Math.ceil(n / size);
  if (stepsPerEpoch === 0)
    throw new DataError(`${operator}: expected at least one full batch of ${size}, got ${n} samples; lower batchSize`);
  return {
    stepsPerEpoch,
    open: (epoch, from, stream) => {
      // Alone in its batch, the order of all samples does not matter.
      const mixed = shuffle && size < n;
      const order = mixed ? random.fromState(stream).fork(`epoch ${epoch}`).permutation(n) : null;
      return cut(data, size, from, stepsPerEpoch, order);
    },
  };
}

/** @throws `ArgumentError` if there is nothing to iterate over */
function opening(operator: string, batches: unknown): () => Cursor {
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: later } = (batches ?? {}) as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  const open: ((this: unknown) => Cursor) | undefined = later ?? sync;
  const refuse = (got: string): never => {
    throw new ArgumentError(
      `${operator}: expected features and labels, or an iterable of batches, or a function of the epoch that gives one, got ${got}`,
    );
  };
  if (typeof open !== "function" || typeof batches !== "object") return refuse(describe(batches));
  return () => {
    const cursor = open.call(batches) as Partial<Cursor> | null | undefined;
    return typeof cursor?.next === "function" ? (cursor as Cursor) : refuse("one whose iterator has no next");
  };
}

/**
 * Reads data.
 *
 * @throws `ArgumentError` if it is none, or `batchSize` is not an integer from 1
 * @throws `DataError` if there are no samples, or a value is not finite (row and column are named)
 */
export function sourceOf(operator: string, data: unknown, cutting: Cutting): Source {
  if (isSamples(data)) return ofSamples(operator, data, cutting);
  if (cutting.batchSize !== undefined || cutting.dropLast)
    throw new ArgumentError(
      `${operator}: expected batchSize and dropLast beside features and labels only, got ${describe(data)}; batches have their sizes already`,
    );
  const list = Array.isArray(data) ? (data as readonly unknown[]) : null;
  list?.forEach((batch, i) => {
    if (isSamples(batch)) checkSamples(`${operator}: batch ${i}`, batch);
  });
  const given = typeof data === "function" ? null : opening(operator, data);
  const openEpoch = (epoch: number): Cursor =>
    given === null ? opening(operator, (data as (epoch: number) => unknown)(epoch))() : given();
  return {
    stepsPerEpoch: list === null || list.length === 0 ? null : list.length,
    open: (epoch, from) => (list === null ? openEpoch(epoch) : list.slice(from).values()),
  };
}
