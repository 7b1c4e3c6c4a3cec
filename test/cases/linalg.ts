import * as ops from "../../packages/core/src/ops/index.js";
import { tensors, type Cases } from "./table.js";

export const linalg = {
  matmul: { inputs: [tensors([2, 3]), tensors([3, 4])], call: (x, y) => ops.matmul(x!, y!), order: 2 },
  dot: { inputs: [tensors([5]), tensors([5])], call: (x, y) => ops.dot(x!, y!), order: 2 },
  outer: { inputs: [tensors([2]), tensors([3])], call: (x, y) => ops.outer(x!, y!), order: 2 },
} satisfies Cases;
