import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const core = new URL("../dist/index.js", import.meta.url).href;
const program = `
  import { backward, compile, tensor, valueAndGrad, variable } from ${JSON.stringify(core)};
  const x = variable(0.5);
  const slope = compile((w) => valueAndGrad((v) => v.tanh().mul(v).sum())(w)[1].sum());
  const list = tensor(Array.from({ length: 100 }, (_, i) => i / 50 - 1));
  console.log(backward(x.tanh().mul(x)).get(x).item() + slope(list).item() + slope(list.slice([[0, 3]])).item());
`;

function run(...flags: readonly string[]): { out: string; err: string } {
  const child = spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", program], { encoding: "utf8" });
  return { out: child.stdout.trim(), err: child.stderr.trim() };
}

test("where functions cannot be made from text, the reference backend computes the same bits, with one notice", () => {
  const free = run();
  const strict = run("--disallow-code-generation-from-strings");
  expect(free.err).toBe("");
  expect(Number.isFinite(Number(free.out))).toBe(true);
  expect(strict.out).toBe(free.out);
  expect(strict.err.match(/reference backend/g)).toHaveLength(1);
});
