/** What is no tensor, generator, model or function is refused by name, with what came. */
import { expect, test } from "vitest";
import { CotangentError, ones, random, tensor } from "@cotangent/core";
import * as nn from "@cotangent/nn";

const loose = nn as unknown as Record<string, (...args: unknown[]) => unknown>;
const call = (name: keyof typeof nn, ...args: unknown[]): unknown => loose[name]!(...args);
const logits = tensor([[0, 1], [2, 3]]); // prettier-ignore
const classes = tensor([1, 0], { dtype: "int32" });
const dense = { inputs: 2, outputs: 1 };
const losses = [
  "meanSquaredError", "binaryCrossEntropy", "binaryCrossEntropyWithLogits", "meanAbsoluteError", "huber", "smoothL1",
  "klDivergence", "hinge", "squaredHinge", "crossEntropy", "negativeLogLikelihood",
] as const; // prettier-ignore
const initialisers = ["zerosInit", "heNormal", "heUniform", "xavierNormal", "xavierUniform", "lecunNormal", "orthogonal"] as const; // prettier-ignore
const signs = tensor([1, -1]);
const training = { training: true, random: random(1), state: undefined, setState: (): void => undefined } as const;
const statistics = nn.batchNorm({ features: 2 });
const normed = nn.sequential(nn.dense({ inputs: 2, outputs: 2 }), statistics);
const words = nn.embedding({ count: 3, size: 2 });
const vectors = words.init(random(1));
const pair = (name: "accuracy" | "confusionMatrix" | "precision" | "recall" | "f1" | "rocAuc"): (typeof rows)[number] => [
  "ShapeError", new RegExp(`^${name}: expected as many predictions as labels, got shapes \\[2\\] and \\[1\\]`), () => call(name, classes, ones([1])),
]; // prettier-ignore

const rows: [string, RegExp, () => unknown][] = [
  ...losses.flatMap((name): typeof rows => [
    ["ArgumentError", /expected predictions in a tensor, got an array of length 1; make it/, () => call(name, [1], logits)],
    ["ArgumentError", /expected predictions in a tensor, got 3/, () => call(name, 3, logits)],
    ["ArgumentError", /expected targets in a tensor, got undefined/, () => call(name, logits)],
    ["DTypeError", /expected float predictions, got int32; .*astype/, () => call(name, classes, classes)],
  ]),
  ...losses.slice(0, 9).map((name): (typeof rows)[number] => [
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
  ...initialisers.map((name): (typeof rows)[number] => [
    "ArgumentError", new RegExp(`${name}: unknown option "std"`), () => call(name, random(1), [2, 2], { std: 1 }),
  ]),
  ["ArgumentError", /normalInit: unknown option "std"/, () => nn.normalInit({ std: 1 })(random(1), [2], { std: 1 } as never)],
  ["DataError", /^negativeLogLikelihood: expected at least one/, () => call("negativeLogLikelihood", ones([0, 3]), ones([0]).astype("int32"))],
  ["ArgumentError", /^huber: expected delta to be a finite number above 0, got 0/, () => call("huber", signs, signs, { delta: 0 })],
  ["ArgumentError", /^huber: expected delta .*, got the string "1"/, () => call("huber", signs, signs, { delta: "1" })],
  ["ArgumentError", /^huber: unknown option "beta"; it takes reduction, delta/, () => call("huber", signs, signs, { beta: 1 })],
  ["ArgumentError", /^smoothL1: expected beta to be a finite number from 0, got -1/, () => call("smoothL1", signs, signs, { beta: -1 })],
  ["ArgumentError", /^hinge: expected margin .* from 0, got NaN/, () => call("hinge", signs, signs, { margin: NaN })],
  ["DataError", /^hinge: expected targets 1 and -1, got 0 at flat index 1; map 0 to -1/, () => call("hinge", signs, tensor([1, 0]))],
  ["DataError", /^squaredHinge: expected targets 1 and -1, got 2/, () => call("squaredHinge", signs, tensor([2, 1]))],
  ["DataError", /^klDivergence: expected targets .*, got -1 at flat index 1/, () => call("klDivergence", signs, signs)],
  ["ArgumentError", /^klDivergence: expected logTarget to be true or false, got 1/, () => call("klDivergence", signs, signs, { logTarget: 1 })],
  ["ArgumentError", /^binaryCrossEntropy: expected weights in a tensor, got the string/, () => call("binaryCrossEntropy", tensor([0.5]), tensor([1]), { weights: "1" })],
  ["ShapeError", /^binaryCrossEntropy: expected weights that fit the shape \[1\], got \[2\]/, () => call("binaryCrossEntropy", tensor([0.5]), tensor([1]), { weights: [1, 2] })],
  ["ShapeError", /^binaryCrossEntropy: expected weights that fit the shape \[1\], got \[1, 1\]/, () => call("binaryCrossEntropy", tensor([0.5]), tensor([1]), { weights: ones([1, 1]) })],
  ["ArgumentError", /^binaryCrossEntropyWithLogits: expected finite positiveWeight from 0, got -2/, () => call("binaryCrossEntropyWithLogits", signs, tensor([1, 0]), { positiveWeight: -2 })],
  ["ShapeError", /^crossEntropy: expected weights that fit the shape \[2\], got \[3\]/, () => call("crossEntropy", logits, classes, { weights: [1, 2, 3] })],
  ["ArgumentError", /^crossEntropy: expected finite weights from 0, got NaN/, () => call("crossEntropy", logits, classes, { weights: [1, NaN] })],
  ["ArgumentError", /^crossEntropy: expected labelSmoothing .* from 0 to 1, got 1.5/, () => call("crossEntropy", logits, classes, { labelSmoothing: 1.5 })],
  ["ArgumentError", /^crossEntropy: expected ignoreIndex to be an integer, got 0.5/, () => call("crossEntropy", logits, classes, { ignoreIndex: 0.5 })],
  ["ArgumentError", /^crossEntropy: expected ignoreIndex with int32 classes/, () => call("crossEntropy", logits, logits.softmax(), { ignoreIndex: 0 })],
  ["DataError", /^crossEntropy: expected at least one prediction whose target counts/, () => call("crossEntropy", logits, classes, { weights: [0, 0] })],
  ["DataError", /^negativeLogLikelihood: expected at least one prediction whose target counts/, () => call("negativeLogLikelihood", logits, tensor([-100, -100], { dtype: "int32" }))],
  ["ArgumentError", /^negativeLogLikelihood: unknown option "labelSmoothing"/, () => call("negativeLogLikelihood", logits, classes, { labelSmoothing: 0.1 })],
  ["DTypeError", /^negativeLogLikelihood: expected int32 classes, got float64/, () => call("negativeLogLikelihood", logits, signs)],
  ["ShapeError", /^negativeLogLikelihood: expected log-probabilities of shape \[batch, classes\], got \[2\]/, () => call("negativeLogLikelihood", signs, classes)],
  ["ArgumentError", /^cosineSimilarity: expected vectors in a tensor, got an array/, () => call("cosineSimilarity", [1], signs)],
  ["ArgumentError", /^cosineSimilarity: expected vectors in a tensor, got undefined/, () => call("cosineSimilarity", signs)],
  ["DTypeError", /^cosineSimilarity: expected float inputs, got int32/, () => call("cosineSimilarity", signs, classes)],
  ["ShapeError", /^cosineSimilarity: expected an axis of tensors of rank 1, got 1/, () => call("cosineSimilarity", signs, signs, { axis: 1 })],
  ["ArgumentError", /^cosineSimilarity: expected epsilon .* above 0, got 0/, () => call("cosineSimilarity", signs, signs, { epsilon: 0 })],
  ["ArgumentError", /^dropout: expected the option rate, which is missing/, () => call("dropout", {})],
  ["ArgumentError", /^dropout: expected rate to be a finite number from 0 to 1, got 2/, () => call("dropout", { rate: 2 })],
  ["ArgumentError", /^dropout: expected rate .*, got the string "0.5"/, () => call("dropout", { rate: "0.5" })],
  ["ArgumentError", /^dropout: expected inputs in a tensor, got an array/, () => nn.dropout({ rate: 0 }).apply({}, [1] as never)],
  ["DTypeError", /^dropout: expected float inputs, got int32/, () => nn.dropout({ rate: 0.5 }).apply({}, classes, training)],
  ["ArgumentError", /^dropout: expected a generator/, () => nn.dropout({ rate: 0.5 }).apply({}, logits, { ...training, random: 1 as never })],
  ["ArgumentError", /^embedding: expected count to be an integer from 1, got 0/, () => call("embedding", { count: 0, size: 2 })],
  ["ArgumentError", /^embedding: expected init to be a function/, () => call("embedding", { count: 2, size: 2, init: "normal" })],
  ["DTypeError", /^embedding: expected int32 symbols, got float64; .*astype/, () => words.apply(vectors, signs)],
  ["DataError", /^embedding: expected symbols from 0 to 2, got 3 at flat index 1/, () => words.apply(vectors, tensor([0, 3], { dtype: "int32" }))],
  ["DataError", /^embedding: expected symbols from 0 to 2, got -1 at flat index 0/, () => words.apply(vectors, tensor([-1], { dtype: "int32" }))],
  ["ArgumentError", /^embedding: expected the parameters \{ weight \} that init gives, got null/, () => words.apply(null as never, classes)],
  ["ArgumentError", /^activation: expected a function such as tanh, got the string "tanh"/, () => call("activation", "tanh")],
  ["ShapeError", /^flatten: expected inputs of shape \[batch, …\], got \[\]/, () => nn.flatten().apply({}, tensor(1))],
  ["ArgumentError", /^layerNorm: expected size to be an integer from 1, got an array/, () => call("layerNorm", { size: [2] })],
  ["ArgumentError", /^layerNorm: expected epsilon .* above 0, got 0/, () => call("layerNorm", { size: 2, epsilon: 0 })],
  ["ShapeError", /^layerNorm: expected inputs of shape \[…, 3\], got \[2, 2\]/, () => nn.layerNorm({ size: 3 }).apply(nn.layerNorm({ size: 3 }).init(random(1)), logits)],
  ["DTypeError", /^layerNorm: expected float inputs, got int32/, () => nn.layerNorm({ size: 2 }).apply(nn.layerNorm({ size: 2 }).init(random(1)), classes)],
  ["ArgumentError", /^layerNorm: expected a generator/, () => nn.layerNorm({ size: 2 }).init(undefined as never)],
  ["ArgumentError", /^batchNorm: expected momentum .* from 0 to 1, got 2/, () => call("batchNorm", { features: 2, momentum: 2 })],
  ["ArgumentError", /^batchNorm: unknown option "eps"/, () => call("batchNorm", { features: 2, eps: 1 })],
  ["ShapeError", /^batchNorm: expected inputs of shape \[batch, 2, …\], got \[2\]/, () => statistics.apply(statistics.init(random(1)), signs)],
  ["ShapeError", /^batchNorm: expected at least two values a feature in training, got \[1, 2\]/, () => statistics.apply(statistics.init(random(1)), ones([1, 2]), { ...training, state: statistics.initState() })],
  ["ArgumentError", /^batchNorm: expected the state \{ mean, variance \}.*, got undefined/, () => statistics.apply(statistics.init(random(1)), logits, training as never)],
  ["ArgumentError", /^batchNorm: expected the parameters \{ weight, bias \}.*, got an object/, () => statistics.apply({} as never, logits)],
  ["ArgumentError", /^sequential: expected the list of 2 states that initState gives, got undefined/, () => normed.apply(normed.init(random(1)), logits, training as never)],
  ["ArgumentError", /^sequential: expected a generator/, () => nn.sequential(nn.dropout({ rate: 0.5 })).apply([{}], logits, { ...training, random: undefined as never })],
  ["ArgumentError", /^sequential: expected initState of model 0, since it calls setState/, () => nn.sequential({ init: () => ({}), apply: (_p: unknown, x: typeof logits, c?: nn.Context<unknown>) => (c?.training && c.setState(1), x) }).apply([{}], logits, training)],
  ["ArgumentError", /^parallel: expected models, one an argument, got none/, () => call("parallel")],
  ["ArgumentError", /^parallel: expected models, one an argument, got a function; call it/, () => call("parallel", nn.flatten)],
  ["ShapeError", /^parallel: expected outputs that differ in their last axis only, got \[2, 2\] and \[2, 1, 2\]/, () => nn.parallel(nn.activation((x) => x), nn.activation((x) => x.unsqueeze(1))).apply([{}, {}], logits)],
  ["ArgumentError", /^residual: expected a model, got undefined/, () => call("residual")],
  ["ShapeError", /^residual: expected outputs of the inputs' shape \[2, 2\], got \[2, 1\]/, () => nn.residual(nn.dense(dense)).apply(nn.dense(dense).init(random(1)), logits)],
  ["ArgumentError", /^linearRegression: expected the option features/, () => call("linearRegression", {})],
  ["ArgumentError", /^softmaxRegression: expected classes to be an integer from 1, got 0/, () => call("softmaxRegression", { features: 2, classes: 0 })],
  ["ArgumentError", /^summary: expected a model, got null/, () => call("summary", null, [1])],
  ["ArgumentError", /^summary: expected a shape such as \[1, 64\], got 64/, () => call("summary", nn.dense(dense), 64)],
  ["ShapeError", /^dense: expected inputs of shape \[batch, 2\], got \[1, 3\]/, () => call("summary", nn.dense(dense), [1, 3])],
  ["ArgumentError", /^predict: expected a model, got undefined/, () => call("predict")],
  ["ArgumentError", /^predict: expected the option state, since the model keeps one/, () => call("predict", normed, normed.init(random(1)), logits)],
  ["ArgumentError", /^predictProbability: expected the option state/, () => call("predictProbability", normed, normed.init(random(1)), logits, {})],
  ["ArgumentError", /^predict: expected threshold .* from 0 to 1, got 2/, () => call("predict", nn.dense(dense), nn.dense(dense).init(random(1)), logits, { threshold: 2 })],
  ["ArgumentError", /^predict: expected no threshold for 3 classes/, () => call("predict", nn.activation((x) => x), {}, ones([2, 3]), { threshold: 0.5 })],
  ["ShapeError", /^predict: expected a model whose logits are of shape .*, got \[2\]/, () => call("predict", nn.activation((x) => x), {}, signs)],
  ...(["accuracy", "confusionMatrix", "precision", "recall", "f1", "rocAuc"] as const).map(pair),
  ["ShapeError", /^rSquared: expected as many predictions as targets/, () => call("rSquared", signs, ones([2, 1]))],
  ["DataError", /^rSquared: expected targets that differ/, () => call("rSquared", signs, ones([2]))],
  ["DataError", /^precision: expected classes that are integers .*, got 0.5 at flat index 0 of the predictions; take threshold/, () => call("precision", tensor([0.5]), tensor([1]))],
  ["DataError", /^recall: expected classes .*, got -1 at flat index 1 of the labels/, () => call("recall", classes, signs)],
  ["ArgumentError", /^f1: expected the average .*, got the string "mean"/, () => call("f1", classes, classes, { average: "mean" })],
  ["ArgumentError", /^f1: expected either positive or average/, () => call("f1", classes, classes, { average: "macro", positive: 1 })],
  ["ArgumentError", /^f1: expected positive to be a class, an integer from 0, got -1/, () => call("f1", classes, classes, { positive: -1 })],
  ["DataError", /^confusionMatrix: expected classes .* from 0 to 0, got 1/, () => call("confusionMatrix", classes, classes, { classes: 1 })],
  ["DataError", /^rocAuc: expected labels 0 and 1, got -1 at flat index 1/, () => call("rocAuc", signs, signs)],
  ["DataError", /^rocAuc: expected scores, got NaN at flat index 0/, () => call("rocAuc", tensor([NaN, 1]), classes)],
  ["DataError", /^rocAuc: expected labels of both classes, got no 0/, () => call("rocAuc", signs, ones([2]))],
  ["ArgumentError", /^perplexity: unknown option "weights"/, () => call("perplexity", logits, classes, { weights: [1, 1] })],
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

test("everything public has its misuse here", () => {
  const text = rows.map(([, says, run]) => `${says.source} ${String(run)}`).join("\n");
  const tested = [...losses, ...initialisers, "logisticRegression", "constantInit", "uniformInit"];
  const missing = Object.keys(nn).filter((name) => !tested.includes(name) && !new RegExp(`\\b${name}\\b`).test(text));
  expect(missing, "tested in files of their own: the last three").toEqual([]);
});
