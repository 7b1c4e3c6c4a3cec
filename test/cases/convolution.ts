import { tensor, zeros } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { distinct, tensors, type Cases } from "./table.js";

const [line, image, volume] = [zeros([1, 4, 5]), zeros([1, 4, 5, 5]), zeros([1, 4, 5, 5, 5])];

export const convolution = {
  conv1d: {
    inputs: [tensors([2, 2, 6]), tensors([4, 1, 3]), tensors([4])],
    call: (x, w, bias) => ops.conv1d(x!, w!, { bias, groups: 2, padding: "same", dilation: 2 }),
    order: 2,
    misuse: [
      [/expected an input of shape .* got \[4, 5\]; add an axis/, () => ops.conv1d(zeros([4, 5]), zeros([2, 4, 3]))],
      [/expected weights of shape .* got \[4, 3\]/, () => ops.conv1d(line, zeros([4, 3]))],
      [/expected weights for 4 channels, got 3/, () => ops.conv1d(line, zeros([2, 3, 3]))],
      [/expected weights for 2 channels \(2 groups\), got 4/, () => ops.conv1d(line, zeros([2, 4, 3]), { groups: 2 })],
      [/expected a number of input channels that 3 groups/, () => ops.conv1d(line, zeros([3, 1, 3]), { groups: 3 })],
      [/expected a number of output channels that 2 gr/, () => ops.conv1d(line, zeros([3, 2, 3]), { groups: 2 })],
      [/expected groups to be an integer from 1/, () => ops.conv1d(line, zeros([2, 4, 3]), { groups: 0 })],
      [/expected windows no larger than .* over 6 of 5/, () => ops.conv1d(line, zeros([2, 4, 6]))],
      [/expected windows no larger than .* over 9 of 7/, () => ops.conv1d(line, zeros([2, 4, 3]), { padding: 1, dilation: 4 })], // prettier-ignore
      [/expected a window that is not empty/, () => ops.conv1d(line, zeros([2, 4, 0]))],
      [/expected stride to be an integer from 1, got 0/, () => ops.conv1d(line, zeros([2, 4, 3]), { stride: 0 })],
      [/expected stride to be an integer from 1, got 1.5/, () => ops.conv1d(line, zeros([2, 4, 3]), { stride: 1.5 })],
      [/expected padding to be an integer from 0, got -1/, () => ops.conv1d(line, zeros([2, 4, 3]), { padding: -1 })],
      [/expected padding "same", "valid" or numbers/, () => ops.conv1d(line, zeros([2, 4, 3]), { padding: "full" as "same" })], // prettier-ignore
      [/expected stride 1 with padding "same", got \[2\]/, () => ops.conv1d(line, zeros([2, 4, 3]), { padding: "same", stride: 2 })], // prettier-ignore
      [/expected a bias of shape \[2\]/, () => ops.conv1d(line, zeros([2, 4, 3]), { bias: zeros([1, 2]) })],
      [/unknown option "strides"/, () => ops.conv1d(line, zeros([2, 4, 3]), { strides: 2 } as never)],
    ],
  },
  conv2d: {
    inputs: [tensors([2, 2, 4, 5]), tensors([3, 2, 2, 3]), tensors([3])],
    call: (x, w, bias) => ops.conv2d(x!, w!, { bias, padding: [1, 2], stride: [1, 2] }),
    order: 2,
    misuse: [
      [/expected stride to be an integer from 1, or 2 of them, got \[1\]/, () => ops.conv2d(image, zeros([2, 4, 3, 3]), { stride: [1] })], // prettier-ignore
      [/expected an input of shape/, () => ops.conv2d(line, zeros([2, 4, 3, 3]))],
    ],
  },
  conv3d: {
    inputs: [tensors([1, 2, 3, 3, 4]), tensors([2, 2, 2, 2, 2])],
    call: (x, w) => ops.conv3d(x!, w!, { stride: [1, 1, 2], padding: [0, 1, 0] }),
    order: 2,
    misuse: [[/expected weights of shape/, () => ops.conv3d(volume, zeros([2, 4, 3, 3]))]],
  },
  convTranspose1d: {
    inputs: [tensors([2, 4, 4]), tensors([4, 2, 3]), tensors([4])],
    call: (x, w, bias) =>
      ops.convTranspose1d(x!, w!, { bias, groups: 2, stride: 2, padding: 1, dilation: 2, outputPadding: 1 }),
    order: 2,
    misuse: [
      [/expected weights for 4 channels, got 2/, () => ops.convTranspose1d(line, zeros([2, 4, 3]))],
      [/expected a number of input channels that 3/, () => ops.convTranspose1d(line, zeros([4, 2, 3]), { groups: 3 })],
      [/expected outputPadding below the stride/, () => ops.convTranspose1d(line, zeros([4, 2, 3]), { outputPadding: 1 })], // prettier-ignore
      [/expected an output of at least one element/, () => ops.convTranspose1d(line, zeros([4, 2, 3]), { padding: 4 })],
      [/unknown option "output"/, () => ops.convTranspose1d(line, zeros([4, 2, 3]), { output: 1 } as never)],
    ],
  },
  convTranspose2d: {
    inputs: [tensors([1, 2, 3, 2]), tensors([2, 3, 2, 3])],
    call: (x, w) => ops.convTranspose2d(x!, w!, { stride: [2, 1], padding: [0, 1], outputPadding: [1, 0] }),
    order: 2,
    misuse: [
      [/expected a bias of shape \[2\]/, () => ops.convTranspose2d(image, zeros([4, 2, 3, 3]), { bias: tensor([1]) })],
    ],
  },
  maxPool1d: {
    inputs: [distinct([2, 2, 7])],
    call: (x) => ops.maxPool1d(x!, { window: 3, stride: 2, padding: 1 }),
    order: 2,
    misuse: [
      [/expected the option window, which is missing/, () => ops.maxPool1d(line, {} as never)],
      [/expected padding of at most half a window, got 2/, () => ops.maxPool1d(line, { window: 3, padding: 2 })],
      [/expected windows no larger than .* over 6 of 5/, () => ops.maxPool1d(line, { window: 6 })],
      [/expected window to be an integer from 1, got 0/, () => ops.maxPool1d(line, { window: 0 })],
      [/expected stride to be an integer from 1, got -1/, () => ops.maxPool1d(line, { window: 2, stride: -1 })],
      [/expected dilation to be an integer from 1, got 0.5/, () => ops.maxPool1d(line, { window: 2, dilation: 0.5 })],
      [/expected ceilMode to be true or false, got 1/, () => ops.maxPool1d(line, { window: 2, ceilMode: 1 as never })],
      [/expected an element of the input in every window/, () => ops.maxPool1d(zeros([1, 1, 1]), { window: 2, dilation: 4, padding: 2 })], // prettier-ignore
      [/unknown option "countIncludePad"/, () => ops.maxPool1d(line, { window: 2, countIncludePad: true } as never)],
    ],
  },
  maxPool2d: {
    inputs: [distinct([2, 2, 4, 5])],
    call: (x) => ops.maxPool2d(x!, { window: [2, 3], stride: 1, dilation: [2, 1] }),
    order: 2,
    misuse: [[/expected an input of shape .* got \[1, 4, 5\]; add an axis/, () => ops.maxPool2d(line, { window: 2 })]],
  },
  avgPool1d: {
    inputs: [tensors([2, 2, 7])],
    call: (x) => ops.avgPool1d(x!, { window: 3, stride: 2, padding: 1, countIncludePad: false }),
    order: 2,
    misuse: [
      [/expected padding of at most half a window/, () => ops.avgPool1d(line, { window: 1, padding: 1 })],
      [/expected countIncludePad to be true/, () => ops.avgPool1d(line, { window: 2, countIncludePad: 0 as never })],
    ],
  },
  avgPool2d: {
    inputs: [tensors([1, 2, 4, 5])],
    call: (x) => ops.avgPool2d(x!, { window: [3, 2], stride: 2, padding: [1, 0], ceilMode: true }),
    order: 2,
    misuse: [[/expected window to be an integer from 1, or 2/, () => ops.avgPool2d(image, { window: [2, 2, 2] })]],
  },
  adaptiveAvgPool2d: {
    inputs: [tensors([2, 2, 5, 4])],
    call: (x) => ops.adaptiveAvgPool2d(x!, [3, 4]),
    order: 2,
    misuse: [
      [/expected size to be an integer from 1, or 2 of them, got 0/, () => ops.adaptiveAvgPool2d(image, 0)],
      [/expected elements to average/, () => ops.adaptiveAvgPool2d(zeros([1, 1, 0, 2]), 1)],
      [/expected an input of shape/, () => ops.adaptiveAvgPool2d(line, 1)],
    ],
  },
} satisfies Cases;
