import * as ops from "../../packages/core/src/ops/index.js";
import { binary, kinked, unary, type Cases } from "./table.js";

export const activation = {
  sigmoid: unary(ops.sigmoid),
  softplus: unary((x) => ops.softplus(x, { beta: 2 })),
  logisticLoss: binary(ops.logisticLoss),
  logSigmoid: unary(ops.logSigmoid),
  relu: unary(ops.relu, kinked),
  leakyRelu: unary((x) => ops.leakyRelu(x, { negativeSlope: 0.1 }), kinked),
  softmax: unary(ops.softmax),
  logSoftmax: unary((x) => ops.logSoftmax(x, { axis: 0 })),
} satisfies Cases;
