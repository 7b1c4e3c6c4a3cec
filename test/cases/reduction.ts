import * as ops from "../../packages/core/src/ops/index.js";
import { distinct, flat, unary, type Cases } from "./table.js";

export const reduction = {
  sum: unary((x) => ops.sum(x, { axis: -1 })),
  mean: unary((x) => ops.mean(x, { axis: 0 })),
  max: { inputs: [distinct([2, 3])], call: (x) => ops.max(x!, { axis: 1 }), order: 1 },
  min: { inputs: [distinct([2, 3])], call: (x) => ops.min(x!, { axis: 0, keepDims: true }), order: 1 },
  argmax: flat((x) => ops.argmax(x, { axis: 1 })),
  argmin: flat((x) => ops.argmin(x, { axis: 0 })),
  any: flat(ops.any),
  all: flat((x) => ops.all(x, { axis: 0 })),
  logSumExp: unary((x) => ops.logSumExp(x, { axis: 1 })),
  variance: unary((x) => ops.variance(x, { axis: 1 })),
  std: { inputs: [distinct([2, 3])], call: (x) => ops.std(x!), order: 2 },
} satisfies Cases;
