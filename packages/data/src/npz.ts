/**
 * Several arrays in NumPy's format `.npz`, a zip archive of `.npy` files.
 * @module
 */
import { ArgumentError, checkOptions, DataError, describe, Tensor } from "@cotangent/core";
import { zipSync, type Zippable } from "fflate";
import { checkBytes } from "./elements.js";
import { isRecord } from "./json.js";
import { npyBytes, npyTensor } from "./npy.js";
import { unzip } from "./zip.js";

/** Options of `encodeNpz`. */
export interface EncodeNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does. Default: false, as `numpy.savez`. */
  readonly compress?: boolean | undefined;
}

/** Options of `decodeNpz`. */
export interface DecodeNpzOptions {
  /** Most bytes that the arrays may have in all. Default: 20 times the file's, but at least 256 MiB. */
  readonly limit?: number | undefined;
}

/** The arrays to write, by name. */
export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

/** Zip has 16 bits for the length of a name; NumPy adds ".npy". */
const longestName = 65531;

/** @throws `ArgumentError` in the name of the function that was called */
export function npzBytes(operator: string, arrays: NamedTensors, options: EncodeNpzOptions): Uint8Array {
  checkOptions(operator, options, ["compress"]);
  const entries: readonly (readonly [string, unknown])[] =
    arrays instanceof Map ? [...arrays] : isRecord(arrays) ? Object.entries(arrays) : [];
  if (!(arrays instanceof Map) && (!isRecord(arrays) || (arrays as unknown) instanceof Tensor))
    throw new ArgumentError(`${operator}: expected tensors by name, got ${describe(arrays)}`);
  const files: [string, Uint8Array][] = entries.map(([name, value]) => {
    if (typeof name !== "string" || name === "" || new TextEncoder().encode(name).length > longestName)
      throw new ArgumentError(`${operator}: expected names of 1 to ${longestName} bytes, got ${describe(name)}`);
    if (!(value instanceof Tensor))
      throw new ArgumentError(`${operator}: expected tensors by name, got ${describe(value)} under "${name}"`);
    return [`${name}.npy`, npyBytes(value)];
  });
  const total = files.reduce((sum, [, { length }]) => sum + length, 0);
  if (total > 2 ** 32 - 2 ** 20)
    throw new ArgumentError(
      `${operator}: expected less than 4 GB, the format's limit without extensions, got ${total} bytes; write several files`,
    );
  // A fixed date, so that equal arrays give equal bytes; the format's dates begin in 1980.
  return zipSync(Object.fromEntries(files) as Zippable, {
    level: options.compress === true ? 6 : 0,
    mtime: new Date(1980, 0, 1),
  });
}

/**
 * Tensors by name as the bytes of an `.npz` file, which `numpy.load` reads. The same tensors give the same bytes.
 *
 * @throws `ArgumentError` if something is no tensor, or a name is empty
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { decodeNpz, encodeNpz } from "@cotangent/data";
 * const bytes = encodeNpz({ x: tensor([[1, 2]]), y: tensor([1], { dtype: "int32" }) }, { compress: true });
 * const arrays = decodeNpz(bytes);
 * [...arrays.keys()]; // → ["x","y"]
 * arrays.get("y").dtype; // → int32
 * ```
 */
export function encodeNpz(arrays: NamedTensors, options: EncodeNpzOptions = {}): Uint8Array {
  return npzBytes("encodeNpz", arrays, options);
}

/** @throws `DataError` in the name of the function that was called */
export function npzTensors(
  operator: string,
  bytes: Uint8Array,
  options: DecodeNpzOptions,
): ReadonlyMap<string, Tensor> {
  checkOptions(operator, options, ["limit"]);
  const { limit = Math.max(20 * bytes.length, 2 ** 28) } = options;
  if (!(typeof limit === "number" && limit >= 0))
    throw new ArgumentError(`${operator}: expected a limit that is a number of bytes, got ${describe(limit)}`);
  const tensors = new Map<string, Tensor>();
  for (const [name, data] of unzip(operator, bytes, limit)) {
    if (!name.endsWith(".npy"))
      throw new DataError(
        `${operator}: expected arrays that end in .npy, got "${name.slice(0, 60)}"; is it an .npz file?`,
      );
    tensors.set(name.slice(0, -4), npyTensor(operator, `"${name.slice(0, 60)}"`, data));
  }
  return tensors;
}

/**
 * Reads the bytes of an `.npz` file, compressed or not. The arrays' types become dtypes as in `decodeNpy`. The archive's
 * checksums are verified.
 *
 * @throws `DataError` if it is none, is damaged, holds more than the limit or something else than arrays of
 * numbers
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { decodeNpz, encodeNpz } from "@cotangent/data";
 * decodeNpz(encodeNpz({ x: tensor([1, 2]) })).get("x").toArray(); // → [1,2]
 * ```
 */
export function decodeNpz(
  bytes: Uint8Array | ArrayBuffer,
  options: DecodeNpzOptions = {},
): ReadonlyMap<string, Tensor> {
  return npzTensors("decodeNpz", checkBytes("decodeNpz", bytes), options);
}
