import { join } from "node:path";
import { DataError, tensor } from "@cotangent/core";
import { dataset, type Dataset } from "../dataset.js";
import { checkPath } from "./files.js";
import { readHdf5 } from "./hdf5.js";

const files = { train: "train_catvnoncat.h5", test: "test_catvnoncat.h5" };

/**
 * The course's cat pictures from a folder of the user's: 64 × 64 × 3 pixels divided by 255, shape `[samples, 12288]`; 1 is a cat.
 *
 * @param folder holds `train_catvnoncat.h5` and `test_catvnoncat.h5`
 * @throws `DataError` if a file is missing, broken or of another shape, or a label is neither 0 nor 1
 */
export async function catImages(folder: string): Promise<{ readonly train: Dataset; readonly test: Dataset }> {
  checkPath("catImages", folder);
  const part = async (kind: "train" | "test"): Promise<Dataset> => {
    const path = join(folder, files[kind]);
    const arrays = await readHdf5(path).catch((error: unknown) => {
      throw error instanceof DataError
        ? new DataError(`catImages: expected ${files.train} and ${files.test} in ${folder}; ${error.message}`, {
            cause: error,
          })
        : error;
    });
    const [x, y] = [arrays.get(`${kind}_set_x`), arrays.get(`${kind}_set_y`)];
    const pictures = x !== undefined && x.shape.length === 4 && x.shape.slice(1).join() === "64,64,3";
    if (!pictures || y === undefined || y.shape.length !== 1 || x.shape[0] !== y.shape[0])
      throw new DataError(`catImages: expected ${kind}_set_x [n, 64, 64, 3] and ${kind}_set_y [n] in ${path}`);
    const samples = x.shape[0]!;
    if (samples === 0) throw new DataError(`catImages: expected at least one picture in ${path}, got none`);
    const strange = y.values.find((label) => label !== 0 && label !== 1);
    if (strange !== undefined) throw new DataError(`catImages: expected the labels 0 and 1 in ${path}, got ${strange}`);
    return dataset(
      tensor(x.values, { shape: [samples, x.values.length / samples] }).div(255),
      tensor(Int32Array.from(y.values)),
      { name: `cats (${kind})`, classNames: ["no cat", "cat"] },
    );
  };
  return { train: await part("train"), test: await part("test") };
}
