/**
 * Columns of CSV files as arrays of one type each.
 * @module
 */
import { ArgumentError, checkOptions, DataError, describe } from "@cotangent/core";
import { CsvProblems } from "./csvProblems.js";

/**
 * What a column holds: finite numbers; integers that fit int32; categories, numbered in the order of their first
 * appearance, or in that of a list, which has all that may appear; text; or nothing of interest.
 */
export type ColumnType = "number" | "integer" | "category" | "text" | "skip" | readonly string[];

/** A column's values. */
export type ColumnValues = Float64Array | Int32Array | readonly string[];

/** Options of everything that reads columns of CSV. */
export interface CsvColumnOptions {
  /** Whether the first line names the columns, or the names if it does not; `false`: they are "0", "1", …. Default: true. */
  readonly header?: boolean | readonly string[] | undefined;
  /** Default: ",". */
  readonly delimiter?: string | undefined;
  /** What a column holds, by name. Default: numbers. */
  readonly types?: Readonly<Record<string, ColumnType>> | undefined;
  /** What stands for a missing value. Default: nothing alone, `[""]`. */
  readonly missing?: readonly string[] | undefined;
  /** What becomes of a missing value: an error with all places, NaN in number columns, or leave out its row. Default: "error". */
  readonly onMissing?: "error" | "nan" | "drop" | undefined;
}

export const columnOptionNames = ["header", "delimiter", "types", "missing", "onMissing"] as const;

/** Some rows, column by column. */
export interface CsvBatch {
  /** The number of rows. */
  readonly size: number;
  /** By name, in the file's order, without those that are skipped. */
  readonly columns: ReadonlyMap<string, ColumnValues>;
  /** What the numbers of a category column mean, as far as the file was read. */
  readonly categories: ReadonlyMap<string, readonly string[]>;
}

interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly numbers: number[];
  readonly texts: string[];
  readonly codes: Map<string, number>;
}

function isType(type: unknown): type is ColumnType {
  if (Array.isArray(type)) return type.every((each) => typeof each === "string");
  return typeof type === "string" && ["number", "integer", "category", "text", "skip"].includes(type);
}

/** @throws `ArgumentError` in the name of the function that was called */
export function checkColumnOptions(operator: string, options: CsvColumnOptions, more: readonly string[]): void {
  checkOptions(operator, options, [...columnOptionNames, ...more]);
  const { header = true, delimiter = ",", types = {}, missing = [""], onMissing = "error" } = options;
  const texts = (list: unknown): boolean => Array.isArray(list) && list.every((each) => typeof each === "string");
  const fail = (wanted: string, got: unknown): ArgumentError =>
    new ArgumentError(`${operator}: expected ${wanted}, got ${describe(got)}`);
  if (typeof header !== "boolean" && !texts(header)) throw fail("header to be true, false or names", header);
  if (typeof delimiter !== "string" || delimiter === "") throw fail("delimiter to be a text", delimiter);
  if (!texts(missing)) throw fail("missing to be a list of texts", missing);
  if (!["error", "nan", "drop"].includes(onMissing)) throw fail('onMissing to be "error", "nan" or "drop"', onMissing);
  for (const [name, type] of Object.entries(types))
    if (!isType(type))
      throw fail(`types.${name} to be "number", "integer", "category", "text", "skip" or a list`, type);
}

/** Takes the records of a file, one after the other, and gives columns. */
export class CsvColumns {
  readonly #operator: string;
  readonly #source: string;
  readonly #options: CsvColumnOptions;
  readonly #missing: ReadonlySet<string>;
  readonly #problems: CsvProblems;
  #columns: Column[] | null = null;
  /** Rows since the last batch. */
  size = 0;

  constructor(operator: string, source: string, options: CsvColumnOptions) {
    this.#operator = operator;
    this.#source = source;
    this.#options = options;
    this.#missing = new Set(options.missing ?? [""]);
    this.#problems = new CsvProblems(operator, source);
  }

  /** Whether a wrong cell was met: what follows is read for the message only. */
  get failed(): boolean {
    return this.#problems.any;
  }

  #start(names: readonly string[]): Column[] {
    const twice = names.find((name, i) => names.indexOf(name) < i);
    if (twice !== undefined)
      throw new DataError(
        `${this.#operator}: expected different names in ${this.#source}, got "${twice.slice(0, 40)}" twice; give names with { header: […] }`,
      );
    const { types = {} } = this.#options;
    const unknown = Object.keys(types).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new ArgumentError(
        `${this.#operator}: expected types of columns of ${this.#source}, got one of "${unknown}"; it has ${names.join(", ").slice(0, 200)}`,
      );
    return names.map((name) => {
      const type = Object.hasOwn(types, name) ? types[name]! : "number";
      const listed = typeof type === "string" ? [] : type;
      return { name, type, numbers: [], texts: [], codes: new Map(listed.map((text, code) => [text, code])) };
    });
  }

  /** @throws `DataError` if the row has another length, or too many cells are wrong */
  add(record: readonly string[], line: number): void {
    const { header = true, onMissing = "error" } = this.#options;
    if (this.#columns === null) {
      const names = header === true ? record : header === false ? record.map((_, i) => String(i)) : header;
      this.#columns = this.#start(names);
      if (header === true) return;
    }
    const columns = this.#columns;
    if (record.length !== columns.length)
      throw new DataError(
        `${this.#operator}: expected ${columns.length} values in line ${line} of ${this.#source}, got ${record.length}`,
      );
    const gone = (i: number): boolean => columns[i]!.type !== "skip" && this.#missing.has(record[i]!);
    if (onMissing === "drop" && columns.some((_, i) => gone(i))) return;
    columns.forEach((column, i) => this.#cell(column, gone(i) ? null : record[i]!, line, onMissing));
    this.size++;
  }

  #cell({ name, type, numbers, texts, codes }: Column, cell: string | null, line: number, onMissing: string): void {
    if (type === "skip") return;
    if (type === "text") return void texts.push(cell ?? "");
    if (type === "number") {
      const value = cell === null || cell === "" ? NaN : Number(cell);
      if (!Number.isFinite(value) && !(cell === null && onMissing === "nan"))
        this.#problems.add("a finite number", line, name, cell);
      return void numbers.push(value);
    }
    if (type === "integer") {
      const value = cell === null || cell === "" ? NaN : Number(cell);
      if (value !== (value | 0)) this.#problems.add("an integer that fits int32", line, name, cell);
      return void numbers.push(value);
    }
    const code = cell === null ? undefined : codes.get(cell);
    if (cell === null || (code === undefined && type !== "category"))
      this.#problems.add(
        type === "category" ? "a category" : `one of ${(type as readonly string[]).join(", ").slice(0, 100)}`,
        line,
        name,
        cell,
      );
    else if (code === undefined) codes.set(cell, codes.size);
    numbers.push(code ?? codes.size - 1);
  }

  /** The rows since the last batch. */
  take(): CsvBatch {
    const kept = this.#columns!.filter(({ type }) => type !== "skip");
    const columns = new Map(
      kept.map(({ name, type, numbers, texts }): [string, ColumnValues] => [
        name,
        type === "text" ? texts.slice() : type === "number" ? Float64Array.from(numbers) : Int32Array.from(numbers),
      ]),
    );
    const categories = new Map(
      kept.flatMap(({ name, type, codes }): [string, readonly string[]][] =>
        type === "category" || typeof type !== "string" ? [[name, [...codes.keys()]]] : [],
      ),
    );
    const batch = { size: this.size, columns, categories };
    for (const { numbers, texts } of kept) numbers.length = texts.length = 0;
    this.size = 0;
    return batch;
  }

  /** @throws `DataError` with all wrong cells, or if there was no row at all */
  finish(rows: number): void {
    this.#problems.check();
    if (rows > 0) return;
    const got = this.#columns === null ? "nothing" : "none";
    throw new DataError(`${this.#operator}: expected at least one row in ${this.#source}, got ${got}`);
  }
}
