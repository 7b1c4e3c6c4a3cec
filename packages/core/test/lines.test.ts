/** The line of the user's source that made a tensor. */
import { expect, test } from "vitest";
import { binaryCrossEntropyWithLogits } from "@cotangent/nn";
import { grad, tensor, variable, type Tensor } from "@cotangent/core";
import { withLines } from "../src/lines.js";

test("operators, functions or methods, composites and losses alike, are told by the line that called them", () => {
  const x = variable([1, 2]);
  const { result, lineOf } = withLines(() => {
    const doubled = x.mul(2);
    const spread = doubled.variance();
    const loss = binaryCrossEntropyWithLogits(doubled, tensor([0, 1]));
    return [doubled, spread, loss];
  });
  const [doubled, spread, loss] = result.map((each) => lineOf(each)!);
  const line = (text: string): number => Number(/:(\d+):\d+$/.exec(text)![1]);
  expect(doubled).toMatch(/lines\.test\.ts:\d+:\d+$/);
  expect([line(spread!) - line(doubled!), line(loss!) - line(doubled!)]).toEqual([1, 2]);
});

test("nothing is recorded outside, and the limit of stacks is put back", () => {
  const limit = Error.stackTraceLimit;
  const { lineOf } = withLines(() => undefined);
  expect(lineOf(tensor(1).mul(2))).toBeNull();
  expect(() => withLines(() => JSON.parse("{"))).toThrow(SyntaxError);
  expect(Error.stackTraceLimit).toBe(limit);
});

test("within a transformation too", () => {
  let inner: Tensor | null = null;
  const { lineOf } = withLines(() => grad((x) => (inner = x.square()).sum())(tensor([1, 2])));
  expect(lineOf(inner!)).toMatch(/lines\.test\.ts:\d+:\d+$/);
});
