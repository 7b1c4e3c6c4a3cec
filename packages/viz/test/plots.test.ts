/** Cost curves and decision boundaries: sound pictures with as many marks as there is data. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "@cotangent/core";
import { costCurves, decisionBoundaries, renderPlot, type CostSeries, type LabelledPoint } from "@cotangent/viz";
import { faultsIn, readXml, textsIn } from "./xml.js";

/** Short enough for a legend, which cuts long names off. */
const nasty = `<a> & "b" 'c'`;

/** The marks of a kind: "line mark", "rect mark", "point". */
const marks = (svg: string, kind: string): Record<string, string>[] =>
  readXml(svg)
    .map(({ attributes }) => attributes)
    .filter((attributes) => attributes["aria-roledescription"] === kind);
const pointsOf = (path: string): number[][] =>
  [...path.matchAll(/[ML]([^MLZ]+)/g)].map(([, p]) => p!.split(",").map(Number));

const curve = (costs: readonly number[], name = "a"): CostSeries => ({ name, costs });
const costs = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 30 });

describe("costCurves", () => {
  test("draws a line a series, a point a cost, higher for more", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(costs, { minLength: 1, maxLength: 3 }), async (lists) => {
        const svg = await costCurves({ title: "t", series: lists.map((list, i) => curve(list, `s${i}`)) });
        expect(faultsIn(svg)).toEqual([]);
        const lines = marks(svg, "line mark").map(({ d }) => pointsOf(d!));
        expect(lines.map((line) => line.length)).toEqual(lists.map((list) => list.length));
        lines.forEach((line, s) =>
          line.slice(1).forEach(([x, y], i) => {
            expect(x).toBeGreaterThan(line[i]![0]!);
            const [before, now] = [lists[s]![i]!, lists[s]![i + 1]!];
            // Up is less in SVG; coordinates are rounded to three digits.
            if (now >= before) expect(y).toBeLessThanOrEqual(line[i]![1]! + 1e-3);
            else expect(y).toBeGreaterThanOrEqual(line[i]![1]! - 1e-3);
          }),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("is one svg element with the title and the names, escaped", async () => {
    const svg = await costCurves({ title: nasty, series: [curve([2, 1], `${nasty}1`), curve([2, 1], `${nasty}2`)] });
    expect(svg.startsWith("<svg")).toBe(true);
    expect(faultsIn(svg)).toEqual([]);
    expect(textsIn(svg)).toEqual(expect.arrayContaining([nasty, `${nasty}1`, `${nasty}2`, "iteration", "cost (nats)"]));
  });

  test("ends a curve at the first cost that is no number", async () => {
    const svg = await costCurves({ title: "t", series: [curve([3, 2, NaN, 1, 1]), curve([1, Infinity, 1], "b")] });
    expect(marks(svg, "line mark").map(({ d }) => pointsOf(d!).length)).toEqual([2, 1]);
    expect(faultsIn(svg)).toEqual([]);
  });

  test("thins out long curves, but keeps both ends", async () => {
    const long = Array.from({ length: 5000 }, (_, i) => 5000 - i);
    const svg = await costCurves({ title: "t", series: [curve(long)] });
    const line = pointsOf(marks(svg, "line mark")[0]!["d"]!);
    expect(line.length).toBeLessThan(1000);
    expect(line.length).toBeGreaterThan(300);
    expect([line[0]![0], line.at(-1)![1]]).toEqual([0, expect.closeTo(260, 0)]);
  });

  test("counts iterations by `every`", async () => {
    const svg = await costCurves({ title: "t", series: [{ name: "a", costs: [3, 2, 1], every: 50 }] });
    const labels = textsIn(svg).slice(0, textsIn(svg).indexOf("iteration")).map(Number);
    expect([labels[0], labels.at(-1)]).toEqual([0, 100]);
    expect(pointsOf(marks(svg, "line mark")[0]!["d"]!).map(([x]) => x)).toEqual([0, 230, 460]);
  });

  test("cuts off above `limit`", async () => {
    const svg = await costCurves({ title: "t", series: [curve([1, 1.5, 100, 1e9])], limit: 2 });
    const heights = textsIn(svg).slice(textsIn(svg).indexOf("iteration") + 1).map(Number).filter(Number.isFinite); // prettier-ignore
    expect(Math.max(...heights)).toBe(2);
    expect(pointsOf(marks(svg, "line mark")[0]!["d"]!).at(-1)![1]).toBe(0);
  });

  // Drawn from where it starts, it would flatten the others.
  test("cuts off a curve that starts above `limit`", async () => {
    const svg = await costCurves({ title: "t", series: [curve([1e6, 1e7]), curve([2, 1], "b")], limit: 2 });
    expect(textsIn(svg).map((text) => Number(text.replaceAll(",", ""))).filter((v) => v > 2)).toEqual([]); // prettier-ignore
  });

  // A cost of 0, a perfect fit, has no logarithm: an axis that reached it would have NaN among its labels.
  test("draws a curve that reaches 0 on a logarithmic axis", async () => {
    const svg = await costCurves({ title: "t", series: [curve([1, 0.1, 0.01, 0])], logarithmic: true });
    const heights = pointsOf(marks(svg, "line mark")[0]!["d"]!).slice(0, 3).map(([, y]) => y); // prettier-ignore
    expect(new Set(heights).size).toBe(3);
    expect(svg).not.toContain("NaN");
  });

  test.each<[string, readonly CostSeries[], RegExp]>([
    ["no series", [], /expected at least one series/],
    ["no costs", [curve([], "mine")], /expected finite costs in "mine", got undefined at the start/],
    ["no finite cost", [curve([1]), curve([NaN, 1], "mine")], /in "mine", got NaN at the start/],
  ])("refuses %s", async (_name, series, message) => {
    await expect(costCurves({ title: "t", series })).rejects.toThrow(ArgumentError);
    await expect(costCurves({ title: "t", series })).rejects.toThrow(message);
  });
});

describe("decisionBoundaries", () => {
  const points: LabelledPoint[] = [{ x: 0, y: 0, label: 0 }, { x: 4, y: 2, label: 1 }, { x: 1, y: 5, label: 1 }]; // prettier-ignore
  const right = (grid: readonly (readonly [number, number])[]): number[] => grid.map(([x]) => (x > 2 ? 0.9 : 0.1));

  test("draws every point in every picture, and the regions row by row, neighbours joined", async () => {
    const all = [{ title: `${nasty}1`, predict: right }, { title: `${nasty}2`, predict: () => new Float64Array(64) }]; // prettier-ignore
    const svg = await decisionBoundaries({ points, classifiers: all, resolution: 8 });
    expect(faultsIn(svg)).toEqual([]);
    expect(marks(svg, "point").length).toBe(2 * points.length);
    expect(marks(svg, "rect mark").length).toBe(8 * 2 + 8 * 1);
    expect(textsIn(svg)).toEqual(expect.arrayContaining([`${nasty}1`, `${nasty}2`, "class"]));
  });

  test("asks for cells within the margin of the points, once each", async () => {
    const asked: (readonly [number, number])[] = [];
    const predict = (grid: readonly (readonly [number, number])[]): number[] => (asked.push(...grid), right(grid));
    await decisionBoundaries({ points, classifiers: [{ title: "t", predict }], resolution: 5 });
    expect(new Set(asked.map(String)).size).toBe(25);
    const inside = ([x, y]: readonly [number, number]): boolean => x > -0.2 && x < 4.2 && y > -0.25 && y < 5.25;
    expect(asked.every(inside)).toBe(true);
  });

  test.each([[[], 1], [points, 0]])("refuses nothing to draw", async (list, count) => {
    const classifiers = Array.from({ length: count }, () => ({ title: "t", predict: right }));
    await expect(decisionBoundaries({ points: list, classifiers })).rejects.toThrow(ArgumentError);
  }); // prettier-ignore

  test.each([
    ["a resolution of 0", { points, resolution: 0 }],
    ["a resolution of 2.5", { points, resolution: 2.5 }],
    ["points that are nowhere", { points: [...points, { x: NaN, y: 0, label: 0 }] }],
    ["too few predictions", { points, predict: () => [1, 0] }],
  ])(
    "refuses %s",
    async (_name, { predict = right, ...options }: { points: LabelledPoint[]; predict?: typeof right }) => {
      await expect(decisionBoundaries({ classifiers: [{ title: "t", predict }], ...options })).rejects.toThrow(
        ArgumentError,
      );
    },
  );
});

const spec = {
  data: { values: [{ x: 1, y: 2 }] },
  mark: { type: "point", clip: true },
  encoding: { x: { field: "x", type: "quantitative" } },
};

test("renderPlot draws what Vega-Lite describes", async () => {
  const svg = await renderPlot(spec);
  expect(marks(svg, "point").length).toBe(1);
  expect(faultsIn(svg)).toEqual([]);
});

// Vega counts clip paths for as long as the process lives; ids must not show it.
test("the same plot is the same text", async () => {
  expect(await renderPlot(spec)).toBe(await renderPlot(spec));
});

test.each<[string, () => Promise<string>]>([
  ["costCurves", () => costCurves({ title: "t", series: [curve([1])], log: true } as never)],
  ["decisionBoundaries", () => decisionBoundaries({ points: [{ x: 0, y: 0, label: 0 }], classifiers: [{ title: "t", predict: () => [0, 0, 0, 0] }], resolution: 2, cells: 3 } as never)],
  ["renderPlot", () => renderPlot({})],
])("%s refuses what it does not know", async (_name, run) => {
  await expect(run()).rejects.toThrow(ArgumentError);
}); // prettier-ignore
