/** Case (a): logistic regression of many features; each sample is read once from far away, then again from near by. @module */
import { learningRate, type TrainingInputs } from "../inputs.js";
import { logisticLoss } from "./lanes.js";
import { line, writeRows } from "./layers.js";
import { addressesOf, padded, writeLogistic } from "./logistic.js";
import { across, add, int, load, mul, plus, splat, StepModule, sub, transposedSums, zeros } from "./text.js";

/** Samples that go together: their rows fit into the second cache. */
const rows = 4;
const unrolled = 2;

export function wideStep(inputs: TrainingInputs, samples: number): () => number {
  const { inputs: features, weight } = inputs.layers[0]!;
  if (features % (4 * unrolled) !== 0) throw new Error("expected whole vectors");
  const rowBytes = 4 * features;
  const rowStep = rowBytes + 4 * line;
  const module = new StepModule();
  const x = module.allocate(padded(samples) * (features + line));
  const at = addressesOf(module, samples);
  const w = module.allocate(features);
  const descent = module.allocate(features);
  const bias = module.allocate(4);

  module.routine("step", (r) => {
    const loss = r.variable("v128", zeros);
    const biasDescent = r.variable("v128", zeros);
    const sample = r.variable("i32", int(0));
    r.loop(int(x), int(x + padded(samples) * rowStep), rows * rowStep, (block) => {
      const sums = Array.from({ length: rows }, () => r.variable("v128", zeros));
      r.loop(int(0), int(rowBytes), 16 * unrolled, (j) => {
        const from = r.variable("i32", `(i32.add ${block} ${j})`).get;
        for (let u = 0; u < unrolled; u++) {
          const factor = r.let(load(j, w + 16 * u));
          sums.forEach((sum, i) => sum.set(add(sum.get, mul(load(from, i * rowStep + 16 * u), factor))));
        }
      });
      const z = r.let(
        add(
          transposedSums(
            r,
            sums.map(({ get }) => get),
          ),
          splat(int(bias)),
        ),
      );
      const { loss: terms, slope } = logisticLoss(r, z, load(sample.get, at.targets));
      const scale = r.let(load(sample.get, at.weights));
      loss.set(add(loss.get, mul(terms, scale)));
      const slopes = r.let(mul(slope, mul(scale, module.constant(learningRate))));
      biasDescent.set(add(biasDescent.get, slopes));
      r.store(int(at.slopes), slopes);
      const factors = Array.from({ length: rows }, (_, i) => r.let(splat(int(at.slopes), 4 * i)));
      r.loop(int(0), int(rowBytes), 16 * unrolled, (j) => {
        const from = r.variable("i32", `(i32.add ${block} ${j})`).get;
        for (let u = 0; u < unrolled; u++) {
          const products = factors.map((factor, i) => mul(load(from, i * rowStep + 16 * u), factor));
          r.store(j, products.reduce(add, load(j, descent + 16 * u)), descent + 16 * u);
        }
      });
      sample.set(plus(sample.get, 4 * rows));
    });
    r.loop(int(0), int(rowBytes), 16, (j) => {
      r.store(j, sub(load(j, w), load(j, descent)), w);
      r.store(j, zeros, descent);
    });
    const total = r.let(biasDescent.get);
    r.push(`(f32.store (i32.const ${bias}) (f32.sub (f32.load (i32.const ${bias})) ${across(total)}))`);
    return across(loss.get);
  });

  const { memory, functions } = module.build();
  writeRows(memory, { at: x, rowBytes: rowStep }, inputs.x, features);
  memory.set(weight, w / 4);
  writeLogistic(memory, at, inputs.y);
  return functions["step"]!;
}
