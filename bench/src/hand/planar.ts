/** Case (b): two features, one hidden layer of tanh, one logit; four samples at a time, all by lanes. @module */
import { learningRate, type TrainingInputs } from "../inputs.js";
import { quick, type HandFunctions } from "./functions.js";
import { addressesOf, writeLogistic } from "./logistic.js";
import { across, add, int, load, mul, shuffle, splat, StepModule, sub, zeros, type Routine } from "./text.js";

export function planarStep(
  inputs: TrainingInputs,
  samples: number,
  { hyperbolicTangent, logisticLoss }: HandFunctions = quick,
): () => number {
  const hidden = inputs.layers[0]!.outputs;
  if (inputs.layers[0]!.inputs !== 2 || samples % 4 !== 0) throw new Error("expected two features, whole vectors");
  const module = new StepModule();
  const x = module.allocate(2 * samples);
  const at = addressesOf(module, samples);
  const activations = Array.from({ length: hidden }, () => module.allocate(samples));
  /** One after another: weights `[2, hidden]`, biases, weights of the logit, its bias. */
  const params = module.allocate(4 * hidden + 1);
  const [first, second, biases, last, bias] = [0, 1, 2, 3, 4].map((i) => params + 4 * hidden * i) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const units = Array.from({ length: hidden }, (_, i) => i);
  const param = (base: number, unit = 0): string => splat(int(0), base + 4 * unit);
  const features = (r: Routine, sample: string): readonly [string, string] => {
    const at = r.variable("i32", `(i32.shl ${sample} (i32.const 1))`).get;
    const [a, b] = [r.let(load(at, x)), r.let(load(at, x + 16))];
    return [r.let(shuffle(a, b, 0, 2, 4, 6)), r.let(shuffle(a, b, 1, 3, 5, 7))];
  };

  module.routine("step", (r) => {
    const end = int(4 * samples);
    r.loop(int(0), end, 16, (sample) => {
      const [p, q] = features(r, sample);
      const values = units.map((unit) => {
        const sum = add(add(mul(p, param(first, unit)), mul(q, param(second, unit))), param(biases, unit));
        return hyperbolicTangent(r, r.let(sum));
      });
      values.forEach((value, unit) => r.store(sample, value, activations[unit]!));
      r.store(
        sample,
        values.reduce((z, value, unit) => add(z, mul(value, param(last, unit))), param(bias)),
        at.logits,
      );
    });
    const loss = r.variable("v128", zeros);
    const scale = r.let(module.constant(learningRate / samples));
    r.loop(int(0), end, 16, (sample) => {
      const { loss: terms, slope } = logisticLoss(r, r.let(load(sample, at.logits)), load(sample, at.targets));
      loss.set(add(loss.get, terms));
      r.store(sample, mul(slope, scale), at.slopes);
    });
    // Unit by unit, since all their sums at once have no room in registers.
    const biasDescent = r.variable("v128", zeros);
    r.loop(int(0), end, 16, (sample) => biasDescent.set(add(biasDescent.get, load(sample, at.slopes))));
    const updates: (readonly [address: number, sum: string])[] = [[bias, biasDescent.get]];
    for (const unit of units) {
      const sums = [first, second, biases, last].map((base) => ({ base, sum: r.variable("v128", zeros) }));
      const factor = r.let(param(last, unit));
      const one = r.let(module.constant(1));
      r.loop(int(0), end, 16, (sample) => {
        const [p, q] = features(r, sample);
        const slope = r.let(load(sample, at.slopes));
        const a = r.let(load(sample, activations[unit]!));
        const back = r.let(mul(mul(slope, factor), sub(one, mul(a, a))));
        [mul(back, p), mul(back, q), back, mul(slope, a)].forEach((term, i) => {
          const { sum } = sums[i]!;
          sum.set(add(sum.get, term));
        });
      });
      updates.push(...sums.map(({ base, sum }) => [base + 4 * unit, sum.get] as const));
    }
    for (const [address, sum] of updates)
      r.push(`(f32.store (i32.const ${address}) (f32.sub (f32.load (i32.const ${address})) ${across(sum)}))`);
    return `(f32.div ${across(loss.get)} (f32.const ${samples}))`;
  });

  const { memory, functions } = module.build();
  memory.set(inputs.x, x / 4);
  memory.set(inputs.layers[0]!.weight, first / 4);
  memory.set(inputs.layers[1]!.weight, last / 4);
  writeLogistic(memory, at, inputs.y);
  return functions["step"]!;
}
