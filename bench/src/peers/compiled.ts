/** Cotangent's compiled programs: the same steps as the eager peer, recorded once. @module */
import { compile, tensor, valueAndGrad, variable, type Tensor } from "@cotangent/core";
import * as cases from "../cases.js";
import { nodePoints, nodesName } from "../curves.js";
import { normal } from "../inputs.js";
import type { Peer, Run } from "../peer.js";
import { trainingParts } from "./cotangent.js";

type DType = "float64" | "float32";

/** State in, next state and cost out, with the data as arguments. */
function trainingRun(given: cases.TrainingCase, dtype: DType): Run {
  const { model, features, labels, params: start, loss, optimizer } = trainingParts(given, dtype);
  type Params = typeof start;
  interface State {
    readonly params: Params;
    readonly optimizer: ReturnType<typeof optimizer.init>;
  }
  const step = compile(({ params, optimizer: before }: State, batch: Tensor, targets: Tensor) => {
    const [cost, gradients] = valueAndGrad((p: Params) => loss(model.apply(p, batch), targets))(params);
    const { params: next, state } = optimizer.update(gradients as Params, before, params);
    return { state: { params: next, optimizer: state }, cost };
  });
  let state: State = { params: start, optimizer: optimizer.init(start) };
  return () => {
    ({ state } = step(state, features, labels));
  };
}

function tenOperatorsRun(dtype: DType): Run {
  const square = (seed: number): Tensor => tensor(normal(seed, 4), { dtype }).reshape([2, 2]);
  const [a, b] = [square(1), square(2)];
  const f = compile((p: Tensor, q: Tensor) => {
    const run = ([a, b]: readonly [Tensor, Tensor]): Tensor =>
      a.mul(b).add(b).tanh().matmul(b).relu().mul(a).sigmoid().add(a).mul(b).sum();
    return valueAndGrad(run)([p, q] as const);
  });
  return () => f(a, b);
}

function scalarRun(nodes: number): Run {
  const graph = compile((x: Tensor, y: Tensor) => {
    const [p, q] = [variable(x), variable(y)];
    let z = p;
    for (let i = 0; i < nodes; i++) z = i % 3 === 0 ? z.mul(q) : i % 3 === 1 ? z.add(p) : z.relu();
    return z.backward().get(p);
  });
  const [x, y] = [tensor(0.5), tensor(0.3)];
  return () => graph(x, y);
}

function productRun(n: number, dtype: DType): Run {
  const square = (seed: number): Tensor => tensor(normal(seed, n * n), { dtype }).reshape([n, n]);
  const [a, b] = [square(1), square(2)];
  const f = compile((p: Tensor, q: Tensor) => p.matmul(q));
  return () => f(a, b);
}

/** Rows of the eager peer that a program does too. */
export function compiled(dtype: DType): Peer {
  return {
    about: `Cotangent, ${dtype}, compiled`,
    cases: {
      [cases.tenOperatorsBackward]: () => tenOperatorsRun(dtype),
      ...(dtype === "float64"
        ? Object.fromEntries(
            // A million nodes take more than ten seconds to record.
            nodePoints.filter((nodes) => nodes <= 100_000).map((nodes) => [nodesName(nodes), () => scalarRun(nodes)]),
          )
        : {}),
      ...Object.fromEntries(cases.matrixSizes.map((n) => [cases.matmulName(n), () => productRun(n, dtype)])),
      ...Object.fromEntries(
        Object.entries(cases.allTraining).map(([name, given]) => [name, () => trainingRun(given, dtype)]),
      ),
    },
  };
}
