/** Case (d): three dense layers, softmax cross-entropy. @module */
import { learningRate, type TrainingInputs } from "../inputs.js";
import { exponential, logarithm } from "./lanes.js";
import * as layers from "./layers.js";
import {
  across,
  add,
  and,
  div,
  int,
  load,
  max,
  mul,
  plus,
  shuffle,
  StepModule,
  sub,
  zeros,
  type Routine,
} from "./text.js";

const width = 8;

/** Sum or maximum of the lanes, in all of them. */
function everywhere(r: Routine, v: string, combine: (a: string, b: string) => string): string {
  const halves = r.let(combine(v, shuffle(v, v, 2, 3, 0, 1)));
  return r.let(combine(halves, shuffle(halves, halves, 1, 0, 3, 2)));
}

export function digitsStep(inputs: TrainingInputs, samples: number): () => number {
  if (samples % 4 !== 0) throw new Error("expected whole tiles");
  const classes = inputs.layers.at(-1)!.outputs;
  const module = new StepModule();
  const ceil = (n: number): number => Math.ceil(n / width) * width;
  const rows = (columns: number): layers.Rows => {
    const stride = columns % 64 === 0 ? columns + layers.line : columns;
    return { at: module.allocate(samples * stride), rowBytes: 4 * stride };
  };
  const features = inputs.layers[0]!.inputs;
  const x: layers.Rows = { at: module.allocate(samples * features), rowBytes: 4 * features };
  const built = inputs.layers.map(({ inputs: inner, outputs }) => {
    const columns = ceil(outputs);
    const panels = { at: 0, inner, vectors: width / 4, count: columns / width };
    return {
      columns,
      weights: { ...panels, at: module.allocate(inner * columns) } as layers.Panels,
      bias: module.allocate(columns),
      slopes: rows(columns),
      out: rows(columns),
    };
  });
  /** Weights transposed, for what goes back to the layer before. */
  const transposed = built.slice(1).map(({ weights }, i): layers.Panels => {
    const inner = inputs.layers[i + 1]!.outputs;
    return { at: module.allocate(inner * weights.inner), inner, vectors: width / 4, count: weights.inner / width };
  });
  const targets = rows(ceil(classes));
  const whole = Math.ceil(classes / 4);
  const mask = module.allocate(4);
  /** By sample: the sum of exponentials, and the logit of the class below the largest one. */
  const sums = module.allocate(samples);
  const lags = module.allocate(samples);

  const softmax = (r: Routine): void => {
    const { out, slopes } = built.at(-1)!;
    const sample = r.variable("i32", int(0));
    const scale = r.let(module.constant(learningRate / samples));
    const lowest = module.constant(-3e38);
    r.loop(int(0), int(samples * out.rowBytes), out.rowBytes, (row) => {
      const logits = Array.from({ length: whole }, (_, v) => r.let(load(row, out.at + 16 * v)));
      const last = r.let(`(v128.bitselect ${logits.at(-1)!} ${lowest} ${load(int(mask))})`);
      const top = everywhere(r, [...logits.slice(0, -1), last].reduce(max), max);
      const powers = logits.map((z, v) => {
        const e = exponential(r, r.let(sub(v === whole - 1 ? last : z, top)));
        return v === whole - 1 ? r.let(and(e, load(int(mask)))) : e;
      });
      const sum = everywhere(r, powers.reduce(add), add);
      const factor = r.let(div(scale, sum));
      const wanted = logits.map((_, v) => r.let(load(row, targets.at + 16 * v)));
      powers.forEach((e, v) => r.store(row, sub(mul(e, factor), mul(wanted[v]!, scale)), slopes.at + 16 * v));
      const own = everywhere(r, logits.map((z, v) => mul(z, wanted[v]!)).reduce(add), add);
      r.push(`(f32.store offset=${sums} ${sample.get} (f32x4.extract_lane 0 ${sum}))`);
      r.push(`(f32.store offset=${lags} ${sample.get} (f32x4.extract_lane 0 ${sub(top, own)}))`);
      sample.set(plus(sample.get, 4));
    });
  };

  const tiled = { samples, tileRows: 4 };
  module.routine("step", (r) => {
    built.forEach(({ weights, bias, out }, i) => {
      const left = i === 0 ? x : built[i - 1]!.out;
      layers.forward(r, { left, weights, out, ...tiled }, bias, i < built.length - 1);
    });
    softmax(r);
    for (let i = built.length - 1; i >= 0; i--) {
      const { weights, bias, slopes, columns } = built[i]!;
      if (i > 0) {
        layers.transpose(r, weights, transposed[i - 1]!);
        const before = built[i - 1]!;
        layers.back(r, { left: slopes, weights: transposed[i - 1]!, out: before.slopes, ...tiled }, before.out);
      }
      layers.descend(r, i === 0 ? x : built[i - 1]!.out, slopes, weights, samples);
      layers.descendBias(r, slopes, bias, columns, samples);
    }
    const loss = r.variable("v128", zeros);
    r.loop(int(0), int(4 * samples), 16, (sample) => {
      const term = add(logarithm(r, r.let(load(sample, sums))), load(sample, lags));
      loss.set(add(loss.get, term));
    });
    return `(f32.div ${across(loss.get)} (f32.const ${samples}))`;
  });

  const { memory, functions } = module.build();
  memory.set(inputs.x, x.at / 4);
  inputs.layers.forEach(({ weight, outputs }, i) => layers.writePanels(memory, built[i]!.weights, weight, outputs));
  inputs.y.forEach((label, i) => (memory[(targets.at + i * targets.rowBytes) / 4 + label] = 1));
  new Uint32Array(memory.buffer, mask, 4).fill(0xffffffff, 0, classes - 4 * (whole - 1));
  return functions["step"]!;
}
