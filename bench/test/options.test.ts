/** The command line. */
import { describe, expect, test } from "vitest";
import { ArgumentError } from "@cotangent/core";
import { readOptions } from "../src/options.js";
import { javascriptPeers, peerNames } from "../src/peers/index.js";
import { casesInReport, freshPeers } from "../src/summary/plan.js";

describe("options of the benchmark", () => {
  test("without any: every case but the points of curves, every peer", () => {
    const { cases, peers, quick, report } = readOptions([]);
    expect(cases).toContain("matmul 512");
    expect(cases.some((name) => name.startsWith("batch of"))).toBe(false);
    expect(peers).toEqual(peerNames);
    expect({ quick, report }).toEqual({ quick: false, report: false });
  });
  test("--only chooses by parts of names, points of curves too", () => {
    expect(readOptions(["--only", "step b, batch of 16,"]).cases.length).toBeGreaterThan(10);
    expect(readOptions(["--only", "step b,batch of 16"]).cases).toEqual([
      "step b: 2-4-1 tanh, 400 samples",
      "batch of 16, 784-256-128-10 relu",
    ]);
  });
  test.each([
    [["--only", "step z"], /--only: expected a part of a case's name, got "step z"/],
    [["--peers", "numpy"], /--peers: expected names out of .*, got "numpy"/],
    [["--rounds", "0"], /--rounds: expected a whole number from 1, got "0"/],
    [["--from", "x.json"], /--from: expected --report/],
    [["--report", "--only", "matmul"], /--only: expected no --report/],
    [["--slow"], /--slow/],
  ] as const)("%j is refused", (args, message) => {
    expect(() => readOptions(args)).toThrow(ArgumentError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe("the plan of the report", () => {
  test("asks of a peer only what it can do", async () => {
    for (const name of ["cotangent-f64", "cotangent-f32", "compiled-f64", "compiled-f32", "hand-written", "js-f32"]) {
      const { cases } = await javascriptPeers[name]!();
      const missing = casesInReport(name).filter((wanted) => !(wanted in cases));
      // Those take seconds and minutes there.
      const slow = { "js-f32": ["matmul 1024"], "compiled-f64": ["scalar graph, 1000000 nodes, handles dropped"] };
      expect(missing, name).toEqual(slow[name as keyof typeof slow] ?? []);
    }
  });
  test("knows every peer whose first calls it looks at", () => {
    expect(freshPeers).toHaveLength(7);
  });
});
