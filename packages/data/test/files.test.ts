/** Files: what is read, and what is said of files that cannot be. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as h5 from "h5wasm/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError } from "@cotangent/core";
import { catImages, readCsv, readHdf5 } from "@cotangent/data/node";
import { writeHdf5, type Array5 } from "./hdf5.js";

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

/** Pictures in the course's layout; pixel k of picture i is (7 i + k) mod 256. */
function pictures(
  kind: string,
  labels: readonly number[],
  shape: readonly number[] = [64, 64, 3],
): Record<string, Array5> {
  const pixels = shape.reduce((a, b) => a * b, 1);
  const data = Uint8Array.from({ length: labels.length * pixels }, (_, i) => 7 * Math.floor(i / pixels) + (i % pixels));
  return {
    [`${kind}_set_x`]: { data, shape: [labels.length, ...shape] },
    [`${kind}_set_y`]: { data: BigInt64Array.from(labels, BigInt), shape: [labels.length] },
  };
}

/** A folder with the two files; `null` leaves one out. */
function catFolder(name: string, train: Record<string, Array5> | null, held: Record<string, Array5> | null): string {
  mkdirSync(at(name));
  if (train !== null) writeHdf5(at(name, "train_catvnoncat.h5"), train);
  if (held !== null) writeHdf5(at(name, "test_catvnoncat.h5"), held);
  return at(name);
}

beforeAll(async () => {
  await h5.ready;
  folder = mkdtempSync(join(tmpdir(), "cotangent-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
}

describe("files that cannot be read", () => {
  test.each<[string, (path: string) => unknown]>([
    ["readCsv", readCsv],
    ["readHdf5", readHdf5],
  ])("%s names what it missed", async (name, read) => {
    writeFileSync(at("plain"), "a");
    const missing = await refusal(() => read(at("missing")));
    expect(missing).toBeInstanceOf(DataError);
    expect(missing.message).toBe(`${name}: expected a readable file at ${at("missing")}, but there is no such file`);
    for (const path of [folder, at("plain", "inside"), ""]) {
      const error = await refusal(() => read(path));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toContain(`${name}: expected a readable file at ${path}, but `);
    }
  });

  test("readCsv names the file and the line of a wrong cell", () => {
    writeFileSync(at("wrong.csv"), "a,b\n1,2\n3,?\n");
    expect(() => readCsv(at("wrong.csv"))).toThrow(`in line 3, column "b" of ${at("wrong.csv")}, got "?"`);
    writeFileSync(at("empty.csv"), "");
    expect(() => readCsv(at("empty.csv"))).toThrow(DataError);
  });

  test.each(["nothing", "text", "half"])("readHdf5 refuses %s in place of HDF5, and reads on", async (what) => {
    const path = writeHdf5(at(`${what}.h5`), { x: { data: new Float64Array(1000), shape: [1000] } });
    const whole = readFileSync(path);
    if (what === "half") truncateSync(path, whole.length / 2);
    else writeFileSync(path, what === "text" ? "a,b\n1,2\n" : "");
    const error = await refusal(() => readHdf5(path));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(`readHdf5: expected an HDF5 file at ${path}`);
    writeFileSync(path, whole);
    expect((await readHdf5(path)).get("x")!.values.length).toBe(1000);
  });
});

test("readCsv reads what parseCsv reads", () => {
  writeFileSync(at("good.csv"), "\ufeffa;b\r\n1;2\r\n");
  expect(readCsv(at("good.csv"), { delimiter: ";" })).toEqual({ columns: ["a", "b"], rows: [[1, 2]] });
});

test("readHdf5 gives every numeric array by name, with its shape, and nothing else", async () => {
  const path = at("kinds.h5");
  const file = new h5.File(path, "w");
  file.create_dataset({ name: "bytes", data: Uint8Array.of(0, 128, 255), shape: [3] });
  file.create_dataset({ name: "longs", data: BigInt64Array.of(-(2n ** 53n), 1n), shape: [2, 1] });
  file.create_dataset({ name: "floats", data: Float32Array.of(0.5, -0.25, 3, 4, 5, 6), shape: [2, 3] });
  file.create_dataset({ name: "text", data: ["cat", "dog"] });
  file.create_group("group").create_dataset({ name: "inner", data: Int32Array.of(1), shape: [1] });
  file.close();
  const arrays = await readHdf5(path);
  expect([...arrays.keys()].sort()).toEqual(["bytes", "floats", "longs"]);
  expect(arrays.get("bytes")).toEqual({ shape: [3], values: Float64Array.of(0, 128, 255) });
  expect(arrays.get("longs")).toEqual({ shape: [2, 1], values: Float64Array.of(-(2 ** 53), 1) });
  expect(arrays.get("floats")).toEqual({ shape: [2, 3], values: Float64Array.of(0.5, -0.25, 3, 4, 5, 6) });
});

describe("catImages", () => {
  test("reads both parts: pixels divided by 255, row by row, and labels", async () => {
    const { train, test: held } = await catImages(
      catFolder("cats", pictures("train", [0, 1, 1]), pictures("test", [1])),
    );
    expect([train.features.shape, held.features.shape]).toEqual([[3, 12288], [1, 12288]]); // prettier-ignore
    expect([train.labels.toArray(), held.labels.toArray()]).toEqual([[0, 1, 1], [1]]);
    expect([train.labels.dtype, train.features.dtype]).toEqual(["int32", "float64"]);
    const values = train.features.toTypedArray();
    for (const [i, k] of [[0, 0], [0, 255], [1, 5], [2, 12287]] as const)
      expect(values[i * 12288 + k]).toBe(((7 * i + k) % 256) / 255); // prettier-ignore
    expect(train.classNames).toEqual(["no cat", "cat"]);
  });

  const good = (kind: string): Record<string, Array5> => pictures(kind, [0, 1]);
  const without = (kind: string, part: string): Record<string, Array5> =>
    Object.fromEntries(Object.entries(good(kind)).filter(([name]) => name !== `${kind}_set_${part}`));

  test.each<[string, () => string, RegExp]>([
    ["a folder that is none", () => at("no folder"), /expected train_catvnoncat.h5 and test_catvnoncat.h5 in .*no folder/],
    ["no training part", () => catFolder("a", null, good("test")), /train_catvnoncat.h5.*there is no such file/],
    ["no test part", () => catFolder("b", good("train"), null), /test_catvnoncat.h5.*there is no such file/],
    ["no pictures", () => catFolder("c", without("train", "x"), good("test")), /expected train_set_x/],
    ["no labels", () => catFolder("d", good("train"), without("test", "y")), /expected test_set_x/],
    ["parts exchanged", () => catFolder("e", good("test"), good("train")), /expected train_set_x/],
    ["flat pictures", () => catFolder("f", pictures("train", [0, 1], [12288]), good("test")), /\[n, 64, 64, 3\]/],
    ["labels too few", () => catFolder("g", { ...good("train"), train_set_y: pictures("train", [1])["train_set_y"]! }, good("test")), /train_set_y \[n\]/],
    ["a third label", () => catFolder("i", pictures("train", [0, 2]), good("test")), /expected the labels 0 and 1 in .*train_catvnoncat.h5, got 2/],
    ["small pictures", () => catFolder("h", pictures("train", [0, 1], [8, 8, 3]), good("test")), /\[n, 64, 64, 3\]/],
  ])("refuses %s", async (_name, make, message) => {
    const error = await refusal(() => catImages(make()));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  }); // prettier-ignore
});
