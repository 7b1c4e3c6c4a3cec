/** Deliberately broken rules in networks of 10 to 200 nodes: found, named, and shrunk. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphOf, random, tensor, variable, type Tensor } from "@cotangent/core";
import { gradcheck, gradientProperty, tensors, type GradientReport } from "@cotangent/core/check";
import { around, broken, type Broken } from "./gradcheck.broken.js";

/** Steps of three nodes. */
const sizes = [3, 20, 62] as const;

/** Whether the report names the operator, as a culprit or in a problem. */
function names(report: GradientReport, { name, problem }: Broken): boolean {
  if (problem === true) return report.problems.some((text) => text.startsWith(`${name}, called at `));
  return report.culprits[0]?.op === name && report.failures[0]?.op === name;
}

test("there are enough of them, in networks of 10 to 200 nodes", () => {
  expect(broken.length).toBeGreaterThanOrEqual(20);
  const nodes = sizes.map((steps) => {
    const graph = graphOf(around((x) => x.sin(), steps, 1)(variable(tensor([[0.5, -1], [0.25, 2]])))); // prettier-ignore
    return graph.nodes.filter(({ name }) => name !== "constant").length;
  });
  expect(nodes[0]).toBeGreaterThanOrEqual(10);
  expect(nodes.at(-1)).toBeLessThanOrEqual(200);
});

describe.each(broken)("$says", (entry) => {
  test.each(sizes)("in a network of %i steps: detected, and named with its line", (steps) => {
    const f = around(entry.call, steps, Math.floor(steps / 3));
    // A rule that branches on a value is right on one side.
    let report: GradientReport;
    for (let seed = 1; ; seed++) {
      report = gradcheck(f, [random(seed).uniform([2, 2], { low: -1, high: 1 })], { order: entry.order ?? 1 });
      if (!report.ok || seed === 5) break;
    }
    expect(report.ok).toBe(false);
    expect(names(report, entry), report.toString()).toBe(true);
    expect(report.toString()).toMatch(/gradcheck\.broken\.ts:\d+:\d+/);
  });

  test("the counterexample shrinks to at most 4 elements", () => {
    const f = around(entry.call, 4, 1);
    const square = (n: number) => tensors({ shape: [n, n], min: -2, max: 2 });
    let caught: (Error & { counterexample?: Tensor[] }) | null = null;
    try {
      gradientProperty(f, [fc.integer({ min: 1, max: 4 }).chain(square)], {
        seed: 1,
        numRuns: 50,
        order: entry.order ?? 1,
      });
    } catch (error) {
      caught = error as Error;
    }
    expect(caught?.message).toMatch(/gradientProperty\(f, arbitraries, \{ seed: 1, path: "[\d:]+"/);
    expect(caught?.message).toContain("gradcheck(f, [tensor([[");
    expect(caught!.counterexample![0]!.size).toBeLessThanOrEqual(4);
  });
});

test("right operators are not blamed", () => {
  const report = gradcheck(around((x) => x.sin(), 40, 13), [tensor([[0.5, -1], [0.25, 2]])], { order: 2 }); // prettier-ignore
  expect(report.ok, report.toString()).toBe(true);
});
