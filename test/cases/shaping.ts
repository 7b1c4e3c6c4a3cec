import * as ops from "../../packages/core/src/ops/index.js";
import { binary, flat, tensors, unary, type Cases } from "./table.js";

export const shaping = {
  astype: unary((x) => ops.astype(x, "float64")),
  broadcastTo: unary((x) => ops.broadcastTo(x, [4, 2, 3])),
  permute: unary((x) => ops.permute(x, [1, 0])),
  reshape: unary((x) => ops.reshape(x, [3, -1])),
  stopGradient: flat(ops.stopGradient),
  transpose: unary(ops.transpose),
  swapAxes: unary((x) => ops.swapAxes(x, 0, 1)),
  moveAxis: unary((x) => ops.moveAxis(x, 0, 1)),
  flatten: unary((x) => ops.flatten(x)),
  squeeze: { inputs: [tensors([1, 3, 1])], call: (x) => ops.squeeze(x!), order: 2 },
  unsqueeze: unary((x) => ops.unsqueeze(x, 1)),
  concat: binary((x, y) => ops.concat([x, ops.unsqueeze(y, 0)])),
  stack: binary((x, y) => ops.stack([x, ops.broadcastTo(y, [2, 3])], { axis: 1 })),
  slice: unary((x) => ops.slice(x, [1, [null, null, -2]])),
} satisfies Cases;
