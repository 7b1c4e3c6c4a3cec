/** A run that is killed over and over, while it trains and while it saves, ends with the bits of one that is not. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { random } from "@cotangent/core";
import { encodeSafetensors } from "@cotangent/data";
import { latestCheckpoint } from "@cotangent/data/node";

const child = fileURLToPath(new URL("training.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cotangent-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const steps = 1500;

/** Runs the child, kills it `delay` ms after the `words`-th word (`null`: lets it finish), and gives its last word. */
function run(into: string, every: number, kill: { words: number; delay: number } | null): Promise<string> {
  return new Promise((resolve, reject) => {
    const process = spawn("node", [child, into, String(steps), String(every)], { stdio: ["ignore", "pipe", "pipe"] });
    let [said, complaints, aimed] = ["", "", false];
    process.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
    process.stdout.on("data", (text: Buffer) => {
      said += text.toString();
      if (kill === null || aimed || said.split("\n").length - 1 < kill.words) return;
      aimed = true;
      if (kill.delay < 1) process.kill("SIGKILL");
      else setTimeout(() => process.kill("SIGKILL"), kill.delay);
    });
    process.on("error", reject);
    process.on("close", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) resolve(said.trim().split("\n").at(-1)!);
      else reject(new Error(`the child ended with ${code}: ${complaints}`));
    });
  });
}

interface Run {
  readonly step: number;
  readonly cost: number;
  readonly random: unknown;
  readonly params: unknown;
  readonly optimizer: unknown;
}

async function latest(into: string): Promise<Run> {
  const found = await latestCheckpoint<Run>(into);
  expect(found, "a checkpoint").not.toBeNull();
  // Were a write not whole or nothing, the latest file would be damaged.
  expect(found!.skipped).toEqual([]);
  return found!.state;
}

test("killed at 50 random moments at least, during writes too", { timeout: 300_000 }, async () => {
  const whole = join(folder, "whole");
  expect(await run(whole, steps, null)).toBe("done");
  const expected = await latest(whole);
  const moments = random(20);
  const draw = (low: number, high: number): number => moments.integers([1], { low, high }).toTypedArray()[0]!;
  const killed = { training: 0, saving: 0 };
  let [into, runs, step] = [join(folder, "0"), 0, 0];
  const finish = async (): Promise<void> => {
    expect(await run(into, steps, null)).toBe("done");
    const state = await latest(into);
    const bits = ({ params, optimizer }: Run): Uint8Array => encodeSafetensors({ params, optimizer });
    expect(state.step).toBe(steps);
    expect([state.cost, state.random]).toEqual([expected.cost, expected.random]);
    expect(Buffer.compare(bits(state), bits(expected))).toBe(0);
  };
  while (killed.training + killed.saving < 50 || Math.min(killed.training, killed.saving) < 10) {
    // A checkpoint is three words: "trained", "saving", "saved", after the first, "ready".
    const words = 1 + 3 * draw(1, 4) + draw(0, 3);
    const last = await run(into, 1, { words, delay: draw(0, 5) });
    if (last === "done") {
      await finish();
      [into, step] = [join(folder, String(++runs)), 0];
      continue;
    }
    killed[last === "saving" ? "saving" : "training"]++;
    const state = await latest(into);
    expect(state.step).toBeGreaterThanOrEqual(step);
    step = state.step;
    expect(killed.training + killed.saving, "one kind of moment does not happen").toBeLessThan(300);
  }
  await finish();
});
