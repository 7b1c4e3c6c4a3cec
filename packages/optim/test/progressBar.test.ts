/** The bar writes on terminals only, and leaves no timer behind. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { tensor, type Tensor } from "@cotangent/core";
import { fit, sgd, trainState, type CostFitOptions, type SgdState } from "@cotangent/optim";
import { progressBar } from "@cotangent/optim/node";

interface Params {
  readonly w: Tensor;
}

type Options = CostFitOptions<Params, Tensor, SgdState>;

async function drawn(isTTY: boolean, change: Partial<Options> = {}): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  let text = "";
  stream.on("data", (part: Buffer) => (text += part.toString()));
  const optimizer = sgd({ learningRate: 0.25 });
  const options: Options = {
    cost: (p, target) => p.w.sub(target).square(),
    optimizer,
    state: trainState({ params: { w: tensor(0) }, optimizer }),
    data: [tensor(4), tensor(4)],
    epochs: 3,
    callbacks: [progressBar({ stream })],
  };
  await fit({ ...options, ...change }).then(null, () => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  return text;
}

test("on a terminal it ends full, with epoch, cost, rate and time left", async () => {
  const text = await drawn(true);
  expect(text).toMatch(/100% \| epoch 3\/3 \| cost 0\.0156 \| [\d.]+ steps\/s \| \S+ left/);
});

test("where nobody knows how many steps there will be, it counts epochs", async () => {
  expect(await drawn(true, { data: () => [tensor(4)].values() })).toMatch(/100% \| epoch 3\/3/);
});

test("it ends where the run does: at a signal, or by an error", async () => {
  expect(await drawn(true, { signal: AbortSignal.abort() })).toMatch(/0% \| epoch 0\/3 \| cost … /);
  const fail = (): never => {
    throw new Error("broken");
  };
  expect(await drawn(true, { cost: fail })).toMatch(/0% \| epoch 0\/3/);
  expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThan(3);
});

test("without a terminal it is quiet", async () => {
  expect(await drawn(false)).toBe("");
});
