/** Case (e): logistic regression of a few features; the derivatives of all of them stay in registers. @module */
import { learningRate, type TrainingInputs } from "../inputs.js";
import { quick, type HandFunctions } from "./functions.js";
import { addressesOf, padded, writeLogistic } from "./logistic.js";
import { across, add, and, int, load, mul, plus, splat, StepModule, sub, transposedSums, zeros } from "./text.js";

export function narrowStep(
  inputs: TrainingInputs,
  samples: number,
  { logisticLoss }: HandFunctions = quick,
): () => number {
  const { inputs: features, weight } = inputs.layers[0]!;
  const rowBytes = 4 * features;
  const vectors = Math.ceil(features / 4);
  const module = new StepModule();
  const x = module.allocate(padded(samples) * features);
  const at = addressesOf(module, samples);
  const bias = module.allocate(4);
  /** The last vector ends where the row ends; lanes that the one before it has too are zero. */
  const w = module.allocate(4 * vectors);
  const mask = module.allocate(4);
  const offsets = Array.from({ length: vectors }, (_, v) => Math.min(16 * v, rowBytes - 16));
  const end = int(4 * padded(samples));

  module.routine("step", (r) => {
    const row = r.variable("i32", int(x));
    r.loop(int(0), end, 16, (sample) => {
      const sums = Array.from({ length: 4 }, () => r.variable("v128", zeros));
      offsets.forEach((offset, v) => {
        const factor = r.let(load(int(w), 16 * v));
        sums.forEach((sum, i) => sum.set(add(sum.get, mul(load(row.get, i * rowBytes + offset), factor))));
      });
      r.store(
        sample,
        add(
          transposedSums(
            r,
            sums.map(({ get }) => get),
          ),
          splat(int(bias)),
        ),
        at.logits,
      );
      row.set(plus(row.get, 4 * rowBytes));
    });
    const loss = r.variable("v128", zeros);
    const biasDescent = r.variable("v128", zeros);
    r.loop(int(0), end, 16, (sample) => {
      const { loss: terms, slope } = logisticLoss(r, r.let(load(sample, at.logits)), load(sample, at.targets));
      const scale = r.let(load(sample, at.weights));
      loss.set(add(loss.get, mul(terms, scale)));
      const slopes = r.let(mul(slope, mul(scale, module.constant(learningRate))));
      biasDescent.set(add(biasDescent.get, slopes));
      r.store(sample, slopes, at.slopes);
    });
    const descents = offsets.map(() => r.variable("v128", zeros));
    row.set(int(x));
    r.loop(int(0), end, 4, (sample) => {
      const factor = r.let(splat(sample, at.slopes));
      descents.forEach((sum, v) => sum.set(add(sum.get, mul(load(row.get, offsets[v]!), factor))));
      row.set(plus(row.get, rowBytes));
    });
    descents.forEach(({ get }, v) => {
      const own = v === vectors - 1 ? and(get, load(int(mask))) : get;
      r.store(int(w), sub(load(int(w), 16 * v), own), 16 * v);
    });
    r.push(`(f32.store (i32.const ${bias}) (f32.sub (f32.load (i32.const ${bias})) ${across(biasDescent.get)}))`);
    return across(loss.get);
  });

  const { memory, functions } = module.build();
  memory.set(inputs.x, x / 4);
  const shared = 4 * vectors - features;
  weight.forEach((value, i) => (memory[w / 4 + (i < 4 * (vectors - 1) ? i : i + shared)] = value));
  new Uint32Array(memory.buffer, mask, 4).fill(0xffffffff, shared);
  writeLogistic(memory, at, inputs.y);
  return functions["step"]!;
}
