/**
 * Compressed data of unknown origin: never more comes out than was declared, and it is verified.
 * @module
 */
import { DataError } from "@cotangent/core";
import { Gunzip, Inflate } from "fflate";

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 of ISO 3309, as zip and gzip have it. */
export function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = table[(c ^ bytes[i]!) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** Deflate makes at most 1032 bytes of one. */
const bestRatio = 1032;
/** So that a lie shows after at most 16 MB. */
const portion = 16384;

/** What the container says of the data. */
export interface Declared {
  readonly size: number;
  readonly crc: number;
}

/**
 * Inflates raw deflate data or a gzip file to exactly the size declared.
 *
 * @throws `DataError` if the size declared is above the limit or cannot be, another size or checksum comes out, or it is
 * not deflated data
 */
export function inflateExactly(
  operator: string,
  where: string,
  data: Uint8Array,
  kind: "deflate" | "gzip",
  { size, crc }: Declared,
  limit: number,
): Uint8Array {
  const wrong = (got: string, cause?: unknown): DataError =>
    new DataError(
      `${operator}: expected ${size} bytes of compressed data in ${where}, got ${got}; is the file damaged?`,
      {
        cause,
      },
    );
  if (size > limit)
    throw new DataError(
      `${operator}: expected at most ${limit} bytes in ${where}, it says ${size} when inflated; give a higher { limit } if you trust it`,
    );
  if (size > data.length * bestRatio) throw wrong(`only ${data.length} to make them of`);
  const out = new Uint8Array(size);
  let at = 0;
  const stream = new (kind === "gzip" ? Gunzip : Inflate)((chunk) => {
    if (at + chunk.length > size) throw wrong("more");
    out.set(chunk, at);
    at += chunk.length;
  });
  try {
    for (let from = 0; from < data.length; from += portion)
      stream.push(data.subarray(from, from + portion), from + portion >= data.length);
  } catch (error) {
    throw error instanceof DataError ? error : wrong((error as Error).message, error);
  }
  if (at !== size) throw wrong(`${at}`);
  if (crc32(out) !== crc) throw wrong("other ones than were packed (their checksum differs)");
  return out;
}
