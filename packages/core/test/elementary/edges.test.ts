import { describe, expect, it } from "vitest";
import type { binaryElementary, unaryElementary } from "../../src/elementary/index.js";
import { numbers } from "../../src/readings/numbers.js";

const inf = Infinity;
type Edges = readonly (readonly [x: number, y: number])[];
/** Values at 0, -0, ±Infinity and other edges; they hold in both precisions. NaN gives NaN everywhere. */
const odd: Edges = [
  [0, 0],
  [-0, -0],
  [5e-324, 5e-324],
  [-(2 ** -149), -(2 ** -149)],
];
const unaryEdges: Readonly<Record<keyof typeof unaryElementary, Edges>> = {
  exp: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, 0],
    [1000, inf],
    [-1000, 0],
    [1e300, inf],
    [5e-324, 1],
  ],
  expm1: [...odd, [inf, inf], [-inf, -1], [1000, inf], [-100, -1]],
  exp2: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, 0],
    [1024, inf],
    [-1076, 0],
    [10, 1024],
    [-20, 2 ** -20],
    [-149, 2 ** -149],
  ],
  log: [
    [0, -inf],
    [-0, -inf],
    [inf, inf],
    [-inf, NaN],
    [1, 0],
    [-1, NaN],
    [-(2 ** -149), NaN],
  ],
  log1p: [...odd, [inf, inf], [-inf, NaN], [-1, -inf], [-2, NaN]],
  log2: [
    [0, -inf],
    [-0, -inf],
    [inf, inf],
    [-inf, NaN],
    [1, 0],
    [-1, NaN],
    [1024, 10],
    [2 ** -149, -149],
    [2 ** 127, 127],
  ],
  log10: [
    [0, -inf],
    [-0, -inf],
    [inf, inf],
    [-inf, NaN],
    [1, 0],
    [-1, NaN],
    [1000, 3],
    [1e10, 10],
  ],
  sin: [...odd, [inf, NaN], [-inf, NaN]],
  cos: [
    [0, 1],
    [-0, 1],
    [inf, NaN],
    [-inf, NaN],
  ],
  tan: [...odd, [inf, NaN], [-inf, NaN]],
  asin: [...odd, [inf, NaN], [-inf, NaN], [1.5, NaN], [-1.5, NaN]],
  acos: [
    [1, 0],
    [inf, NaN],
    [-inf, NaN],
    [1.5, NaN],
    [-1.5, NaN],
  ],
  atan: [...odd],
  sinh: [...odd, [inf, inf], [-inf, -inf], [1000, inf], [-1000, -inf]],
  cosh: [
    [0, 1],
    [-0, 1],
    [inf, inf],
    [-inf, inf],
    [1000, inf],
    [-1000, inf],
  ],
  tanh: [...odd, [inf, 1], [-inf, -1], [50, 1], [-50, -1]],
  tanhShrink: [
    [0, 0],
    [-0, 0],
    [inf, inf],
    [-inf, -inf],
    [50, 49],
    [-50, -49],
  ],
  asinh: [...odd, [inf, inf], [-inf, -inf]],
  acosh: [
    [1, 0],
    [inf, inf],
    [-inf, NaN],
    [0.5, NaN],
    [-1, NaN],
  ],
  atanh: [...odd, [1, inf], [-1, -inf], [1.5, NaN], [-1.5, NaN], [inf, NaN], [-inf, NaN]],
  cbrt: [
    [0, 0],
    [-0, -0],
    [inf, inf],
    [-inf, -inf],
    [8, 2],
    [-27, -3],
    [64, 4],
    [1000, 10],
    [2 ** -126, 2 ** -42],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [inf, 1],
    [-inf, -1],
    [10, 1],
    [-10, -1],
  ],
  erfc: [
    [0, 1],
    [-0, 1],
    [inf, 0],
    [-inf, 2],
    [30, 0],
    [-10, 2],
  ],
  erfInv: [
    [0, 0],
    [-0, -0],
    [1, inf],
    [-1, -inf],
    [1.5, NaN],
    [-1.5, NaN],
    [inf, NaN],
    [-inf, NaN],
  ],
  normalCdf: [
    [0, 0.5],
    [-0, 0.5],
    [inf, 1],
    [-inf, 0],
    [40, 1],
    [-40, 0],
  ],
  lgamma: [
    [1, 0],
    [2, 0],
    [0, inf],
    [-0, inf],
    [-1, inf],
    [-100, inf],
    [inf, inf],
    [-inf, inf],
    [1e308, inf],
  ],
  digamma: [
    [0, -inf],
    [-0, inf],
    [inf, inf],
    [-inf, NaN],
    [-1, NaN],
    [-5, NaN],
    [2 ** -100, -(2 ** 100)],
  ],
};

const binaryEdges: Readonly<
  Record<keyof typeof binaryElementary, readonly (readonly [x: number, y: number, z: number])[]>
> = {
  // IEEE 754-2019, section 9.2.1.
  pow: [
    [2, 3, 8],
    [-2, 3, -8],
    [-2, 2, 4],
    [2, -1, 0.5],
    [9, 0.5, 3],
    [-8, 1 / 3, NaN],
    [NaN, 0, 1],
    [1, NaN, 1],
    [NaN, 1, NaN],
    [2, NaN, NaN],
    [0, 0, 1],
    [inf, 0, 1],
    [-inf, -0, 1],
    [0, 3, 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 0.5, 0],
    [0, -3, inf],
    [-0, -3, -inf],
    [-0, -2, inf],
    [0, -0.5, inf],
    [-1, inf, 1],
    [-1, -inf, 1],
    [1, inf, 1],
    [2, inf, inf],
    [2, -inf, 0],
    [0.5, inf, 0],
    [0.5, -inf, inf],
    [-2, inf, inf],
    [inf, 2, inf],
    [inf, -2, 0],
    [-inf, 3, -inf],
    [-inf, 2, inf],
    [-inf, -3, -0],
    [-inf, 0.5, inf],
    [0, inf, 0],
    [0, -inf, inf],
    [2, 1e300, inf],
    [2, -1e300, 0],
    [1 + 2 ** -20, 1e300, inf],
    [-1, 2 ** 23 + 1, -1],
    [-1, 1e300, 1],
    [10, 2, 100],
    [-3, 3, -27],
    [3, 1, 3],
    [7, 2, 49],
    [0.1, 1e-300, 1],
    [2, -149, 2 ** -149],
  ],
  atan2: [
    [0, 1, 0],
    [-0, 1, -0],
    [0, inf, 0],
    [-0, inf, -0],
    [1, inf, 0],
    [-1, inf, -0],
    [NaN, 1, NaN],
    [1, NaN, NaN],
    [0, 0, 0],
    [-0, 0, -0],
  ],
  mod: [
    [7, 3, 1],
    [-7, 3, 2],
    [7, -3, -2],
    [-7, -3, -1],
    [6, 3, 0],
    [-6, 3, 0],
    [6, -3, -0],
    [0, 3, 0],
    [-0, 3, 0],
    [0, -3, -0],
    [1, 0, NaN],
    [-1, -0, NaN],
    [0, 0, NaN],
    [inf, 3, NaN],
    [-inf, 3, NaN],
    [inf, inf, NaN],
    [NaN, 3, NaN],
    [3, NaN, NaN],
    [5, inf, 5],
    [-5, inf, inf],
    [-5, -inf, -5],
    [5, -inf, -inf],
    [2 ** 60, 3, 1],
    [2 ** 61, 3, 2],
    [2 ** 127, 2 ** 126, 0],
    [3 * 2 ** 126, 2 ** 127, 2 ** 126],
    [7 * 2 ** -149, 2 ** -148, 2 ** -149],
    [2 ** 127, 3 * 2 ** -149, NaN],
  ],
  hypot: [
    [3, 4, 5],
    [-3, 4, 5],
    [0, 0, 0],
    [-0, -0, 0],
    [0, -2, 2],
    [inf, NaN, inf],
    [NaN, -inf, inf],
    [NaN, 1, NaN],
    [-inf, 0, inf],
    [3 * 2 ** -149, 4 * 2 ** -149, 5 * 2 ** -149],
    [3 * 2 ** 120, 4 * 2 ** 120, 5 * 2 ** 120],
    [1e308, 1e308, Math.SQRT2 * 1e308],
  ],
};

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const s = numbers(precision);
  const round = (x: number): number => s.constant(x);

  it.each(Object.entries(unaryEdges) as [keyof typeof unaryElementary, Edges][])(
    "%s has the right values at the edges",
    (name, edges) => {
      expect(s[name](NaN)).toBeNaN();
      for (const [x, y] of edges) expect(s[name](round(x)), `${name}(${x})`).toBe(round(y));
    },
  );

  it.each(Object.keys(binaryEdges) as (keyof typeof binaryElementary)[])(
    "%s has the right values at the edges",
    (name) => {
      for (const [x, y, z] of binaryEdges[name]) {
        const [a, b, c] = [round(x), round(y), round(z)];
        // What is not a pair of floats has another answer, or none.
        if (
          precision === "float32" &&
          (b !== y || a !== x) &&
          Number.isFinite(x) &&
          Number.isFinite(y) &&
          z !== 0 &&
          z !== inf
        )
          continue;
        expect(s[name](a, b), `${name}(${x}, ${y})`).toBe(c);
      }
    },
  );

  it("right angles and their parts are π and its fractions, rounded", () => {
    const { PI } = Math;
    expect([s.atan(inf), s.atan(-inf), s.asin(1), s.asin(-1), s.acos(0), s.acos(-0), s.acos(-1)]).toEqual(
      [PI / 2, -PI / 2, PI / 2, -PI / 2, PI / 2, PI / 2, PI].map(round),
    );
    expect([s.atan2(0, -1), s.atan2(-0, -1), s.atan2(0, -0), s.atan2(-0, -0), s.atan2(1, 0), s.atan2(-1, -0)]).toEqual(
      [PI, -PI, PI, -PI, PI / 2, -PI / 2].map(round),
    );
    expect([
      s.atan2(inf, inf),
      s.atan2(inf, -inf),
      s.atan2(-inf, -inf),
      s.atan2(-inf, 5),
      s.atan2(5, -inf),
      s.atan2(-5, -inf),
    ]).toEqual([PI / 4, (3 * PI) / 4, (-3 * PI) / 4, -PI / 2, PI, -PI].map(round));
  });

  it("exponentials overflow and vanish exactly where they must", () => {
    // The largest arguments with finite, and the smallest with nonzero results.
    const [top, bottom, step] =
      precision === "float64"
        ? [709.782712893384, -745.1332191019411, 2 ** -43]
        : [88.72283172607422, -103.97207641601562, 2 ** -17];
    const largest = precision === "float64" ? Number.MAX_VALUE : 3.4028234663852886e38;
    expect(s.exp(top)).toBeLessThanOrEqual(largest);
    expect(s.exp(s.add(top, step))).toBe(inf);
    expect(s.exp(bottom)).toBe(precision === "float64" ? 2 ** -1074 : 2 ** -149);
    expect(s.exp(s.sub(bottom, 2 * step))).toBe(0);
  });
});
