/** The planar flower: its formula, classes and seeds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, random } from "@cotangent/core";
import { generatePlanarFlower } from "@cotangent/data";
import { planarFlower } from "@cotangent/data/node";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const halves = fc.integer({ min: 1, max: 60 });

test("is the documented formula: angles, radii, points", () => {
  fc.assert(
    fc.property(seeds, halves, (seed, half) => {
      const points = generatePlanarFlower({ random: random(seed), count: 2 * half }).features.toArray() as number[][];
      const source = random(seed);
      for (const j of [0, 1]) {
        const noise = [source.normal([half]).toTypedArray(), source.normal([half]).toTypedArray()] as const;
        for (let i = 0; i < half; i++) {
          const t = 3.12 * (j + (half === 1 ? 0 : i / (half - 1))) + 0.2 * noise[0][i]!;
          const r = 4 * Math.sin(4 * t) + 0.2 * noise[1][i]!;
          const [x, y] = points[j * half + i]!;
          // t is off by some 2⁻⁵³ · 7, which the slope of r, 16, makes 1e-14.
          expect(Math.abs(x! - r * Math.sin(t))).toBeLessThan(1e-13);
          expect(Math.abs(y! - r * Math.cos(t))).toBeLessThan(1e-13);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("has as many red as blue points, red first, with names", () => {
  fc.assert(
    fc.property(seeds, halves, (seed, half) => {
      const data = generatePlanarFlower({ random: random(seed), count: 2 * half });
      expect(data.features.shape).toEqual([2 * half, 2]);
      expect(data.labels.dtype).toBe("int32");
      expect(data.labels.toArray()).toEqual([...Array<number>(half).fill(0), ...Array<number>(half).fill(1)]);
      expect(data).toMatchObject({ name: "planar flower", featureNames: ["x1", "x2"], classNames: ["red", "blue"] });
    }),
  );
});

test("the same seed gives the same bits, another one others; the stream goes on", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const source = random(seed);
      const draw = (from = random(seed)): unknown =>
        generatePlanarFlower({ random: from, count: 20 }).features.toArray();
      const first = draw(source);
      expect(draw()).toEqual(first);
      expect(draw(source)).not.toEqual(first);
      expect(draw(random(seed + 1))).not.toEqual(first);
    }),
    { numRuns: 20 },
  );
});

test("looks like the bundled one: 400 points whose spread is the same", () => {
  const [drawn, bundled] = [generatePlanarFlower({ random: random(1) }), planarFlower()];
  expect(drawn.features.shape).toEqual(bundled.features.shape);
  expect(drawn.labels.toArray()).toEqual(bundled.labels.toArray());
  // Root mean squares near 2, of 400 points each: they differ by less than four times 2 / √400 = 0.1.
  const spread = drawn.features.std({ axis: 0 }).sub(bundled.features.std({ axis: 0 })).abs().max().item(); // prettier-ignore
  expect(spread).toBeLessThan(0.4);
});

describe("counts", () => {
  test.each([0, -2, 1, 3, 2.5, NaN, Infinity, "4"])("of %s are refused", (count) => {
    const run = (): unknown => generatePlanarFlower({ random: random(1), count: count as number });
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(/generatePlanarFlower: expected an even count from 2/);
  });
});
