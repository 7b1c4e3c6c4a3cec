/** The documented update rules in plain numbers, one element at a time: what the optimisers are compared with. */

/** From an element, its gradient, the number of the step (from 1) and what is kept of it, to the next element. */
export type ElementRule = (p: number, g: number, t: number, kept: Record<string, number>) => number;

export type Given = Readonly<Record<string, number | boolean>>;

const read = (given: Given, name: string, fallback: number): number => (given[name] as number | undefined) ?? fallback;

function moments(given: Given, g: number, kept: Record<string, number>): { m: number; v: number; b1: number; b2: number; eps: number; lr: number } {
  const [b1, b2] = [read(given, "beta1", 0.9), read(given, "beta2", 0.999)];
  const m = (kept["m"] = b1 * (kept["m"] ?? 0) + (1 - b1) * g);
  const v = (kept["v"] = b2 * (kept["v"] ?? 0) + (1 - b2) * g * g);
  return { m, v, b1, b2, eps: read(given, "epsilon", 1e-8), lr: given["learningRate"] as number };
} // prettier-ignore

const adam =
  (given: Given): ElementRule =>
  (p, g, t, kept) => {
    const { m, v, b1, b2, eps, lr } = moments(given, g, kept);
    const vHat = v / (1 - b2 ** t);
    const largest = (kept["largest"] = Math.max(kept["largest"] ?? 0, v)) / (1 - b2 ** t);
    return p - (lr * (m / (1 - b1 ** t))) / (Math.sqrt(given["amsgrad"] === true ? largest : vHat) + eps);
  };

const withoutDecay: Readonly<Record<string, (given: Given) => ElementRule>> = {
  sgd: (given) => (p, g, t, kept) => {
    const [lr, mu, tau] = [read(given, "learningRate", NaN), read(given, "momentum", 0), read(given, "dampening", 0)];
    if (mu === 0) return p - lr * g;
    const b = (kept["b"] = t === 1 ? g : mu * kept["b"]! + (1 - tau) * g);
    return p - lr * (given["nesterov"] === true ? g + mu * b : b);
  },
  adagrad: (given) => (p, g, t, kept) => {
    const rate = read(given, "learningRate", NaN) / (1 + (t - 1) * read(given, "decay", 0));
    const sum = (kept["sum"] = (kept["sum"] ?? read(given, "initialAccumulator", 0)) + g * g);
    return p - (rate * g) / (Math.sqrt(sum) + read(given, "epsilon", 1e-10));
  },
  rmsprop: (given) => (p, g, _t, kept) => {
    const [lr, rho, mu] = [read(given, "learningRate", NaN), read(given, "rho", 0.99), read(given, "momentum", 0)];
    const v = (kept["v"] = rho * (kept["v"] ?? 0) + (1 - rho) * g * g);
    const mean = (kept["mean"] = rho * (kept["mean"] ?? 0) + (1 - rho) * g);
    const spread = given["centered"] === true ? v - mean * mean : v;
    const scaled = g / (Math.sqrt(spread) + read(given, "epsilon", 1e-8));
    const b = (kept["b"] = mu * (kept["b"] ?? 0) + scaled);
    return p - lr * (mu > 0 ? b : scaled);
  },
  adam,
  adamw: (given) => (p, g, t, kept) =>
    adam(given)(p - (given["learningRate"] as number) * read(given, "weightDecay", 0.01) * p, g, t, kept),
  radam: (given) => (p, g, t, kept) => {
    const { m, v, b1, b2, eps, lr } = moments(given, g, kept);
    const limit = 2 / (1 - b2) - 1;
    const length = limit - (2 * t * b2 ** t) / (1 - b2 ** t);
    const mHat = m / (1 - b1 ** t);
    if (length <= 5) return p - lr * mHat;
    const l = Math.sqrt(1 - b2 ** t) / (Math.sqrt(v) + eps);
    const r = Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length));
    return p - lr * mHat * r * l;
  },
  adamax: (given) => (p, g, t, kept) => {
    const { m, b1, b2, eps, lr } = moments(given, g, kept);
    const u = (kept["u"] = Math.max(b2 * (kept["u"] ?? 0), Math.abs(g) + eps));
    return p - (lr * m) / ((1 - b1 ** t) * u);
  },
  nadam: (given) => (p, g, t, kept) => {
    const { m, v, b1, b2, eps, lr } = moments(given, g, kept);
    const mu = (i: number): number => b1 * (1 - 0.5 * 0.96 ** (i * read(given, "momentumDecay", 0.004)));
    let product = 1;
    for (let i = 1; i <= t; i++) product *= mu(i);
    const mHat = (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
    return p - (lr * mHat) / (Math.sqrt(v / (1 - b2 ** t)) + eps);
  },
  adadelta: (given) => (p, g, _t, kept) => {
    const [rho, eps] = [read(given, "rho", 0.9), read(given, "epsilon", 1e-6)];
    const v = (kept["v"] = rho * (kept["v"] ?? 0) + (1 - rho) * g * g);
    const change = (Math.sqrt((kept["u"] ?? 0) + eps) / Math.sqrt(v + eps)) * g;
    kept["u"] = rho * (kept["u"] ?? 0) + (1 - rho) * change * change;
    return p - read(given, "learningRate", 1) * change;
  },
};

/** The rule of an optimiser, weight decay included: for all but `adamw`, a penalty. */
export function ruleOf(name: string, given: Given): ElementRule {
  const rule = withoutDecay[name]!(given);
  const decay = name === "adamw" ? 0 : read(given, "weightDecay", 0);
  return (p, g, t, kept) => rule(p, g + decay * p, t, kept);
}

/** A quadratic of three unknowns, ½ x·A x - b·x, and its gradient. */
export const quadratic = {
  A: [[3, 0.5, 0], [0.5, 1, -0.2], [0, -0.2, 0.1]],
  b: [1, -2, 0.5],
  start: [1.5, -0.7, 2],
  gradient(x: readonly number[]): number[] {
    return this.A.map((row, i) => row.reduce((sum, a, j) => sum + a * x[j]!, 0) - this.b[i]!);
  },
}; // prettier-ignore

/** Mean squared error of a 2-3-1 network with tanh on four samples: weights row by row, then biases, layer by layer. */
export const network = {
  x: [[0.5, -1], [1.5, 0.3], [-0.8, 0.9], [0.1, 0.2]],
  y: [0.3, -0.6, 0.9, 0.1],
  start: [0.4, -0.3, 0.8, -0.5, 0.7, 0.2, 0.17, -0.13, 0.23, 0.6, -0.9, 0.5, 0.2],
  gradient(p: readonly number[]): number[] {
    const g = p.map(() => 0);
    this.x.forEach((x, n) => {
      const hidden = [0, 1, 2].map((j) => Math.tanh(x[0]! * p[j]! + x[1]! * p[3 + j]! + p[6 + j]!));
      const output = hidden.reduce((sum, h, j) => sum + h * p[9 + j]!, p[12]!);
      const error = (2 * (output - this.y[n]!)) / 4;
      g[12]! += error;
      hidden.forEach((h, j) => {
        g[9 + j]! += error * h;
        const back = error * p[9 + j]! * (1 - h * h);
        g[j]! += back * x[0]!;
        g[3 + j]! += back * x[1]!;
        g[6 + j]! += back;
      });
    });
    return g;
  },
}; // prettier-ignore
