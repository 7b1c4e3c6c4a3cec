// Bundles a file with all that it loads, for browsers, in memory.
import { build } from "vite";
import { root } from "./run-child.mjs";

/** The minified code of one chunk, and what it consists of. */
export async function bundle(input) {
  const result = await build({
    root,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: true,
      modulePreload: false,
      rollupOptions: { input, preserveEntrySignatures: false },
    },
  });
  const [chunk] = result.output;
  return { code: chunk.code, modules: chunk.modules };
}
