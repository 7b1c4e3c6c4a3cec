/**
 * jax-js on its WebAssembly backend, everything compiled with `jit`, as its documentation advises. Uses consume
 * references there: `.ref` keeps one.
 * @module
 */
import { readFile } from "node:fs/promises";
import * as cases from "../cases.js";
import { learningRate, normal, trainingInputs, uniform } from "../inputs.js";
import type { Peer, Run } from "../peer.js";
import type * as Jax from "@jax-js/jax";

type JaxArray = Jax.Array;

function trainingRun(jax: typeof Jax, given: cases.TrainingCase): Run {
  const { numpy: np, nn } = jax;
  const { sizes, samples, activation, loss } = given;
  const { x, y, layers } = trainingInputs(given);
  const classes = sizes.at(-1)!;
  const targets = new Float32Array(samples * classes);
  y.forEach((label, i) => (loss === "logistic" ? (targets[i] = label) : (targets[i * classes + label] = 1)));
  const features = np.array(Float32Array.from(x)).reshape([samples, sizes[0]!]);
  const labels = np.array(targets).reshape([samples, classes]);
  let params: JaxArray[] = layers.flatMap(({ inputs, outputs, weight }) => [
    np.array(Float32Array.from(weight)).reshape([inputs, outputs]),
    np.zeros([outputs]),
  ]);
  const cost = (p: JaxArray[], x: JaxArray, y: JaxArray): JaxArray => {
    let a = x;
    for (let i = 0; i < p.length; i += 2) {
      a = np.matmul(a, p[i]!).add(p[i + 1]!);
      if (i < p.length - 2) a = activation === "tanh" ? np.tanh(a) : nn.relu(a);
    }
    return loss === "logistic"
      ? np.mean(nn.softplus(a.ref).sub(y.mul(a)))
      : np.mean(np.sum(nn.logSoftmax(a).mul(y), 1)).mul(-1);
  };
  const step = jax.jit((p: JaxArray[], x: JaxArray, y: JaxArray) => {
    const [value, gradients] = jax.valueAndGrad(cost)(jax.tree.ref(p), x, y) as [JaxArray, JaxArray[]];
    return [value, ...p.map((w, i) => w.sub(gradients[i]!.mul(learningRate)))];
  });
  return async () => {
    const [value, ...next] = step(params, features.ref, labels.ref) as JaxArray[];
    params = next;
    await value!.data();
  };
}

export async function jaxjs(): Promise<Peer> {
  const { dependencies } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  // Its start looks for a browser's navigator, which Node has only from version 21 on.
  if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: {} });
  const jax = await import("@jax-js/jax");
  const { numpy: np, nn } = jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const square = (seed: number, n: number): JaxArray =>
    np.array(Float32Array.from(normal(seed, n * n))).reshape([n, n]);
  const once = (f: (...xs: JaxArray[]) => JaxArray, ...inputs: JaxArray[]): Run => {
    const compiled = jax.jit(f);
    return async () => {
      const y = compiled(...inputs.map((x) => x.ref)) as JaxArray;
      await y.blockUntilReady();
      y.dispose();
    };
  };
  const ten = (a: JaxArray, b: JaxArray): JaxArray =>
    np.sum(
      nn
        .sigmoid(nn.relu(np.matmul(np.tanh(a.ref.mul(b.ref).add(b.ref)), b.ref)).mul(a.ref))
        .add(a)
        .mul(b),
    );
  const unary = { square: np.square, relu: nn.relu, exp: np.exp, tanh: np.tanh, sigmoid: nn.sigmoid } as const;
  const wide = (seed: number): JaxArray => np.array(Float32Array.from(uniform(seed, cases.elements)));
  return {
    about: `jax-js ${dependencies["@jax-js/jax"]}, wasm, jit`,
    cases: {
      ...Object.fromEntries(
        cases.smallSizes.flatMap((n) =>
          cases.smallOperators.map((name) => [
            cases.operatorName(name, n),
            () => {
              const a = np.array(Float32Array.from(normal(1, n)));
              const b = np.array(Float32Array.from(normal(2, n)));
              if (name === "add") return once((x, y) => x!.add(y!), a, b);
              if (name === "mul") return once((x, y) => x!.mul(y!), a, b);
              return once((x) => np[name](x!), a);
            },
          ]),
        ),
      ),
      [cases.tenOperators]: () => once(ten as never, square(1, 2), square(2, 2)),
      [cases.tenOperatorsBackward]: () => {
        const gradient = jax.jit(jax.grad(ten, { argnums: [0, 1] } as never)) as unknown as (
          a: JaxArray,
          b: JaxArray,
        ) => JaxArray[];
        const a = square(1, 2);
        const b = square(2, 2);
        return async () => {
          const gradients = gradient(a.ref, b.ref);
          await jax.blockUntilReady(gradients);
          jax.tree.dispose(gradients);
        };
      },
      ...Object.fromEntries(
        Object.entries(cases.allTraining).map(([name, given]) => [name, () => trainingRun(jax, given)]),
      ),
      ...Object.fromEntries(
        cases.matrixSizes.map((n) => [
          cases.matmulName(n),
          () => once((a, b) => np.matmul(a!, b!), square(1, n), square(2, n)),
        ]),
      ),
      ...Object.fromEntries(
        cases.elementwise.map((name) => [
          cases.elementwiseName(name),
          () => (name === "add" ? once((x, y) => x!.add(y!), wide(1), wide(2)) : once((x) => unary[name](x!), wide(1))),
        ]),
      ),
    },
  };
}
