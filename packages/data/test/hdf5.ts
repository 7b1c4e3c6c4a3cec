/** Files in HDF5, for tests. */
import * as h5 from "h5wasm/node";

await h5.ready;

export interface Array5 {
  readonly data: Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
  readonly shape: number[];
}

/** @returns the path */
export function writeHdf5(path: string, arrays: Readonly<Record<string, Array5>>): string {
  const file = new h5.File(path, "w");
  for (const [name, { data, shape }] of Object.entries(arrays)) file.create_dataset({ name, data, shape });
  file.close();
  return path;
}
