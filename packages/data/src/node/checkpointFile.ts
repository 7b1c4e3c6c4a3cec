/**
 * A state as the bytes of a checkpoint, with a checksum.
 * @module
 */
import { createHash } from "node:crypto";
import { DataError, type Tensor } from "@cotangent/core";
import { parseJson } from "../json.js";
import { encodeEntries, tensorOf } from "../safetensors.js";
import { parseSafetensors } from "../safetensorsHeader.js";
import { assemble, deepest, dismantle } from "../structure.js";

/** Every checkpoint starts like this, so that the checksum has one place. */
const opening = '{"__metadata__":{"sha256":"';
const [checksumAt, checksumLength] = [8 + opening.length, 64];

/** SHA-256 of the whole file, with zeros in place of the checksum. */
function checksumOf(bytes: Uint8Array): string {
  return createHash("sha256")
    .update(bytes.subarray(0, checksumAt))
    .update("0".repeat(checksumLength))
    .update(bytes.subarray(checksumAt + checksumLength))
    .digest("hex");
}

/** @throws `ArgumentError` naming the path, if something in the state is neither a tensor nor a plain value */
export function encodeCheckpoint(operator: string, state: unknown): Uint8Array {
  const { structure, tensors } = dismantle(operator, state);
  const bytes = encodeEntries(operator, tensors, {
    sha256: "0".repeat(checksumLength),
    format: "cotangent checkpoint 1",
    structure: JSON.stringify(structure),
  });
  bytes.set(new TextEncoder().encode(checksumOf(bytes)), checksumAt);
  return bytes;
}

/** A state with its tensors by path. */
export interface Decoded {
  readonly state: unknown;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** @throws `DataError` if it is no checkpoint, or not what was written */
export function decodeCheckpoint(operator: string, source: string, bytes: Uint8Array): Decoded {
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (text(8, checksumAt) !== opening)
    throw new DataError(
      `${operator}: expected a checkpoint that saveCheckpoint wrote at ${source}, got another file; readSafetensors reads tensors alone`,
    );
  if (text(checksumAt, checksumAt + checksumLength) !== checksumOf(bytes))
    throw new DataError(
      `${operator}: expected the checksum that was saved in ${source}, got another; the file is truncated or was changed`,
    );
  const { entries, metadata } = parseSafetensors(operator, bytes);
  if (metadata["format"] !== "cotangent checkpoint 1" || typeof metadata["structure"] !== "string")
    throw new DataError(
      `${operator}: expected the format "cotangent checkpoint 1" in ${source}, got ${JSON.stringify(metadata["format"])?.slice(0, 60)}; was it saved by a newer version?`,
    );
  // A mark nests once more than what it marks.
  const structure = parseJson(operator, `the structure in ${source}`, metadata["structure"], 2 * deepest + 4);
  const tensors = new Map(entries.map((entry) => [entry.name, tensorOf(operator, entry)]));
  return { state: assemble(operator, structure, tensors), tensors };
}
