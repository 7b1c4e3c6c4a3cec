/** Loops written by hand for each job, as one would without a library: the floor that overhead is measured from. @module */
import * as cases from "../cases.js";
import { learningRate, normal, trainingInputs, uniform } from "../inputs.js";
import type { Peer, Run } from "../peer.js";
import { formulas32, formulas64 } from "./formulas.js";

type Floats = Float64Array | Float32Array;
type FloatsOf = Float64ArrayConstructor | Float32ArrayConstructor;

/** c = a b + bias for row-major a `[m, k]`, b `[k, n]`, by tiles of four rows and two columns. */
function product(a: Floats, b: Floats, bias: Floats | null, c: Floats, m: number, k: number, n: number): void {
  const m4 = m - (m % 4);
  const n2 = n - (n % 2);
  for (let j = 0; j < n2; j += 2) {
    const p = bias === null ? 0 : bias[j]!;
    const q = bias === null ? 0 : bias[j + 1]!;
    for (let i = 0; i < m4; i += 4) {
      let [c00, c01, c10, c11, c20, c21, c30, c31] = [p, q, p, q, p, q, p, q];
      const a0 = i * k;
      const a1 = a0 + k;
      const a2 = a1 + k;
      const a3 = a2 + k;
      for (let l = 0, at = j; l < k; l++, at += n) {
        const b0 = b[at]!;
        const b1 = b[at + 1]!;
        const x0 = a[a0 + l]!;
        const x1 = a[a1 + l]!;
        const x2 = a[a2 + l]!;
        const x3 = a[a3 + l]!;
        c00 += x0 * b0;
        c01 += x0 * b1;
        c10 += x1 * b0;
        c11 += x1 * b1;
        c20 += x2 * b0;
        c21 += x2 * b1;
        c30 += x3 * b0;
        c31 += x3 * b1;
      }
      const o = i * n + j;
      c[o] = c00;
      c[o + 1] = c01;
      c[o + n] = c10;
      c[o + n + 1] = c11;
      c[o + 2 * n] = c20;
      c[o + 2 * n + 1] = c21;
      c[o + 3 * n] = c30;
      c[o + 3 * n + 1] = c31;
    }
  }
  for (let i = 0; i < m; i++)
    for (let j = i < m4 ? n2 : 0; j < n; j++) {
      let sum = bias === null ? 0 : bias[j]!;
      for (let l = 0; l < k; l++) sum += a[i * k + l]! * b[l * n + j]!;
      c[i * n + j] = sum;
    }
}

/** w -= rate · aᵀ d for a `[m, k]`, d `[m, n]`; four samples at a time. */
function descendWeights(a: Floats, d: Floats, w: Floats, m: number, k: number, n: number): void {
  const m4 = m - (m % 4);
  for (let i = 0; i < m4; i += 4)
    for (let j = 0; j < n; j++) {
      const d0 = learningRate * d[i * n + j]!;
      const d1 = learningRate * d[(i + 1) * n + j]!;
      const d2 = learningRate * d[(i + 2) * n + j]!;
      const d3 = learningRate * d[(i + 3) * n + j]!;
      const p = i * k;
      for (let l = 0; l < k; l++)
        w[l * n + j]! -= a[p + l]! * d0 + a[p + k + l]! * d1 + a[p + 2 * k + l]! * d2 + a[p + 3 * k + l]! * d3;
    }
  for (let i = m4; i < m; i++)
    for (let l = 0; l < k; l++)
      for (let j = 0; j < n; j++) w[l * n + j]! -= learningRate * a[i * k + l]! * d[i * n + j]!;
}

/** e = d wᵀ for d `[m, n]`, w `[k, n]`. */
function pullBack(d: Floats, w: Floats, e: Floats, m: number, k: number, n: number): void {
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += d[i * n + j]! * w[l * n + j]!;
      e[i * k + l] = sum;
    }
}

/** The cost, and in `z` its derivative by the logits. */
function logisticLoss(z: Floats, y: Int32Array): number {
  let cost = 0;
  for (let i = 0; i < y.length; i++) {
    const u = z[i]!;
    const e = Math.exp(-Math.abs(u));
    cost += Math.max(u, 0) - u * y[i]! + Math.log1p(e);
    z[i] = ((u >= 0 ? 1 : e) / (1 + e) - y[i]!) / y.length;
  }
  return cost / y.length;
}

function softmaxLoss(z: Floats, y: Int32Array): number {
  const classes = z.length / y.length;
  let cost = 0;
  for (let i = 0; i < y.length; i++) {
    const p = i * classes;
    let top = -Infinity;
    for (let j = 0; j < classes; j++) top = Math.max(top, z[p + j]!);
    let sum = 0;
    for (let j = 0; j < classes; j++) sum += Math.exp(z[p + j]! - top);
    cost += Math.log(sum) + top - z[p + y[i]!]!;
    for (let j = 0; j < classes; j++) z[p + j] = (Math.exp(z[p + j]! - top) / sum - (j === y[i] ? 1 : 0)) / y.length;
  }
  return cost / y.length;
}

function trainingRun(given: cases.TrainingCase, floats: FloatsOf): Run {
  const { samples: m, activation, loss } = given;
  const inputs = trainingInputs(given);
  const layers = inputs.layers.map(({ inputs: k, outputs: n, weight }) => ({
    k,
    n,
    w: floats.from(weight) as Floats,
    b: new floats(n) as Floats,
    out: new floats(m * n) as Floats,
    back: new floats(m * k) as Floats,
  }));
  const x = floats.from(inputs.x) as Floats;
  const lossOf = loss === "logistic" ? logisticLoss : softmaxLoss;
  return () => {
    let a = x;
    layers.forEach(({ k, n, w, b, out }, i) => {
      product(a, w, b, out, m, k, n);
      if (i < layers.length - 1)
        if (activation === "tanh") for (let j = 0; j < out.length; j++) out[j] = Math.tanh(out[j]!);
        else for (let j = 0; j < out.length; j++) out[j] = Math.max(out[j]!, 0);
      a = out;
    });
    const cost = lossOf(a, inputs.y);
    let d = a;
    for (let i = layers.length - 1; i >= 0; i--) {
      const { k, n, w, b, back } = layers[i]!;
      const before = i === 0 ? x : layers[i - 1]!.out;
      if (i > 0) {
        pullBack(d, w, back, m, k, n);
        if (activation === "tanh") for (let j = 0; j < back.length; j++) back[j]! *= 1 - before[j]! ** 2;
        else for (let j = 0; j < back.length; j++) if (before[j]! <= 0) back[j] = 0;
      }
      descendWeights(before, d, w, m, k, n);
      for (let s = 0; s < m; s++) for (let j = 0; j < n; j++) b[j]! -= learningRate * d[s * n + j]!;
      d = back;
    }
    return cost;
  };
}

/** Elementwise into a fresh array, like a library that never overwrites. */
const functions: Readonly<Record<cases.ElementwiseName, (x: Floats, y: Floats, z: Floats) => void>> = {
  add: (x, y, z) => {
    for (let i = 0; i < z.length; i++) z[i] = x[i]! + y[i]!;
  },
  square: (x, _, z) => {
    for (let i = 0; i < z.length; i++) z[i] = x[i]! * x[i]!;
  },
  relu: (x, _, z) => {
    for (let i = 0; i < z.length; i++) z[i] = Math.max(x[i]!, 0);
  },
  exp: (x, _, z) => {
    for (let i = 0; i < z.length; i++) z[i] = Math.exp(x[i]!);
  },
  tanh: (x, _, z) => {
    for (let i = 0; i < z.length; i++) z[i] = Math.tanh(x[i]!);
  },
  sigmoid: (x, _, z) => {
    for (let i = 0; i < z.length; i++) z[i] = 1 / (1 + Math.exp(-x[i]!));
  },
};

/** A sum with an operand of another layout: how many elements that has, and where the one at (i, j) lies. */
const layouts: Readonly<Record<cases.LayoutName, { size: number; add: (x: Floats, y: Floats, z: Floats) => void }>> = {
  row: {
    size: cases.side,
    add: (x, y, z) => {
      for (let i = 0, p = 0; i < cases.side; i++) for (let j = 0; j < cases.side; j++, p++) z[p] = x[p]! + y[j]!;
    },
  },
  column: {
    size: cases.side,
    add: (x, y, z) => {
      for (let i = 0, p = 0; i < cases.side; i++) for (let j = 0; j < cases.side; j++, p++) z[p] = x[p]! + y[i]!;
    },
  },
  transposed: {
    size: cases.elements,
    add: (x, y, z) => {
      for (let i = 0, p = 0; i < cases.side; i++)
        for (let j = 0; j < cases.side; j++, p++) z[p] = x[p]! + y[j * cases.side + i]!;
    },
  },
  sliced: {
    size: 2 * cases.elements,
    add: (x, y, z) => {
      for (let p = 0; p < z.length; p++) z[p] = x[p]! + y[2 * p]!;
    },
  },
};

export function plain(floats: FloatsOf): Peer {
  return {
    about: `loops written by hand in JavaScript, ${floats === Float64Array ? "float64" : "float32"}`,
    cases: {
      ...Object.fromEntries(
        Object.entries(cases.training).map(([name, given]) => [name, () => trainingRun(given, floats)]),
      ),
      ...Object.fromEntries(
        cases.matrixSizes
          .filter((n) => n <= 512)
          .map((n) => [
            cases.matmulName(n),
            () => {
              const a = floats.from(normal(1, n * n)) as Floats;
              const b = floats.from(normal(2, n * n)) as Floats;
              return () => product(a, b, null, new floats(n * n), n, n, n);
            },
          ]),
      ),
      ...Object.fromEntries(
        cases.elementwise.map((name) => [
          cases.elementwiseName(name),
          () => {
            const x = floats.from(uniform(1, cases.elements)) as Floats;
            const y = floats.from(uniform(2, cases.elements)) as Floats;
            return () => functions[name](x, y, new floats(cases.elements));
          },
        ]),
      ),
      ...Object.fromEntries(
        cases.formulas.map((name) => [
          cases.formulaName(name),
          () => {
            const x = uniform(1, cases.elements);
            if (floats === Float64Array) return () => formulas64[name](x, new Float64Array(x.length));
            const x32 = Float32Array.from(x);
            return () => formulas32[name](x32, new Float32Array(x.length));
          },
        ]),
      ),
      ...Object.fromEntries(
        cases.layouts.map((name) => [
          cases.layoutName(name),
          () => {
            const { size, add } = layouts[name];
            const x = floats.from(uniform(1, cases.elements)) as Floats;
            const y = floats.from(normal(2, size)) as Floats;
            return () => add(x, y, new floats(cases.elements));
          },
        ]),
      ),
    },
  };
}
