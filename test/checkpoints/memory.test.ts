/** Loading needs the file and the tensors, and nothing else of that size. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "cotangent-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file of 100 MB is loaded in 2.5 times its size", () => {
  const path = join(folder, "large.safetensors");
  const child = fileURLToPath(new URL("loading.mjs", import.meta.url));
  const run = (what: string): number =>
    parseFloat(execFileSync(process.execPath, [child, what, path], { encoding: "utf8" }));
  run("write");
  const size = statSync(path).size / 2 ** 20;
  expect(size).toBeGreaterThan(100);
  for (const what of ["safetensors", "checkpoint"]) expect(run(what), what).toBeLessThan(2.5 * size);
});
