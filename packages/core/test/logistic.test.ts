/** The Hessian of logistic regression against its closed form. */
import { expect, test } from "vitest";
import { eye, grad, hessian, hvp, random, vmap, type Tensor } from "@cotangent/core";

const features = 30;
const samples = 569;
const r = random(11);
const x = r.normal([samples, features]);
const y = r.bernoulli([samples], { probability: 0.4 }).astype("float64");
const w = r.normal([features], { std: 0.3 });

/** Mean binary cross-entropy of logits, softplus(z) - y z. */
function cost(v: Tensor): Tensor {
  const z = x.matmul(v);
  return z.softplus().sub(y.mul(z)).mean();
}

/** Xᵀ S X / n with S = diag(p (1 - p)), in plain numbers. */
function closedForm(): number[][] {
  const rows = x.toArray() as number[][];
  const weights = w.toArray() as number[];
  const h = Array.from({ length: features }, () => new Array<number>(features).fill(0));
  for (const row of rows) {
    const z = row.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    const s = 1 / (1 + Math.exp(-z)) / (1 + Math.exp(z));
    for (let i = 0; i < features; i++)
      for (let j = 0; j < features; j++) h[i]![j]! += (s * row[i]! * row[j]!) / samples;
  }
  return h;
}

test("Hessian of logistic regression with 30 features is XᵀSX/n, to 1e-12 relative, in every way of asking", () => {
  const exact = closedForm().flat();
  const scale = Math.max(...exact.map(Math.abs));
  const unit = Array.from({ length: features }, (_, i) => i);
  const basis = eye(features);
  const ways = {
    hessian: hessian(cost)(w),
    "vmap of hvp": vmap((v: Tensor) => hvp(cost)(w, v))(basis),
    "vmap of grad over grad": vmap((v: Tensor) => grad((t: Tensor) => grad(cost)(t).dot(v))(w))(basis),
  };
  for (const [name, h] of Object.entries(ways)) {
    expect(h.shape).toEqual([features, features]);
    const values = h.toTypedArray();
    for (const i of unit)
      for (const j of unit) {
        const at = i * features + j;
        const relative = Math.abs(values[at]! - exact[at]!) / scale;
        expect(relative, `${name} [${i}, ${j}]`).toBeLessThanOrEqual(1e-12);
      }
  }
});
