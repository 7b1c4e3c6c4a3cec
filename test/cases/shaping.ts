import { scalar, tensor, type Tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { flat, tensors, unary, type Cases } from "./table.js";

const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const v = tensor([1, 2, 3]);
/** Parts of different sizes, so that a derivative which goes astray is seen. */
const weighted = (parts: readonly Tensor[]): Tensor =>
  parts.map((part, i) => part.mul(i + 1).sum()).reduce(ops.add, scalar(0, { dtype: "float32" }));

export const shaping = {
  astype: {
    ...unary((t) => ops.astype(t, "float64")),
    misuse: [[/expected a dtype .*"int64"/, () => x.astype("int64" as never)]],
  },
  broadcastTo: {
    ...unary((t) => ops.broadcastTo(t, [4, 2, 3])),
    misuse: [
      [/expected a shape that \[2, 3\] stretches to.*got \[2, 4\]/, () => x.broadcastTo([2, 4])],
      [/got \[3\]/, () => x.broadcastTo([3])],
      [/expected sizes that are integers from 0, got -1/, () => x.broadcastTo([-1, 3])],
    ],
  },
  permute: {
    ...unary((t) => ops.permute(t, [1, 0])),
    misuse: [
      [/every axis of \[2, 3\] once, got \[0, 0\]/, () => x.permute([0, 0])],
      [/got \[0, -2\]/, () => x.permute([0, -2])],
      [/expected an axis from -2 to 1 .*got 2/, () => x.permute([0, 2])],
    ],
  },
  reshape: {
    ...unary((t) => ops.reshape(t, [3, -1])),
    misuse: [
      [/the 6 elements of \[2, 3\], got \[4, -1\]/, () => x.reshape([4, -1])],
      [/integers from 0, got -1/, () => x.reshape([-1, -1])],
      [/got \[5\]/, () => x.reshape([5])],
    ],
  },
  stopGradient: flat(ops.stopGradient),
  transpose: {
    ...unary(ops.transpose),
    misuse: [[/at least two axes, got shape \[3\]; unsqueeze/, () => v.transpose()]],
  },
  swapAxes: {
    ...unary((t) => ops.swapAxes(t, 0, 1)),
    misuse: [[/expected an axis from -2 to 1 .*got 2/, () => x.swapAxes(0, 2)]],
  },
  moveAxis: {
    ...unary((t) => ops.moveAxis(t, 0, 1)),
    misuse: [[/expected an axis from -2 to 1 .*got -3/, () => x.moveAxis(-3, 0)]],
  },
  flatten: {
    ...unary((t) => ops.flatten(t)),
    misuse: [
      [/start not behind end, got 1 and 0/, () => x.flatten({ start: 1, end: 0 })],
      [/unknown option "from"/, () => x.flatten({ from: 1 } as never)],
    ],
  },
  squeeze: {
    inputs: [tensors([1, 3, 1])],
    call: (t) => ops.squeeze(t!),
    order: 2,
    misuse: [[/expected size 1 at axis 0, got shape \[2, 3\]/, () => x.squeeze({ axis: 0 })]],
  },
  unsqueeze: {
    ...unary((t) => ops.unsqueeze(t, 1)),
    misuse: [[/expected an axis from -3 to 2 .*got 3/, () => x.unsqueeze(3)]],
  },
  concat: {
    inputs: [tensors([2, 3]), tensors([3])],
    call: (a, b) => ops.concat([a!, ops.unsqueeze(b!, 0)]),
    order: 2,
    misuse: [
      [/equal shapes but for axis 0, got \[2, 3\] and \[3\]/, () => ops.concat([x, v])],
      [/at least one tensor, got an array of length 0/, () => ops.concat([])],
      [/at least one axis, got a scalar/, () => ops.concat([1, 2])],
    ],
  },
  stack: {
    inputs: [tensors([2, 3]), tensors([3])],
    call: (a, b) => ops.stack([a!, ops.broadcastTo(b!, [2, 3])], { axis: 1 }),
    order: 2,
    misuse: [
      [/equal shapes, got \[2, 3\] and \[3\]/, () => ops.stack([x, v])],
      [/expected an axis from -2 to 1 .*got 2/, () => ops.stack([v, v], { axis: 2 })],
    ],
  },
  slice: {
    ...unary((t) => ops.slice(t, [1, [null, null, -2]])),
    misuse: [
      [/at most 2 ranges for shape \[2, 3\], got 3/, () => x.slice([null, null, null])],
      [/expected an index from -3 to 2, got 3/, () => x.slice([null, 3])],
      [/a step that is not 0, got \[0,1,0\]/, () => x.slice([[0, 1, 0]])],
      [/expected \[start, stop, step\] of integers/, () => x.slice([[0.5]])],
    ],
  },
  meshgrid: {
    inputs: [tensors([2, 3]), tensors([3])],
    call: (a, b) => ops.add(...ops.meshgrid(ops.flatten(a!), ops.square(b!))),
    order: 2,
    misuse: [[/two vectors, got shapes \[2, 3\] and \[3\]/, () => ops.meshgrid(x, v)]],
  },
  split: {
    ...unary((t) => weighted(ops.split(t, { sizes: [1, 2], axis: 1 }))),
    misuse: [
      [/add up to the 3 elements along axis 1 of \[2, 3\], got \[1, 1\]/, () => x.split({ sizes: [1, 1], axis: 1 })],
      [/sizes to be an integer from 1, got 0/, () => x.split({ sizes: 0 })],
      [/each of sizes to be an integer from 0, got -1/, () => x.split({ sizes: [3, -1] })],
      [/the option sizes, which is missing/, () => x.split({} as never)],
      [/expected an axis from -2 to 1 .*got 2/, () => x.split({ sizes: 1, axis: 2 })],
    ],
  },
  chunk: {
    ...unary((t) => weighted(ops.chunk(t, { chunks: 2, axis: -1 }))),
    misuse: [
      [/chunks to be an integer from 1, got 0/, () => x.chunk({ chunks: 0 })],
      [/chunks to be an integer from 1, got 1.5/, () => x.chunk({ chunks: 1.5 })],
      [/unknown option "sizes"/, () => x.chunk({ chunks: 1, sizes: 1 } as never)],
    ],
  },
  unstack: {
    ...unary((t) => weighted(ops.unstack(t, { axis: 1 }))),
    misuse: [
      [/at least one axis, got a scalar/, () => ops.unstack(1)],
      [/expected an axis from -2 to 1 .*got 2/, () => x.unstack({ axis: 2 })],
    ],
  },
  flip: {
    ...unary((t) => ops.flip(t, { axis: 1 })),
    misuse: [
      [/expected an axis from -2 to 1 .*got 2/, () => x.flip({ axis: 2 })],
      [/expected different axes, got \[0, -2\]/, () => x.flip({ axis: [0, -2] })],
    ],
  },
  roll: {
    ...unary((t) => ops.roll(t, { shift: [1, -4], axis: [0, 1] })),
    misuse: [
      [/shift to be an integer, got 0.5/, () => x.roll({ shift: 0.5 })],
      [/one shift for each axis, got 1 for 2 axes/, () => x.roll({ shift: 1, axis: [0, 1] })],
      [/one shift for each axis, got 2 for all elements as one line/, () => x.roll({ shift: [1, 2] })],
      [/expected an axis from -2 to 1 .*got 2/, () => x.roll({ shift: 1, axis: 2 })],
    ],
  },
  tile: {
    ...unary((t) => ops.tile(t, [2, 1, 3])),
    misuse: [
      [/at most 2\^32 fit into one tensor/, () => x.tile([1e6, 1e6])],
      [/each of the repetitions to be an integer from 0, got -1/, () => x.tile([-1])],
      [/got undefined/, () => x.tile(undefined as never)],
    ],
  },
  repeat: {
    ...unary((t) => ops.repeat(t, { repeats: [2, 0, 3], axis: 1 })),
    misuse: [
      [/each of the 3 elements along axis 1, got 2/, () => x.repeat({ repeats: [1, 2], axis: 1 })],
      [/at most 2\^32 fit into one tensor/, () => x.repeat({ repeats: 1e10 })],
      [/each of repeats to be an integer from 0, got 1.5/, () => x.repeat({ repeats: 1.5 })],
      [/expected an axis from -2 to 1 .*got 2/, () => x.repeat({ repeats: 1, axis: 2 })],
    ],
  },
  pad: {
    ...unary((t) => ops.pad(t, { widths: [[1, 0], [-1, 3]], mode: "constant", value: 2 })), // prettier-ignore
    misuse: [
      [/a pair of integers for each of the 2 axes of \[2, 3\], got \[\[1,1\]\]/, () => x.pad({ widths: [[1, 1]] })],
      [/a pair of integers/, () => v.pad({ widths: [[1.5, 0]] })],
      [/a pair of integers .* got 1/, () => v.pad({ widths: 1 as never })],
      [/cut off at most what \[3\] holds, got the widths \[\[-2,-2\]\]/, () => v.pad({ widths: [[-2, -2]] })],
      [/widths up to 2 along axis 0 to reflect its 3 elements, got \[3, 0\]/, () => v.pad({ widths: [[3, 0]], mode: "reflect" })],
      [/widths up to 3 along axis 0 to continue in a circle/, () => v.pad({ widths: [[0, 4]], mode: "circular" })],
      [/at least one element along axis 0/, () => ops.reshape(v, [3]).slice([[0, 0]]).pad({ widths: [[1, 0]], mode: "replicate" })],
      [/a mode "constant", .* got the string "edge"/, () => v.pad({ widths: [[1, 0]], mode: "edge" as never })],
      [/at most 2\^32 fit into one tensor/, () => v.pad({ widths: [[1e10, 0]] })],
      [/no value with the mode "reflect", got 1/, () => v.pad({ widths: [[1, 0]], mode: "reflect", value: 1 })],
      [/an element of dtype int32, got 0.5/, () => v.astype("int32").pad({ widths: [[1, 0]], value: 0.5 })],
    ],
  }, // prettier-ignore
  triu: {
    ...unary((t) => ops.triu(t, { diagonal: 1 })),
    misuse: [
      [/matrices .* got shape \[3\]/, () => v.triu()],
      [/diagonal to be an integer, got 0.5/, () => x.triu({ diagonal: 0.5 })],
      [/unknown option "k"/, () => x.triu({ k: 1 } as never)],
    ],
  },
  tril: {
    ...unary((t) => ops.tril(t)),
    misuse: [[/matrices .* got shape \[\]/, () => ops.tril(1)]],
  },
  diagonal: {
    ...unary((t) => ops.diagonal(ops.reshape(t, [1, 3, 2]), { offset: -1, axis1: 1, axis2: -1 })),
    misuse: [
      [/at least two axes, got shape \[3\]/, () => v.diagonal()],
      [/two different axes, got axis 1 twice/, () => x.diagonal({ axis1: -1 })],
      [/offset to be an integer, got NaN/, () => x.diagonal({ offset: NaN })],
    ],
  },
  diag: {
    ...unary((t) => ops.mul(ops.diag(ops.diag(t, { diagonal: 1 }), { diagonal: -1 }), 2)),
    misuse: [
      [/a vector or a matrix, got shape \[1, 2, 3\]/, () => x.unsqueeze(0).diag()],
      [/at most 2\^32 fit into one tensor/, () => v.diag({ diagonal: 1e6 })],
    ],
  },
  trace: { ...unary(ops.trace), misuse: [[/expected a matrix, got shape \[3\]/, () => v.trace()]] },
} satisfies Cases;
