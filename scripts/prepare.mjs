// Installs and builds, unless that is done already.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run-child.mjs";

const stamp = join(root, "node_modules/.cotangent-installed");

function give(text) {
  console.error(text);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    give(`Cotangent needs Node 20.19 or newer, this is ${process.versions.node}. Install a newer one and try again.`);
}

/** What an installation depends on: the lock file and this version of Node. */
function wanted() {
  return createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .update(process.versions.modules)
    .digest("hex");
}

function install() {
  const key = wanted();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === key) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log(`Installing dependencies with ${packageManager} (first run, or the lock file changed) …`);
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const code = run(
    npx,
    ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=error"],
    root,
    {
      shell: process.platform === "win32",
      env: { ...process.env, CI: "true" },
    },
  );
  if (code !== 0)
    give("Installing failed; see above. Check the connection to the npm registry, delete node_modules and try again.");
  writeFileSync(stamp, key);
}

function build() {
  const first = !existsSync(join(root, "packages/core/dist/index.js"));
  if (first) console.log("Building (first run) …");
  const code = run(process.execPath, ["node_modules/typescript/bin/tsc", "-b"], root);
  if (code !== 0) give("Building failed; see the type errors above.");
}

export function prepare() {
  checkNode();
  install();
  build();
}
