/** Activation functions and what else works by element, with their derivatives to order 4 by Taylor series. */
import { stack, tensor, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";
import * as t from "./taylor.js";

export type Row = readonly [(x: Tensor) => Tensor, t.Orders, readonly number[]];

const everywhere = [-2.7, -1.1, -0.4, 0.3, 0.9, 1.9];
/** On either side of every bound of the piecewise linear ones. */
const pieces = [-4.2, -1.6, -0.5, 0.4, 1.7, 3.5, 6.8];
const positive = [0.3, 1.2, 2.5];
const { constant, derivatives, exp, scale, shift } = t;
const zero = constant(0);
const isBelow = (x: t.Taylor, bound: number): boolean => x[0]! < bound;
const clamped = (x: t.Taylor, min: number, max: number): t.Taylor =>
  isBelow(x, min) ? constant(min) : isBelow(x, max) ? x : constant(max);
const exponential = (lambda: number, alpha: number, reach: number): t.Orders =>
  derivatives((x) => (isBelow(x, 0) ? scale(shift(exp(scale(x, 1 / reach)), -1), lambda * alpha) : scale(x, lambda)));
const softplus = (x: t.Taylor): t.Taylor => t.log(shift(exp(x), 1));
const magnitude = (x: t.Taylor): t.Taylor => (isBelow(x, 0) ? scale(x, -1) : x);
const flat = derivatives(() => zero);

/** By name; what stands before the first space is the operator. */
export function activationRows(): Readonly<Record<string, Row>> {
  return {
  sigmoid: [ops.sigmoid, derivatives(t.sigmoid), everywhere],
  softplus: [ops.softplus, derivatives(softplus), everywhere],
  "softplus with beta": [(x) => ops.softplus(x, { beta: 2 }), derivatives((x) => scale(softplus(scale(x, 2)), 0.5)), everywhere],
  logSigmoid: [ops.logSigmoid, derivatives((x) => scale(softplus(scale(x, -1)), -1)), everywhere],
  logisticLoss: [(x) => ops.logisticLoss(x, 0.3), derivatives((x) => t.add(softplus(x), scale(x, -0.3))), everywhere],
  "logisticLoss by the label": [(y) => ops.logisticLoss(0.7, y), derivatives((y) => scale(y, -0.7)), everywhere],
  softSign: [ops.softSign, derivatives((x) => t.div(x, shift(magnitude(x), 1))), everywhere],
  tanhShrink: [ops.tanhShrink, derivatives((x) => t.add(x, scale(t.tanh(x), -1))), everywhere],
  silu: [ops.silu, derivatives((x) => t.mul(x, t.sigmoid(x))), everywhere],
  gelu: [ops.gelu, derivatives((x) => t.mul(x, t.normalCdf(x))), everywhere],
  "gelu by tanh": [(x) => ops.gelu(x, { approximate: "tanh" }), derivatives((x) => {
    const inner = scale(t.add(x, scale(t.mul(x, t.mul(x, x)), 0.044715)), Math.sqrt(2 / Math.PI));
    return t.mul(scale(x, 0.5), shift(t.tanh(inner), 1));
  }), everywhere],
  mish: [ops.mish, derivatives((x) => t.mul(x, t.tanh(softplus(x)))), everywhere],
  glu: [(x) => ops.glu(stack([x, x])).sum(), derivatives((x) => t.mul(x, t.sigmoid(x))), everywhere],
  softmax: [(x) => ops.softmax(stack([x, tensor(0.4)])).slice([0]), derivatives((x) => t.sigmoid(shift(x, -0.4))), everywhere],
  logSoftmax: [(x) => ops.logSoftmax(stack([x, tensor(0.4)])).slice([0]), derivatives((x) => scale(softplus(shift(scale(x, -1), 0.4)), -1)), everywhere],
  relu: [ops.relu, derivatives((x) => (isBelow(x, 0) ? zero : x)), pieces],
  leakyRelu: [(x) => ops.leakyRelu(x, { negativeSlope: 0.2 }), derivatives((x) => (isBelow(x, 0) ? scale(x, 0.2) : x)), pieces],
  elu: [(x) => ops.elu(x, { alpha: 1.5 }), exponential(1, 1.5, 1), pieces],
  celu: [(x) => ops.celu(x, { alpha: 1.5 }), exponential(1, 1.5, 1.5), pieces],
  selu: [ops.selu, exponential(1.0507009873554805, 1.6732632423543772, 1), pieces],
  hardTanh: [(x) => ops.hardTanh(x, { min: -1, max: 2 }), derivatives((x) => clamped(x, -1, 2)), pieces],
  relu6: [ops.relu6, derivatives((x) => clamped(x, 0, 6)), pieces],
  hardSigmoid: [ops.hardSigmoid, derivatives((x) => scale(clamped(shift(x, 3), 0, 6), 1 / 6)), pieces],
  hardSwish: [ops.hardSwish, derivatives((x) => scale(t.mul(x, clamped(shift(x, 3), 0, 6)), 1 / 6)), pieces],
  abs: [ops.abs, derivatives(magnitude), pieces],
  sign: [ops.sign, flat, pieces],
  clamp: [(x) => ops.clamp(x, { min: -1, max: 2 }), derivatives((x) => clamped(x, -1, 2)), pieces],
  maximum: [(x) => ops.maximum(x, 0.7), derivatives((x) => (isBelow(x, 0.7) ? constant(0.7) : x)), pieces],
  minimum: [(x) => ops.minimum(x, 0.7), derivatives((x) => (isBelow(x, 0.7) ? x : constant(0.7))), pieces],
  where: [(x) => ops.where(tensor(true), ops.exp(x), x), derivatives(exp), everywhere],
  add: [(x) => ops.add(x, x), derivatives((x) => scale(x, 2)), everywhere],
  sub: [(x) => ops.sub(x, 3), derivatives((x) => x), everywhere],
  rsub: [(x) => ops.rsub(x, 3), derivatives((x) => scale(x, -1)), everywhere],
  mul: [(x) => ops.mul(x, x), derivatives((x) => t.mul(x, x)), everywhere],
  div: [(x) => ops.div(ops.exp(x), x), derivatives((x) => t.div(exp(x), x)), positive],
  rdiv: [(x) => ops.rdiv(x, 3), derivatives((x) => t.div(constant(3), x)), positive],
  lerp: [(x) => ops.lerp(x, ops.exp(x), x), derivatives((x) => t.add(x, t.mul(x, t.add(exp(x), scale(x, -1))))), everywhere],
  mod: [(x) => ops.mod(x, 1.5), derivatives((x) => x), pieces],
  "mod by the divisor": [(x) => ops.mod(7, x), derivatives((x) => scale(x, -Math.floor(7 / x[0]!))), positive],
  pow: [(x) => ops.pow(x, x), derivatives((x) => exp(t.mul(x, t.log(x)))), positive],
  "pow of a negative base": [(x) => ops.pow(x, 3), derivatives((x) => t.mul(x, t.mul(x, x))), everywhere],
  logAddExp: [(x) => ops.logAddExp(x, 0.5), derivatives((x) => shift(softplus(shift(x, -0.5)), 0.5)), everywhere],
  "logAddExp of both": [(x) => ops.logAddExp(x, ops.neg(x)), derivatives((x) => t.log(t.add(exp(x), exp(scale(x, -1))))), everywhere],
  xlogy: [(x) => ops.xlogy(x, x), derivatives((x) => t.mul(x, t.log(x))), positive],
  hypot: [(x) => ops.hypot(x, 2), derivatives((x) => t.sqrt(shift(t.mul(x, x), 4))), everywhere],
  atan2: [(x) => ops.atan2(x, 1.4), derivatives((x) => t.atan(scale(x, 1 / 1.4))), everywhere],
  "atan2 by the second": [(x) => ops.atan2(0.8, x), derivatives((x) => scale(t.atan(scale(x, 1 / 0.8)), -1)), everywhere],
  }; // prettier-ignore
}
