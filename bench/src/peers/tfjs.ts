/** TensorFlow.js, eager, as its documentation has one write it. @module */
import * as cases from "../cases.js";
import { learningRate, normal, trainingInputs, uniform } from "../inputs.js";
import type { Peer, Run } from "../peer.js";
import type * as TensorFlow from "@tensorflow/tfjs";

type Tf = typeof TensorFlow;

function trainingRun(tf: Tf, given: cases.TrainingCase): Run {
  const { sizes, samples, activation, loss } = given;
  const { x, y, layers } = trainingInputs(given);
  const features = tf.tensor2d(Float32Array.from(x), [samples, sizes[0]!]);
  const labels =
    loss === "logistic"
      ? tf.tensor2d(Float32Array.from(y), [samples, 1])
      : tf.oneHot(tf.tensor1d(y, "int32"), sizes.at(-1)!).toFloat();
  const params = layers.map(({ inputs, outputs, weight }) => ({
    w: tf.variable(tf.tensor2d(Float32Array.from(weight), [inputs, outputs])),
    b: tf.variable(tf.zeros([outputs])),
  }));
  const optimizer = tf.train.sgd(learningRate);
  return () => {
    const cost = optimizer.minimize(() => {
      let a: TensorFlow.Tensor = features;
      params.forEach(({ w, b }, i) => {
        a = a.matMul(w).add(b);
        if (i < params.length - 1) a = activation === "tanh" ? a.tanh() : a.relu();
      });
      return loss === "logistic" ? tf.losses.sigmoidCrossEntropy(labels, a) : tf.losses.softmaxCrossEntropy(labels, a);
    }, true)!;
    cost.dataSync();
    cost.dispose();
  };
}

export async function tfjs(backend: "cpu" | "wasm"): Promise<Peer> {
  const tf = await import("@tensorflow/tfjs");
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  tf.enableProdMode();
  await tf.setBackend(backend);
  await tf.ready();
  const once =
    (f: () => TensorFlow.Tensor): Run =>
    () =>
      f().dispose();
  const square = (seed: number, n: number): TensorFlow.Tensor2D =>
    tf.tensor2d(Float32Array.from(normal(seed, n * n)), [n, n]);
  const ten = (a: TensorFlow.Tensor, b: TensorFlow.Tensor): TensorFlow.Scalar =>
    a.mul(b).add(b).tanh().matMul(b).relu().mul(a).sigmoid().add(a).mul(b).sum();
  const wide = (seed: number): TensorFlow.Tensor => tf.tensor1d(Float32Array.from(uniform(seed, cases.elements)));
  return {
    about: `TensorFlow.js ${tf.version.tfjs}, ${backend}`,
    cases: {
      ...Object.fromEntries(
        cases.smallSizes.flatMap((n) =>
          cases.smallOperators.map((name) => [
            cases.operatorName(name, n),
            () => {
              const a: TensorFlow.Tensor = tf.tensor1d(Float32Array.from(normal(1, n)));
              const b = tf.tensor1d(Float32Array.from(normal(2, n)));
              return once(() => (name === "add" || name === "mul" ? tf[name](a, b) : tf[name](a)));
            },
          ]),
        ),
      ),
      [cases.tenOperators]: () => {
        const a = square(1, 2);
        const b = square(2, 2);
        return () => tf.tidy(() => ten(a, b)).dispose();
      },
      [cases.tenOperatorsBackward]: () => {
        const gradient = tf.grads((a, b) => ten(a!, b!));
        const inputs = [square(1, 2), square(2, 2)];
        return () => tf.dispose(tf.tidy(() => gradient(inputs)));
      },
      ...Object.fromEntries(
        Object.entries(cases.allTraining).map(([name, given]) => [name, () => trainingRun(tf, given)]),
      ),
      ...Object.fromEntries(
        cases.matrixSizes.map((n) => [
          cases.matmulName(n),
          () => {
            const a = square(1, n);
            const b = square(2, n);
            return once(() => a.matMul(b));
          },
        ]),
      ),
      ...Object.fromEntries(
        // Its transposed products of 1024 take two seconds each.
        cases.transposedSizes
          .filter((n) => n <= 512)
          .flatMap((n) =>
            Object.entries(cases.transpositions).map(([which, [left, right]]) => [
              cases.transposedName(n, which),
              () => {
                const a = square(1, n);
                const b = square(2, n);
                return once(() => a.matMul(b, left, right));
              },
            ]),
          ),
      ),
      ...Object.fromEntries(
        cases.elementwise.map((name) => [
          cases.elementwiseName(name),
          () => {
            const x = wide(1);
            const y = wide(2);
            return once(() => (name === "add" ? tf.add(x, y) : tf[name](x)));
          },
        ]),
      ),
    },
  };
}
