/** Losses look at their targets where these are: in compiled programs at every call, example by example in `vmap`. */
import { describe, expect, test } from "vitest";
import { compile, grad, perSampleGradients, random, tensor, type Tensor } from "@cotangent/core";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hinge,
  klDivergence,
  negativeLogLikelihood,
} from "@cotangent/nn";

interface Row {
  readonly name: string;
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor;
  readonly good: Tensor;
  readonly bad: Tensor;
}

const int = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });
const z = random(1).normal([4, 3]);
const column = (...values: number[]): Tensor => tensor(values.map((v) => [v, 1, v]));

const rows: readonly Row[] = [
  { name: "crossEntropy", loss: crossEntropy, good: int(0, 2, 1, 1), bad: int(0, 3, 1, 1) },
  {
    name: "crossEntropy with weights and ignored classes",
    loss: (p, t) => crossEntropy(p, t, { weights: [1, 2, 3], ignoreIndex: 1, labelSmoothing: 0.1 }),
    good: int(0, 2, 0, 2),
    bad: int(0, -1, 1, 1),
  },
  { name: "crossEntropy of probabilities", loss: crossEntropy, good: column(0, 0.5, 1, 0), bad: column(0, 2, 1, 0) },
  {
    name: "negativeLogLikelihood",
    loss: (p, t) => negativeLogLikelihood(p.logSoftmax(), t),
    good: int(2, 2, 0, 1),
    bad: int(2, 2, 0, 9),
  },
  { name: "binaryCrossEntropyWithLogits", loss: binaryCrossEntropyWithLogits, good: column(0, 1, 0.5, 1), bad: column(0, 1, -1, 1) },
  { name: "binaryCrossEntropy", loss: (p, t) => binaryCrossEntropy(p.sigmoid(), t), good: column(0, 1, 0.5, 1), bad: column(0, 1, 3, 1) },
  { name: "hinge", loss: hinge, good: column(1, -1, 1, -1), bad: column(1, 0, 1, -1) },
  { name: "klDivergence", loss: (p, t) => klDivergence(p.logSoftmax(), t), good: column(0, 1, 0.5, 0), bad: column(0, 1, 7, 0) },
]; // prettier-ignore

describe.each(rows)("$name", ({ loss, good, bad }) => {
  const slope = (prediction: Tensor, target: Tensor): Tensor => grad((p: Tensor) => loss(p, target))(prediction);

  test("compiled, the same bits, and the same refusal at every call", () => {
    const program = compile(slope);
    expect(program(z, good).toTypedArray()).toEqual(slope(z, good).toTypedArray());
    const refusal = new RegExp((thrown(() => slope(z, bad)).message.split(",")[0] ?? "?").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")); // prettier-ignore
    expect(() => program(z, bad)).toThrow(refusal);
    expect(program(z, good).toTypedArray()).toEqual(slope(z, good).toTypedArray());
    expect(() => program(z, bad)).toThrow(refusal);
  });

  test("sample by sample, as one by one", () => {
    const one = (p: Tensor, { x, y }: { x: Tensor; y: Tensor }): Tensor => loss(x.mul(p).unsqueeze(0), y.unsqueeze(0));
    const scale = tensor([1, 2, 3]);
    const each = perSampleGradients(one)(scale, { x: z, y: good });
    for (let i = 0; i < 4; i++) {
      const alone = grad((p: Tensor) => one(p, { x: z.slice([i]), y: good.slice([i]) }))(scale);
      expect(each.slice([i]).toTypedArray()).toEqual(alone.toTypedArray());
    }
    expect(() => perSampleGradients(one)(scale, { x: z, y: bad })).toThrow(
      thrown(() => slope(z, bad)).constructor as never,
    );
  });
});

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
}
