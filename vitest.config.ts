import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(`packages/${path}`, import.meta.url));

/** Tests run on the sources, so they never see an old build. */
export default defineConfig({
  resolve: {
    alias: [
      { find: "#wasm", replacement: source("core/src/backends/wasmHere.ts") },
      { find: "@cotangent/core/check", replacement: source("core/src/check/index.ts") },
      { find: "@cotangent/data/node", replacement: source("data/src/node/index.ts") },
      { find: "@cotangent/optim/node", replacement: source("optim/src/node/index.ts") },
      ...["core", "nn", "optim", "data", "viz"].map((name) => ({
        find: new RegExp(`^@cotangent/${name}$`),
        replacement: source(`${name}/src/index.ts`),
      })),
    ],
  },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "examples/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    testTimeout: 60000,
  },
});
