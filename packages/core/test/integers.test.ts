/** int32 arithmetic wraps around modulo 2^32, whatever the size of the product. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { tensor, withBackend, type Tensor } from "@cotangent/core";

const integer = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, 1, -1, 46341));
const wrapped = (value: bigint): number => Number(BigInt.asIntN(32, value));

test.each<[string, (x: Tensor, y: Tensor) => Tensor, (x: bigint, y: bigint) => bigint]>([
  ["x + y", (x, y) => x.add(y), (x, y) => x + y],
  ["x - y", (x, y) => x.sub(y), (x, y) => x - y],
  ["x y", (x, y) => x.mul(y), (x, y) => x * y],
  ["-x", (x) => x.neg(), (x) => -x],
  ["x²", (x) => x.square(), (x) => x * x],
  ["x to the |y| mod 64", (x, y) => x.pow(y.mod(64)), (x, y) => x ** (((y % 64n) + 64n) % 64n)],
  ["outer", (x, y) => x.outer(y).reshape([-1]), (x, y) => x * y],
])("%s", (_name, call, expected) => {
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      const wanted = wrapped(expected(BigInt(a), BigInt(b)));
      for (const backend of ["source", "reference"] as const)
        withBackend(backend, () => {
          const [x, y] = [a, b].map((value) => tensor([value], { dtype: "int32" })) as [Tensor, Tensor];
          expect(call(x, y).toArray()).toEqual([wanted]);
          if (_name === "outer") return;
          const [p, q] = [x.reshape([]), y.reshape([])];
          expect(call(p, q).item()).toBe(wanted);
        });
    }),
  );
});

test("clamp keeps integers where the bounds are integers", () => {
  const x = tensor([-5, 0, 5], { dtype: "int32" });
  const [both, below, fraction] = [x.clamp({ min: -1, max: 2 }), x.clamp({ max: 2 }), x.clamp({ min: 0.5 })];
  expect([both.dtype, both.toArray()]).toEqual(["int32", [-1, 0, 2]]);
  expect([below.dtype, below.toArray()]).toEqual(["int32", [-5, 0, 2]]);
  expect([fraction.dtype, fraction.toArray()]).toEqual(["float64", [0.5, 0.5, 5]]);
});
