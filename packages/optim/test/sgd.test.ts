/** Gradient descent: its formula, its schedules, what it leaves alone and what it refuses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  CotangentError,
  grad,
  graphOf,
  random,
  ShapeError,
  tensor,
  variable,
  type Tensor,
} from "@cotangent/core";
import { sgd, type LearningRate } from "@cotangent/optim";

interface Params {
  readonly w: Tensor;
  readonly layers: readonly { readonly b: Tensor }[];
}

const rates = fc.double({ min: 0, max: 10, noNaN: true });
const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 6 });
const tree = (w: readonly number[], b: readonly number[]): Params => ({
  w: tensor([...w]),
  layers: [{ b: tensor([...b]) }],
});
const valuesOf = ({ w, layers }: Params): number[][] => [w, layers[0]!.b].map((x) => [...x.toTypedArray()]);

describe("a step", () => {
  test("is θ - α g to the bit, leaf by leaf", () => {
    fc.assert(
      fc.property(rates, values, values, (learningRate, w, b) => {
        const [params, gradients] = [tree(w, b), tree(w.map((v) => 1 - v), b.map((v) => v / 3))]; // prettier-ignore
        const optimizer = sgd({ learningRate });
        const { params: next } = optimizer.update(gradients, optimizer.init(params), params);
        const expected = [w.map((v) => v - (1 - v) * learningRate), b.map((v) => v - (v / 3) * learningRate)];
        expect(valuesOf(next)).toEqual(expected);
      }),
    );
  });

  test("k steps on (a/2) x² multiply x by (1 - α a)^k", () => {
    const parabola = fc.record({
      a: fc.double({ min: 0.1, max: 4, noNaN: true }),
      x: fc.double({ min: -5, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(parabola, fc.double({ min: 0.01, max: 0.5, noNaN: true }), ({ a, x }, learningRate) => {
        const optimizer = sgd({ learningRate });
        const gradient = grad((p: { x: Tensor }) => p.x.square().mul(a / 2));
        let params = { x: tensor(x) };
        let state = optimizer.init(params);
        for (let k = 1; k <= 10; k++) {
          ({ params, state } = optimizer.update(gradient(params), state, params));
          // |1 - α a| ≤ 1, and each step rounds three times.
          expect(Math.abs(params.x.item() - x * (1 - learningRate * a) ** k)).toBeLessThan(
            1e-14 * k * (1 + Math.abs(x)),
          );
          expect(state.step.item()).toBe(k);
        }
      }),
    );
  });

  test("float32 stays float32, rounded after every operation", () => {
    const optimizer = sgd({ learningRate: 0.1 });
    const [w, g] = [tensor([0.3, -1e7], { dtype: "float32" }), tensor([0.7, 0.3], { dtype: "float32" })];
    const { w: next } = optimizer.update({ w: g }, optimizer.init({ w }), { w }).params;
    expect(next.dtype).toBe("float32");
    const [a, b] = [w.toTypedArray(), g.toTypedArray()];
    const rate = Math.fround(0.1);
    expect([...next.toTypedArray()]).toEqual([0, 1].map((i) => Math.fround(a[i]! - Math.fround(b[i]! * rate))));
  });

  test("derivatives are recorded exactly when what goes in is tracked", () => {
    const optimizer = sgd({ learningRate: 0.25 });
    const update = (p: Tensor, g: Tensor): Tensor => optimizer.update({ p: g }, optimizer.init({ p }), { p }).params.p;
    expect(update(tensor(1), tensor(2)).requiresGrad).toBe(false);
    expect(update(variable(1), tensor(2)).requiresGrad).toBe(true);
    expect(update(tensor(1), variable(2)).requiresGrad).toBe(true);
    // Through a step of descent on p²: d/dp (p - α 2p)² = 2 p (1 - 2α)².
    const afterStep = (p: Tensor): Tensor => update(p, grad((q) => q.square())(p)).square();
    expect(grad(afterStep)(3).item()).toBe(2 * 3 * 0.25);
    expect(graphOf(update(variable(1), tensor(2))).nodes.some(({ variable: leaf }) => leaf)).toBe(true);
  });
});

describe("nothing changes", () => {
  test("of frozen trees, the old state and the old tensors", () => {
    const params = tree([1, 2], [3]);
    const gradients = tree([10, 20], [30]);
    for (const each of [params, params.layers, params.layers[0]!, gradients, gradients.layers, gradients.layers[0]!])
      Object.freeze(each);
    const optimizer = sgd({ learningRate: 0.1 });
    const state = Object.freeze(optimizer.init(params));
    const first = optimizer.update(gradients, state, params);
    const again = optimizer.update(gradients, state, params);
    expect(valuesOf(params)).toEqual([[1, 2], [3]]);
    expect(valuesOf(gradients)).toEqual([[10, 20], [30]]);
    expect([state.step.item(), first.state.step.item()]).toEqual([0, 1]);
    expect(valuesOf(again.params)).toEqual(valuesOf(first.params));
  });

  test("the state is a count: int32, of shape []", () => {
    const { step } = sgd({ learningRate: 1 }).init({ w: tensor([1, 2]) });
    expect([step.item(), step.dtype, step.rank]).toEqual([0, "int32", 0]);
  });
});

describe("learning rates", () => {
  const stepWith = (learningRate: LearningRate, given?: { learningRate?: number }, steps = 1): number => {
    const optimizer = sgd({ learningRate });
    let [params, state] = [{ w: tensor(0) }, optimizer.init(null)];
    for (let i = 0; i < steps; i++) ({ params, state } = optimizer.update({ w: tensor(-1) }, state, params, given));
    return params.w.item();
  };

  test("a schedule is asked with the steps done: 0, 1, 2, …", () => {
    const asked: number[] = [];
    expect(stepWith((step) => (asked.push(step), 2 ** -step), {}, 4)).toBe(1 + 0.5 + 0.25 + 0.125);
    expect(asked).toEqual([0, 0, 1, 2, 3]); // the state at the start says the first rate
  });

  test("the rate of a single update stands in for the optimiser's, 0 included", () => {
    expect(stepWith(0.5, { learningRate: 2 })).toBe(2);
    expect(stepWith(0.5, { learningRate: 0 })).toBe(0);
    expect(stepWith(0)).toBe(0);
  });

  const bad = [NaN, Infinity, -Infinity, -1, -1e-300, "0.1", null, true, {}];
  test.each(bad)("%s is refused, at once, from a schedule", (rate) => {
    const message = /sgd: expected a learningRate that is a finite number from 0/;
    expect(() => sgd({ learningRate: rate as number })).toThrow(ArgumentError);
    expect(() => sgd({ learningRate: rate as number })).toThrow(message);
    expect(() => stepWith(() => rate as number)).toThrow(ArgumentError);
    expect(() => stepWith(() => rate as number)).toThrow(message);
  });

  test.each(bad.slice(0, 6))("%s is refused for a single update", (rate) => {
    expect(() => stepWith(1, { learningRate: rate as number })).toThrow(ArgumentError);
  });
});

describe("what else is refused", () => {
  const optimizer = sgd({ learningRate: 1 });
  const update = (gradients: unknown, params: unknown): unknown =>
    optimizer.update(gradients, optimizer.init(params), params);

  test("misspelt options", () => {
    expect(() => sgd({ learningRate: 1, momentun: 0.9 } as never)).toThrow(/unknown option "momentun"/);
    const wrong = { rate: 1 } as never;
    expect(() => optimizer.update({}, optimizer.init({}), {}, wrong)).toThrow(/sgd.update: unknown option "rate"/);
  });

  test("gradients of another structure, with the path", () => {
    expect(() => update({ v: tensor(1) }, { w: tensor(1) })).toThrow(ArgumentError);
    expect(() => update({ a: [tensor(1)] }, { a: [tensor(1), tensor(2)] })).toThrow(/gradients of .*none at "a\[1\]"/);
    expect(() => update({ a: "1" }, { a: "1" })).toThrow(/"a"/);
  });

  // Broadcast, they would make the parameter grow to shape [2, 2].
  test("gradients of another shape", () => {
    const params = { w: tensor([1, 2]) };
    expect(() => update({ w: random(1).normal([2, 1]) }, params)).toThrow(ShapeError);
  });

  test("no options at all", () => {
    expect(() => sgd(undefined as never)).toThrow(CotangentError);
  });
});

// Leaves of trees are tensors or numbers; numbers count as float64 scalars.
test("a number is a leaf", () => {
  const optimizer = sgd({ learningRate: 0.5 });
  const params: { w: Tensor | number } = { w: 3 };
  const { w } = optimizer.update<typeof params>({ w: tensor(2) }, optimizer.init(params), params).params;
  expect((w as Tensor).item()).toBe(2);
});
