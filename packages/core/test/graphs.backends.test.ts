/** Random graphs of operators, forward and backward: the same bits on every backend, with threads, and compiled. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  compile,
  grad,
  startThreads,
  stopThreads,
  tensor,
  threadCount,
  withBackend,
  withDefaultDtype,
  type BackendName,
  type DType,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";
import { compositions } from "./compositions.js";
import { cutFinely } from "./cutFinely.js";

const numRuns = Number(process.env["COTANGENT_CASES"] ?? 1000);

test.each(["float64", "float32"] as const)("values and gradients in %s", (dtype: DType) => {
  fc.assert(
    fc.property(compositions(8), ({ x, f }) => {
      const point = x.astype(dtype);
      const results = (backend: BackendName): readonly string[] =>
        withBackend(backend, () =>
          withDefaultDtype(dtype, () => [bits(f(point)), bits(grad((at: typeof point) => f(at).sum())(point))]),
        );
      const expected = results("reference");
      for (const backend of ["source", "wasm"] as const) expect(results(backend)).toEqual(expected);
    }),
    { numRuns },
  );
});

test.each(["reference", "source", "wasm"] as const)("a single number becomes float32 by rounding, on %s", (backend) => {
  const x = withBackend(backend, () => tensor(0.1, { dtype: "float64" }).astype("float32"));
  expect(x.item()).toBe(Math.fround(0.1));
});

describe("two threads", () => {
  beforeAll(async () => void (await startThreads(2)));
  afterAll(stopThreads);
  cutFinely();

  test.each(["float64", "float32"] as const)("values and gradients in %s", { timeout: 300_000 }, (dtype: DType) => {
    fc.assert(
      fc.property(compositions(8), ({ x, f }) => {
        const point = x.astype(dtype);
        const all = (at: Tensor): Tensor[] => [f(at), grad((at: Tensor) => f(at).sum())(at)];
        const results = (run: typeof all): readonly string[] =>
          withDefaultDtype(dtype, () => run(point).map((y) => bits(y)));
        const expected = withBackend("reference", () => results(all));
        expect(withBackend("wasm", () => results(all))).toEqual(expected);
        expect(results(compile(all))).toEqual(expected);
      }),
      { numRuns },
    );
    expect(threadCount()).toBe(2);
  });
});
