// Logistic regression with core alone.
import { tensor, valueAndGrad } from "@cotangent/core";

const x = tensor([
  [0.5, 1.2],
  [-1.5, 0.3],
  [0.1, -0.7],
  [2.0, 0.4],
]);
const y = tensor([[1], [0], [0], [1]]);
const cost = ({ w, b }) => {
  const z = x.matmul(w).add(b);
  return z.softplus().sub(z.mul(y)).mean();
};
let params = { w: tensor([[0], [0]]), b: tensor([0]) };
for (let step = 0; step < 200; step++) {
  const [, slope] = valueAndGrad(cost)(params);
  params = { w: params.w.sub(slope.w.mul(0.5)), b: params.b.sub(slope.b.mul(0.5)) };
}
document.body.textContent = cost(params).toString();
