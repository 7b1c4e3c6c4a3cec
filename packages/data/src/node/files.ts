/**
 * Whole files, read and written.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, realpath, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ArgumentError, DataError, describe } from "@cotangent/core";

/** The reason a file could not be read, as an error of ours. */
export function unreadable(operator: string, path: string, error: unknown): DataError {
  return new DataError(`${operator}: expected a readable file at ${path}, but ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : message;
}

/** Numbers would be taken for open files. @throws `ArgumentError` if it is no text */
export function checkPath(operator: string, path: unknown): void {
  if (typeof path !== "string") throw new ArgumentError(`${operator}: expected a path, got ${describe(path)}`);
}

/** Node moves at most 2^31 - 1 bytes at once. */
const portion = 2 ** 30;

/** @throws `DataError` if the file cannot be read */
export async function readBytes(operator: string, path: string): Promise<Uint8Array> {
  checkPath(operator, path);
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    const facts = await file.stat();
    if (!facts.isFile()) throw Object.assign(new Error("it is not a file"), facts.isDirectory() && { code: "EISDIR" });
    const bytes = new Uint8Array(facts.size);
    let at = 0;
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, Math.min(portion, bytes.length - at), at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } catch (error) {
    throw unreadable(operator, path, error);
  } finally {
    await file?.close();
  }
}

/** How a file is called until it is complete. */
export const unfinished = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** So that the name is on the disk too, not only the file. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One by one from the outermost: with `recursive`, folders that cannot be made under /proc are tried for ever. */
async function makeFolder(path: string): Promise<void> {
  if ((await stat(path).catch(() => null))?.isDirectory() === true) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  await syncFolder(dirname(path));
}

/**
 * Writes a file whole or not at all: under a name of its own in the same folder, to the disk, then renamed. Makes the
 * folder if there is none.
 *
 * @throws `DataError` if it cannot be written; what stood at `path` is still there
 */
export async function writeBytes(operator: string, path: string, bytes: Uint8Array): Promise<void> {
  checkPath(operator, path);
  // What a link points to is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const draft = join(folder, `.${basename(target)}.${randomUUID()}.tmp`);
  let made = false;
  try {
    await makeFolder(folder);
    const file = await open(draft, "wx");
    made = true;
    try {
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, at, Math.min(portion, bytes.length - at), at);
        at += bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
    made = false;
    await syncFolder(folder);
  } catch (error) {
    if (made) await unlink(draft).catch(() => undefined);
    throw new DataError(`${operator}: expected to write a file at ${path}, but ${reasonOf(error)}`, { cause: error });
  }
}
