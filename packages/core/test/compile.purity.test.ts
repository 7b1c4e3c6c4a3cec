/** `verify` refuses a function that computes something else than what was recorded, by what has changed. */
import { expect, test, vi } from "vitest";
import { compile, defineOp, GraphError, random, scalar, tensor, type Random, type Tensor } from "@cotangent/core";

const x = tensor([0.5, 2]);

/** What each of `calls` calls gave, verified before: `true` where it was right. The number outside is that of the call. */
function follow(f: (x: Tensor, call: number) => unknown, calls: number): (boolean | string)[] {
  let call = 0;
  const program = compile((x: Tensor) => f(x, call));
  return Array.from({ length: calls }, (_, i) => {
    call = i + 1;
    try {
      program.verify();
      return JSON.stringify(program(x)) === JSON.stringify(f(x, call));
    } catch (error) {
      expect(error).toBeInstanceOf(GraphError);
      return (error as Error).message;
    }
  });
}

test.each<[string, (x: Tensor, call: number) => unknown, RegExp]>([
  ["a number", (x, n) => x.mul(n), /: the number in mul was 1 and is 2; pass what changes as an argument/],
  ["a negative zero", (x, n) => x.mul(n === 1 ? 0 : -0), /the number in mul was 0 and is -0;/],
  ["a tensor", (x, n) => x.add(tensor([7, n])), /number 2 of 2 in a constant in add was 1 and is 2;/],
  ["an operator", (x, n) => (n === 1 ? x.sin() : x.cos()), /: sin has become cos;/],
  ["one more", (x, n) => (n === 1 ? x.sin() : x.sin().exp()), /it had 1 operators and has 2;/],
  ["an axis", (x, n) => x.reshape([2, 1]).sum({ axis: n - 1 }), /it returns float64 \[2\] after float64 \[1\];/],
  ["an order", (x, n) => x.sort({ descending: n === 1 }), /;/],
  ["an operand", (x, n) => x.mul(2).sub(x.exp()).add(n === 1 ? x.mul(2) : x.exp()), /an operand in add comes from elsewhere;/],
  ["a part", (x, n) => x.slice([[0, n === 1 ? 1 : 2]]).sum(), /another part of an operand is read in sum;/],
  ["a constant result", (_, n) => tensor([n]), /the number in the result was 1 and is 2;/],
  ["a fixed result", (x, n) => [x.exp(), n], /it returns 2 after 1 at "\[1\]";/],
  ["a result's structure", (x, n) => (n === 1 ? [x] : [x, x]), /an array of length 2 after an array of length 1;/],
  ["an argument for a result", (x, n) => (n === 1 ? x : x.exp()), /it had 0 operators and has 1;/],
  ["a custom operator's options", (x, n) => defineOp({ name: "own", forward: (y: Tensor) => y.mul(n), vjp: () => [null] })(x), /the number in mul/],
])("%s that changes at every call: no result is wrong", (_, f, says) => {
  const [first, ...others] = follow(f, 2);
  expect(first).toBe(true);
  for (const other of others) expect(other).toMatch(/^verify: expected a pure function, got one that computes something else now/);
  for (const other of others) expect(other).toMatch(says);
}); // prettier-ignore

test("random numbers from elsewhere", () => {
  const program = compile((x: Tensor) => x.add(Math.random()));
  program(x);
  expect(() => program.verify()).toThrow(/the number in add was 0\.\d+ and is 0\.\d+;/);
});

test("what changes later is found later, and is none once it has changed back", () => {
  let factor = 0.5;
  const f = vi.fn((x: Tensor) => x.mul(factor));
  const program = compile(f);
  program.verify();
  expect(f).not.toHaveBeenCalled();
  for (let i = 0; i < 100; i++) program(x);
  expect(f).toHaveBeenCalledTimes(1);
  program.verify();
  expect(f).toHaveBeenCalledTimes(2);
  factor = 0.25;
  expect(program(x).toArray()).toEqual([0.25, 1]);
  for (let i = 0; i < 2; i++) expect(() => program.verify()).toThrow(/the number in mul was 0\.5 and is 0\.25; pass/);
  factor = 0.5;
  program.verify();
});

test("all kinds of arguments are looked at", () => {
  let factor = 1;
  const program = compile((x: Tensor) => (x.rank === 0 ? x.mul(factor) : x));
  program(scalar(1));
  program(x);
  factor = 2;
  expect(() => program.verify()).toThrow(/the number in mul was 1 and is 2;/);
});

test("what is the same every time, or not needed, is no change", () => {
  const table = tensor([1, 2]);
  const cases: ((x: Tensor, n: number) => unknown)[] = [
    (x) =>
      x
        .mul(table)
        .add(tensor([3, 4]))
        .softplus({ beta: 2 }),
    (x) => x.add(random(3).normal([2])),
    (x, n) => (x.mul(n).exp(), x.add(1)),
    (x) => defineOp({ name: "own", forward: (y: Tensor) => y.mul(2), vjp: () => [null] })(x),
    (x) => x.div(0).add(NaN),
    (x) => [x, x.flip(), null, "text", { a: 1 }],
  ];
  for (const f of cases) expect(follow(f, 17)).toEqual(new Array(17).fill(true));
});

test("draws from generators: parameters and forks", () => {
  let n = 0;
  const both = (f: (r: Random) => Tensor) => () => {
    const program = compile((r: Random) => f(r));
    n = 1;
    program(random(1));
    program.verify();
    n = 2;
    program.verify();
  };
  expect(both((r) => r.normal([2], { mean: 3 }))).not.toThrow();
  expect(both((r) => r.fork("same").split().uniform([2]))).not.toThrow();
  expect(both((r) => r.normal([2], { mean: n }))).toThrow(/: normal draws other numbers/);
  // What a few numbers would not show.
  expect(both((r) => r.bernoulli([2], { probability: 0.5 + n * 1e-9 }))).toThrow(/: bernoulli draws other numbers/);
  expect(both((r) => r.integers([2], { low: 0, high: 2 ** 31 - n }))).toThrow(/: integers draws other numbers/);
  expect(both((r) => r.uniform([2], { high: 1 + n * 1e-15 }))).toThrow(/: uniform draws other numbers/);
  expect(both((r) => r.truncatedNormal([0], { std: n }))).toThrow(/: truncatedNormal draws other numbers/);
  expect(both((r) => (n === 1 ? r.normal([2]) : r.uniform([2])))).toThrow(/: normal has become uniform/);
  expect(both((r) => r.fork(`number ${n}`).uniform([2]))).toThrow(/another generator is made by fork or split/);
  expect(both((r) => (n === 1 ? r.uniform([2]) : r.uniform([2]).add(r.uniform([2]))))).toThrow(/1 draws and has 2/);
});

test("an error of the function's own is thrown as it is", () => {
  let fails = false;
  const program = compile((x: Tensor) => {
    if (fails) throw new Error("mine");
    return x.add(1);
  });
  program(x);
  fails = true;
  expect(() => program.verify()).toThrow("mine");
  expect(program(x).toArray()).toEqual([1.5, 3]);
});
