/** What is no tensor, generator, model or function is refused by name, with what came. */
import { expect, test } from "vitest";
import { CotangentError, ones, random, tensor } from "@cotangent/core";
import * as nn from "@cotangent/nn";

const loose = nn as unknown as Record<string, (...args: unknown[]) => unknown>;
const call = (name: keyof typeof nn, ...args: unknown[]): unknown => loose[name]!(...args);
const logits = tensor([[0, 1], [2, 3]]); // prettier-ignore
const classes = tensor([1, 0], { dtype: "int32" });
const dense = { inputs: 2, outputs: 1 };
const losses = ["meanSquaredError", "binaryCrossEntropy", "binaryCrossEntropyWithLogits", "crossEntropy"] as const;

const rows: [string, RegExp, () => unknown][] = [
  ...losses.flatMap((name): typeof rows => [
    ["ArgumentError", /expected predictions in a tensor, got an array of length 1; make it/, () => call(name, [1], logits)],
    ["ArgumentError", /expected predictions in a tensor, got 3/, () => call(name, 3, logits)],
    ["ArgumentError", /expected targets in a tensor, got undefined/, () => call(name, logits)],
    ["DTypeError", /expected float predictions, got int32; .*astype/, () => call(name, classes, classes)],
  ]),
  ...losses.slice(0, 3).map((name): (typeof rows)[number] => [
    "DataError", /expected at least one prediction, got none/, () => call(name, ones([0]), ones([0])),
  ]),
  ["DataError", /crossEntropy: expected at least one/, () => call("crossEntropy", ones([0, 3]), ones([0]).astype("int32"))],
  ["ArgumentError", /threshold: expected probabilities in a tensor, got 0.5/, () => call("threshold", 0.5)],
  ["ArgumentError", /classesOf: expected logits in a tensor, got null/, () => call("classesOf", null)],
  ["ArgumentError", /accuracy: expected predictions in a tensor, got an array/, () => call("accuracy", [1], classes)],
  ["ArgumentError", /accuracy: expected labels in a tensor, got an array/, () => call("accuracy", classes, [1])],
  ["ArgumentError", /dense: expected activation to be a function such as tanh, got the string "relu"/, () => call("dense", { ...dense, activation: "relu" })],
  ["ArgumentError", /dense: expected init to be a function such as heNormal, got the string "he"/, () => call("dense", { ...dense, init: "he" })],
  ["ArgumentError", /dense: expected a generator such as random\(1\), got undefined/, () => nn.dense(dense).init(undefined as never)],
  ["ArgumentError", /dense: expected inputs in a tensor, got an array/, () => nn.dense(dense).apply(nn.dense(dense).init(random(1)), [[1, 2]] as never)],
  ["ArgumentError", /dense: expected the parameters \{ weight, bias \}.*, got undefined/, () => nn.dense(dense).apply(undefined as never, logits)],
  ["ArgumentError", /shallowNetwork: expected activation to be a function/, () => call("shallowNetwork", { inputs: 2, hidden: 2, outputs: 1, activation: "tanh" })],
  ["ArgumentError", /shallowNetwork: expected outputs to be an integer from 1, got 0/, () => call("shallowNetwork", { inputs: 2, hidden: 2, outputs: 0 })],
  ["ArgumentError", /deepNetwork: expected output to be a function/, () => call("deepNetwork", { sizes: [2, 1], output: "sigmoid" })],
  ["ArgumentError", /sequential: expected models.*, got an array of length 1; spread it/, () => call("sequential", [nn.dense(dense)])],
  ["ArgumentError", /sequential: expected models.*, got undefined/, () => call("sequential", undefined)],
  ["ArgumentError", /sequential: expected a generator/, () => nn.sequential(nn.dense(dense)).init(1 as never)],
  ["ArgumentError", /sequential: expected the list of 1 parameters.*, got an object/, () => nn.sequential(nn.dense(dense)).apply({} as never, logits)],
  ...(["zerosInit", "heNormal", "xavierNormal", "lecunNormal"] as const).map((name): (typeof rows)[number] => [
    "ArgumentError", new RegExp(`${name}: unknown option "std"`), () => call(name, random(1), [2, 2], { std: 1 }),
  ]),
  ["ArgumentError", /normalInit: unknown option "std"/, () => nn.normalInit({ std: 1 })(random(1), [2], { std: 1 } as never)],
  ["ArgumentError", /heNormal: expected a generator/, () => call("heNormal", undefined, [2, 2])],
  ["ArgumentError", /heNormal: expected a weight with at least two axes, got 3/, () => call("heNormal", random(1), 3)],
]; // prettier-ignore

test.each(rows)("%s %s", (type, says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
});

test("a model has one dtype, the default one or the one asked for", async () => {
  const { leavesOf, withDefaultDtype, Tensor } = await import("@cotangent/core");
  const dtypes = (model: { init(r: ReturnType<typeof random>): unknown }): unknown[] =>
    leavesOf(model.init(random(1))).map(({ leaf }) => leaf instanceof Tensor && leaf.dtype);
  const model = nn.shallowNetwork({ inputs: 2, hidden: 3, outputs: 1 });
  expect(dtypes(model)).toEqual(Array(4).fill("float64"));
  withDefaultDtype("float32", () => expect(dtypes(model)).toEqual(Array(4).fill("float32")));
  const wide = nn.shallowNetwork({ inputs: 2, hidden: 3, outputs: 1, dtype: "float64" });
  withDefaultDtype("float32", () => expect(dtypes(wide)).toEqual(Array(4).fill("float64")));
});
