/** Groups, averages and accumulation in a training run: states are checkpoints, and go on with the same bits. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { leavesOf, random, type Tensor } from "@cotangent/core";
import { loadCheckpoint, saveCheckpoint } from "@cotangent/data/node";
import { deepNetwork, meanSquaredError } from "@cotangent/nn";
import {
  accumulate,
  adamw,
  averagedParameters,
  chain,
  clip,
  cosine,
  groups,
  movingAverage,
  train,
  trainState,
} from "@cotangent/optim";

const folder = mkdtempSync(join(tmpdir(), "cotangent-groups-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a run with groups, an average and accumulated gradients is saved and goes on with the same bits", async () => {
  const model = deepNetwork({ sizes: [3, 4, 4, 1] });
  const perPath = groups(adamw, { learningRate: cosine({ initial: 0.05, steps: 20 }) }, [
    { match: "[0].**", frozen: true },
    { match: "*.bias", weightDecay: 0, learningRate: 0.1 },
  ]);
  const optimizer = movingAverage(accumulate(chain(clip({ globalNorm: 1 }), perPath), { steps: 2 }), { decay: 0.9 });
  const options = { model, loss: meanSquaredError, optimizer };
  const batch = (i: number): { features: Tensor; labels: Tensor } => {
    const features = random(i).normal([8, 3]);
    return { features, labels: features.sum({ axis: 1, keepDims: true }).tanh() };
  };
  const start = trainState({ model, optimizer, seed: 1 });
  const path = join(folder, "state.safetensors");
  let whole = start;
  for (let i = 0; i < 20; i++) {
    whole = train(whole, batch(i), options);
    if (i === 8) await saveCheckpoint(path, whole);
  }
  let resumed = await loadCheckpoint(path, { like: start });
  expect(resumed.step).toBe(9);
  for (let i = 9; i < 20; i++) resumed = train(resumed, batch(i), options);
  const bits = (tree: unknown): unknown =>
    leavesOf(tree).map(({ path, leaf }) => [path, typeof leaf === "number" ? leaf : [...leaf.toTypedArray()]]);
  for (const tree of ["params", "optimizer"] as const) expect(bits(resumed[tree])).toEqual(bits(whole[tree]));
  expect(bits(averagedParameters(resumed))).toEqual(bits(averagedParameters(whole)));
  expect(whole.params[0]!.weight).toBe(start.params[0]!.weight);
  expect(bits(whole.params[1])).not.toEqual(bits(start.params[1]));
});
