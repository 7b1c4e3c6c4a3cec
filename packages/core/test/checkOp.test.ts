/** Operators that keep, and that break, what a rule promises. */
import { describe, expect, test } from "vitest";
import { abs, add, cholesky, defineOp, dot, log, matmul, mul, sqrt, stack, stopGradient, sum, tanh, tensor, type OpDefinition, type Tensor } from "@cotangent/core"; // prettier-ignore
import { checkOp, gradcheck } from "@cotangent/core/check";
import { mapKernel } from "../src/kernel.js";
import { apply, type Primitive, type Vjp } from "../src/primitive.js";

const right: OpDefinition<[Tensor]> = {
  name: "cube",
  forward: (x) => x.mul(x).mul(x),
  vjp: (ct, [x]) => [ct.mul(x.square()).mul(3)],
  jvp: ([t], [x]) => t.mul(x.square()).mul(3),
};
const product: OpDefinition<[Tensor, Tensor]> = {
  name: "product",
  forward: (x, y) => (String(x.shape) === String(y.shape) ? x.mul(y) : x.mul(y.reshape(x.shape))),
  vjp: (ct, [x, y]) => [ct.mul(y), ct.mul(x)],
  jvp: ([dx, dy], [x, y]) => dx.mul(y).add(dy.mul(x)),
};
const raw = (x: Tensor, f: (values: readonly number[]) => readonly number[]): Tensor =>
  tensor([...f(Array.from(x.toTypedArray()))].flat(), { dtype: x.dtype }).reshape(x.shape);

describe("operators that are right pass", () => {
  test.each<[string, () => ReturnType<typeof checkOp>]>([
    ["of one operand", () => checkOp(tanh)],
    ["of two, broadcast", () => checkOp(add)],
    ["with a domain", () => checkOp(log, { domain: { min: 0.5, max: 3 } })],
    ["with kinks", () => checkOp(abs)],
    ["with an arity", () => checkOp(sum, { arity: 1 })],
    ["with shapes", () => checkOp(matmul, { shapes: [[[2, 3], [3, 2]]] })],
    ["that take several shapes, but do not work by element", () => checkOp(matmul, { arity: 2 })],
    ["of an order", () => checkOp(tanh, { order: 1 })],
    ["of one's own", () => checkOp(defineOp(right))],
    ["of one's own, with two operands", () => checkOp(defineOp(product))],
    ["of one's own, with rest parameters", () =>
      checkOp(defineOp({
        name: "total",
        forward: (...xs: Tensor[]) => stack(xs).sum({ axis: 0 }),
        vjp: (ct, xs) => xs.map(() => ct),
        jvp: (ts) => stack(ts).sum({ axis: 0 }),
      }), { arity: 3 })],
  ])("%s", (_name, run) => {
    const report = run();
    expect(report.ok, report.toString()).toBe(true);
    expect(report.report).toBeNull();
  });
}); // prettier-ignore

test("what defineOp knows is used: the number of operands, and the domain with its gap", () => {
  const seen: number[][] = [];
  const op = defineOp({
    name: "ratio",
    forward: (x: Tensor, y: Tensor) => (seen.push([x.sum().item() / x.size, ...y.toTypedArray()]), x.div(y)),
    vjp: (ct, [, y], z) => [ct.div(y), ct.mul(z).div(y).neg()],
    jvp: ([dx, dy], [, y], z) => dx.sub(dy.mul(z)).div(y),
    domain: [
      { min: 5, max: 6 },
      { min: -2, max: 1, gap: 0.5 },
    ],
  });
  const report = checkOp(op, { shapes: [[[3], [3]]], numRuns: 20, order: 1 });
  expect(report.ok, report.toString()).toBe(true);
  // Differences move a little beyond the domain.
  for (const [mean, ...ys] of seen.slice(0, 1)) {
    expect(mean! >= 5 && mean! <= 6).toBe(true);
    expect(ys.every((y) => y >= -2 && y <= 1 && Math.abs(y) >= 0.5)).toBe(true);
  }
  expect(seen.some((row) => row.slice(1).some((y) => y > 0)) && seen.some((row) => row[1]! < 0)).toBe(true);
  const root = defineOp({ ...right, name: "root", forward: sqrt, vjp: (ct, _xs, y) => [ct.div(y).div(2)], jvp: ([t], _xs, y) => t!.div(y).div(2) }); // prettier-ignore
  expect(checkOp(root).problems.join()).toMatch(/not finite at these inputs, so nothing can be compared; see domain/);
  expect(checkOp(root, { domain: { min: 0.5, max: 2 } }).ok).toBe(true);
  expect(checkOp(root, { domain: [{ min: 1, max: 1 }] }).ok).toBe(true);
  expect(checkOp(defineOp({ ...right, domain: { min: -2, max: -2 } })).ok).toBe(true);
});

describe("what is no fault is a note", () => {
  test("no jvp; and gradcheck says so too, still finding a wrong vjp", () => {
    const { jvp: _jvp, ...reverse } = right;
    const report = checkOp(defineOp(reverse));
    expect(report.ok, report.toString()).toBe(true);
    expect(report.notes).toEqual(["it has no jvp, so forward mode (jvp, hvp) does not work and was not checked"]);
    const wrong = defineOp({ ...reverse, vjp: (ct, [x]) => [ct.mul(x.square()).mul(2)] });
    expect(checkOp(wrong).problems[0]).toMatch(/^its gradient is wrong, by the vjp/);
    const x = tensor([1, 2]);
    for (const mode of ["fast", "full"] as const) {
      const good = gradcheck((t) => defineOp(reverse)(t).sum(), [x], { mode, order: 2 });
      expect(good.ok, good.toString()).toBe(true);
      expect(good.notes).toEqual([expect.stringMatching(/^forward mode was not compared: cube: expected a rule/)]);
      const bad = gradcheck((t) => wrong(t).sum(), [x], { mode });
      expect([bad.ok, bad.failures[0]?.op, bad.failures[0]?.verdict]).toEqual([false, "cube", "reverse"]);
    }
  });

  test("a vjp that reads values: its derivatives are lost, and order 2 does not count", () => {
    const cubed = (v: number): number => 3 * v * v;
    const kernel = defineOp({ ...right, vjp: (ct, [x]) => [ct.mul(raw(x, (values) => values.map(cubed)))] });
    const report = checkOp(kernel);
    expect(report.ok, report.toString()).toBe(true);
    expect(report.notes.join()).toMatch(/^its vjp reads values .*order 2 does not count; write it in operators/);
    const wrong = defineOp({ ...right, vjp: (ct, [x]) => [ct.mul(raw(x, (values) => values.map((v) => v * v)))] });
    expect(checkOp(wrong).problems.join()).toMatch(/its gradient is wrong, by the vjp/);
  });

  test("shapes that are refused, while others are taken", () => {
    const report = checkOp(dot);
    expect(report.ok, report.toString()).toBe(true);
    expect(report.notes.join()).toMatch(/it refuses inputs of shape \[\] and \[\] \(ShapeError: dot: /);
  });
});

/** The identity as a primitive, with a rule. */
function identity(name: string, vjp: Vjp<void>): (x: Tensor) => Tensor {
  const primitive: Primitive = {
    name, kernel: mapKernel((s, x) => s.mul(s.constant(1), x!)), shape: null, dtype: null, vjp, jvp: "scalar",
  }; // prettier-ignore
  return (x) => apply(primitive, [x], undefined);
}

let count = 0;
const buffer = (x: Tensor): Float64Array => x.data as Float64Array;
const custom = (change: object) => defineOp({ ...right, ...change });
const pair = (change: object) => defineOp({ ...product, ...change });

describe("what is broken is said", () => {
  test.each<[string, RegExp, (...xs: never[]) => Tensor]>([
    ["the vjp", /its gradient is wrong, by the vjp/, identity("broken", (_, ct) => mul(ct, 2))],
    ["the jvp", /its gradient is wrong in forward mode, by the jvp/, custom({ jvp: ([t]: Tensor[]) => t })],
    ["both", /its gradient is wrong \(/, custom({ vjp: (ct: Tensor) => [ct], jvp: ([t]: Tensor[]) => t })],
    ["one mode beside the other", /its jvp and its vjp disagree/, custom({ jvp: ([t]: Tensor[]) => t })],
    ["order 2", /the derivative of its gradient is wrong/, custom({ vjp: (ct: Tensor, [x]: [Tensor]) => [ct.mul(stopGradient(x).square()).mul(3)] })],
    ["linearity", /not linear in the cotangent/, identity("broken", (_, ct) => mul(ct, ct))],
    ["the zero cotangent", /a zero cotangent does not give zero/, identity("broken", (_, ct) => add(ct, 1))],
    ["determinism of the value", /it gives another value the second time/, custom({ forward: (x: Tensor) => x.mul(1 + 1e-12 * count++) })],
    ["determinism of the rule", /another cotangent the second time/, identity("broken", (_, ct) => mul(ct, 1 + 1e-9 * count++))],
    ["the cotangent's shape", /it throws GradientError: broken: expected its vjp to return a float64 tensor of shape/, identity("broken", (_, ct) => sum(ct))],
    ["the cotangent's dtype", /expected its vjp to return a float32 tensor/, identity("broken", (_, ct) => ct.astype("float64"))],
    ["a vjp that refuses", /it throws ShapeError: matmul: /, custom({ vjp: (ct: Tensor) => [ct.matmul(tensor([[1, 2, 3, 4]]))] })],
    ["the number of cotangents", /it throws GradientError: cube: expected its vjp to return a list of 1/, custom({ vjp: (ct: Tensor) => [ct, ct] })],
    ["a kernel that crashes", /it throws TypeError: /, custom({ forward: (x: { absent?: Tensor }) => x.absent!.neg() })],
    ["a value in place", /it changes operand 0 in place/, custom({ forward: (x: Tensor) => { if (x.rank > 0 && x.dtype === "float64" && x.size > 0) buffer(x)[0]! += 1; return x.mul(2); } })],
    ["float32 widened", /its value for float32 operands is float64/, custom({ forward: (x: Tensor) => x.astype("float64").pow(3), vjp: (ct: Tensor, [x]: [Tensor]) => [ct.astype(x.dtype).mul(x.square()).mul(3)] })],
    ["float64 narrowed", /its value for float64 operands is float32/, custom({ forward: (x: Tensor) => x.astype("float32").pow(3), vjp: (ct: Tensor, [x]: [Tensor]) => [ct.astype(x.dtype).mul(x.square()).mul(3)] })],
    ["float32 by another formula", /its value in float32 is another one/, custom({ forward: (x: Tensor) => (x.dtype === "float32" ? x.mul(1.5) : x.pow(3)) })],
    ["the shape in float32", /its shape in float32 is another one/, custom({ forward: (x: Tensor) => (x.dtype === "float32" ? x.sum() : x.pow(3)), vjp: (ct: Tensor, [x]: [Tensor]) => [ct.mul(x.square()).mul(3)] })],
    ["views", /its value for a view .* is another one than for a copy/, custom({ forward: (x: Tensor) => (x.rank === 0 ? x.pow(3) : tensor(buffer(x).slice(x.offset, x.offset + x.size), { shape: x.shape, dtype: x.dtype }).pow(3)) })],
    ["views in the rule", /its cotangents for a view .* are others than for a copy/, custom({ vjp: (ct: Tensor, [x]: [Tensor]) => [ct.mul((x.rank === 0 ? x : tensor(buffer(x).slice(x.offset, x.offset + x.size), { shape: x.shape, dtype: x.dtype })).square()).mul(3)] })],
    ["broadcasting", /takes operands of different shapes, and gives other values than for broadcast ones/, pair({
      // Reads the shorter one round and round, whatever its axes are.
      forward: (x: Tensor, y: Tensor) => {
        const [a, b] = [x.toTypedArray(), y.toTypedArray()];
        return x.size < y.size ? y.mul(0).add(a[0]!) : tensor(Array.from(a, (v, i) => v * b[i % b.length]!), { dtype: x.dtype }).reshape(x.shape);
      },
      vjp: (ct: Tensor, [x, y]: Tensor[]) => [x!.mul(0), y!.mul(0), ct].slice(0, 2),
    })],
    ["the shape of broadcasting", /takes operands of different shapes, and gives shape \[\d*\] instead of \[2, 3\]/, pair({
      forward: (x: Tensor, y: Tensor) => (x.size === y.size ? x.mul(y) : x.size < y.size ? x : y),
      vjp: (_ct: Tensor, [x, y]: Tensor[]) => [x!.mul(0), y!.mul(0)],
      jvp: undefined,
    })],
  ])("%s", (_name, says, op) => {
    const report = checkOp(op);
    expect(report.ok).toBe(false);
    expect(report.problems.join("\n")).toMatch(says);
    expect(report.toString()).toMatch(/^checkOp: promises are broken/);
    const plain = JSON.parse(JSON.stringify(report)) as typeof report;
    expect([plain.ok, plain.problems, plain.notes, plain.runs]).toEqual([false, report.problems, report.notes, report.runs]);
  });

  test("an operator that takes no shape tried", () => {
    expect(checkOp(cholesky).problems).toEqual([expect.stringMatching(/^it refuses all shapes tried; pass shapes.*ShapeError: cholesky/)]);
  });
}); // prettier-ignore

test.each<[string, RegExp, () => unknown]>([
  ["ArgumentError", /^checkOp: expected an operator, a function of tensors, got the string "tanh"/, () => checkOp("tanh" as never)],
  ["ArgumentError", /^checkOp: expected an operator.*got undefined/, () => (checkOp as () => unknown)()],
  ["ArgumentError", /^checkOp: expected arity to be an integer from 1, got 0/, () => checkOp(tanh, { arity: 0 })],
  ["ArgumentError", /^checkOp: expected arity, as the function does not tell/, () => checkOp((...xs: Tensor[]) => xs[0]!)],
  ["ArgumentError", /^checkOp: expected arity, as forward of cube does not tell/, () => checkOp(custom({ forward: (...xs: Tensor[]) => xs[0]! }))],
  ["ArgumentError", /^checkOp: expected numRuns to be an integer from 1, got 1.5/, () => checkOp(tanh, { numRuns: 1.5 })],
  ["ArgumentError", /^checkOp: expected order 1 or 2, got 3/, () => checkOp(tanh, { order: 3 as never })],
  ["ArgumentError", /^checkOp: expected a seed that is a string or a finite number, got an object/, () => checkOp(tanh, { seed: {} as never })],
  ["ArgumentError", /^checkOp: expected a domain with min <= max/, () => checkOp(tanh, { domain: { min: 1, max: 0 } })],
  ["ArgumentError", /^checkOp: expected a domain with min <= max, both finite/, () => checkOp(tanh, { domain: { min: 1, max: Infinity } })],
  ["ArgumentError", /^checkOp: expected a domain with values at least gap away from 0/, () => checkOp(tanh, { domain: { min: -1, max: 1, gap: 2 } })],
  ["ArgumentError", /^checkOp: expected a value for the option domain, got null/, () => checkOp(tanh, { domain: null as never })],
  ["ArgumentError", /^checkOp: expected a domain, or a list with one for each of the 2 operands, got an array of length 1/, () => checkOp(add, { domain: [{ min: 0, max: 1 }] })],
  ["ArgumentError", /^checkOp: expected shapes to be a list of cases.*\[\[\[2, 3\], \[3, 4\]\]\], got 3 as case 0/, () => checkOp(tanh, { shapes: [3] as never })],
  ["ArgumentError", /^checkOp: expected shapes to be a list of cases.*got \[2, 3\] as case 0/, () => checkOp(tanh, { shapes: [[2, 3]] as never })],
  ["ArgumentError", /^checkOp: expected shapes to be a list of cases.*got an array of length 0/, () => checkOp(tanh, { shapes: [] })],
  ["ArgumentError", /^checkOp: expected shapes to be a list of cases.*got the string "2"/, () => checkOp(tanh, { shapes: "2" as never })],
  ["ArgumentError", /^checkOp: expected 2 shapes a case, one an operand \(arity 2\), got 1 in case 0/, () => checkOp(add, { arity: 2, shapes: [[[3]]] })],
  ["ShapeError", /^checkOp: expected sizes that are integers from 0, got -1/, () => checkOp(tanh, { shapes: [[[-1]]] })],
  ["ArgumentError", /^checkOp: unknown option "shape"/, () => checkOp(tanh, { shape: [] } as never)],
  ["ArgumentError", /^checkOp: expected an options object, got null/, () => checkOp(tanh, null as never)],
])("%s %s", (type, says, run) => {
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
}); // prettier-ignore
