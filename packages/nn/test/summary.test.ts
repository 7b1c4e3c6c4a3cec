/** Summaries: layers, shapes, counts, and the table. */
import { expect, test } from "vitest";
import { leavesOf, random, relu, type Tensor } from "@cotangent/core";
import {
  activation,
  batchNorm,
  deepNetwork,
  dense,
  dropout,
  embedding,
  flatten,
  layerNorm,
  parallel,
  residual,
  sequential,
  summary,
  type Model,
} from "@cotangent/nn";

test("every layer with its place, output and parameters", () => {
  const scale: Model<{ a: Tensor }> = {
    init: (random) => ({ a: random.normal([]) }),
    apply: ({ a }, x) => x.mul(a),
  };
  const model = sequential(
    flatten(),
    dense({ inputs: 6, outputs: 4 }),
    parallel(dense({ inputs: 4, outputs: 3, bias: false }), activation(relu)),
    residual(sequential(batchNorm({ features: 7 }), dropout({ rate: 0.5 }), scale)),
    layerNorm({ size: 7 }),
  );
  const found = summary(model, [5, 2, 3]);
  expect(found.layers.map(({ path, name, outputShape, parameters }) => [path, name, outputShape, parameters])).toEqual([
    ["[0]", "flatten", [5, 6], 0],
    ["[1]", "dense", [5, 4], 28],
    ["[2][0]", "dense", [5, 3], 12],
    ["[2][1]", "activation", [5, 4], 0],
    ["[3][0][0]", "batchNorm", [5, 7], 14],
    ["[3][0][1]", "dropout", [5, 7], 0],
    ["[3][0][2]", "custom", [5, 7], 1],
    ["[4]", "layerNorm", [5, 7], 14],
  ]);
  const total = leavesOf(model.init(random(1))).reduce((sum, { leaf }) => sum + (leaf as Tensor).size, 0);
  expect(found.parameters).toBe(total);
  expect(found.layers.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(total);
  expect(found.outputShape).toEqual([5, 7]);
  const lines = String(found).split("\n");
  expect(lines.length).toBe(found.layers.length + 2);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines.at(-1)).toMatch(/^total +\[5, 7\] +69$/);
});

test("an embedding in front gets symbols", () => {
  const model = sequential(embedding({ count: 9, size: 4 }), flatten(), dense({ inputs: 12, outputs: 2 }));
  expect(summary(model, [5, 3]).layers.map(({ outputShape }) => outputShape)).toEqual([[5, 3, 4], [5, 12], [5, 2]]);
}); // prettier-ignore

test("a single layer and an empty sequence", () => {
  expect(summary(dense({ inputs: 2, outputs: 1 }), [3, 2]).layers).toEqual([
    { path: "", name: "dense", outputShape: [3, 1], parameters: 3 },
  ]);
  expect(summary(sequential(), [3, 2]).toString().split("\n").length).toBe(2);
  expect(summary(deepNetwork({ sizes: [3, 2, 1] }), [1, 3]).parameters).toBe(11);
});
