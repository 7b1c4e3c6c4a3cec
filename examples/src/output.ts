/** Writing files so that a reader never meets half of one. */
import { accessSync, constants, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DataError } from "@cotangent/core";

const unwritable = (path: string, error: unknown): DataError =>
  new DataError(`--out: expected a path that can be written, got ${path} (${(error as Error).message})`, {
    cause: error,
  });

/** One by one from the outermost: with `recursive`, folders that cannot be made under /proc are tried for ever. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/**
 * Makes the folder, and looks whether a file can stand there. Only regular files are ever replaced, and not the links to
 * them.
 *
 * @returns the path without links
 * @throws {@link DataError} if no file can stand there
 */
export function checkWritable(path: string): string {
  try {
    makeFolder(dirname(path));
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory() === true) throw new Error("it is a folder");
    if (there?.isFile() === false) throw new Error("it is no regular file");
    const target = there === undefined ? path : realpathSync(path);
    accessSync(dirname(target), constants.W_OK);
    return target;
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes beside the target first, then renames. @throws {@link DataError} if the file cannot be written */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** A table as aligned text, numbers to the right: all columns but the first ones. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[], texts = 2): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < texts ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((width) => "─".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
