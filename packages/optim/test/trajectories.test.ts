/** Fifty steps of every optimiser against its documented rule in plain numbers. */
import { describe, expect, test } from "vitest";
import { grad, type Tensor } from "@cotangent/core";
import { elements, make, networkProblem, quadraticProblem, rows } from "./problems.js";
import { network, quadratic, ruleOf } from "./rules.js";

const steps = 50;

describe.each(rows)("%s", (_title, name, given) => {
  function compare<P>(
    start: P,
    cost: (params: P) => Tensor,
    plain: { start: readonly number[]; gradient(p: readonly number[]): number[] },
  ): void {
    const gradientOf = grad<[P]>(cost);
    const optimizer = make(name, given);
    const rule = ruleOf(name, given);
    let [params, state] = [start, optimizer.init(start)];
    let expected = [...plain.start];
    const kept = expected.map((): Record<string, number> => ({}));
    expect(elements(params)).toEqual(expected);
    for (let t = 1; t <= steps; t++) {
      ({ params, state } = optimizer.update(gradientOf(params as never) as P, state, params));
      const g = plain.gradient(expected);
      expected = expected.map((p, i) => rule(p, g[i]!, t, kept[i]!));
      elements(params).forEach((p, i) => {
        const e = expected[i]!;
        expect(Math.abs(p - e), `step ${t}, element ${i}: ${p}, not ${e}`).toBeLessThanOrEqual(1e-10 * Math.abs(e));
      });
      expect(state.step.item()).toBe(t);
    }
    const moved = elements(params).map((p, i) => Math.abs(p - plain.start[i]!));
    expect(Math.min(...moved)).toBeGreaterThan(1e-4);
  }

  test("on a quadratic", () => {
    compare(quadraticProblem.start(), quadraticProblem.cost, quadratic);
  });

  test("on a network", () => {
    compare(networkProblem.start(), networkProblem.cost, network);
  });
});
