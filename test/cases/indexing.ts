import { tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { indices, tensors, unary, type Cases } from "./table.js";

const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const i32 = (data: number[] | number[][]) => tensor(data, { dtype: "int32" });

export const indexing = {
  gather: {
    ...unary((t) => ops.gather(t, indices, { axis: 1 })),
    misuse: [
      [/expected int32 indices, got float64/, () => x.gather(x)],
      [/the rank of \[2, 3\] and sizes no larger but along axis 0, got \[2\]/, () => x.gather(i32([0, 1]))],
      [/expected indices from -3 to 2, got 3/, () => x.gather(i32([[3]]), { axis: 1 })],
      [/expected an axis from -2 to 1 .*got 2/, () => x.gather(indices, { axis: 2 })],
    ],
  },
  take: {
    ...unary((t) => ops.take(t, i32([1, 0, 1]))),
    misuse: [
      [/expected int32 indices, got float64/, () => x.take(0.5)],
      [/expected indices from -2 to 1, got 2/, () => x.take(2)],
      [/expected indices from -3 to 2, got -4/, () => x.take(i32([-4]), { axis: 1 })],
      [/expected an axis from -1 to 0/, () => ops.take(1, 0, { axis: 1 })],
    ],
  },
  scatterAdd: {
    inputs: [tensors([2, 3]), tensors([2, 3])],
    call: (t, u) => ops.scatterAdd(t!, indices, u!, { axis: 1 }),
    order: 2,
    misuse: [
      [/an update for each of the indices \[2, 3\], got updates of shape \[3\]/, () => x.scatterAdd(indices, tensor([1, 2, 3]), { axis: 1 })],
      [/expected indices from -2 to 1, got 2/, () => x.scatterAdd(indices, x)],
      [/expected int32 indices, got float64/, () => x.scatterAdd(x, x)],
      [/unknown option "dim"/, () => x.scatterAdd(indices, x, { dim: 1 } as never)],
    ], // prettier-ignore
  },
  maskedFill: {
    inputs: [tensors([2, 3]), tensors([])],
    call: (t, value) => ops.maskedFill(t!, tensor([true, false, true]), value!),
    order: 2,
    misuse: [
      [/expected a bool mask, got float64/, () => x.maskedFill(x, 0)],
      [/expected shapes that broadcast, got \[2, 3\] and \[2\]/, () => x.maskedFill(tensor([true, false]), 0)],
    ],
  },
} satisfies Cases;
