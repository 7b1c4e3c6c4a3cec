/** The graph as data: lines, modules, labels by trees, summaries, text and JSON. */
import { expect, test } from "vitest";
import {
  ArgumentError,
  graphOf,
  GraphError,
  mapTree,
  random,
  tanh,
  tensor,
  variable,
  withLines,
} from "@cotangent/core";
import { deepNetwork } from "@cotangent/nn";

const model = deepNetwork({ sizes: [3, 4, 2], activation: tanh });
const params = mapTree(variable, model.init(random(1)));
const x = random(2).normal([5, 3]);

test("lines are there where the tool computes, or within withLines, and nowhere else", () => {
  const f = () => model.apply(params, x).sum();
  const operators = (graph: ReturnType<typeof graphOf>) => graph.nodes.filter(({ name }) => !/variable|constant/.test(name));
  for (const { line } of operators(graphOf(f))) expect(line).toMatch(/graph\.test\.ts:\d+:\d+$/);
  for (const { line } of operators(graphOf(withLines(f).result))) expect(line).toMatch(/graph\.test\.ts:\d+:\d+$/);
  for (const node of graphOf(f()).nodes) expect(node).not.toHaveProperty("line");
}); // prettier-ignore

test("parameters are named by their paths, and results belong to the latest module that went in", () => {
  const { nodes } = graphOf(model.apply(params, x).sum(), { labels: { net: params } });
  expect(nodes.map(({ name, label, module }) => `${label ?? name}: ${module ?? "–"}`)).toEqual([
    "constant: –",
    "net[0].weight: net[0]",
    "matmul: net[0]",
    "net[0].bias: net[0]",
    "broadcastTo: net[0]",
    "add: net[0]",
    "tanh: net[0]",
    "net[1].weight: net[1]",
    "matmul: net[1]",
    "net[1].bias: net[1]",
    "broadcastTo: net[1]",
    "add: net[1]",
    "sum: net[1]",
  ]);
});

test("text has one line a node, JSON the nodes and edges", () => {
  const [a, b] = [variable([1, 2, 3, 4, 5]), variable(2)];
  const graph = graphOf(() => a.mul(b).log().sum(), { labels: { a, b } });
  expect(String(graph).replace(/ at \S+/g, " at LINE").split("\n")).toEqual([
    "#0 a = variable [5] value 1 … 5, mean 3 derivative 0.2 … 1, mean 0.457",
    "#1 b = variable [] value 2 derivative 2.5",
    "#2 broadcastTo(#1) [5] value 2 … 2, mean 2 derivative 0.5 … 0.5, mean 0.5",
    "#3 mul(#0, #2) [5] value 2 … 10, mean 6 derivative 0.1 … 0.5, mean 0.228",
    "#4 log(#3) [5] value 0.693 … 2.3, mean 1.65 derivative 1 … 1, mean 1",
    "#5 sum(#4) [] value 8.253 derivative 1",
  ].map((line, i) => (i < 2 ? line : `${line} at LINE`))); // prettier-ignore
  expect(JSON.parse(JSON.stringify(graph))).toEqual({ nodes: graph.nodes, edges: graph.edges });
});

test("summaries count what is not finite, and tell the range of the rest", () => {
  const y = variable([1, -1, 0, 2, 3, -Infinity, NaN]).mul(1);
  expect(graphOf(y).nodes.at(-1)!.value).toBe("-1 … 3, mean 1, 1 NaN, 1 infinite");
  expect(graphOf(variable(Array<number>(5).fill(NaN)).mul(1)).nodes.at(-1)!.value).toBe("5 NaN");
});

test.each<[string, () => unknown, new (...args: never) => Error, RegExp]>([
  ["data", () => graphOf(tensor(1)), GraphError, /^graphOf: .*mapTree\(variable, params\)/],
  ["a function of something else", () => graphOf((() => 3) as never), GraphError, /^graphOf: .*got 3/],
  ["labels of text", () => graphOf(variable(1), { labels: { a: ["b"] } }), ArgumentError, /^graphOf: .*"a\[0\]"/],
  ["no function for withLines", () => withLines(3 as never), ArgumentError, /^withLines: expected a function, got 3/],
])("refuses %s", (_name, run, type, says) => {
  expect(run).toThrow(type);
  expect(run).toThrow(says);
});
