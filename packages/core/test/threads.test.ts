/** Threads give the bits of one thread, and their trouble is a typed error that loses nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  ArgumentError,
  compile,
  grad,
  startThreads,
  stopThreads,
  threadCount,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";
import { alone, cutFinely, dawdle } from "./cutFinely.js";
import { elements } from "./elements.js";

afterEach(() => vi.restoreAllMocks());
afterAll(stopThreads);

/** Cases that stay in one part. */
const uncut = [
  "tiny product", "map of narrow rows", "sums of few columns", "sums in the middle, narrow", "batches of dots of few columns", "sine, with routines outside",
]; // prettier-ignore
type Case = readonly [name: string, shapes: readonly (readonly number[])[], f: (...xs: Tensor[]) => Tensor];

const turned = (x: Tensor): Tensor => x.permute([...x.shape.keys()].reverse());

/** Some forty instructions. */
const longMap = (x: Tensor, y: Tensor): Tensor =>
  Array.from({ length: 13 }, (_, i) => i).reduce((sum, i) => sum.mul(x).add(y).sub(i), x);

/** Shapes around the sizes at which parts, tiles and vectors end. */
const cases: readonly Case[] = [
  ["wide product", [[20, 70], [70, 209]], (x, y) => x.matmul(y)],
  ["tall product", [[209, 33], [33, 20]], (x, y) => x.matmul(y)],
  ["product of many rows and a deep one", [[261, 300], [300, 9]], (x, y) => x.matmul(y)],
  ["transposed left", [[70, 45], [70, 50]], (x, y) => turned(x).matmul(y)],
  ["transposed right", [[45, 70], [50, 70]], (x, y) => x.matmul(turned(y))],
  ["few batches", [[2, 37, 21], [2, 21, 41]], (x, y) => x.matmul(y)],
  ["many batches", [[21, 5, 6], [21, 6, 7]], (x, y) => x.matmul(y)],
  ["broadcast batches", [[1, 9, 6], [5, 6, 17]], (x, y) => x.matmul(y)],
  ["tiny product", [[1, 1], [1, 2]], (x, y) => x.matmul(y)],
  ["product of few terms", [[301, 3], [3, 4], [4]], (x, y, z) => x.matmul(y).add(z).tanh()],
  ["product of few terms and one column", [[301, 4], [4, 1]], (x, y) => x.matmul(y).tanh()],
  ["thin product", [[301, 6], [301, 3]], (x, y) => turned(x).matmul(y)],
  ["dots of rows", [[77, 300], [300, 1]], (x, y) => x.matmul(y)],
  ["dots of columns", [[300, 77], [300, 1]], (x, y) => turned(x).matmul(y)],
  ["batches of dots", [[3, 35, 40], [3, 40, 1]], (x, y) => x.matmul(y)],
  ["batches of dots of columns", [[9, 20, 35], [9, 20, 1]], (x, y) => x.permute([0, 2, 1]).matmul(y)],
  ["few batches of dots of columns", [[2, 20, 37], [2, 20, 1]], (x, y) => x.permute([0, 2, 1]).matmul(y)],
  ["batches of dots of few columns", [[9, 20, 3], [9, 20, 1]], (x, y) => x.permute([0, 2, 1]).matmul(y)],
  ["map of a line", [[1003]], (x) => x.tanh().mul(x)],
  ["map of rows", [[37, 101]], (x) => x.sigmoid().mul(3).add(1)],
  ["map of few rows", [[3, 1001]], (x) => x.exp().sub(1)],
  ["map of narrow rows", [[300, 7]], (x) => x.exp().sub(x)],
  ["map of rows of four", [[301, 4], [4], [301, 1]], (x, y, z) => x.mul(y).add(z).tanh()],
  ["map of rows of two", [[301, 2], [2], [301, 1]], (x, y, z) => x.mul(y).add(z).tanh()],
  ["map of rows of three", [[301, 3], [3], [301, 1]], (x, y, z) => x.mul(y).add(z).tanh()],
  ["map of elements apart", [[301, 5]], (x) => x.slice([[null, null], [1, 2]]).exp().sub(x.slice([[null, null], [4, 5]]))],
  ["map with repeated rows and columns", [[37, 101], [101], [37, 1]], (x, y, z) => x.mul(y).add(z).tanh()],
  ["map of turned operands", [[41, 59], [59, 41]], (x, y) => x.mul(turned(y)).exp()],
  ["map of three axes", [[5, 31, 7], [31, 1], [5, 1, 7]], (x, y, z) => x.mul(y).exp().add(z)],
  ["map of three wide axes", [[3, 5, 103], [5, 1], [3, 1, 103]], (x, y, z) => x.mul(y).exp().add(z)],
  ["long map of pairs in few blocks", [[2, 13, 2], [2, 1, 2], [13, 1]], (x, y, z) => longMap(x.mul(y).add(z), y)],
  ["long map of pairs in blocks", [[5, 13, 2], [5, 1, 2], [13, 1]], (x, y, z) => longMap(x.mul(y).add(z), y)],
  ["comparisons", [[37, 101], [101]], (x, y) => x.tanh().greater(y)],
  ["sum of all", [[10007]], (x) => x.sum()],
  ["sum of little", [[257]], (x) => x.sum()],
  ["largest and smallest", [[10007]], (x) => x.max().sub(x.min())],
  ["sums of rows", [[67, 301]], (x) => x.sum({ axis: 1 })],
  ["sums of columns", [[301, 67]], (x) => x.sum({ axis: 0 })],
  ["sums of few columns", [[301, 3]], (x) => x.sum({ axis: 0 })],
  ["sums in the middle", [[5, 301, 67]], (x) => x.sum({ axis: 1 })],
  ["sums in the middle of many", [[40, 30, 6]], (x) => x.sum({ axis: 1 })],
  ["sums in the middle, narrow", [[40, 30, 3]], (x) => x.sum({ axis: 1 })],
  ["largest of columns", [[301, 67]], (x) => x.max({ axis: 0 })],
  ["smallest in the middle", [[3, 301, 67]], (x) => x.min({ axis: 1 })],
  ["largest of rows", [[67, 301]], (x) => x.max({ axis: 1 })],
  ["softmax", [[60, 50]], (x) => x.softmax().log()],
  ["sine, with routines outside", [[60, 50]], (x) => x.mul(1e6).sin()],
]; // prettier-ignore

describe.each([2, 3])("%i threads", (count) => {
  beforeAll(async () => expect(await startThreads(count)).toBe(count));
  afterAll(stopThreads);
  cutFinely();

  describe.each(["float64", "float32"] as const)("%s", (dtype) => {
    test.each(cases)("%s", (name, shapes, f) => {
      const xs = shapes.map((shape, i) => elements(shape, dtype, i + 1, true));
      const others = shapes.map((shape, i) => elements(shape, dtype, i + 50, false));
      const expected = [xs, others].map((list) => withBackend("reference", () => bits(f(...list))));
      const jobs = dawdle();
      for (let round = 0; round < 3; round++)
        expect([xs, others].map((list) => withBackend("wasm", () => bits(f(...list))))).toEqual(expected);
      const program = compile(f);
      for (let round = 0; round < 3; round++)
        expect([xs, others].map((list) => bits(program(...list)))).toEqual(expected);
      expect(threadCount()).toBe(count);
      if (!uncut.includes(name)) expect(jobs.mock.calls.length).toBeGreaterThan(5);
      for (const order of ["first to last", "last to first"] as const) {
        alone(order);
        expect([xs, others].map((list) => withBackend("wasm", () => bits(f(...list))))).toEqual(expected);
        expect([xs, others].map((list) => bits(program(...list)))).toEqual(expected);
      }
    });
  });

  test("a training step, many times", () => {
    const [x, w] = [elements([40, 30], "float32", 1, false), elements([30, 20], "float32", 2, false)];
    const step = (v: Tensor): Tensor => v.sub(grad((u: Tensor) => x.matmul(u).tanh().square().mean())(v).mul(0.1));
    const program = compile(step);
    let [a, b] = [w, w];
    for (let i = 0; i < 200; i++) [a, b] = [withBackend("source", () => step(a)), program(b)];
    expect(bits(b)).toBe(bits(a));
  });
});

describe("how many", () => {
  test.each([0, -1, 1.5, 257, NaN, Infinity, "2", null, undefined, [2]])("%s is refused", async (n) => {
    await expect(startThreads(n as number)).rejects.toThrow(ArgumentError);
    await expect(startThreads(n as number)).rejects.toThrow(/^startThreads: expected a whole number .* got .*; /);
  });

  test("changes, and the last request counts", async () => {
    expect(threadCount()).toBe(1);
    const [first, second] = await Promise.all([startThreads(3), startThreads(2)]);
    expect([second, threadCount()]).toEqual([2, 2]);
    expect(first).toBeLessThanOrEqual(2);
    expect(await startThreads(2)).toBe(2);
    expect(await startThreads(3)).toBe(3);
    const late = startThreads(2);
    stopThreads();
    expect(threadCount()).toBe(1);
    expect(await late).toBe(1);
    expect(await startThreads(1)).toBe(1);
    stopThreads();
  });
});
