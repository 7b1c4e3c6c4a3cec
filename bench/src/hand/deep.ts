/** Case (c): many features, a few narrow layers of relu, one logit. @module */
import { learningRate, type TrainingInputs } from "../inputs.js";
import { logisticLoss } from "./lanes.js";
import * as layers from "./layers.js";
import { addressesOf, padded, writeLogistic } from "./logistic.js";
import { tile } from "./tile.js";
import { writeRows } from "./layers.js";
import { across, add, int, load, max, mul, plus, StepModule, sub, zeros, type Routine } from "./text.js";

const width = 8;
/** Features of a round of the first layer: their weights stay in the first cache. */
const block = 384;
/** Features that are copied out of all samples at once, and of those the ones that then lie side by side. */
const strip = 64;
const narrow = 16;

export function deepStep(inputs: TrainingInputs, samples: number): () => number {
  const [first, ...others] = inputs.layers;
  const { inputs: features, outputs: firstOutputs } = first!;
  const vectors = firstOutputs / 4;
  if (features % block !== 0 || features % strip !== 0 || firstOutputs % 4 !== 0)
    throw new Error("expected whole tiles");
  const module = new StepModule();
  const filled = padded(samples);
  const even = Math.ceil(samples / 2) * 2;
  const x: layers.Rows = {
    at: module.allocate(even * (features + layers.line)),
    rowBytes: 4 * (features + layers.line),
  };
  const rows = (columns: number): layers.Rows => ({ at: module.allocate(filled * columns), rowBytes: 4 * columns });
  const built = [
    {
      weights: { at: module.allocate(features * firstOutputs), inner: features, vectors, count: 1 } as layers.Panels,
      columns: firstOutputs,
    },
    ...others.map(({ inputs: inner }) => {
      const padded = Math.ceil(inner / 4) * 4;
      return {
        weights: { at: module.allocate(padded * width), inner: padded, vectors: width / 4, count: 1 } as layers.Panels,
        columns: width,
      };
    }),
  ].map(({ weights, columns }) => ({
    weights,
    columns,
    bias: module.allocate(columns),
    slopes: rows(columns),
    out: rows(columns),
  }));
  const transposed = others.map((_, i): layers.Panels => {
    const wide = i === 0 ? vectors : width / 4;
    return { at: module.allocate(width * 4 * wide), inner: width, vectors: wide, count: 1 };
  });
  const strips = module.allocate(samples * strip);
  const at = addressesOf(module, samples);

  /** Rounds over blocks of features, within them over pairs of samples; sums wait in `out`. */
  const firstForward = (r: Routine): void => {
    const { weights, bias, out } = built[0]!;
    const biases = Array.from({ length: vectors }, (_, v) => r.let(load(int(bias), 16 * v)));
    r.loop(int(out.at), int(out.at + even * out.rowBytes), out.rowBytes, (row) =>
      biases.forEach((value, v) => r.store(row, value, 16 * v)),
    );
    const columnBytes = 16 * vectors;
    const panel = r.variable("i32", int(weights.at));
    r.loop(int(x.at), int(x.at + 4 * features), 4 * block, (features) => {
      const to = r.variable("i32", int(out.at));
      r.loop(features, plus(features, even * x.rowBytes), 2 * x.rowBytes, (from) => {
        const shape = { rows: 2, vectors, leftRow: x.rowBytes, leftStep: 4, rightStep: columnBytes, inner: block };
        tile(r, from, panel.get, shape).forEach((row, i) =>
          row.forEach((sum, v) => {
            const offset = i * out.rowBytes + 16 * v;
            r.store(to.get, add(load(to.get, offset), sum), offset);
          }),
        );
        to.set(plus(to.get, 2 * out.rowBytes));
      });
      panel.set(plus(panel.get, block * columnBytes));
    });
    r.loop(int(out.at), int(out.at + even * out.rowBytes), 16, (v) => r.store(v, max(zeros, load(v))));
  };

  /** Copies a strip of features out of all samples, then takes two of them at a time against all outputs. */
  const firstDescend = (r: Routine): void => {
    const { weights, slopes } = built[0]!;
    const columnBytes = 16 * vectors;
    const to = r.variable("i32", int(weights.at));
    r.loop(int(x.at), int(x.at + 4 * features), 4 * strip, (features) => {
      const from = r.variable("i32", features);
      r.loop(int(strips), int(strips + samples * 4 * narrow), 4 * narrow, (copy) => {
        for (let v = 0; v < strip / 4; v++)
          r.store(
            copy,
            load(from.get, 16 * v),
            Math.floor((4 * v) / narrow) * samples * 4 * narrow + ((16 * v) % (4 * narrow)),
          );
        from.set(plus(from.get, x.rowBytes));
      });
      r.loop(int(strips), int(strips + samples * 4 * strip), samples * 4 * narrow, (part) => {
        r.loop(part, plus(part, 4 * narrow), 8, (pair) => {
          const shape = { rows: 2, vectors, leftRow: 4, leftStep: 4 * narrow, rightStep: columnBytes, inner: samples };
          tile(r, pair, int(slopes.at), shape).forEach((row, i) =>
            row.forEach((sum, v) => {
              const offset = i * columnBytes + 16 * v;
              r.store(to.get, sub(load(to.get, offset), sum), offset);
            }),
          );
          to.set(plus(to.get, 2 * columnBytes));
        });
      });
    });
  };

  module.routine("step", (r) => {
    firstForward(r);
    built.slice(1).forEach(({ weights, bias, out }, i) => {
      const last = i === built.length - 2;
      layers.forward(r, { left: built[i]!.out, weights, out, samples: filled, tileRows: 4 }, bias, !last);
    });
    const { out: logits, slopes: logitSlopes } = built.at(-1)!;
    const loss = r.variable("v128", zeros);
    const row = r.variable("i32", int(0));
    r.loop(int(0), int(4 * filled), 16, (sample) => {
      const z = [1, 2, 3].reduce(
        (vector, lane) =>
          `(v128.load32_lane offset=${logits.at + lane * logits.rowBytes} ${lane} ${row.get} ${vector})`,
        `(v128.load32_zero offset=${logits.at} ${row.get})`,
      );
      const { loss: terms, slope } = logisticLoss(r, r.let(z), load(sample, at.targets));
      const scale = r.let(load(sample, at.weights));
      loss.set(add(loss.get, mul(terms, scale)));
      const slopes = r.let(mul(slope, mul(scale, module.constant(learningRate))));
      for (let lane = 0; lane < 4; lane++)
        r.push(`(v128.store32_lane offset=${logitSlopes.at + lane * logits.rowBytes} ${lane} ${row.get} ${slopes})`);
      row.set(plus(row.get, 4 * logits.rowBytes));
    });
    for (let i = built.length - 1; i >= 0; i--) {
      const { weights, bias, slopes, columns } = built[i]!;
      if (i > 0) {
        layers.transpose(r, weights, transposed[i - 1]!);
        const { slopes: out, out: activations } = built[i - 1]!;
        const tileRows = i === 1 ? 2 : 4;
        layers.back(r, { left: slopes, weights: transposed[i - 1]!, out, samples: filled, tileRows }, activations);
        layers.descend(r, activations, slopes, weights, samples);
      } else firstDescend(r);
      layers.descendBias(r, slopes, bias, columns, samples);
    }
    return across(loss.get);
  });

  const { memory, functions } = module.build();
  writeRows(memory, x, inputs.x, features);
  inputs.layers.forEach(({ weight, outputs }, i) => layers.writePanels(memory, built[i]!.weights, weight, outputs));
  writeLogistic(memory, at, inputs.y);
  return functions["step"]!;
}
