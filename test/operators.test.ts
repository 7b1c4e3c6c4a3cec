import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, CotangentError, grad, jvp, random, vjp, withBackend, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";
import type { OperatorCase } from "./cases/table.js";
import { slopeOf } from "../packages/core/src/check/slope.js";
import { cases } from "./operators.cases.js";

/** Random cases a law: 200, or what a nightly run asks for. */
const numRuns = Number(process.env["COTANGENT_CASES"] ?? 200);

/** A fixed direction of a tensor's shape, different for each `seed`. */
function direction(like: Tensor, seed: number): Tensor {
  return random(seed).uniform(like.shape, { low: -1, high: 1 });
}

/** A part of a tensor: the whole, nothing or one element along its last axis, or its first element without axes. */
function partOf(x: Tensor, pick: number): Tensor {
  if (x.rank === 0 || pick === 0) return x;
  if (pick === 3) return x.reshape([-1]).slice([0]);
  const whole = x.shape.slice(0, -1).map(() => [null, null] as [null, null]);
  return x.slice([...whole, [0, pick - 1]]);
}

interface Outcome {
  readonly shape?: readonly number[];
  readonly values?: unknown;
  readonly error?: string;
}

/** What calls give, or their typed error; anything else thrown is a fault. */
function outcomes(run: () => readonly Tensor[]): readonly Outcome[] {
  try {
    return run().map((y) => ({ shape: y.shape, values: y.toTypedArray() }));
  } catch (error) {
    if (error instanceof CotangentError) return [{ error: `${error.name}: ${error.message}` }];
    throw error;
  }
}

function outcome(run: () => Tensor): Outcome {
  return outcomes(() => [run()])[0]!;
}

const inner = (a: Tensor, b: Tensor): number => a.mul(b).sum().item();

/** The gradients of ⟨ct, f⟩ summed against the directions: a scalar function for the next order. */
function sweepOf(f: OperatorCase["call"], ct: Tensor, directions: readonly Tensor[]): OperatorCase["call"] {
  return (...xs) => {
    const gradients = grad((list: Tensor[]) =>
      f(...list)
        .mul(ct)
        .sum(),
    )(xs);
    return gradients.map((g, i) => g.mul(directions[i]!).sum()).reduce((a, b) => a.add(b));
  };
}

function checkOrder(f: OperatorCase["call"], xs: readonly Tensor[], order: number): void {
  const ct = direction(f(...xs), 3);
  const directions = xs.map((x, i) => direction(x, 10 + i));
  const along = sweepOf(f, ct, directions);
  const analytic = along(...xs).item();
  const { value, bar } = slopeOf((t) => inner(f(...xs.map((x, i) => x.add(directions[i]!.mul(t)))), ct));
  // The bar is an estimate, so it may be a few times too short; and points round before f sees them.
  expect(Math.abs(analytic - value)).toBeLessThanOrEqual(10 * bar + 1e-10 * (1 + Math.abs(value)));
  // A bar that says nothing would pass anything.
  expect(bar).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(value)));
  if (order > 1) checkOrder(along, xs, order - 1);
}

describe.each(Object.entries(cases) as [keyof typeof ops, OperatorCase][])("%s", (name, row) => {
  const { inputs, call, order, broadcasts = false, misuse = [] } = row;
  const samples = fc.tuple(...inputs);

  test("text is refused by name", () => {
    const careless = ops[name] as (...args: unknown[]) => unknown;
    expect(() => careless("text", "text", "text")).toThrow(CotangentError);
    expect(() => careless("text", "text", "text")).toThrow(new RegExp(`^${name}: expected `));
  });

  if (misuse.length > 0)
    test.each(misuse)("misuse %#: %s", (says, run) => {
      expect(run).toThrow(CotangentError);
      expect(run).toThrow(new RegExp(`^${name}: `));
      expect(run).toThrow(says);
    });

  test("all backends give the same bits", () => {
    fc.assert(
      fc.property(samples, (xs) => {
        const reference = withBackend("reference", () => call(...xs));
        for (const backend of ["source", "wasm"] as const) {
          const y = withBackend(backend, () => call(...xs));
          expect(y.shape).toEqual(reference.shape);
          expect(y.toTypedArray()).toEqual(reference.toTypedArray());
        }
      }),
      { numRuns },
    );
  });

  test("compiled, it gives the same bits, and so do its gradients", () => {
    const all = (list: readonly Tensor[]): Tensor[] => {
      const y = call(...list);
      return order === 0 ? [y] : [y, ...grad((xs: Tensor[]) => call(...xs).sum())(list as Tensor[])];
    };
    fc.assert(
      fc.property(samples, fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), (xs, picks) => {
        for (const list of [xs, xs.map((x, i) => partOf(x, picks[i]!))]) {
          const program = compile(all);
          const eager = outcomes(() => all(list));
          expect(outcomes(() => program(list))).toEqual(eager);
          expect(outcomes(() => program(list))).toEqual(eager);
        }
      }),
      // Programs take long to be made.
      { numRuns: Math.min(numRuns / 10, 100) },
    );
  });

  test("float32 agrees with float64", () => {
    fc.assert(
      fc.property(samples, (xs) => {
        const wide = call(...xs).toTypedArray();
        const narrow = call(...xs.map((x) => x.astype("float32"))).toTypedArray();
        wide.forEach((v, i) => expect(Math.abs(v - narrow[i]!)).toBeLessThanOrEqual(2e-5 * (1 + Math.abs(v))));
      }),
      { numRuns },
    );
  });

  test("views give the same result as copies", () => {
    fc.assert(
      fc.property(samples, (xs) => {
        const views = xs.map((x) => (x.rank < 2 ? x : x.transpose().mul(1).transpose()));
        const [a, b] = [call(...xs), call(...views)];
        expect(b.toTypedArray()).toEqual(a.toTypedArray());
      }),
      { numRuns },
    );
  });

  test("parts without elements, with one, and of fewer axes: the same on all backends, or a typed error", () => {
    fc.assert(
      fc.property(samples, fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), (xs, picks) => {
        const parts = xs.map((x, i) => partOf(x, picks[i]!));
        const [reference, source, wasm] = (["reference", "source", "wasm"] as const).map((backend) =>
          withBackend(backend, () => outcome(() => call(...parts))),
        );
        expect(source).toEqual(reference);
        expect(wasm).toEqual(reference);
        if (order === 0 || reference!.error !== undefined) return;
        const gradients = grad((list: Tensor[]) => call(...list).sum())(parts);
        gradients.forEach((g, i) => expect([g.shape, g.dtype]).toEqual([parts[i]!.shape, parts[i]!.dtype]));
      }),
      { numRuns },
    );
  });

  if (broadcasts)
    test("broadcasts as if repeated, and sums the cotangents", () => {
      fc.assert(
        fc.property(samples, ([x, y]) => {
          const wide = y!.broadcastTo(x!.shape).mul(1);
          expect(call(x!, y!).toTypedArray()).toEqual(call(x!, wide).toTypedArray());
          if (order === 0) return;
          const ct = direction(x!, 7);
          const by = (b: Tensor): Tensor => grad((t: Tensor) => call(x!, t).mul(ct).sum())(b);
          const [one, all] = [by(y!).toTypedArray(), by(wide)];
          const summed = y!.rank === 0 ? all.sum() : all.sum({ axis: 0 });
          // Two sums of two or six terms in different orders.
          const size = all.abs().sum().item();
          summed.toTypedArray().forEach((v, i) => expect(Math.abs(v - one[i]!)).toBeLessThanOrEqual(1e-15 * size));
        }),
        { numRuns },
      );
    });

  if (order === 0)
    test("no derivative flows", () => {
      fc.assert(
        fc.property(samples, (xs) => {
          const gradients = grad((list: Tensor[]) =>
            call(...list)
              .astype("float64")
              .sum(),
          )([...xs]);
          for (const g of gradients) expect(g.abs().sum().item()).toBe(0);
        }),
        { numRuns: 5 },
      );
    });

  if (order > 0)
    test("cotangents match differences, to the order declared", () => {
      fc.assert(
        fc.property(samples, (xs) => checkOrder(call, xs, order)),
        { numRuns },
      );
    });

  if (order > 0)
    test("forward mode agrees with reverse mode to rounding", () => {
      fc.assert(
        fc.property(samples, (xs) => {
          const tangents = xs.map((x, i) => direction(x, 20 + i));
          const [y, pullback] = vjp<Tensor[]>(call, ...xs);
          const ct = direction(y, 5);
          const cotangents = pullback(ct) as Tensor[];
          const [, tangent] = jvp<Tensor[]>(call, xs, tangents);
          const forward = inner(ct, tangent);
          const reverse = cotangents.reduce((sum, c, i) => sum + inner(c, tangents[i]!), 0);
          // A few hundred roundings of terms below 100.
          expect(Math.abs(forward - reverse)).toBeLessThan(1e-11 * (1 + Math.abs(forward)));
        }),
        { numRuns },
      );
    });
});
