/** Deliberately broken rules in networks of 10 to 200 nodes: found, named, and shrunk. */
import { describe, expect, test } from "vitest";
import { random, tensor } from "@cotangent/core";
import { gradcheck, gradientProperty, tensors, type GradientReport } from "@cotangent/core/check";
import type { Tensor } from "@cotangent/core";
import { around, broken, type Broken } from "./gradcheck.broken.js";

const sizes = [10, 60, 200] as const;

/** Whether the report names the operator, as a culprit or in a problem. */
function names(report: GradientReport, { name, problem }: Broken): boolean {
  if (problem === true) return report.problems.some((text) => text.startsWith(`${name}, called at `));
  return report.culprits[0]?.op === name && report.failures[0]?.op === name;
}

test("there are enough of them", () => expect(broken.length).toBeGreaterThanOrEqual(20));

describe.each(broken)("$says", (entry) => {
  test.each(sizes)("in a network of %i nodes: detected, and named with its line", (count) => {
    const f = around(entry.call, count, Math.floor(count / 3));
    const x = random(count).uniform([2, 2], { low: -1, high: 1 });
    const report = gradcheck(f, [x], { order: entry.order ?? 1 });
    expect(report.ok).toBe(false);
    expect(names(report, entry), report.toString()).toBe(true);
    expect(report.toString()).toMatch(/gradcheck\.broken\.ts:\d+:\d+/);
  });

  test("the counterexample shrinks to at most 4 elements", () => {
    const f = around(entry.call, 12, 5);
    let caught: (Error & { counterexample?: Tensor[] }) | null = null;
    try {
      gradientProperty(f, [tensors({ shape: [2, 2], min: -2, max: 2 })], { seed: 1, numRuns: 50, order: entry.order });
    } catch (error) {
      caught = error as Error;
    }
    expect(caught?.message).toMatch(/gradientProperty\(f, arbitraries, \{ seed: 1, path: "[\d:]+"/);
    expect(caught?.message).toContain("gradcheck(f, [tensor([[");
    expect(caught!.counterexample![0]!.size).toBeLessThanOrEqual(4);
  });

  test("the right operators around it are not blamed", () => {
    const report = gradcheck(around((x) => x.sin(), 40, 13), [tensor([[0.5, -1], [0.25, 2]])], { order: 2 }); // prettier-ignore
    expect(report.ok, report.toString()).toBe(true);
  });
});
