// Packs every package, installs the tarballs in an empty folder, runs the README's first example there,
// and compiles against the declarations.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import ts from "typescript";
import { root, run } from "./run-child.mjs";

const folder = process.argv[2];
mkdirSync(join(folder, "tarballs"), { recursive: true });
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

function must(program, args, cwd) {
  const code = run(program, args, cwd);
  if (code !== 0) process.exit(code);
}

for (const name of readdirSync(join(root, "packages"))) {
  const here = join(root, "packages", name);
  must("npx", ["--yes", packageManager, "pack", "--pack-destination", join(folder, "tarballs")], here);
}
const tarballs = readdirSync(join(folder, "tarballs")).map((file) => join(folder, "tarballs", file));
for (const tarball of tarballs) {
  const { buffer } = readFileSync(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  for (const message of messages) console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
  if (messages.length > 0) process.exit(1);
}
writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
must("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...tarballs], folder);

const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1];
if (example === undefined) throw new Error("README.md has no example");
const { outputText } = ts.transpileModule(example, { compilerOptions: { target: "ES2022", module: "ESNext" } });
writeFileSync(join(folder, "example.mjs"), outputText);
must(process.execPath, ["example.mjs"], folder);

// A stranger's compiler reads all declarations, and has no types but a browser's and those of the packages.
const entries = ["core", "nn", "optim", "data", "data/node", "viz"];
const program = join(folder, "entries.ts");
writeFileSync(
  program,
  entries.map((entry) => `export * as ${entry.replace("/", "_")} from "@cotangent/${entry}";\n`).join(""),
);
const options = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
  module: ts.ModuleKind.NodeNext,
  types: [],
};
const problems = ts.getPreEmitDiagnostics(ts.createProgram([program], options));
if (problems.length > 0) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => folder, getNewLine: () => "\n" };
  console.error(ts.formatDiagnostics(problems, host));
  process.exit(1);
}
