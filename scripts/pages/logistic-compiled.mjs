// Logistic regression with core alone, its step compiled, on random data.
import { compile, random, valueAndGrad } from "@cotangent/core";

const r = random(1);
const x = r.normal([200, 3]);
const y = x
  .matmul(r.normal([3, 1]))
  .greater(0)
  .astype("float64");
const cost = ({ w, b }) => {
  const z = x.matmul(w).add(b);
  return z.softplus().sub(z.mul(y)).mean();
};
const train = compile((params) => {
  const [, slope] = valueAndGrad(cost)(params);
  return { w: params.w.sub(slope.w.mul(0.5)), b: params.b.sub(slope.b.mul(0.5)) };
});
let params = { w: r.normal([3, 1]), b: r.normal([1]) };
for (let step = 0; step < 200; step++) params = train(params);
document.body.textContent = cost(params).toString();
