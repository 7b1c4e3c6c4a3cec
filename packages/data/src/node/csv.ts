import { readFileSync } from "node:fs";
import { parseCsv, type CsvOptions, type CsvTable } from "../csv.js";
import { checkPath, unreadable } from "./files.js";

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
