/** What is no list, graph or report is refused by name, with what came; large lists are drawn. */
import { expect, test } from "vitest";
import { ArgumentError } from "@cotangent/core";
import * as viz from "@cotangent/viz";

const loose = viz as unknown as Record<string, (...args: unknown[]) => unknown>;
// graphToDot is synchronous; an async function turns what it throws into a rejection.
const call = async (name: keyof typeof viz, options?: unknown): Promise<unknown> => loose[name]!(options);

test.each<[keyof typeof viz, unknown, RegExp]>([
  ["htmlReport", undefined, /expected an options object, got undefined/],
  ["htmlReport", {}, /expected the option title, which is missing/],
  ["htmlReport", { title: "t", sections: 3 }, /expected a list of sections, got 3/],
  ["htmlReport", { title: "t", section: [] }, /expected the option sections|unknown option "section"/],
  ["computationGraph", undefined, /expected a list of nodes, as graphOf gives it, got undefined/],
  ["computationGraph", 3, /expected a list of nodes, as graphOf gives it, got undefined/],
  ["computationGraph", { nodes: [], edges: [] }, /expected a graph with nodes, got an empty one/],
  ...(["graphToDot", "computationGraph", "graphView"] as const).flatMap((name): [typeof name, unknown, RegExp][] => [
    [name, null, /expected a list of nodes, as graphOf gives it, got undefined/],
    [name, { nodes: [] }, /expected a list of edges, as graphOf gives it, got undefined/],
    [name, { nodes: [null], edges: [] }, /expected nodes { id, name, shape, value, … }.*, got null at 0/],
    [name, { nodes: [{ id: 1 }], edges: [] }, /expected nodes .*, got an object with id at 0/],
    [name, { nodes: [], edges: [3] }, /expected edges { from, to } between ids of nodes, got 3 at 0/],
  ]),
  ["graphView", { nodes: [], edges: [] }, /expected a graph with nodes, got an empty one/],
  ["costCurves", { title: "t", series: 3 }, /expected a list of series, got 3/],
  ["costCurves", { title: "t", series: [{ name: "a" }] }, /expected a list of costs in "a", got undefined/],
  ["decisionBoundaries", { points: 3, classifiers: [] }, /expected a list of points, got 3/],
  ["decisionBoundaries", { points: [], classifiers: {} }, /expected a list of classifiers, got an object/],
])("%s(%j)", async (name, options, says) => {
  await expect(call(name, options)).rejects.toThrow(ArgumentError);
  await expect(call(name, options)).rejects.toThrow(new RegExp(`^${name}: ${says.source}`));
});

test("decisionBoundaries takes more points than a call takes arguments", async () => {
  const points = Array.from({ length: 150_000 }, (_, i) => ({ x: i % 7, y: i % 11, label: i % 2 }));
  const classifiers = [{ title: "all", predict: (list: readonly unknown[]) => new Float64Array(list.length) }];
  const svg = await viz.decisionBoundaries({ points, classifiers, resolution: 2 });
  expect(svg.endsWith("</svg>")).toBe(true);
}, 60_000);
