/** PyTorch, where `python3` has it: a program of its own, told which cases to run. @module */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as cases from "../cases.js";
import type { Task } from "../child.js";
import { Unavailable } from "../peer.js";
import type { TorchSettings } from "./index.js";

type Described = readonly [maker: string, ...given: readonly unknown[]];

const described: Readonly<Record<string, Described>> = {
  ...Object.fromEntries(
    cases.smallSizes.flatMap((n) =>
      cases.smallOperators.map((name) => [cases.operatorName(name, n), ["small", name, n] as const]),
    ),
  ),
  [cases.tenOperators]: ["ten", false],
  [cases.tenOperatorsBackward]: ["ten", true],
  ...Object.fromEntries(
    Object.entries(cases.allTraining).map(([name, { sizes, samples, activation, loss }]) => [
      name,
      ["training", sizes, samples, activation, loss] as const,
    ]),
  ),
  ...Object.fromEntries(cases.matrixSizes.map((n) => [cases.matmulName(n), ["matmul", n] as const])),
  ...Object.fromEntries(
    cases.transposedSizes.flatMap((n) =>
      Object.entries(cases.transpositions).map(([which, [left, right]]) => [
        cases.transposedName(n, which),
        ["matmul", n, left, right] as const,
      ]),
    ),
  ),
  ...Object.fromEntries(
    cases.elementwise.map((name) => [cases.elementwiseName(name), ["elementwise", name, cases.elements] as const]),
  ),
};

/** What the Python program ends with where it cannot import PyTorch. */
const noTorch = 3;

/** The lines of the Python program. @throws {@link Unavailable} where there is no PyTorch */
export function torchLines(settings: TorchSettings, wanted: readonly string[], effort: Task["effort"]): string {
  const given = process.env["PYTHON"];
  // The system's Python has the packages of the distribution, even where another one comes first in the path.
  const pythons = given === undefined ? ["python3", "/usr/bin/python3"] : [given];
  const program = fileURLToPath(new URL("../../torch_peer.py", import.meta.url));
  const chosen = Object.fromEntries(Object.entries(described).filter(([name]) => wanted.includes(name)));
  for (const python of pythons) {
    const run = spawnSync(python, [program], {
      input: JSON.stringify({ cases: chosen, ...settings, ...effort }),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (run.status === 0) return run.stdout;
    if (run.error === undefined && run.status !== noTorch)
      throw new Error(`PyTorch: its program ended with ${run.status ?? run.signal}`);
  }
  throw new Unavailable(`${pythons.join(" and ")} cannot import torch`);
}
