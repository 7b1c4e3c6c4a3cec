/** From times to tables. */
import { describe, expect, test } from "vitest";
import { training } from "../src/cases.js";
import { curves, slopes } from "../src/curves.js";
import { callsUntilSteady, steadyTime } from "../src/fresh.js";
import { stepWarmUp, type Effort } from "../src/measure.js";
import type { Results, Timing } from "../src/results.js";
import { tasksOf, timing } from "../src/rounds.js";
import { between, table } from "../src/summary/markdown.js";
import { reportText, readmeText, settled } from "../src/summary/sections.js";
import { stepOf, targetLines } from "../src/summary/targets.js";
import { digits, spread } from "../src/table.js";

const exactly = (median: number): Timing => ({ median, low: median, high: median });

const results: Results = {
  date: "2020-02-03 04:05",
  processor: "Some processor",
  cores: 2,
  system: "Linux 6",
  node: "v20.20.2",
  load: [0.5, 1.25],
  rounds: 3,
  processorTime: false,
  peers: { "compiled-f32": "Cotangent, float32, compiled", "hand-written": "by hand", "tfjs-wasm": "TensorFlow.js" },
  leftOut: { "compiled-f32-2t": "there is one processor" },
  timings: {
    [stepOf("b")]: { "compiled-f32": exactly(1e-5), "hand-written": exactly(8.5e-6), "tfjs-wasm": exactly(9.9e-5) },
    "matmul 512": { "tfjs-wasm": { median: 0.01, low: 0.009, high: 0.012 } },
  },
  growth: null,
  fresh: {},
};

describe("times", () => {
  test("several rounds: the median of medians, and how far those lie apart", () => {
    expect(timing([[1, 2, 9], [3], [4, 4]])).toEqual({ median: 3, low: 2, high: 4 });
  });
  test("one round: its batches", () => {
    expect(timing([[1, 2, 9]])).toEqual({ median: 2, low: 1, high: 9 });
  });
  test("a range stands where it is wider than a quarter", () => {
    expect(spread({ median: 1, low: 0.9, high: 1.15 }, (s) => 100 / s)).toBe("100");
    expect(spread({ median: 1, low: 0.9, high: 1.2 }, (s) => 100 / s)).toBe("100 [83.3–111]");
  });
  test("figures have three digits or whole numbers", () => {
    expect([0.012345, 1.5, 99.94, 1234.5].map(digits)).toEqual(["0.0123", "1.5", "99.9", "1,235"]);
  });
  test("calls are steady from the first five on that are about as fast as the last ones", () => {
    const times = [90, 40, 30, 11, 10, 10, 10, 10, 10, 10, 10, 10];
    expect(callsUntilSteady(times, steadyTime(times))).toBe(1);
    expect(callsUntilSteady([5, 5, 5], 1)).toBe(3);
  });
});

describe("growth", () => {
  test("slopes are the powers of the size", () => {
    const points = [2, 4, 8, 16].map((n) => [n, 7 * n ** 3] as const);
    slopes(points).forEach(([, slope]) => expect(slope).toBeCloseTo(3, 12));
  });
  test("settled from the first slope on after which none is off", () => {
    const steps = [[2, 0.2], [4, 1.1], [8, 0.7], [16, 0.9], [32, 1.2]] as const; // prettier-ignore
    expect(settled(steps, 1)).toBe(16);
    expect(settled(steps, 3)).toBe(null);
    expect(settled([[2, 1]], 1)).toBe(2);
  });
  test("points of curves have names of their own", () => {
    const names = curves.flatMap(({ points, caseOf }) => points.map(caseOf));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("Markdown", () => {
  test("tables are laid out as prettier does", () => {
    expect(table(["", "µs"], [["a", "10"]])).toBe("|     |  µs |\n| --- | --: |\n| a   |  10 |");
  });
  test("what stands between marks is replaced, once and again", () => {
    const text = "a\n<!-- x:start -->\nold\n<!-- x:end -->\nb";
    const once = between(text, "x", "new")!;
    expect(once).toBe("a\n<!-- x:start -->\n\nnew\n\n<!-- x:end -->\nb");
    expect(between(once, "x", "new")).toBe(once);
    expect(between("no marks", "x", "new")).toBe(null);
  });
  test("targets: met, missed, or not measured", () => {
    const lines = targetLines(results);
    const of = (work: string): string[] => {
      const { reached, met } = lines.find((line) => line.work === work)!;
      return [reached, String(met)];
    };
    expect(of("(b) compiled, 1 thread, against hand-written")).toEqual(["0.85 ×", "true"]);
    expect(of("(b) compiled, 1 thread, against tfjs-wasm")).toEqual(["9.9 ×", "false"]);
    expect(of("(a) compiled, 1 thread, against hand-written")).toEqual(["not measured", "null"]);
  });
  test("a report of few results is whole, and says who is missing", () => {
    const text = reportText(results);
    expect(text).toContain("left out: compiled-f32-2t, since there is one processor");
    expect(text).toContain("2020-02-03 04:05 UTC, Some processor, 2 cores, Linux 6, Node 20.20.2");
    expect(text).not.toMatch(/undefined|NaN|Infinity/);
    expect(readmeText(results)).toMatch(/2-4-1 tanh, 400 samples +\| +100,000 \| +117,647 \| +10,101 \|/);
  });
});

describe("rounds", () => {
  const casesOf = (peer: string): readonly string[] => ({ x: ["a", "b"], y: ["b", "c"], z: [] })[peer]!;
  const effort = { warmUp: 0, batch: 0, batches: 1, processorTime: false };
  const order = (together: boolean): string[] =>
    tasksOf({ peers: ["x", "y", "z"], casesOf, effort, together }).map(({ peer, cases }) => peer + cases.join(""));
  test("every case of every peer has a process of its own, next to its rivals", () => {
    expect(order(false)).toEqual(["xa", "xb", "yb", "yc"]);
  });
  test("training steps warm up for longer", () => {
    const [step] = Object.keys(training);
    const tasks = tasksOf({ peers: ["x"], casesOf: () => [step!, "other"], effort, together: false });
    expect(tasks.map(({ effort }) => (effort as Effort).warmUp)).toEqual([stepWarmUp, 0]);
  });
  test("or every peer has one for all its cases", () => {
    expect(order(true)).toEqual(["xab", "ybc"]);
  });
});
