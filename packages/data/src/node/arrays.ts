/**
 * Files of tensors.
 * @module
 */
import { expectTensor, type Tensor } from "@cotangent/core";
import { idxTensor, type DecodeIdxOptions } from "../idx.js";
import { namedLeaves } from "../leaves.js";
import { npyBytes, npyTensor } from "../npy.js";
import { npzBytes, npzTensors, type DecodeNpzOptions, type EncodeNpzOptions, type NamedTensors } from "../npz.js";
import {
  encodeEntries,
  metadataFrom,
  safetensorsFrom,
  type Safetensors,
  type SafetensorsOptions,
} from "../safetensors.js";
import { readBytes, writeBytes } from "./files.js";

/**
 * Reads a safetensors file, as `decodeSafetensors` reads its bytes.
 *
 * @throws `DataError` if the file cannot be read, or is none
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  return safetensorsFrom("readSafetensors", await readBytes("readSafetensors", path));
}

/**
 * Writes a tree of tensors into a safetensors file, whole or not at all; names as in `encodeSafetensors`.
 *
 * @throws `ArgumentError` if the tree has other leaves, two leaves of one path, or metadata are no texts
 * @throws `DataError` if the file cannot be written
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { tensor } from "@cotangent/core";
 * import { readSafetensors, writeSafetensors } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "run-")), "weights.safetensors");
 * await writeSafetensors(path, { w: tensor([1, 2]) }, { metadata: { epoch: "3" } });
 * (await readSafetensors(path)).tensors.get("w").toArray(); // → [1,2]
 * ```
 */
export async function writeSafetensors(path: string, tree: unknown, options: SafetensorsOptions = {}): Promise<void> {
  const metadata = metadataFrom("writeSafetensors", options);
  const bytes = encodeEntries("writeSafetensors", namedLeaves("writeSafetensors", tree), metadata);
  await writeBytes("writeSafetensors", path, bytes);
}

/**
 * Reads an `.npy` file, as `decodeNpy` reads its bytes.
 *
 * @throws `DataError` if the file cannot be read, or is none
 */
export async function readNpy(path: string): Promise<Tensor> {
  return npyTensor("readNpy", path, await readBytes("readNpy", path));
}

/**
 * Writes a tensor into an `.npy` file, whole or not at all.
 *
 * @throws `DataError` if the file cannot be written
 * @example
 * ```ts
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { tensor } from "@cotangent/core";
 * import { readNpy, writeNpy } from "@cotangent/data/node";
 * const path = join(mkdtempSync(join(tmpdir(), "run-")), "x.npy");
 * await writeNpy(path, tensor([[1, 2]]));
 * (await readNpy(path)).toArray(); // → [[1,2]]
 * ```
 */
export async function writeNpy(path: string, x: Tensor): Promise<void> {
  expectTensor("writeNpy", x, "a tensor");
  await writeBytes("writeNpy", path, npyBytes(x));
}

/**
 * Reads an `.npz` file, as `decodeNpz` reads its bytes.
 *
 * @throws `DataError` if the file cannot be read, is none, is damaged or holds more than the limit
 */
export async function readNpz(path: string, options: DecodeNpzOptions = {}): Promise<ReadonlyMap<string, Tensor>> {
  return npzTensors("readNpz", await readBytes("readNpz", path), options);
}

/**
 * Writes tensors by name into an `.npz` file, whole or not at all.
 *
 * @throws `ArgumentError` if something is no tensor, or a name is empty
 * @throws `DataError` if the file cannot be written
 */
export async function writeNpz(path: string, arrays: NamedTensors, options: EncodeNpzOptions = {}): Promise<void> {
  await writeBytes("writeNpz", path, npzBytes("writeNpz", arrays, options));
}

/**
 * Reads an IDX file, plain or gzip, as `decodeIdx` reads its bytes.
 *
 * @throws `DataError` if the file cannot be read, is none, or holds more than the limit
 */
export async function readIdx(path: string, options: DecodeIdxOptions = {}): Promise<Tensor> {
  return idxTensor("readIdx", path, await readBytes("readIdx", path), options);
}
