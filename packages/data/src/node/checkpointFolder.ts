/**
 * The checkpoints of one run in a folder.
 * @module
 */
import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ArgumentError, checkOptions, DataError, describe } from "@cotangent/core";
import { checkLike, readCheckpoint, type LoadOptions } from "./checkpoint.js";
import { encodeCheckpoint, type Decoded } from "./checkpointFile.js";
import { checkPath, unfinished, unreadable, writeBytes } from "./files.js";

/** Options of `saveStep`. */
export interface SaveStepOptions {
  /** Default: the state's own `step`. */
  readonly step?: number | undefined;
  /** How many checkpoints stay in the folder, the latest ones. Default: 3. */
  readonly keep?: number | undefined;
  /** Remove checkpoints of later steps, which another course of training left. Default: false, refuse. */
  readonly replaceLater?: boolean | undefined;
}

const stepName = /^step-(\d{10,})\.safetensors$/;
const nameOf = (step: number): string => `step-${String(step).padStart(10, "0")}.safetensors`;

/** Nobody writes one file for an hour: what is older was left behind. */
const abandoned = 3600_000;

async function namesIn(operator: string, folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new DataError(`${operator}: expected a readable folder at ${folder}, but ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Whoever removes files beside us may be faster. */
async function remove(operator: string, path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT")
      throw new DataError(`${operator}: expected to remove ${path}, but ${error.message}`, { cause: error });
  });
}

function checkSaveStep(state: unknown, options: SaveStepOptions): { step: number; keep: number } {
  checkOptions("saveStep", options, ["step", "keep", "replaceLater"]);
  const { step = (state as { step?: unknown } | null | undefined)?.step, keep = 3 } = options;
  if (!Number.isSafeInteger(step) || (step as number) < 0)
    throw new ArgumentError(
      `saveStep: expected a step that is an integer from 0, got ${describe(step)}; give { step: … } if the state has none`,
    );
  if (!(keep === Infinity || (Number.isInteger(keep) && keep >= 1)))
    throw new ArgumentError(`saveStep: expected keep to be an integer from 1 or Infinity, got ${describe(keep)}`);
  return { step: step as number, keep };
}

/**
 * Saves a state into the folder of its run, as `saveCheckpoint` does, under the name of its step, and then removes all
 * but the latest checkpoints.
 *
 * @returns the file's path, such as `run/step-0000000400.safetensors`
 * @throws `ArgumentError` if there is no step, `keep` is not an integer from 1, or the folder has checkpoints of
 * later steps: after a rewind, say `replaceLater`, or take another folder
 * @throws `DataError` if the file cannot be written
 * @example
 * ```ts
 * import { mkdtempSync, readdirSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { tensor } from "@cotangent/core";
 * import { latestCheckpoint, saveStep } from "@cotangent/data/node";
 * const folder = mkdtempSync(join(tmpdir(), "run-"));
 * for (let step = 0; step <= 400; step += 100) await saveStep(folder, { w: tensor(step), step }, { keep: 2 });
 * readdirSync(folder).sort(); // → ["step-0000000300.safetensors","step-0000000400.safetensors"]
 * (await latestCheckpoint(folder)).state.w.item(); // → 400
 * ```
 */
export async function saveStep(folder: string, state: unknown, options: SaveStepOptions = {}): Promise<string> {
  checkPath("saveStep", folder);
  const { step, keep } = checkSaveStep(state, options);
  const bytes = encodeCheckpoint("saveStep", state);
  const names = await namesIn("saveStep", folder);
  const steps = names.flatMap((name) => stepName.exec(name)?.[1] ?? []).map(Number);
  const later = steps.filter((other) => other > step);
  if (later.length > 0 && options.replaceLater !== true)
    throw new ArgumentError(
      `saveStep: expected no step after ${step} in ${folder}, got ${later.map(nameOf).join(", ").slice(0, 200)}; give { replaceLater: true } to remove later ones, or another folder`,
    );
  // Before the new one is written: were it after, a stop between would make the old course the latest.
  for (const other of later) await remove("saveStep", join(folder, nameOf(other)));
  const path = join(folder, nameOf(step));
  await writeBytes("saveStep", path, bytes);
  const before = steps.filter((other) => other < step).sort((a, b) => b - a);
  for (const other of before.slice(keep - 1)) await remove("saveStep", join(folder, nameOf(other)));
  for (const name of names.filter((each) => unfinished.test(each))) {
    const draft = join(folder, name);
    const facts = await stat(draft).catch(() => null);
    if (facts !== null && Date.now() - facts.mtimeMs > abandoned) await remove("saveStep", draft);
  }
  return path;
}

/** What `latestCheckpoint` found. */
export interface Latest<T> {
  readonly path: string;
  readonly state: T;
  /** Later files that are no complete checkpoints, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

interface Candidate {
  readonly path: string;
  /** The last number in the name; -1: none. */
  readonly number: number;
  readonly time: number;
}

async function candidatesIn(folder: string): Promise<Candidate[]> {
  const names = (await namesIn("latestCheckpoint", folder)).filter((name) => /^[^.].*\.safetensors$/.test(name));
  const list = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw unreadable("latestCheckpoint", path, error);
      });
      if (facts === null) return [];
      return [{ path, number: Number(/(\d+)\D*$/.exec(name.slice(0, -12))?.[1] ?? -1), time: facts.mtimeMs }];
    }),
  );
  return list.flat().sort((a, b) => b.number - a.number || b.time - a.time || (a.path < b.path ? 1 : -1));
}

/**
 * The last complete checkpoint in a folder: the one whose name has the highest number (its last one), and among names
 * without number the youngest. Files that are truncated, damaged or no checkpoints are passed over, and said. `null` if
 * there is none, or no folder.
 *
 * @throws `DataError` if it is not as `like` says: that is another model, not a damaged file
 * @example
 * ```ts
 * import { latestCheckpoint } from "@cotangent/data/node";
 * String(await latestCheckpoint("no such folder")); // → null
 * ```
 */
export async function latestCheckpoint<T = unknown>(
  folder: string,
  options: LoadOptions<T> = {},
): Promise<Latest<T> | null> {
  checkPath("latestCheckpoint", folder);
  checkOptions("latestCheckpoint", options, ["like"]);
  const skipped: { path: string; reason: string }[] = [];
  for (const { path } of await candidatesIn(folder)) {
    let decoded: Decoded;
    try {
      decoded = await readCheckpoint("latestCheckpoint", path);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ path, reason: error.message });
      continue;
    }
    checkLike("latestCheckpoint", path, decoded, options.like);
    return { path, state: decoded.state as T, skipped };
  }
  return null;
}
