import { describe, expect, it } from "vitest";
import type { binaryElementary, unaryElementary } from "../../src/elementary/index.js";
import { numbers } from "../../src/readings/numbers.js";
import type { Precision } from "../../src/scalar.js";
import { fromNumber, minus } from "./real.js";
import { binaryReferences, toNumber, ulpError, unaryReferences } from "./references.js";
import { anyBits, between, rounding, wordsFrom } from "./samples.js";

type Range = readonly [number, number];
interface Row {
  /** Largest error allowed, in units in the last place: a little above the largest one met in long runs. */
  readonly bound: { readonly [P in Precision]: number };
  /** Where results are finite and not constant, and where samples are drawn. */
  readonly domain: { readonly [P in Precision]: Range };
  /** A smaller range, drawn as often. */
  readonly centre?: Range;
  /** Arguments that make trouble. */
  readonly hard?: readonly number[];
}

const bound = (float64: number, float32: number): Row["bound"] => ({ float64, float32 });
const domain = (low: number, high: number, low32 = low, high32 = high): Row["domain"] => ({
  float64: [low, high],
  float32: [low32, high32],
});
const anywhere = domain(-Number.MAX_VALUE, Number.MAX_VALUE, -3.4e38, 3.4e38);
const positive = domain(Number.MIN_VALUE, Number.MAX_VALUE, 1e-45, 3.4e38);
const inUnit = domain(-1 + 2 ** -53, 1 - 2 ** -53, -1 + 2 ** -24, 1 - 2 ** -24);
/** The multiple of π/2 that a double comes closest to (Muller, "Elementary Functions"), and other large angles. */
const angles = [
  6381956970095103 * 2 ** 797,
  2 ** 1023,
  1e22,
  2 ** 20,
  2 ** 10,
  11,
  355,
  1048575.9999,
  1023.9999,
  Math.PI,
  Math.PI / 2,
  1e6,
];
const exponents = [
  709.782712893384, 709.7827128933841, -708.3964185322641, -745.13, 88.72283, -103.97, -87.33655, 1e-17, -1e-17, 37.5,
];

const rows: Readonly<Record<keyof typeof unaryElementary, Row>> = {
  exp: { bound: bound(0.7, 0.8), domain: domain(-746, 710, -104, 89), centre: [-1, 1], hard: exponents },
  expm1: {
    bound: bound(0.8, 0.8),
    domain: domain(-50, 710, -25, 89),
    centre: [-1, 1],
    // Just above ln(2)/2; next to what rounds to 1 and -1 times the smallest multiple; and near -1.
    hard: [...exponents, 0.34858967416228426, 0.34807777404785156, 1.0667033899728266e-8, 0.00012905018, -37.0833776],
  },
  exp2: {
    bound: bound(0.7, 0.8),
    domain: domain(-1075, 1024, -150, 128),
    centre: [-1, 1],
    hard: [-1074, 1023.9999999999999, -1022.5, -149, 127.9999],
  },
  log: {
    bound: bound(0.8, 0.8),
    domain: positive,
    centre: [0.5, 2],
    hard: [1 - 2 ** -53, 1 + 2 ** -52, Math.SQRT2, Math.SQRT1_2, 2 ** -1074],
  },
  log1p: {
    bound: bound(0.8, 0.8),
    domain: domain(-1 + 2 ** -53, Number.MAX_VALUE, -1 + 2 ** -24, 3.4e38),
    centre: [-0.9, 1],
    hard: [2 ** -1074, -(2 ** -30), 2 ** 53, 2 ** 54, 0.41421356237],
  },
  log2: {
    bound: bound(0.8, 0.9),
    domain: positive,
    centre: [0.5, 2],
    hard: [1 - 2 ** -53, 1 + 2 ** -52, 2 ** -1074, 8],
  },
  log10: {
    bound: bound(0.8, 0.8),
    domain: positive,
    centre: [0.5, 2],
    hard: [1 - 2 ** -53, 1 + 2 ** -52, 1000, 2 ** -1074],
  },
  sin: { bound: bound(0.9, 0.9), domain: anywhere, centre: [-20, 20], hard: angles },
  cos: { bound: bound(0.9, 0.9), domain: anywhere, centre: [-20, 20], hard: angles },
  tan: { bound: bound(2, 2), domain: anywhere, centre: [-20, 20], hard: angles },
  asin: { bound: bound(0.8, 0.8), domain: inUnit, centre: [-0.5, 0.5] },
  acos: { bound: bound(0.8, 0.8), domain: inUnit, centre: [0.9, 1 - 2 ** -24] },
  atan: {
    bound: bound(0.8, 0.8),
    domain: anywhere,
    centre: [-3, 3],
    hard: [Math.SQRT2 - 1, 1, Math.SQRT2 + 1, 2 ** 60],
  },
  sinh: {
    bound: bound(0.8, 0.9),
    domain: domain(-710.47, 710.47, -89.4, 89.4),
    centre: [-2, 2],
    hard: [710.4758600739439, 1, 0.9999999],
  },
  cosh: {
    bound: bound(0.8, 0.8),
    domain: domain(-710.47, 710.47, -89.4, 89.4),
    centre: [-2, 2],
    hard: [710.4758600739439, 1e-8],
  },
  tanh: {
    bound: bound(0.95, 0.95),
    domain: domain(-20, 20, -10, 10),
    centre: [-1, 1],
    hard: [0.625, 0.62499999, 19.06, 9.01, 0.5323680052012767, 0.5455816230209204, 0.5278232097625732],
  },
  tanhShrink: {
    bound: bound(3.8, 3.8),
    // Nearer to 0 the reference itself cancels.
    domain: domain(2 ** -60, 1e6, 2 ** -30),
    centre: [0.01, 1.5],
    hard: [0.625, 0.62499999, 19.06, 9.01, 1e-10, 1e-5],
  },
  asinh: { bound: bound(1, 1), domain: anywhere, centre: [-4, 4], hard: [2 ** 30, 2 ** 14] },
  acosh: {
    bound: bound(0.9, 0.9),
    domain: domain(1 + 2 ** -52, Number.MAX_VALUE, 1 + 2 ** -23, 3.4e38),
    centre: [1.0001, 3],
    hard: [2 ** 30, 2 ** 14],
  },
  atanh: { bound: bound(1, 1), domain: inUnit, centre: [-0.3, 0.3] },
  cbrt: { bound: bound(0.8, 0.8), domain: anywhere, centre: [-8, 8], hard: [2 ** -1074, 27, 7.999999999999999] },
  erf: { bound: bound(1.2, 1.2), domain: domain(-6, 6, -4, 4), centre: [-1.1, 1.1], hard: [2 ** -1074, 1] },
  erfc: { bound: bound(1, 1), domain: domain(-6, 26.5, -4, 10), centre: [-1, 1], hard: [0.5, 26.54] },
  erfInv: {
    bound: bound(1.6, 1.6),
    domain: inUnit,
    centre: [0.9, 1 - 2 ** -24],
    hard: [0.9582, 0.9583, 2 ** -1074, 1 - 2 ** -53],
  },
  normalCdf: {
    bound: bound(1.1, 1),
    domain: domain(-38.4, 9, -14, 6),
    centre: [-2, 2],
    hard: [0.7071067811865475, 0.7071067811865477, 0.70710677, 38.4, 37.6, 13.1, 5, 2 ** -1074],
  },
  lgamma: {
    bound: bound(2, 2),
    domain: positive,
    centre: [0.001, 9],
    hard: [0.5, 1.5, 2.5, 7.5, 1 + 2 ** -20, 2 - 2 ** -20, 1e305],
  },
  digamma: {
    bound: bound(3.2, 3.2),
    domain: positive,
    centre: [0.001, 9],
    hard: [1.4616321449683622, 1.4616321325302124, 8, 2],
  },
};

const precisions = ["float64", "float32"] as const;
const samples = 500;

describe.each(precisions)("in %s", (precision) => {
  const s = numbers(precision);
  const round = rounding[precision];

  it.each(Object.keys(rows) as (keyof typeof rows)[])("%s is within its bound of the exact value", (name) => {
    const row = rows[name];
    const [low, high] = row.domain[precision];
    const word = wordsFrom(20260);
    const xs = [...(row.hard ?? []), ...(row.hard ?? []).map((x) => -x)].map(round);
    for (let i = 0; i < samples; i++) {
      xs.push(anyBits(precision, word), between(precision, word, ...(row.centre ?? row.domain[precision])));
      if (high < 1e6) xs.push(between(precision, word, low, high));
    }
    let worst = 0;
    let at = NaN;
    for (const x of xs) {
      if (!(x >= low && x <= high) || x === 0) continue;
      const error = ulpError(s[name](x), unaryReferences[name]!(fromNumber(x)), precision);
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    expect(worst, `worst at ${at}`).toBeLessThanOrEqual(row.bound[precision]);
  });

  it.each([
    ["pow", bound(0.8, 0.9)],
    ["hypot", bound(0.6, 0.6)],
    ["atan2", bound(0.7, 0.7)],
    ["mod", bound(0.5, 0.5)],
  ] as readonly (readonly [keyof typeof binaryElementary, Row["bound"]])[])(
    "%s is within its bound of the exact value",
    (name, bounds) => {
      const word = wordsFrom(1971);
      const overflow = precision === "float64" ? 745 : 103;
      let worst = 0;
      let at: number[] = [];
      for (let i = 0; i < 2 * samples; i++) {
        let x = i % 2 === 0 ? anyBits(precision, word) : between(precision, word, -3, 3);
        let y = i % 4 < 2 ? anyBits(precision, word) : between(precision, word, -40, 40);
        if (name === "pow") {
          x = Math.abs(x);
          const limit = overflow / Math.abs(Number(s.log(x)));
          if (i % 4 === 1) y = between(precision, word, -limit, limit);
          if (!(Math.abs(y) < limit)) continue;
        }
        if (name === "mod" && !(Math.abs(x / y) < (precision === "float64" ? 2 ** 100 : 2 ** 45))) continue;
        if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0 || y === 0) continue;
        const error = ulpError(s[name](x, y), binaryReferences[name]!(fromNumber(x), fromNumber(y)), precision);
        if (!(error <= worst)) [worst, at] = [error, [x, y]];
      }
      expect(worst, `worst at ${at.join(", ")}`).toBeLessThanOrEqual(bounds[precision]);
    },
  );
});

describe("where terms cancel", () => {
  it.each(precisions)("lgamma and digamma of negative %s numbers err by units of the terms", (precision) => {
    const s = numbers(precision);
    const word = wordsFrom(613);
    const unit = precision === "float64" ? 2 ** -52 : 2 ** -23;
    for (let i = 0; i < samples; i++) {
      const x = between(precision, word, -30, 0);
      if (Number.isInteger(x)) continue;
      for (const name of ["lgamma", "digamma"] as const) {
        const error = toNumber(minus(fromNumber(s[name](x)), unaryReferences[name]!(fromNumber(x))));
        const distance = Math.abs(x - Math.round(x));
        const size = name === "lgamma" ? 4 + s.lgamma(-x) : 4 + 1 / distance;
        expect(Math.abs(error), `${name}(${x})`).toBeLessThan(4 * unit * size);
      }
    }
  });
});

describe("the references", () => {
  it("know digits from tables", () => {
    const digits = (name: string, x: number): string => {
      const { m, e } = unaryReferences[name]!(fromNumber(x));
      return ((m * 10n ** 30n) >> BigInt(-e)).toString();
    };
    expect(digits("exp", 1)).toBe("2718281828459045235360287471352");
    expect(digits("log", 10)).toBe("2302585092994045684017991454684");
    expect(digits("sin", 1)).toBe("841470984807896506652502321630");
    expect(digits("atan", 1)).toBe("785398163397448309615660845819");
    expect(digits("erf", 1)).toBe("842700792949714869341220635082");
    expect(digits("erfc", 5)).toBe("1537459794428034850");
    expect(digits("lgamma", 0.5)).toBe("572364942924700087071713675676");
    expect(digits("digamma", 3)).toBe("922784335098467139393487909917");
    expect(digits("erfInv", 0.5)).toBe("476936276204469873381418353643");
    expect(digits("cosh", 1)).toBe("1543080634815243778477905620757");
  });
});
