/** checkpoint: the same values and derivatives, computed again instead of kept. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backward,
  checkpoint,
  grad,
  graphOf,
  hessian,
  hvp,
  jacobian,
  jvp,
  noGrad,
  random,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  withDefaultDtype,
  type Tensor,
} from "@cotangent/core";
import { compositions, direction } from "./compositions.js";

type Unary = (x: Tensor) => Tensor;

/** A dozen roundings, of numbers whose sums may cancel. */
function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = 1 + expected.abs().max().item();
  expect(actual.sub(expected).abs().max().item()).toBeLessThanOrEqual(1e-12 * scale);
}

/** Counts the runs of a function. */
function counted(f: Unary): { f: Unary; runs: () => number } {
  let runs = 0;
  return { f: (x) => (runs++, f(x)), runs: () => runs };
}

describe("checkpoint", () => {
  test("random compositions, cut in two: value, gradient, Hessian, forward mode", () => {
    fc.assert(
      fc.property(compositions(4), compositions(3), ({ x, f, seed }, { f: g }) => {
        const whole: Unary = (t) => g(f(t));
        const loss = (h: Unary): Unary => (t) => {
          const y = h(t);
          return y.mul(direction(y.shape, seed)).sum();
        };
        const pieces = [(t: Tensor) => checkpoint(g)(checkpoint(f)(t)), checkpoint((t) => checkpoint(g)(checkpoint(f)(t)))];
        for (const piece of pieces) {
          expect(piece(variable(x)).toTypedArray()).toEqual(whole(x).toTypedArray());
          expectClose(grad(loss(piece))(x), grad(loss(whole))(x));
          const v = direction(x.shape, seed + 1);
          const along = (h: Unary): Unary => (t) => grad(loss(h))(t).mul(v).sum();
          expectClose(grad(along(piece))(x), grad(along(whole))(x));
          expectClose(hvp(loss(piece))(x, v), hvp(loss(whole))(x, v));
          expectClose(grad((t: Tensor) => jvp(loss(piece), [t], [v])[1])(x), grad((t: Tensor) => jvp(loss(whole), [t], [v])[1])(x));
          expectClose(jacobian(piece)(x), jacobian(whole)(x));
        }
      }),
      { numRuns: 60 },
    );
  }); // prettier-ignore

  test("tensors in the closure get their gradients, to any order, and their history is swept once", () => {
    const run = (wrap: (f: Unary) => Unary): number[] => {
      const a = variable(0.7);
      const w = a.mul(2).sin();
      const v = w.exp();
      const f = wrap((x) => x.mul(w).tanh().add(v.mul(x)).mul(w));
      const first = backward(f(f(variable(0.3))), { createGraph: true });
      const slope = first.get(a);
      const second = backward(slope, { createGraph: true });
      return [slope, first.get(w), first.get(v), second.get(a), backward(second.get(a)).get(a)].map((t) => t.item());
    };
    const plain = run((f) => f);
    const variants = [checkpoint, (f: Unary) => checkpoint((x) => checkpoint(f)(x))];
    for (const wrap of variants)
      run(wrap).forEach((v, i) => expect(Math.abs(v - plain[i]!)).toBeLessThanOrEqual(1e-12 * Math.abs(plain[i]!)));
  });

  test("trees and constants as arguments; the result may be an argument or a tensor of the closure", () => {
    const f = checkpoint(({ w, b }: { w: Tensor; b: Tensor[] }, k: number, label: string) =>
      w.mul(k).add(b[0]!).mul(label.length),
    );
    const gradient = grad((p: { w: Tensor; b: Tensor[] }) => f(p, 5, "ab"))({ w: tensor(1), b: [tensor(2)] });
    expect([gradient.w.item(), gradient.b[0]!.item()]).toEqual([10, 2]);
    const w = variable(4);
    expect(backward(checkpoint((x) => x)(w)).get(w).item()).toBe(1);
    expect(backward(checkpoint((_x) => w)(variable(1))).get(w).item()).toBe(1);
    expect(backward(checkpoint((x) => x.mul(x))(w)).get(w).item()).toBe(8);
    expect(w.requiresGrad && w.item()).toBe(4);
  }); // prettier-ignore

  test("derivatives inside of it", () => {
    const f = checkpoint((x: Tensor) => x.mul(grad((y) => y.pow(3).mul(x))(x)));
    // x · 3 x² · x = 3 x⁴
    expect([f(variable(2)), grad(f)(2), grad(grad(f))(2)].map((t) => t.item())).toEqual([48, 96, 144]);
    expect(hessian(f)(2).item()).toBe(144);
  });

  test("vmap and checkpoint in every order, with derivatives outside and inside", () => {
    const f: Unary = (x) => x.square().sum().mul(x.sin().sum());
    const x = tensor([[1, 2], [3, 4]]); // prettier-ignore
    const expected = vmap(grad(f))(x);
    expectClose(vmap(grad(checkpoint(f)))(x), expected);
    expectClose(grad((t: Tensor) => vmap(checkpoint(f))(t).sum())(x), expected);
    expectClose(grad((t: Tensor) => checkpoint(vmap(f))(t).sum())(x), expected);
    expectClose(grad(checkpoint((t: Tensor) => vmap(checkpoint(f))(t).sum()))(x), expected);
  });

  test("runs once for the value, once more a sweep, and never more often where nothing is tracked", () => {
    const { f, runs } = counted((x) => x.sin());
    const y = checkpoint(f)(variable(1));
    expect(runs()).toBe(1);
    expect([backward(y), backward(y)].length).toBe(2);
    expect(runs()).toBe(3);
    checkpoint(f)(tensor(1));
    noGrad(() => checkpoint(f)(variable(1)));
    expect(runs()).toBe(5);
    const two = counted((x) => x.sin());
    const w = variable(1);
    const both = checkpoint((p: { x: Tensor; w: Tensor }) => two.f(p.x.mul(p.w)));
    backward(both({ x: variable(2), w }));
    expect(two.runs()).toBe(2);
  });

  test("a sweep that is recorded after one that is not starts anew", () => {
    const x = variable(2);
    const y = checkpoint((t: Tensor) => t.pow(3))(x);
    const cotangent = tensor(1);
    backward(y, { cotangent });
    const slope = backward(y, { cotangent, createGraph: true }).get(x);
    expect(backward(slope).get(x).item()).toBe(12);
  });

  test("computes again in the default dtype of the first time", () => {
    const y = withDefaultDtype("float32", () =>
      checkpoint((x: Tensor) => x.mul(tensor([0.1, 0.2])).sum())(variable(2)),
    );
    expect(backward(y).get(y).item()).toBe(1);
    expect(y.dtype).toBe("float32");
  });

  test("is one node of the graph", () => {
    const graph = graphOf(checkpoint((x: Tensor) => x.sin().cos())(variable(1)).mul(2));
    expect(graph.nodes.map(({ name }) => name)).toEqual(["variable", "checkpoint", "constant", "mul"]);
  });

  test("misuse", () => {
    expect(() => checkpoint(3 as never)).toThrow(/^checkpoint: expected a function, got 3/);
    expect(() => checkpoint((() => 3) as never)(variable(1))).toThrow(/^checkpoint: expected the function to return a tensor, got 3/);
    expect(() => checkpoint((x) => x.greater(0))(variable(1))).toThrow(/^checkpoint: expected a float output, got bool/);
    const state = random(1);
    const noisy = checkpoint((x: Tensor) => x.mul(state.uniform([3])).sum())(variable(2));
    expect(() => backward(noisy)).toThrow(/^checkpoint: expected a function that gives the same result again.*random/);
    // What was cut is whole again after an error.
    const w = variable(3);
    let fail = false;
    const y = checkpoint((x: Tensor) => (fail ? tensor([1, 2]) : x.mul(w)))(variable(2));
    fail = true;
    expect(() => backward(y)).toThrow(/float64 \[\], then float64 \[2\]/);
    fail = false;
    expect(backward(y).get(w).item()).toBe(2);
    expect(valueAndGrad((x: Tensor) => x.mul(w))(2)[1].item()).toBe(3);
  }); // prettier-ignore
});

describe("memory", () => {
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;

  /** How many of the interior tensors of ten layers are still there when the output is kept. */
  async function kept(wrap: (f: Unary) => Unary): Promise<number> {
    const interior: WeakRef<Tensor>[] = [];
    const layer = wrap((x) => {
      const y = x.mul(2);
      interior.push(new WeakRef(y));
      return y.tanh();
    });
    const w = variable(tensor([0.1, 0.2]));
    let y = w;
    for (let i = 0; i < 10; i++) y = layer(y);
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      collect();
    }
    const alive = interior.filter((each) => each.deref() !== undefined).length;
    const gradient = backward(y.sum()).get(w);
    expect(gradient.isFinite().all().item()).toBe(1);
    return alive;
  }

  test("what is computed on the way is kept without checkpoint, and goes with it", async () => {
    expect(await kept((f) => f)).toBe(10);
    // The stack may hold a stale word.
    expect(await kept(checkpoint)).toBeLessThanOrEqual(1);
  });
});
