/**
 * CSV files of any length.
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import {
  ArgumentError,
  concat,
  CotangentError,
  DataError,
  describe,
  oneHot,
  tensor,
  type Tensor,
} from "@cotangent/core";
import { CsvError, parse } from "csv-parse";
import { lineEnds } from "../csv.js";
import {
  checkColumnOptions,
  CsvColumns,
  type ColumnValues,
  type CsvBatch,
  type CsvColumnOptions,
} from "../csvColumns.js";
import { dataset, type Dataset } from "../dataset.js";
import { checkPath, unreadable } from "./files.js";

/** Options of `streamCsv`. */
export interface StreamCsvOptions extends CsvColumnOptions {
  /** Rows a batch. Default: 1000. */
  readonly size?: number | undefined;
}

/** Longer than any line; without a limit a quote that is never closed would take the rest of the file. */
const longestRecord = 2 ** 24;

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

async function* batchesOf(
  operator: string,
  path: string,
  options: CsvColumnOptions,
  size: number,
): AsyncGenerator<CsvBatch> {
  const reader = new CsvColumns(operator, path, options);
  const parser = parse({
    bom: true,
    delimiter: options.delimiter ?? ",",
    info: true,
    max_record_size: longestRecord,
    record_delimiter: lineEnds,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // Errors of the file arrive at the parser, which is read below.
  pipeline(createReadStream(path), parser, () => undefined);
  let rows = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      reader.add(record, info.lines);
      if (reader.size < size) continue;
      rows += reader.size;
      const batch = reader.take();
      if (!reader.failed) yield batch;
    }
  } catch (error) {
    if (error instanceof CotangentError) throw error;
    if (!(error instanceof CsvError)) throw unreadable(operator, path, error);
    throw new DataError(
      `${operator}: expected comma-separated text in ${path}, got what cannot be parsed (${error.message.slice(0, 200)})`,
      { cause: error },
    );
  } finally {
    parser.destroy();
  }
  reader.finish(rows + reader.size);
  if (reader.size > 0) yield reader.take();
}

/**
 * Reads a CSV file of any length, some rows at a time, every column as an array of its type. Cells that are missing or
 * wrong are collected, and reported with line and column, 20 at most; batches end at the first.
 *
 * @throws `ArgumentError` if an option makes no sense, or a type is given for a column that is not there
 * @throws `DataError` from the iteration, if the file cannot be read or parsed, has no rows, rows differ in length,
 * or cells are missing or wrong
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { streamCsv } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "csv-")), "iris.csv");
 * writeFileSync(path, "length,species\n5.1,setosa\n7,versicolor\n4.9,setosa\n");
 * const seen = [];
 * for await (const { columns } of streamCsv(path, { types: { species: "category" }, size: 2 })) {
 *   seen.push([[...columns.get("length")], [...columns.get("species")]]);
 * }
 * console.log(JSON.stringify(seen)); // → [[[5.1,7],[0,1]],[[4.9],[0]]]
 * ```
 */
export function streamCsv(path: string, options: StreamCsvOptions = {}): AsyncGenerator<CsvBatch> {
  checkPath("streamCsv", path);
  checkColumnOptions("streamCsv", options, ["size"]);
  const { size = 1000 } = options;
  if (!Number.isInteger(size) || size < 1)
    throw new ArgumentError(`streamCsv: expected a size that is an integer from 1, got ${describe(size)}`);
  return batchesOf("streamCsv", path, options, size);
}

/** Options of `readCsvDataset`. */
export interface CsvDatasetOptions extends CsvColumnOptions {
  /** The column of labels: categories or integers give int32 classes, numbers float targets. */
  readonly target: string;
  /** Default: the path. */
  readonly name?: string | undefined;
}

/** Columns of features: numbers as they are, categories one column each. */
function featuresOf(
  name: string,
  parts: readonly ColumnValues[],
  categories: readonly string[] | undefined,
): { names: readonly string[]; values: Tensor } {
  if (parts[0] instanceof Float64Array || categories === undefined) {
    const all = (parts as readonly (Float64Array | Int32Array)[]).map((part) => tensor(Float64Array.from(part)));
    return { names: [name], values: concat(all).unsqueeze(1) };
  }
  const codes = concat((parts as readonly Int32Array[]).map((part) => tensor(part)));
  return {
    names: categories.map((category) => `${name}=${category}`),
    values: oneHot(codes, { classes: categories.length }).astype("float64"),
  };
}

/**
 * Reads a CSV file as a data set: one column of labels, the others features in float64, category columns as one column
 * of zeros and ones for each category.
 *
 * @throws `ArgumentError` if an option makes no sense, the target or a column with a type is not there, or a text
 * column is left as a feature
 * @throws `DataError` as `streamCsv` does, or if no feature is left
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { readCsvDataset } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "csv-")), "iris.csv");
 * writeFileSync(path, "length,colour,species\n5.1,red,setosa\n7,blue,versicolor\n4.9,red,setosa\n");
 * const types = { colour: "category", species: ["setosa", "versicolor"] } as const;
 * const { features, labels, featureNames } = await readCsvDataset(path, { target: "species", types });
 * features.toArray(); // → [[5.1,1,0],[7,0,1],[4.9,1,0]]
 * labels.toArray(); // → [0,1,0]
 * featureNames; // → ["length","colour=red","colour=blue"]
 * ```
 */
export async function readCsvDataset(path: string, options: CsvDatasetOptions): Promise<Dataset> {
  checkPath("readCsvDataset", path);
  checkColumnOptions("readCsvDataset", options, ["target", "name"]);
  const { target, name = path } = options;
  if (typeof target !== "string")
    throw new ArgumentError(`readCsvDataset: expected target to be the name of a column, got ${describe(target)}`);
  const parts: CsvBatch[] = [];
  for await (const batch of batchesOf("readCsvDataset", path, options, 4096)) parts.push(batch);
  const names = [...parts[0]!.columns.keys()];
  const { categories } = parts.at(-1)!;
  const column = (each: string): ColumnValues[] => parts.map(({ columns }) => columns.get(each)!);
  const text = names.find((each) => Array.isArray(parts[0]!.columns.get(each)));
  if (text !== undefined || !names.includes(target))
    throw new ArgumentError(
      text !== undefined
        ? `readCsvDataset: expected numbers or categories in column "${text}" of ${path}, got text; give its type as "category" or "skip"`
        : `readCsvDataset: expected the target to be a column of ${path}, got "${target}"; it has ${names.join(", ").slice(0, 200)}`,
    );
  const features = names
    .filter((each) => each !== target)
    .map((each) => featuresOf(each, column(each), categories.get(each)));
  if (features.length === 0)
    throw new DataError(`readCsvDataset: expected features beside "${target}" in ${path}, got none`);
  return dataset(
    concat(
      features.map(({ values }) => values),
      { axis: 1 },
    ),
    concat(column(target).map((part) => tensor(part as Float64Array | Int32Array))),
    { name, featureNames: features.flatMap((each) => each.names), classNames: categories.get(target) ?? [] },
  );
}
