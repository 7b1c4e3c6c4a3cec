import { zeros } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { binary, kinked, tensors, unary, type Cases } from "./table.js";

export const activation = {
  sigmoid: unary(ops.sigmoid),
  softplus: unary((x) => ops.softplus(x, { beta: 2 })),
  logisticLoss: binary(ops.logisticLoss),
  logSigmoid: unary(ops.logSigmoid),
  silu: unary(ops.silu),
  gelu: {
    ...unary((x) => ops.gelu(x)),
    misuse: [[/"none" or "tanh"/, () => ops.gelu(1, { approximate: "erf" as never })]],
  },
  mish: unary(ops.mish),
  softSign: unary(ops.softSign, kinked),
  tanhShrink: unary(ops.tanhShrink),
  glu: {
    inputs: [tensors([4, 3])],
    call: (x) => ops.glu(x!, { axis: 0 }),
    order: 2,
    misuse: [
      [/even size/, () => ops.glu(zeros([2, 3]))],
      [/at least one axis/, () => ops.glu(1)],
      [/axis/, () => ops.glu(zeros([2]), { axis: 1 })],
      [/unknown option "dim"/, () => ops.glu(zeros([2]), { dim: 0 } as never)],
    ],
  },
  relu: unary(ops.relu, kinked),
  leakyRelu: unary((x) => ops.leakyRelu(x, { negativeSlope: 0.1 }), kinked),
  elu: {
    ...unary((x) => ops.elu(x, { alpha: 0.5 }), kinked),
    misuse: [[/finite alpha/, () => ops.elu(1, { alpha: NaN })]],
  },
  selu: unary(ops.selu, kinked),
  celu: {
    ...unary((x) => ops.celu(x, { alpha: 0.75 }), kinked),
    misuse: [[/alpha above 0/, () => ops.celu(1, { alpha: 0 })]],
  },
  relu6: unary((x) => ops.relu6(x).add(ops.relu6(x.add(6))), kinked),
  hardTanh: {
    ...unary((x) => ops.hardTanh(x.mul(2), { min: -0.125, max: 5 }), kinked),
    misuse: [[/min below max/, () => ops.hardTanh(1, { min: 1, max: 1 })]],
  },
  hardSigmoid: unary((x) => ops.hardSigmoid(x.mul(2.5).add(3)), kinked),
  hardSwish: unary((x) => ops.hardSwish(x.mul(2.5).sub(3)), kinked),
  softmax: unary(ops.softmax),
  logSoftmax: unary((x) => ops.logSoftmax(x, { axis: 0 })),
} satisfies Cases;
