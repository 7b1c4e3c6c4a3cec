// Encodes the groups of WebAssembly functions, so that it need not be done in the user's process: `npm run kernels`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { encodeGroup, groupTexts } from "../packages/core/dist/backends/wasmGroupText.js";
import { root } from "./run-child.mjs";

const file = join(root, "packages/core/src/backends/wasmGroups.ts");
const digitsInLine = 100;

function hexadecimal(bytes) {
  const lines = Buffer.from(bytes)
    .toString("hex")
    .match(new RegExp(`.{1,${digitsInLine}}`, "g"));
  return lines.map((line) => JSON.stringify(line)).join(" +\n");
}

const groups = Object.keys(groupTexts).map((name) => {
  const precisions = ["float64", "float32"].map(
    (precision) => `${precision}: [${encodeGroup(name, precision).map(hexadecimal).join(",\n")}]`,
  );
  return `${name}: { ${precisions.join(",\n")} }`;
});
const text = `/**
 * Products, sums, dots and extremes as WebAssembly, written by \`npm run kernels\` from \`wasmGroupText.ts\`: for each
 * precision the sections of a module before and after that of its imports, in hexadecimal digits.
 * @module
 */
import type { Precision } from "../scalar.js";

export type GroupName = ${Object.keys(groupTexts)
  .map((name) => JSON.stringify(name))
  .join(" | ")};

export const groupSections: Readonly<Record<GroupName, Readonly<Record<Precision, readonly [string, string]>>>> = {
${groups.join(",\n")}
};
`;
writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: "typescript" }));
