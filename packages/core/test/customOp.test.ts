/** defineOp: the rule counts, of any order, in both modes, over batches; what breaks its promise is refused. */
import { describe, expect, test } from "vitest";
import {
  CotangentError,
  defineOp,
  grad,
  graphOf,
  GradientError,
  hessian,
  hvp,
  jvp,
  noGrad,
  tensor,
  variable,
  vjp,
  vmap,
  zeros,
  type OpDefinition,
  type Tensor,
} from "@cotangent/core";

const cube = {
  name: "cube",
  vjp: (ct: Tensor, [x]: [x: Tensor]): Tensor[] => [ct.mul(x.square()).mul(3)],
  jvp: ([t]: [x: Tensor], [x]: [x: Tensor]): Tensor => t.mul(x.square()).mul(3),
};
const raw = defineOp({
  ...cube,
  forward: (x: Tensor) => tensor(x.toTypedArray().map((v) => v ** 3), { shape: x.shape, dtype: x.dtype }),
}); // prettier-ignore
const inOperators = defineOp({ ...cube, forward: (x: Tensor) => x.mul(x).mul(x) });

/** z = x y with a rule on purpose wrong by factors 10 and 100, so that it shows which rule ran. */
const marked = defineOp({
  name: "marked",
  forward: (x: Tensor, y: Tensor) => x.mul(y),
  vjp: (ct, [x, y]) => [ct.mul(y).mul(10), ct.mul(x).mul(100)],
  jvp: ([tx, ty], [x, y]) => tx.mul(y).mul(10).add(ty.mul(x).mul(100)),
});

describe.each([["a raw kernel", raw], ["operators", inOperators]])("forward as %s", (_name, op) => {
  const x = tensor([1, 2]);
  test("value, and derivatives of order 1 to 4", () => {
    expect(op(x).toArray()).toEqual([1, 8]);
    const sum = (t: Tensor): Tensor => op(t).sum();
    expect(grad(sum)(x).toArray()).toEqual([3, 12]);
    expect([grad(op)(2), grad(grad(op))(2), grad(grad(grad(op)))(2), grad(grad(grad(grad(op))))(2)].map((t) => t.item())).toEqual([12, 12, 6, 0]);
    expect(hessian(sum)(x).toArray()).toEqual([[6, 0], [0, 12]]);
    expect(hvp(sum)(x, tensor([1, 10])).toArray()).toEqual([6, 120]);
    expect(jvp(op, [x], [tensor([1, 10])])[1].toArray()).toEqual([3, 120]);
    expect(grad((t: Tensor) => jvp(op, [t], [tensor(1)])[1])(2).item()).toBe(12);
  });

  test("is one node, named, with numbers and dtypes adopted", () => {
    expect(graphOf(op(variable(2))).nodes.map((node) => node.name)).toEqual(["variable", "cube"]);
    expect([op.name, op.definition.name, op(3).item()]).toEqual(["cube", "cube", 27]);
    expect(op(x.astype("float32")).dtype).toBe("float32");
    expect(op(variable(2)).requiresGrad && !noGrad(() => op(variable(2))).requiresGrad).toBe(true);
  });
}); // prettier-ignore

describe("the rule counts", () => {
  test("not what forward is made of, in either mode", () => {
    const gradient = grad(marked, { argnums: [0, 1] })(tensor(3), tensor(5));
    expect(gradient.map((t) => t.item())).toEqual([50, 300]);
    expect(jvp(marked, [3, 5], [1, 0])[1].item()).toBe(50);
    expect(jvp(marked, [3, 5], [0, 1])[1].item()).toBe(300);
    expect(grad((x: Tensor) => marked(x, x))(3).item()).toBe(330);
  });

  test("not for tensors in the closure, and an input returned as it is stays what it was", () => {
    const w = variable(2);
    const op = defineOp({ name: "op", forward: (x: Tensor) => x.mul(w), vjp: (ct) => [ct] });
    const y = op(variable(3));
    expect([y.item(), y.backward().get(w).item()]).toEqual([6, 0]);
    expect(op(tensor(3)).requiresGrad).toBe(false);
    const straight = defineOp({ name: "reversal", forward: (x: Tensor) => x, vjp: (ct) => [ct.neg()] });
    expect(straight(w).backward().get(w).item()).toBe(-1);
    expect(w.backward().get(w).item()).toBe(1);
  });

  test("null is flat; an input of int32 gets null", () => {
    const scaled = defineOp({
      name: "scaled",
      forward: (x: Tensor, n: Tensor) => x.mul(n),
      vjp: (ct, [, n]) => [ct.mul(n), null],
      jvp: ([t], [, n]) => t.mul(n),
    });
    const n = tensor([2, 3], { dtype: "int32" });
    expect(grad((x: Tensor) => scaled(x, n).sum())(tensor([1, 1])).toArray()).toEqual([2, 3]);
    expect(jvp((x: Tensor) => scaled(x, n), [tensor([1, 1])], [tensor([1, 10])])[1].toArray()).toEqual([2, 30]);
    const flat = defineOp({ name: "flat", forward: (x: Tensor) => x.floor(), vjp: () => [null], jvp: () => null });
    expect([grad(flat)(2.5), jvp(flat, [2.5], [1])[1]].map((t) => t.item())).toEqual([0, 0]);
    const sign = defineOp({ name: "isPositive", forward: (x: Tensor) => x.greater(0), vjp: () => [null] });
    expect(sign(variable(1)).requiresGrad).toBe(false);
  });

  test("runs once a sweep for all inputs, and anew in a sweep that is recorded", () => {
    let runs = 0;
    const op = defineOp({
      name: "product",
      forward: (x: Tensor, y: Tensor) => x.mul(y),
      vjp: (ct, [x, y]) => (runs++, [ct.mul(y), ct.mul(x)]),
    });
    const [x, y] = [variable(2), variable(3)];
    const z = op(x, y);
    const cotangent = tensor(1);
    z.backward({ cotangent });
    expect(runs).toBe(1);
    const slope = z.backward({ cotangent, createGraph: true }).get(x);
    expect([runs, slope.backward().get(y).item()]).toEqual([2, 1]);
  });

  test("over batches, with derivatives inside and outside", () => {
    const [x, y] = [tensor([1, 2, 3]), tensor([4, 5, 6])];
    expect(vmap(inOperators)(x).toArray()).toEqual([1, 8, 27]);
    expect(vmap(grad(marked))(x, y).toArray()).toEqual([40, 50, 60]);
    expect(grad((t: Tensor) => vmap(marked)(t, y).sum())(x).toArray()).toEqual([40, 50, 60]);
    expect(vmap(grad(marked, { argnums: 1 }), { inAxes: [0, null] })(x, tensor(2)).toArray()).toEqual([100, 200, 300]);
    expect(jvp(vmap(marked), [x, y], [x, zeros([3])])[1].toArray()).toEqual([40, 100, 180]);
    expect(vmap(vmap(grad(grad(inOperators))))(tensor([[1, 2]])).toArray()).toEqual([[6, 12]]);
    expect(() => vmap(raw)(x)).toThrow(/^vmap: expected operators that can be batched, got an operator cube that reads values/);
    const half = defineOp({ name: "half", forward: (t: Tensor) => t.mul(1), vjp: (ct, [t]) => [ct.mul(t.item())] });
    expect(vmap(half)(x).toArray()).toEqual([1, 2, 3]);
    expect(() => grad((t: Tensor) => vmap(half)(t).sum())(x)).toThrow(/^vmap: expected operators .* got a rule of half that reads values/);
  }); // prettier-ignore
});

const identity: OpDefinition<[Tensor]> = { name: "odd", forward: (x) => x.mul(1), vjp: (ct) => [ct] };
const define =
  (change: object): (() => unknown) =>
  () =>
    defineOp({ ...identity, ...change } as never);
const differentiate = (change: object) => () => grad(defineOp({ ...identity, ...change }))(2);

test.each<[string, RegExp, () => unknown]>([
  ["ArgumentError", /^defineOp: expected a name, got the string ""/, define({ name: "" })],
  ["ArgumentError", /^defineOp: expected the option vjp, which is missing/, define({ vjp: undefined })],
  ["ArgumentError", /^defineOp: unknown option "backward"; it takes name, forward/, define({ backward: 1 })],
  ["ArgumentError", /^defineOp: expected forward to be a function.*, got 3/, define({ forward: 3 })],
  ["ArgumentError", /^defineOp: expected vjp to be a function.*, got 3/, define({ vjp: 3 })],
  ["ArgumentError", /^defineOp: expected jvp to be a function.*, got 3/, define({ jvp: 3 })],
  ["ArgumentError", /^defineOp: expected the option max, which is missing/, define({ domain: { min: 0 } })],
  ["ArgumentError", /^defineOp: expected a domain with min <= max.*got min 2, max 1/, define({ domain: { min: 2, max: 1 } })],
  ["ArgumentError", /^defineOp: expected an options object, got undefined/, () => defineOp(undefined as never)],
  ["ArgumentError", /^odd: expected a tensor or a number, got the string "x"/, () => defineOp(identity)("x" as never)],
  ["ArgumentError", /^odd: expected tensors or numbers, got nothing/, () => (defineOp(identity) as unknown as () => unknown)()],
  ["ArgumentError", /^odd: expected forward to return a tensor, got 3/, differentiate({ forward: () => 3 })],
  ["GradientError", /^odd: expected its vjp to return a list of 1 cotangents.*, got 2/, differentiate({ vjp: (ct: Tensor) => [ct, ct] })],
  ["GradientError", /^odd: expected its vjp to return a list of 1 cotangents.*, got a Tensor/, differentiate({ vjp: (ct: Tensor) => ct })],
  ["GradientError", /^odd: .*for input 0 of its shape \[\] and dtype float64, got shape \[2\] and dtype float64/, differentiate({ vjp: () => [tensor([1, 2])] })],
  ["GradientError", /^odd: .*for input 0 .*dtype float64, got shape \[\] and dtype float32/, differentiate({ vjp: (ct: Tensor) => [ct.astype("float32")] })],
  ["GradientError", /^odd: .*for input 0 .*, got 3/, differentiate({ vjp: () => [3] })],
  ["GradientError", /^odd: .*for input 0 .*, got undefined/, differentiate({ vjp: () => [undefined] })],
  ["GradientError", /^odd: .*null for input 1, which is int32, got a Tensor/, () => {
    const op = defineOp({ name: "odd", forward: (x: Tensor, n: Tensor) => x.mul(n), vjp: (ct) => [ct, ct] });
    return grad((x: Tensor) => op(x, tensor(2, { dtype: "int32" })))(1);
  }],
  ["GradientError", /^odd: expected a rule for forward mode \(jvp, hvp\), got an operator without one; give defineOp a jvp/, () => jvp(defineOp(identity), [1], [1])],
  ["GradientError", /^odd: expected its jvp to return a tangent for the output of its shape \[\] .*got shape \[1\]/, () => jvp(defineOp({ ...identity, jvp: ([t]) => t.reshape([1]) }), [1], [1])],
  ["GradientError", /^odd: expected its jvp .* got 3/, () => jvp(defineOp({ ...identity, jvp: (() => 3) as never }), [1], [1])],
])("%s %s", (type, says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
}); // prettier-ignore

test("a wrong rule is refused in every way of asking, and vjp by parts works", () => {
  const op = defineOp({ ...identity, vjp: () => [zeros([3])] });
  expect(() => vjp(op, 1)[1](tensor(1))).toThrow(GradientError);
  expect(vjp(marked, 2, 3)[1](tensor(1)).map((t) => t.item())).toEqual([30, 200]);
});
