/** Over all operators: the tools for anomalies are silent exactly where values and derivatives are finite. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CotangentError,
  detectAnomaly,
  explain,
  grad,
  jvp,
  NumericError,
  onesLike,
  variable,
  type Tensor,
} from "@cotangent/core";
import type * as ops from "../packages/core/src/ops/index.js";
import type { OperatorCase } from "./cases/table.js";
import { cases } from "./operators.cases.js";

const finite = (x: Tensor): boolean => x.toTypedArray().every((v) => Number.isFinite(v));
const rows = Object.entries(cases) as [keyof typeof ops, OperatorCase][];

describe.each(rows)("%s", (_name, { inputs, call, order }) => {
  const both = (xs: readonly Tensor[]): Tensor[] => {
    const f = (list: Tensor[]): Tensor => call(...list);
    const tangents = xs.map((x) => onesLike(x));
    return [
      call(...xs),
      ...(order === 0 ? [] : grad((list: Tensor[]) => f(list).sum())([...xs])),
      ...(order === 0 ? [] : [jvp(f, [xs as Tensor[]], [tangents])[1]]),
    ];
  };

  test("neither raises a false alarm, nor changes a bit", () => {
    fc.assert(
      fc.property(fc.tuple(...inputs), (xs) => {
        const watched = detectAnomaly(() => both(xs));
        expect(watched.map((x) => x.toTypedArray())).toEqual(both(xs).map((x) => x.toTypedArray()));
      }),
      { numRuns: 5 },
    );
  });

  test("inputs that are NaN are found, or do not come out", () => {
    fc.assert(
      fc.property(fc.tuple(...inputs), (xs) => {
        const broken = xs.map((x) => x.mul(NaN));
        let outcome: Tensor[] | null = null;
        try {
          // Views hand on what they get; the next operator sees it.
          outcome = detectAnomaly(() => both(broken).map((x) => x.mul(1)));
        } catch (error) {
          // Some routines refuse such inputs by themselves.
          expect(error).toBeInstanceOf(NumericError);
        }
        expect(outcome === null || outcome.every(finite)).toBe(true);
      }),
      { numRuns: 3 },
    );
  });

  test("at 0, a kink of many, they are silent exactly where all is finite", () => {
    fc.assert(
      fc.property(fc.tuple(...inputs), (xs) => {
        const zeros = xs.map((x) => x.mul(0));
        let outcome: Tensor[];
        try {
          outcome = both(zeros);
        } catch (error) {
          expect(error).toBeInstanceOf(CotangentError);
          return;
        }
        const watched = (): Tensor[] => detectAnomaly(() => both(zeros).map((x) => x.mul(1)));
        if (outcome.every(finite)) watched();
        else expect(watched).toThrow(NumericError);
      }),
      { numRuns: 1 },
    );
  });

  if (order > 0)
    test("explain finds nothing", () => {
      fc.assert(
        fc.property(fc.tuple(...inputs), (xs) => {
          const variables = xs.map((x) => variable(x));
          const report = explain(() => call(...variables));
          expect(report.ok && report.first === null).toBe(true);
        }),
        { numRuns: 2 },
      );
    });
});
