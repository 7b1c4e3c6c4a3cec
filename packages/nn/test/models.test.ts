/** Gradients of whole models: against differences, forward against reverse mode, and gradients of gradients. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, hvp, jvp, leavesOf, mapTree, random, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import { cases, drawn, kinked, smooth, type Params } from "./models.cases.js";

/** ⟨a, b⟩ over all leaves of two trees. */
function inner(a: unknown, b: unknown): Tensor {
  const others = leavesOf(b);
  return leavesOf(a)
    .map(({ leaf }, i) => (leaf as Tensor).mul(others[i]!.leaf as Tensor).sum())
    .reduce((sum, term) => sum.add(term));
}

function directionOf(params: Params, seed: number): Params {
  const source = random(seed).fork("direction");
  return mapTree((p) => source.normal(p.shape), params) as Params;
}

const gradientOf = (cost: (params: Params) => Tensor): ((params: Params) => Params) =>
  grad<[Params]>(cost) as (params: Params) => Params;

const normOf = (tree: unknown): number => Math.sqrt(inner(tree, tree).item());

/**
 * Differences against the gradient, tensor by tensor, to 1e-7 and what rounding adds. A value of size s is off by a few
 * 2⁻⁵³ s, a loss from probabilities 1 - p ≥ σ(-4) by 55 times as much; over 2h = 2e-5 that makes less than 1e-9 s.
 */
function expectGradient(f: (params: Params) => Tensor, params: Params, size: number, seed: number): void {
  const gradients = leavesOf(gradientOf(f)(params));
  const found = compareGradients<Params>((p) => f(p as Params), params, { random: random(seed) });
  expect(found.map(({ path }) => path)).toEqual(gradients.map(({ path }) => path));
  found.forEach(({ path, relativeError, sampled }, i) => {
    const rounding = (1e-9 * size * Math.sqrt(sampled)) / (2 * normOf(gradients[i]!.leaf));
    if (relativeError > 0) expect(relativeError, path).toBeLessThan(1e-7 + rounding);
  });
  expect(found.reduce((sum, { sampled }) => sum + sampled, 0)).toBeGreaterThan(0);
}

describe.each(cases)("$name", ({ sampleOf }) => {
  test("the gradient agrees with central differences", () => {
    fc.assert(
      fc.property(drawn([...smooth, ...kinked]), (d) => {
        const { params, cost, largest } = sampleOf(d);
        fc.pre(largest <= 4);
        expectGradient(cost, params, 1 + cost(params).item(), d.seed);
      }),
      { numRuns: 30 },
    );
  });

  test("forward mode agrees with reverse mode to rounding", () => {
    fc.assert(
      fc.property(drawn([...smooth, ...kinked]), (d) => {
        const { params, cost, largest } = sampleOf(d);
        fc.pre(largest <= 4);
        const v = directionOf(params, d.seed);
        const [value, slope] = jvp<[Params]>(cost, [params], [v]);
        const reverse = inner(gradientOf(cost)(params), v).item();
        expect(value.item()).toBe(cost(params).item());
        // Each way sums at most a few hundred products of size 1, off by 2⁻⁵³ each, with p and 1 - p by 55 times as much.
        expect(Math.abs(slope.item() - reverse)).toBeLessThan(1e-12 * (1 + Math.abs(reverse)));
      }),
      { numRuns: 30 },
    );
  });

  test("the gradient of the gradient: against differences, against forward over reverse, symmetric", () => {
    fc.assert(
      fc.property(drawn(smooth), (d) => {
        const { params, cost, largest } = sampleOf(d);
        fc.pre(largest <= 4);
        const [u, v] = [directionOf(params, d.seed), directionOf(params, d.seed + 1)];
        const along =
          (w: Params) =>
          (p: Params): Tensor =>
            inner(gradientOf(cost)(p), w);
        const hv = gradientOf(along(v))(params);
        const product = hvp<Params>(cost)(params, v);
        const scale = 1 + Math.sqrt(inner(hv, hv).item() * inner(u, u).item());
        expect(Math.abs(inner(hv, u).item() - inner(product, u).item())).toBeLessThan(1e-12 * scale);
        expect(Math.abs(inner(hv, u).item() - inner(gradientOf(along(u))(params), v).item())).toBeLessThan(
          1e-12 * scale,
        );
        expectGradient(along(v), params, 1 + normOf(gradientOf(cost)(params)) * normOf(v), d.seed);
      }),
      { numRuns: 15 },
    );
  });
});
