import { statSync } from "node:fs";
import { ArgumentError, DataError } from "@cotangent/core";
import { checkPath, unreadable } from "./files.js";

/** One array of an HDF5 file, flat in row-major order. */
export interface Hdf5Values {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Reads the numeric arrays at the top of an HDF5 file, by name. Needs the optional package `h5wasm`.
 *
 * @throws `DataError` if the file is missing or not HDF5
 * @throws `ArgumentError` if `h5wasm` is not installed
 */
export async function readHdf5(path: string): Promise<ReadonlyMap<string, Hdf5Values>> {
  checkPath("readHdf5", path);
  try {
    if (!statSync(path).isFile()) throw new Error("it is not a file");
  } catch (error) {
    throw unreadable("readHdf5", path, error);
  }
  const h5 = await import("h5wasm/node").catch((error: unknown) => {
    throw new ArgumentError(
      'readHdf5: expected the package "h5wasm", which is not installed; add it with "npm install h5wasm"',
      { cause: error },
    );
  });
  const library = (await h5.ready) as { activate_throwing_error_handler?: () => void };
  // Otherwise its diagnostics go to standard error, dozens of lines.
  library.activate_throwing_error_handler?.();
  const found = new Map<string, Hdf5Values>();
  let file: InstanceType<typeof h5.File> | null = null;
  try {
    file = new h5.File(path, "r");
    for (const name of file.keys()) {
      const entry = file.get(name);
      if (!(entry instanceof h5.Dataset) || entry.shape === null) continue;
      const { value } = entry;
      if (!ArrayBuffer.isView(value)) continue;
      const numbers = value as unknown as ArrayLike<number | bigint>;
      found.set(name, { shape: entry.shape, values: Float64Array.from(numbers, Number) });
    }
  } catch (error) {
    throw new DataError(`readHdf5: expected an HDF5 file at ${path}, got one that cannot be opened; is it complete?`, {
      cause: error,
    });
  } finally {
    file?.close();
  }
  return found;
}
