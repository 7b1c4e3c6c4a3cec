// Bundles logistic regression for a browser from the built packages, and prints how many bytes come over the wire and
// from where: `node scripts/bundle-size.mjs [--modules]`.
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { bundle } from "./bundle.mjs";
import { root } from "./run-child.mjs";

const kilobytes = (n) => `${(n / 1000).toFixed(1)} KB`;
const gzipped = (text) => gzipSync(text, { level: 9 }).length;

/** Modules that a bundler makes itself begin with a zero. */
const bundlers = "\0";

/** What a module belongs to: a folder of ours, a package, or the bundler. */
function partOf(file) {
  if (file.startsWith(bundlers)) return "the bundler";
  const [, name, folder] = /packages\/(\w+)\/dist\/(?:(\w+)\/)?/.exec(file) ?? [];
  if (name !== undefined) return folder === undefined ? name : `${name}/${folder}`;
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? "the page itself";
}

function print(title, { code, modules }) {
  const total = gzipped(code);
  console.log(`${title}: ${kilobytes(total)} gzipped, ${kilobytes(code.length)} minified`);
  const sizes = new Map();
  for (const [id, module] of Object.entries(modules)) {
    const key = process.argv.includes("--modules") ? relative(root, id.replace(bundlers, "")) : partOf(id);
    sizes.set(key, (sizes.get(key) ?? 0) + gzipped(module.code ?? ""));
  }
  // By itself a module is larger than beside others: what is printed is its share of the whole.
  const sum = [...sizes.values()].reduce((a, b) => a + b, 0);
  for (const [key, size] of [...sizes].sort((a, b) => b[1] - a[1]))
    console.log(`${kilobytes((size / sum) * total).padStart(10)}  ${key}`);
}

const pages = { eager: "logistic.mjs", compiled: "logistic-compiled.mjs" };
for (const [name, file] of Object.entries(pages)) {
  const [page, ...later] = await bundle(join(root, "scripts/pages", file));
  print(`Logistic regression in a browser, ${name}`, page);
  for (const chunk of later) print(`  loaded only when asked for, ${chunk.fileName}`, chunk);
}
