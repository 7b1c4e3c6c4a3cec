/** No false alarm over the whole operator table, at kinks and ties too. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stopGradient, tensor, type Tensor } from "@cotangent/core";
import { gradcheck } from "@cotangent/core/check";
import type * as ops from "../packages/core/src/ops/index.js";
import type { OperatorCase } from "./cases/table.js";
import { cases } from "./operators.cases.js";

/** Random inputs a row: a few, or what a long run asks for (`COTANGENT_GRADCHECK_CASES`). */
const numRuns = Number(process.env["COTANGENT_GRADCHECK_CASES"] ?? 5);

/** Values on a coarse grid, on which kinks and ties lie. */
const coarse = (x: Tensor): Tensor =>
  tensor(
    x.toTypedArray().map((v) => Math.round(v * 2) / 2),
    { shape: x.shape },
  );

/** What lies on purpose. */
const rows = Object.entries(cases).filter(([name]) => name !== "stopGradient") as [keyof typeof ops, OperatorCase][];

test("stopGradient is found out", () => expect(gradcheck((x) => x.mul(stopGradient(x)), [tensor([2])]).ok).toBe(false));

describe.each(rows)("%s", (_name, row) => {
  const { inputs, call, order } = row;
  const f = (...xs: Tensor[]): Tensor => call(...xs).astype("float64");
  const samples = fc.record({ xs: fc.tuple(...inputs), full: fc.boolean(), seed: fc.nat() });

  test("gradients pass", () => {
    fc.assert(
      fc.property(samples, ({ xs, full, seed }) => {
        const report = gradcheck(f, xs, {
          mode: full ? "full" : "fast",
          order: order === 2 && !full ? 2 : 1,
          seed,
        });
        if (!report.ok) throw new Error(report.toString());
      }),
      { numRuns },
    );
  });

  // Of rows that are smooth, the domains may end on the grid.
  if (order < 2)
    test("at kinks and ties too", () => {
      fc.assert(
        fc.property(samples, ({ xs, full, seed }) => {
          const report = gradcheck(f, xs.map(coarse), { mode: full ? "full" : "fast", seed });
          if (!report.ok) throw new Error(report.toString());
        }),
        { numRuns },
      );
    });
});
