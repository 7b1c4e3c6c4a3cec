/** Rules that run as one map, as they do where nobody looks on, against the same rules operator by operator. */
import { describe, expect, test } from "vitest";
import { backward, CotangentError, scalar, tensor, variable, withBackend, type Tensor } from "@cotangent/core";
import { apply, type Primitive } from "../packages/core/src/primitive.js";
import { mapKernel } from "../packages/core/src/kernel.js";
import { withContext } from "../packages/core/src/context.js";
import { bits } from "../packages/core/test/bits.js";
import { anyBits, between, wordsFrom } from "../packages/core/test/elementary/samples.js";
import { special } from "../packages/core/test/elementary/expressions.js";
import { activation } from "./cases/activation.js";
import { arithmetic } from "./cases/arithmetic.js";
import { elementary } from "./cases/elementary.js";
import { piecewise } from "./cases/piecewise.js";
import type { OperatorCase } from "./cases/table.js";

const rows = Object.entries({ ...arithmetic, ...piecewise, ...elementary, ...activation }) as [string, OperatorCase][];

/** Runs `f` under the eyes of an observer, before whom every operator runs by itself. */
function watched<R>(f: () => R): R {
  return withContext({ observer: { observe: () => undefined } }, f);
}

/** Edges, which meet different partners by the `seed`, arbitrary bits, and ordinary numbers. */
function samples(dtype: "float64" | "float32", seed: number): number[] {
  const word = wordsFrom(seed);
  const list = [...special, ...special.slice().reverse()];
  for (let i = 0; i < seed; i++) list.push(list.shift()!);
  while (list.length < 80) list.push(anyBits(dtype, word), between(dtype, word, -4, 4));
  return list;
}

/** Cotangents of all operands, as text; or what the operator says against them. */
function gradients(call: OperatorCase["call"], operands: readonly Tensor[], ct: number): string {
  try {
    const leaves = operands.map((x) => variable(x));
    const y = call(...leaves);
    if (!y.requiresGrad) return "flat";
    const cotangent = y
      .mul(0)
      .equal(0)
      .astype(y.dtype)
      .mul(ct)
      .add(y.rank === 0 ? 0 : 0.25);
    const found = backward(y, { cotangent: cotangent.requiresGrad ? tensor(cotangent.toTypedArray(), { shape: y.shape, dtype: y.dtype }) : cotangent }); // prettier-ignore
    return leaves.map((leaf) => `${found.has(leaf)} ${bits(found.get(leaf))}`).join("; ");
  } catch (error) {
    if (error instanceof CotangentError) return error.message;
    throw error;
  }
}

describe.each(["float64", "float32"] as const)("in %s", (dtype) => {
  test.each(rows)("%s", (_, { inputs, call }) => {
    const lists = inputs.map((_, i) => samples(dtype, i + 1));
    const operands = lists.map((list) => tensor(list, { dtype, shape: [2, list.length / 2] }));
    const wanted = watched(() => gradients(call, operands, -1.5));
    for (const backend of ["auto", "wasm", "reference"] as const)
      expect(withBackend(backend, () => gradients(call, operands, -1.5))).toBe(wanted);
    for (let i = 0; i < lists[0]!.length; i++) {
      const scalars = lists.map((list) => scalar(list[i]!, { dtype }));
      expect(gradients(call, scalars, 0.7)).toBe(watched(() => gradients(call, scalars, 0.7)));
    }
  });
});

test("a rule that differs from time to time is asked every time, one that reads values too", () => {
  let count = 0;
  const operator = (vjp: Primitive["vjp"]): ((x: Tensor) => Tensor) => {
    const primitive = {
      name: "odd", kernel: mapKernel((s, x) => s.neg(x!)), shape: null, dtype: null, vjp, jvp: "scalar",
    } as Primitive; // prettier-ignore
    return (x) => apply(primitive, [x], undefined);
  };
  const counting = operator((_, ct) => ct.mul(++count));
  const reading = operator((_, ct, [x]) => ct.mul(x!.toTypedArray()[0]! > 1 ? 10 : 20));
  for (const make of [(v: number): Tensor => variable(v), (v: number): Tensor => variable(tensor([v]))]) {
    const x = make(2);
    const slope = (f: (x: Tensor) => Tensor): number => f(x).sum().backward().get(x).item();
    const first = slope(counting);
    expect(slope(counting)).toBe(first + 1);
    expect(slope(reading)).toBe(10);
    const small = make(0.5);
    expect(reading(small).sum().backward().get(small).item()).toBe(20);
  }
});
