/**
 * Comma-separated text.
 * @module
 */
import { ArgumentError, checkOptions, DataError, describe } from "@cotangent/core";
import { parse } from "csv-parse/browser/esm/sync";
import { CsvProblems } from "./csvProblems.js";

/** All of them in one file, too: by itself the parser would know but the first that it meets. */
export const lineEnds = ["\r\n", "\n", "\r"];

/** A table of numbers with a name per column. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** Options of `parseCsv`. */
export interface CsvOptions {
  /** What to call the text in messages. Default: "the CSV text". */
  readonly source?: string | undefined;
  /** Default: ",". */
  readonly delimiter?: string | undefined;
}

/**
 * Reads CSV text with a header line, in which every cell is a finite number.
 *
 * @throws `ArgumentError` if it is no text, or an option makes no sense
 * @throws `DataError` if values are missing or no numbers (lines and columns are named, 20 at most), a row has another
 * length, or there are no rows
 * @example
 * ```ts
 * import { parseCsv } from "@cotangent/data";
 * parseCsv("a,b\n1,2\n3,4").rows; // → [[1,2],[3,4]]
 * ```
 */
export function parseCsv(text: string, options: CsvOptions = {}): CsvTable {
  checkOptions("parseCsv", options, ["source", "delimiter"]);
  const { source = "the CSV text", delimiter = "," } = options;
  if (typeof text !== "string") throw new ArgumentError(`parseCsv: expected a text, got ${describe(text)}`);
  if (typeof delimiter !== "string" || delimiter === "")
    throw new ArgumentError(`parseCsv: expected delimiter to be a text, got ${describe(delimiter)}`);
  const problems = new CsvProblems("parseCsv", source);
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      record_delimiter: lineEnds,
      skip_empty_lines: true,
      relax_column_count: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (error) {
    throw new DataError(
      `parseCsv: expected comma-separated text in ${source}, got what cannot be parsed (${(error as Error).message})`,
      { cause: error },
    );
  }
  const [header, ...body] = records;
  if (header === undefined || body.length === 0)
    throw new DataError(
      `parseCsv: expected a header line and at least one row in ${source}, got ${header === undefined ? "nothing" : "only a header"}`,
    );
  const columns = header.record;
  const rows = body.map(({ record, info: { lines } }) => {
    if (record.length !== columns.length)
      throw new DataError(
        `parseCsv: expected ${columns.length} values in line ${lines} of ${source}, got ${record.length}`,
      );
    return record.map((cell, column) => {
      const value = cell === "" ? NaN : Number(cell);
      if (!Number.isFinite(value)) problems.add("a finite number", lines, columns[column]!, cell === "" ? null : cell);
      return value;
    });
  });
  problems.check();
  return { columns, rows };
}
