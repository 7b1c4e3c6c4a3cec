import { readFileSync } from "node:fs";
import { ArgumentError, DataError, describe } from "@cotangent/core";
import { parseCsv, type CsvOptions, type CsvTable } from "../csv.js";

/** The reason a file could not be read, as an error of ours. */
export function unreadable(operator: string, path: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
  return new DataError(`${operator}: expected a readable file at ${path}, but ${reason}`, { cause: error });
}

/** Numbers would be taken for open files. @throws `ArgumentError` if it is no text */
export function checkPath(operator: string, path: unknown): void {
  if (typeof path !== "string") throw new ArgumentError(`${operator}: expected a path, got ${describe(path)}`);
}

/**
 * Reads a CSV file with a header line, in which every cell is a finite number.
 *
 * @throws `DataError` if the file cannot be read, or naming line and column, if a cell is no number
 * @example
 * ```ts
 * import { readCsv } from "@cotangent/data/node";
 * try {
 *   readCsv("missing.csv");
 * } catch (error) {
 *   String(error); // → DataError: readCsv: expected a readable file at missing.csv, but there is no such file
 * }
 * ```
 */
export function readCsv(path: string, options: CsvOptions = {}): CsvTable {
  checkPath("readCsv", path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable("readCsv", path, error);
  }
  return parseCsv(text, { source: path, ...options });
}
