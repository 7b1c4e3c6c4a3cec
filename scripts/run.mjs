// One vocabulary for everything: `node scripts/run.mjs <command> [arguments]`. Sets up what is missing first, and says so.
import { prepare } from "./prepare.mjs";
import { root, run } from "./run-child.mjs";

const node = process.execPath;
const bin = (path) => [node, [`node_modules/${path}`]];

/** Each command: the programs it runs in order, after the build, perhaps with variables. Arguments of the user go to the last one. */
const commands = {
  start: [[node, ["examples/dist/main.js"]]],
  example: [[node, ["examples/dist/example.js"]]],
  test: [[...withArguments(bin("vitest/vitest.mjs"), "run")]],
  nightly: [
    [
      ...withArguments(bin("vitest/vitest.mjs"), "run", "test/operators.test.ts", "--testTimeout=3600000"),
      { COTANGENT_CASES: "5000" },
    ],
  ],
  build: [],
  typecheck: [[...withArguments(bin("typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.test.json")]],
  lint: [
    [...withArguments(bin("eslint/bin/eslint.js"), ".")],
    [...withArguments(bin("prettier/bin/prettier.cjs"), "--check", "--log-level", "warn", ".")],
  ],
  format: [
    [...withArguments(bin("eslint/bin/eslint.js"), ".", "--fix")],
    [...withArguments(bin("prettier/bin/prettier.cjs"), "--write", "--log-level", "warn", ".")],
  ],
  kernels: [[node, ["scripts/kernels.mjs"]]],
  docs: [[node, ["scripts/operators.mjs"]], [...withArguments(bin("typedoc/bin/typedoc"))]],
  bench: [[node, ["bench/dist/main.js"]]],
};

function withArguments([program, args], ...more) {
  return [program, [...args, ...more]];
}

const [name, ...rest] = process.argv.slice(2);
const steps = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
if (steps === undefined) {
  console.error(`Expected one of ${Object.keys(commands).join(", ")}, got ${name ?? "nothing"}.`);
  process.exit(1);
}
prepare();
steps.forEach(([program, args, env], i) => {
  const given = i === steps.length - 1 ? [...args, ...rest] : args;
  const code = run(program, given, root, { env: { ...process.env, ...env } });
  if (code !== 0) process.exit(code);
});
