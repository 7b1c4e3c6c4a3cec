import { describe, expect, it } from "vitest";
import { tensor, type Tensor } from "@cotangent/core";
import { fromNumber, minus, negate, one, over, plus, times, two, exp, log1p, type Real } from "./real.js";
import { ulpError, unaryReferences } from "./references.js";
import { between, wordsFrom } from "./samples.js";

const normalCdf = unaryReferences["normalCdf"]!;
const tanh = unaryReferences["tanh"]!;
const half = over(one, two);

interface Row {
  readonly call: (x: Tensor) => Tensor;
  readonly exact: (x: Real) => Real;
  /** Units in the last place, where results are not subnormal. */
  readonly bound: number;
}

const rows: Readonly<Record<string, Row>> = {
  gelu: { call: (x) => x.gelu(), exact: (x) => times(x, normalCdf(x)), bound: 2 },
  sigmoid: { call: (x) => x.sigmoid(), exact: (x) => over(one, plus(one, exp(negate(x)))), bound: 2 },
  silu: { call: (x) => x.silu(), exact: (x) => over(x, plus(one, exp(negate(x)))), bound: 3 },
  mish: { call: (x) => x.mish(), exact: (x) => times(x, tanh(log1p(exp(x)))), bound: 4 },
  softplus: { call: (x) => x.softplus(), exact: (x) => log1p(exp(x)), bound: 2 },
  softSign: {
    call: (x) => x.softSign(),
    exact: (x) => over(x, x.m < 0n ? minus(one, x) : plus(one, x)),
    bound: 2,
  },
  "celu(1/2)": {
    call: (x) => x.celu({ alpha: 0.5 }),
    exact: (x) => (x.m > 0n ? x : times(half, unaryReferences["expm1"]!(times(two, x)))),
    bound: 2,
  },
};

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  it.each(Object.keys(rows))("%s is accurate on both sides of 0, far below too", (name) => {
    const { call, exact, bound } = rows[name]!;
    const word = wordsFrom(1612);
    const lowest = precision === "float64" ? -37 : -12;
    const xs = Array.from({ length: 400 }, (_, i) => between(precision, word, i % 2 === 0 ? -2 : lowest, 4));
    const ys = call(tensor(xs, { dtype: precision })).toTypedArray();
    const errors = xs.map((x, i) => ulpError(ys[i]!, exact(fromNumber(x)), precision));
    const worst = Math.max(...errors);
    expect(worst, `worst at ${xs[errors.indexOf(worst)]!}`).toBeLessThanOrEqual(bound);
  });
});
