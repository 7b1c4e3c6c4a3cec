/** Tables of what operators give at the edges of their domains. A missing operator is a compile error. */
import { describe, expect, test } from "vitest";
import { grad, tensor, zeros, type DType, type Tensor } from "@cotangent/core";

/** What is expected: the elements, nested; or, of something empty, its shape. */
export type Expected = number | boolean | readonly unknown[] | { readonly shape: readonly number[] };
export type Row = readonly [says: string, run: () => Tensor | readonly Tensor[], expected: Expected];

export const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
export const t = (data: unknown, dtype?: DType): Tensor => tensor(data as number[], { dtype });
export const i32 = (data: unknown): Tensor => t(data, "int32");
export const empty = (...sizes: number[]): Tensor => zeros(sizes);
export const shape = (...sizes: number[]): Expected => ({ shape: sizes });

/** The gradient of the sum of what `f` gives. */
export const slopes = (f: (x: Tensor) => Tensor, x: unknown): Tensor => grad((v: Tensor) => f(v).sum())(t(x));

/** The gradient of what `f` gives, weighted with 1, 10, 100, … in row-major order. */
export const weighted = (f: (x: Tensor) => Tensor, x: unknown): Tensor =>
  slopes((v) => {
    const y = f(v).flatten();
    return y.mul(t(Array.from({ length: y.size }, (_, i) => 10 ** i)));
  }, x);

const isShape = (expected: Expected): expected is { readonly shape: readonly number[] } =>
  typeof expected === "object" && "shape" in expected;
const isList = (result: Tensor | readonly Tensor[]): result is readonly Tensor[] => Array.isArray(result);

/** One test a row. */
export function runTable(table: Readonly<Record<string, readonly Row[]>>): void {
  describe.each(Object.entries(table))("%s", (_, rows) => {
    test.each(rows)("%s", (_says, run, expected) => {
      const result = run();
      if (isList(result)) expect(result.map((x) => x.toArray())).toEqual(expected);
      else if (isShape(expected)) expect(result.shape).toEqual(expected.shape);
      else expect(result.toArray()).toEqual(expected);
    });
  });
}
