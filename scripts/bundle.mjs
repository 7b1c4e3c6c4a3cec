// Bundles a file with all that it loads, for browsers, in memory.
import { build } from "vite";
import { root } from "./run-child.mjs";

/** The chunks, with the one that the page loads first. */
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
  const chunks = result.output.filter(({ type }) => type === "chunk");
  return chunks
    .sort((a, b) => b.isEntry - a.isEntry)
    .map(({ fileName, code, modules }) => ({ fileName, code, modules }));
}
