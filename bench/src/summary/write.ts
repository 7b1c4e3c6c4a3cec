/** Writes the report where it is kept. @module */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "@cotangent/core";
import type { Results } from "../results.js";
import { between } from "./markdown.js";
import { plots } from "./plots.js";
import { readmeText, reportText } from "./sections.js";

const root = new URL("../../../", import.meta.url);

/** The files written, from the root of the repository. */
export async function writeReport(results: Results): Promise<readonly string[]> {
  const readme = await readFile(new URL("README.md", root), "utf8");
  const updated = between(readme, "bench", readmeText(results));
  if (updated === null) throw new ArgumentError("--report: expected the marks bench:start and bench:end in README.md");
  const files: Record<string, string> = {
    "docs/bench/README.md": reportText(results),
    "docs/bench/results.json": `${JSON.stringify(results, null, 2)}\n`,
    ...Object.fromEntries(
      Object.entries(await plots(results)).map(([name, svg]) => [`docs/bench/${name}`, `${svg}\n`]),
    ),
    "README.md": updated,
  };
  await mkdir(fileURLToPath(new URL("docs/bench/", root)), { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(new URL(name, root), text);
  return Object.keys(files);
}
