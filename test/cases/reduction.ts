import fc from "fast-check";
import { tensor, zeros, type Tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { distinct, flat, unary, type Cases } from "./table.js";

const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const empty = zeros([2, 0]);

/** Small numbers, half of them 0. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 0.5, -1, 2), { minLength: 6, maxLength: 6 })
  .map((data) => tensor(data, { shape: [2, 3] }));

type Misuse = readonly (readonly [RegExp, () => unknown])[];
/** What every reduction with axes refuses. */
const axes = (call: (t: Tensor, options: object) => unknown): Misuse => [
  [/expected an axis from -2 to 1 for rank 2, got 2/, () => call(x, { axis: 2 })],
  [/expected different axes, got \[0, -2\]/, () => call(x, { axis: [0, -2] })],
  [/unknown option "dim"/, () => call(x, { dim: 0 })],
  [/keepDims to be true or false, got 1/, () => call(x, { keepDims: 1 })],
  [/expected axis 0 or -1 for a scalar/, () => call(x.sum(), { axis: 1 })],
];
/** What every operator along one axis refuses. */
const axis = (call: (t: Tensor, options: object) => unknown): Misuse => [
  [/expected an axis from -2 to 1 for rank 2, got -3/, () => call(x, { axis: -3 })],
  [/expected an axis from -2 to 1 for rank 2, got an array/, () => call(x, { axis: [0, 1] })],
  [/unknown option "keepdims"/, () => call(x, { keepdims: true })],
  [/expected axis 0 or -1 for a scalar/, () => call(x.sum(), { axis: -2 })],
];
const nothing = (says: string, call: (t: Tensor, options: object) => unknown): Misuse => [
  [new RegExp(`${says}, got shape \\[2, 0\\]`), () => call(empty, { axis: 1 })],
];
const some = "at least one element along the reduced axes";

export const reduction = {
  sum: { ...unary((t) => ops.sum(t, { axis: -1 })), misuse: axes(ops.sum) },
  mean: { ...unary((t) => ops.mean(t, { axis: 0 })), misuse: axes(ops.mean) },
  max: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.max(t!, { axis: 1 }),
    order: 1,
    misuse: [...axes(ops.max), ...nothing(some, ops.max)],
  },
  min: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.min(t!, { axis: 0, keepDims: true }),
    order: 1,
    misuse: [...axes(ops.min), ...nothing(some, ops.min)],
  },
  argmax: {
    ...flat((t) => ops.argmax(t, { axis: 1 })),
    misuse: [...axis(ops.argmax), ...nothing(some, ops.argmax)],
  },
  argmin: {
    ...flat((t) => ops.argmin(t, { axis: 0 })),
    misuse: [...axis(ops.argmin), ...nothing(some, ops.argmin)],
  },
  any: { ...flat(ops.any), misuse: axes(ops.any) },
  all: { ...flat((t) => ops.all(t, { axis: 0 })), misuse: axes(ops.all) },
  logSumExp: { ...unary((t) => ops.logSumExp(t, { axis: 1 })), misuse: axes(ops.logSumExp) },
  norm: {
    ...unary((t) => ops.add(ops.norm(t, { axis: 1 }), ops.norm(t, { p: 3.5 })), { min: -2, max: 2, gap: 0.5 }),
    misuse: [
      ...axes(ops.norm),
      [/an order p that is a number, got the string "fro"/, () => x.norm({ p: "fro" as never })],
      [/got NaN/, () => x.norm({ p: NaN })],
      [/at least one element .* for order Infinity, got shape \[2, 0\]/, () => empty.norm({ p: Infinity, axis: 1 })],
      [/at least one element .* for order -1/, () => empty.norm({ p: -1 })],
    ],
  },
  variance: {
    ...unary((t) => ops.variance(t, { axis: 1 })),
    misuse: [
      ...axes(ops.variance),
      [/a finite correction, got Infinity/, () => x.variance({ correction: Infinity })],
      [/an options object, got 0/, () => x.variance(0 as never)],
    ],
  },
  std: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.std(t!),
    order: 2,
    misuse: [...axes(ops.std), [/a finite correction, got NaN/, () => x.std({ correction: NaN })]],
  },
  prod: { inputs: [sparse], call: (t) => ops.prod(t!, { axis: [1, 0] }), order: 2, misuse: axes(ops.prod) },
  cumsum: { ...unary((t) => ops.cumsum(t, { axis: 0 })), misuse: axis(ops.cumsum) },
  cumprod: { inputs: [sparse], call: (t) => ops.cumprod(t!, { axis: 1 }), order: 2, misuse: axis(ops.cumprod) },
  sort: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.sort(t!, { axis: 0, descending: true }),
    order: 2,
    misuse: [...axis(ops.sort), [/descending to be true or false, got 1/, () => x.sort({ descending: 1 as never })]],
  },
  argsort: {
    ...flat((t) => ops.argsort(t)),
    misuse: [...axis(ops.argsort), [/descending to be true or false/, () => x.argsort({ descending: "yes" as never })]],
  },
  topK: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.topK(t!, { k: 2, axis: 1 }).values,
    order: 2,
    misuse: [
      ...axis((t, options) => ops.topK(t, { k: 1, ...options })),
      [/k up to the 3 elements along axis 1 of \[2, 3\], got 4/, () => x.topK({ k: 4 })],
      [/k to be an integer from 0, got 1.5/, () => x.topK({ k: 1.5 })],
      [/k to be an integer from 0, got -1/, () => x.topK({ k: -1 })],
      [/the option k, which is missing/, () => x.topK({} as never)],
      [/largest to be true or false, got 0/, () => x.topK({ k: 1, largest: 0 as never })],
    ],
  },
  median: {
    inputs: [distinct([2, 3])],
    call: (t) => ops.median(t!, { axis: 1 }),
    order: 2,
    misuse: [...axes(ops.median), ...nothing(some, ops.median)],
  },
  quantile: {
    inputs: [distinct([3, 2])],
    call: (t) => ops.quantile(t!, [0.3, 1, 0], { axis: 0 }),
    order: 2,
    misuse: [
      ...axes((t, options) => ops.quantile(t, 0.5, options)),
      ...nothing(some, (t, options) => ops.quantile(t, 0.5, options)),
      [/q from 0 to 1, got 50; divide percentages by 100/, () => x.quantile(50)],
      [/q from 0 to 1, got NaN/, () => x.quantile([0.5, NaN])],
      [/q from 0 to 1, got undefined/, () => x.quantile(undefined as never)],
    ],
  },
} satisfies Cases;
