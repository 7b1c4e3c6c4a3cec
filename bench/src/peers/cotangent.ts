/** Cotangent, by its public functions alone. @module */
import { backward, random, relu, tanh, tensor, variable, type Tensor } from "@cotangent/core";
import { gradcheck } from "@cotangent/core/check";
import { binaryCrossEntropyWithLogits, crossEntropy, deepNetwork, type DenseParams, type Model } from "@cotangent/nn";
import { sgd, train, trainState, type Optimizer, type SgdState } from "@cotangent/optim";
import * as cases from "../cases.js";
import { nodePoints, nodesName } from "../curves.js";
import { learningRate, normal, trainingInputs, uniform } from "../inputs.js";
import type { Peer, Run } from "../peer.js";

type DType = "float64" | "float32";

/** The model, data, start and loss of a case. */
export interface TrainingParts {
  readonly model: Model<readonly DenseParams[]>;
  readonly features: Tensor;
  readonly labels: Tensor;
  readonly params: readonly DenseParams[];
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor;
  readonly optimizer: Optimizer<SgdState>;
}

export function trainingParts(given: cases.TrainingCase, dtype: DType): TrainingParts {
  const { sizes, samples, activation, loss } = given;
  const { x, y, layers } = trainingInputs(given);
  const lossOf = loss === "logistic" ? binaryCrossEntropyWithLogits : crossEntropy;
  return {
    model: deepNetwork({ sizes, activation: activation === "tanh" ? tanh : relu, dtype }),
    features: tensor(x, { dtype }).reshape([samples, sizes[0]!]),
    labels:
      loss === "logistic"
        ? tensor(y, { dtype: "int32" }).astype(dtype).reshape([samples, 1])
        : tensor(y, { dtype: "int32" }),
    params: layers.map(({ inputs, outputs, weight }) => ({
      weight: tensor(weight, { dtype }).reshape([inputs, outputs]),
      bias: tensor(new Float64Array(outputs), { dtype }),
    })),
    loss: (z: Tensor, y: Tensor): Tensor => lossOf(z, y),
    optimizer: sgd({ learningRate }),
  };
}

/** Step by step, operator by operator. */
function trainingRun(given: cases.TrainingCase, dtype: DType): Run {
  const { model, features, labels, params, loss, optimizer } = trainingParts(given, dtype);
  const batch = { features, labels };
  const options = { model, loss, optimizer, compile: false };
  let state = trainState({ model, params, optimizer, seed: 1 });
  return () => {
    state = train(state, batch, options);
  };
}

function gradcheckRun({ sizes, samples, activation }: cases.TrainingCase, mode: "fast" | "full"): Run {
  const model = deepNetwork({ sizes, activation: activation === "tanh" ? tanh : relu });
  const x = tensor(normal(1, samples * sizes[0]!), { shape: [samples, sizes[0]!] });
  const y = tensor(
    Float64Array.from({ length: samples }, (_, i) => (i * 7919) % 2),
    { shape: [samples, 1] },
  );
  const params = model.init(random(1));
  return () => {
    const report = gradcheck((p: typeof params) => binaryCrossEntropyWithLogits(model.apply(p, x), y), [params], {
      mode,
    });
    if (!report.ok) throw new Error(report.toString());
  };
}

function scalarRun(): Run {
  return () => {
    const x = variable(0.5);
    const y = variable(0.3);
    const handles: Tensor[] = [x];
    let z = x;
    for (let i = 0; i < cases.scalarNodes; i++) {
      z = i % 3 === 0 ? z.mul(y) : i % 3 === 1 ? z.add(x) : z.relu();
      handles.push(z);
    }
    return backward(z).get(x);
  };
}

/** The same graph as it is written where nobody keeps what lies between. */
function youngRun(nodes: number): Run {
  return () => {
    const x = variable(0.5);
    const y = variable(0.3);
    let z = x;
    for (let i = 0; i < nodes; i++) z = i % 3 === 0 ? z.mul(y) : i % 3 === 1 ? z.add(x) : z.relu();
    return backward(z).get(x);
  };
}

function smallRun(operator: cases.SmallOperatorName, n: number, dtype: DType): Run {
  const a = tensor(normal(1, n), { dtype, requiresGrad: true });
  const b = tensor(normal(2, n), { dtype, requiresGrad: true });
  switch (operator) {
    case "add":
      return () => a.add(b);
    case "mul":
      return () => a.mul(b);
    case "tanh":
      return () => a.tanh();
    case "sum":
      return () => a.sum();
  }
}

const filled = (seed: number, shape: readonly number[], dtype: DType): Tensor =>
  tensor(
    normal(
      seed,
      shape.reduce((a, b) => a * b, 1),
    ),
    { dtype },
  ).reshape(shape);

/** The second operand of a sum, seen as `[side, side]` or stretched to it. */
function operandOf(name: cases.LayoutName, dtype: DType): Tensor {
  const { side } = cases;
  switch (name) {
    case "row":
      return filled(2, [side], dtype);
    case "column":
      return filled(2, [side, 1], dtype);
    case "transposed":
      return filled(2, [side, side], dtype).transpose();
    case "sliced":
      return filled(2, [side, 2 * side], dtype).slice([
        [null, null],
        [null, null, 2],
      ]);
  }
}

export function cotangent(dtype: DType): Peer {
  const square = (seed: number, n: number): Tensor => tensor(normal(seed, n * n), { dtype }).reshape([n, n]);
  const ten = (): { a: Tensor; b: Tensor; run: () => Tensor } => {
    const a = variable(square(1, 2));
    const b = variable(square(2, 2));
    return { a, b, run: () => a.mul(b).add(b).tanh().matmul(b).relu().mul(a).sigmoid().add(a).mul(b).sum() };
  };
  const wide = (seed: number): Tensor => tensor(uniform(seed, cases.elements), { dtype });
  return {
    about: `Cotangent, ${dtype}, eager`,
    cases: {
      ...Object.fromEntries(
        cases.smallSizes.flatMap((n) =>
          cases.smallOperators.map((name) => [cases.operatorName(name, n), () => smallRun(name, n, dtype)]),
        ),
      ),
      [cases.tenOperators]: () => ten().run,
      [cases.tenOperatorsBackward]: () => {
        const { a, b, run } = ten();
        return () => {
          const gradients = backward(run());
          return [gradients.get(a), gradients.get(b)];
        };
      },
      ...(dtype === "float64"
        ? {
            [cases.scalarGraph]: scalarRun,
            ...Object.fromEntries(nodePoints.map((nodes) => [nodesName(nodes), () => youngRun(nodes)])),
          }
        : {}),
      ...(dtype === "float64"
        ? Object.fromEntries(
            Object.entries(cases.gradientChecks).map(([name, { given, mode }]) => [
              name,
              () => gradcheckRun(given, mode),
            ]),
          )
        : {}),
      ...Object.fromEntries(
        Object.entries(cases.allTraining).map(([name, given]) => [name, () => trainingRun(given, dtype)]),
      ),
      ...Object.fromEntries(
        cases.matrixSizes.map((n) => [
          cases.matmulName(n),
          () => {
            const a = square(1, n);
            const b = square(2, n);
            return () => a.matmul(b);
          },
        ]),
      ),
      ...Object.fromEntries(
        cases.transposedSizes.flatMap((n) =>
          Object.entries(cases.transpositions).map(([which, [left, right]]) => [
            cases.transposedName(n, which),
            () => {
              const a = square(1, n);
              const b = square(2, n);
              return () => (left ? a.transpose() : a).matmul(right ? b.transpose() : b);
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
            return name === "add" ? () => x.add(y) : () => x[name]();
          },
        ]),
      ),
      ...Object.fromEntries(
        cases.formulas.map((name) => [
          cases.formulaName(name),
          () => {
            const x = wide(1);
            return () => x[name]();
          },
        ]),
      ),
      ...Object.fromEntries(
        cases.layouts.map((name) => [
          cases.layoutName(name),
          () => {
            const x = wide(1).reshape([cases.side, cases.side]);
            const y = operandOf(name, dtype);
            return () => x.add(y);
          },
        ]),
      ),
      [cases.convolutionName]: () => {
        const { images, filters } = cases.convolution;
        const [x, w] = [filled(1, images, dtype), filled(2, filters, dtype)];
        return () => x.conv2d(w);
      },
      [cases.convolutionProduct]: () => {
        const [m, k, n] = cases.convolution.product;
        const [a, b] = [filled(1, [m, k], dtype), filled(2, [k, n], dtype)];
        return () => a.matmul(b);
      },
    },
  };
}
