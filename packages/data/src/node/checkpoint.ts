/**
 * States of training on the disk.
 * @module
 */
import { checkOptions } from "@cotangent/core";
import { checkDifferences, differences } from "../restore.js";
import { dismantle } from "../structure.js";
import { decodeCheckpoint, encodeCheckpoint, type Decoded } from "./checkpointFile.js";
import { readBytes, writeBytes } from "./files.js";

/** Options of `loadCheckpoint`. */
export interface LoadOptions<T> {
  /** A state with the tensors that are expected, such as that before the first step. Plain values are not compared. */
  readonly like?: T | undefined;
}

/**
 * Saves a state: a tree of plain objects and arrays with tensors and plain values (NaN, infinities, −0 and `undefined`
 * too). The file is safetensors, which others read as well: tensors under their paths, the rest in the metadata, with a
 * checksum of everything. It is written whole or not at all: under another name in the same folder, to the disk, then
 * renamed; what stood at the path stays until then. Makes the folder if there is none.
 *
 * @throws `ArgumentError` naming the path, if the state has a function, an instance of a class or the like in it
 * @throws `DataError` if the file cannot be written
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { tensor } from "@cotangent/core";
 * import { loadCheckpoint, saveCheckpoint } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "run-")), "state.safetensors");
 * await saveCheckpoint(path, { params: { w: tensor([1, 2]) }, step: 400, best: -Infinity });
 * const state = await loadCheckpoint(path);
 * state.params.w.toArray(); // → [1,2]
 * [state.step, String(state.best)]; // → [400,"-Infinity"]
 * ```
 */
export async function saveCheckpoint(path: string, state: unknown): Promise<void> {
  // At once, so that it is the state of now even if a tree that is not frozen changes while the disk is busy.
  const bytes = encodeCheckpoint("saveCheckpoint", state);
  await writeBytes("saveCheckpoint", path, bytes);
}

/** @throws `DataError` with every difference */
export function checkLike(operator: string, source: string, { tensors }: Decoded, like: unknown): void {
  if (like !== undefined)
    checkDifferences(operator, source, differences(new Map(dismantle(operator, like).tensors), tensors));
}

/** @throws `DataError` if the file cannot be read, or is not what was written */
export async function readCheckpoint(operator: string, path: string): Promise<Decoded> {
  return decodeCheckpoint(operator, path, await readBytes(operator, path));
}

/**
 * Loads what `saveCheckpoint` saved: the same tree with the same bits, deeply frozen; variables are variables again.
 *
 * @param options with `like`, names, shapes and dtypes of its tensors are compared, and the result has its type
 * @throws `DataError` if the file cannot be read, is truncated or was changed (the checksum is verified), or with
 * every difference from `like`, one a line
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { tensor, zeros } from "@cotangent/core";
 * import { loadCheckpoint, saveCheckpoint } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "run-")), "state.safetensors");
 * await saveCheckpoint(path, { w: tensor([1, 2]), c: tensor([true]) });
 * let message = "";
 * try {
 *   await loadCheckpoint(path, { like: { w: zeros([3]), b: zeros([1]) } });
 * } catch (error) {
 *   message = error.message.slice(error.message.indexOf("got"));
 * }
 * console.log(message);
 * // → got 3 differences; was it saved by another model?
 * // →   "b" is missing, expected float64 [1]
 * // →   "c" is not expected, got bool [1]
 * // →   "w": expected float64 [3], got float64 [2]
 * ```
 */
export async function loadCheckpoint<T = unknown>(path: string, options: LoadOptions<T> = {}): Promise<T> {
  checkOptions("loadCheckpoint", options, ["like"]);
  const decoded = await readCheckpoint("loadCheckpoint", path);
  checkLike("loadCheckpoint", path, decoded, options.like);
  return decoded.state as T;
}
