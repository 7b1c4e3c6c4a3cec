/** Every elementwise operator of the table on arbitrary bit patterns: WebAssembly's lanes against the reference. */
import { describe, expect, test } from "vitest";
import { CotangentError, tensor, withBackend, type Tensor } from "@cotangent/core";
import { anyBits, between, wordsFrom } from "../packages/core/test/elementary/samples.js";
import { special } from "../packages/core/test/elementary/expressions.js";
import { activation } from "./cases/activation.js";
import { arithmetic } from "./cases/arithmetic.js";
import { elementary } from "./cases/elementary.js";
import { piecewise } from "./cases/piecewise.js";
import type { OperatorCase } from "./cases/table.js";

const rows = Object.entries({ ...arithmetic, ...piecewise, ...elementary, ...activation }) as [string, OperatorCase][];

/** Edges, arbitrary bits, and numbers of ordinary size, on two axes of which the last one is no multiple of the lanes. */
function samples(dtype: "float64" | "float32", seed: number): Tensor {
  const word = wordsFrom(seed);
  const list = [...special];
  // Edges meet different partners in operators of two operands.
  for (let i = 0; i < seed; i++) list.push(list.shift()!);
  while (list.length < 2001)
    list.push(anyBits(dtype, word), between(dtype, word, -4, 4), between(dtype, word, -100, 100));
  return tensor(list.slice(0, 2001), { dtype, shape: [3, 667] });
}

/** Elements as text, or what the operator says against these operands. */
function outcome(run: () => Tensor): string {
  try {
    const y = run();
    return `${y.dtype} ${y.shape.join()}: ${Array.from(y.toTypedArray(), (v) => (Object.is(v, -0) ? "-0" : v)).join()}`;
  } catch (error) {
    if (error instanceof CotangentError) return error.message;
    throw error;
  }
}

describe.each(["float64", "float32"] as const)("in %s", (dtype) => {
  test.each(rows)("%s", (_, { inputs, call }) => {
    const operands = inputs.map((_, i) => samples(dtype, i + 1));
    const reference = withBackend("reference", () => outcome(() => call(...operands)));
    expect(withBackend("wasm", () => outcome(() => call(...operands)))).toBe(reference);
  });
});
