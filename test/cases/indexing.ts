import { tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { indices, tensors, unary, type Cases } from "./table.js";

export const indexing = {
  gather: unary((x) => ops.gather(x, indices, { axis: 1 })),
  take: unary((x) => ops.take(x, tensor([1, 0, 1], { dtype: "int32" }))),
  scatterAdd: {
    inputs: [tensors([2, 3]), tensors([2, 3])],
    call: (x, u) => ops.scatterAdd(x!, indices, u!, { axis: 1 }),
    order: 2,
  },
} satisfies Cases;
