/** Tensors of every kind for properties, and what it means that two are the same. */
import fc from "fast-check";
import { expect } from "vitest";
import { tensor, type DType, type Tensor } from "@cotangent/core";

const shape = fc.array(fc.nat(4), { maxLength: 4 });
const element: Readonly<Record<DType, fc.Arbitrary<number>>> = {
  float64: fc.double(),
  float32: fc.float(),
  int32: fc.integer(),
  bool: fc.nat(1),
};

/** Any dtype, also empty, scalar, transposed and not finite. */
export const anyTensor: fc.Arbitrary<Tensor> = fc
  .record({ sizes: shape, dtype: fc.constantFrom<DType>("float64", "float32", "int32", "bool"), turn: fc.boolean() })
  .chain(({ sizes, dtype, turn }) => {
    const size = sizes.reduce((a, b) => a * b, 1);
    return fc.array(element[dtype], { minLength: size, maxLength: size }).map((values) => {
      const made = tensor(Float64Array.from(values), { shape: sizes, dtype });
      return turn && sizes.length > 1 ? made.transpose() : made;
    });
  });

/** Equal shapes, dtypes and elements, −0 and NaN told apart. */
export function expectSame(actual: Tensor, wanted: Tensor): void {
  expect([actual.shape, actual.dtype]).toEqual([wanted.shape, wanted.dtype]);
  const [a, b] = [actual.toTypedArray(), wanted.toTypedArray()];
  for (let i = 0; i < b.length; i++) if (!Object.is(a[i], b[i])) expect(a[i]).toBe(b[i]);
}
