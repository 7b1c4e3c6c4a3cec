/** The page of a graph: what is in it, that texts stay texts, and that it is alone. */
import { Script } from "node:vm";
import { beforeAll, describe, expect, test } from "vitest";
import { ArgumentError, graphOf, variable, type Tensor } from "@cotangent/core";
import { computationGraph, graphView, type DrawableGraph } from "@cotangent/viz";

interface Data {
  readonly nodes: DrawableGraph["nodes"];
  readonly operands: readonly (readonly number[])[];
  readonly groups: readonly { readonly name: string; readonly members: readonly number[] }[];
  readonly scenes: Readonly<Record<string, { boxes: number[][]; curves: [number, number, number[]][] }>>;
  readonly order: readonly number[];
}

const nasty = `</script><img src=x onerror=alert(1)> & "'`;
const dataOf = (page: string): Data =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!) as Data;
const boxesOf = (data: Data, scene: string): number[] => data.scenes[scene]!.boxes.map(([what]) => what!);

const layers = [1, 2, 3].map((k) => ({ weight: variable([k, -k]), bias: variable(0.1) }));
const network = (): Tensor =>
  layers.reduce((h: Tensor, { weight, bias }) => h.mul(weight).add(bias).tanh(), variable([0.5, 2])).sum();

describe("of a network of three modules", () => {
  let data: Data;
  let page: string;
  beforeAll(async () => {
    page = await graphView(graphOf(network, { labels: { layers } }), { title: nasty });
    data = dataOf(page);
  });

  test("every node is in one group, groups are the modules, and every picture shows what it should", () => {
    expect(data.groups.map(({ name }) => name)).toEqual(["layers[0]", "layers[1]", "layers[2]"]);
    const members = data.groups.flatMap((group) => group.members);
    expect(members.toSorted((a, b) => a - b)).toEqual(data.nodes.map((_, i) => i));
    expect(boxesOf(data, "all").length).toBe(data.nodes.length);
    expect(boxesOf(data, "folded")).toEqual([-1, -2, -3]);
    expect(boxesOf(data, "g1").filter((what) => what < 0)).toEqual([-1, -3]);
    expect(boxesOf(data, "g1").filter((what) => what >= 0)).toEqual(data.groups[1]!.members);
  });

  test("pictures have the graph's edges, and boxes do not overlap", () => {
    const edges = data.scenes["all"]!.curves.map(([from, to]) => `${from} ${to}`);
    expect(new Set(edges)).toEqual(new Set(data.operands.flatMap((from, to) => from.map((each) => `${each} ${to}`))));
    for (const { boxes } of Object.values(data.scenes))
      boxes.forEach(([, x, y, w, h], i) =>
        boxes.slice(i + 1).forEach(([, x2, y2, w2, h2]) => {
          const apart = Math.abs(x! - x2!) >= (w! + w2!) / 2 - 1 || Math.abs(y! - y2!) >= (h! + h2!) / 2 - 1;
          expect(apart).toBe(true);
        }),
      );
  });

  test("steps go from the output to the variables, operands after results, over all that have a derivative", () => {
    expect(data.order[0]).toBe(data.nodes.length - 1);
    const place = new Map(data.order.map((i, k) => [i, k]));
    data.nodes.forEach(({ cotangent }, i) => expect(place.has(i)).toBe(cotangent !== undefined));
    for (const i of data.order)
      for (const j of data.operands[i]!) if (place.has(j)) expect(place.get(j)).toBeGreaterThan(place.get(i)!);
  });

  test("nodes tell lines", () => {
    const operators = data.nodes.filter((_, i) => data.operands[i]!.length > 0);
    for (const { line } of operators) expect(line).toMatch(/graphView\.test\.ts:\d+:\d+$/);
  });

  test("texts end no element and become no markup, and nothing outside is referred to", async () => {
    const labelled = await graphView(graphOf(variable(2).square(), { labels: new Map([[variable(1), nasty]]) }));
    const x = variable(2);
    const bad = await graphView(graphOf(x.square(), { labels: new Map([[x, nasty]]) }));
    for (const text of [page, labelled, bad]) {
      expect(text.match(/<\/script>/g)!.length).toBe(2);
      expect(text).not.toContain("<img");
      // The name of SVG is no reference, and the policy lets nothing load.
      expect(text.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|\bsrc=[^x]|url\((?!#)|@import/);
      expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"`);
    }
    expect(dataOf(bad).nodes[0]!.label).toBe(nasty);
    expect(page).toContain("<title>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#39;</title>");
  });

  test("the script is sound", () => {
    const script = /<script>(.*?)<\/script>/s.exec(page)![1]!;
    expect(() => new Script(script)).not.toThrow();
  });
});

describe("large graphs", () => {
  const chain = (length: number): Tensor => {
    const [a, b] = [variable(0.5), variable(0.9)];
    let y = a;
    for (let i = 0; i < length; i++) y = y.mul(b).add(0.1);
    return y;
  };

  test("of 10,000 nodes: groups of about 80, no picture of all, every node in the picture of its group", async () => {
    const graph = graphOf(chain(3333));
    const data = dataOf(await graphView(graph));
    expect(data.nodes.length).toBe(3333 * 3 + 2);
    expect(data.scenes["all"]).toBeUndefined();
    expect(data.groups.length).toBeLessThanOrEqual(200);
    expect(boxesOf(data, "folded").length).toBe(data.groups.length);
    data.groups.forEach(({ members }, g) => {
      expect(members.length).toBeLessThanOrEqual(160);
      expect(boxesOf(data, `g${g}`)).toEqual(expect.arrayContaining([...members]));
    });
  });

  test("computationGraph folds what is too large for one picture, and shows where it is not finite", async () => {
    const graph = graphOf(chain(3333));
    const svg = await computationGraph(graph);
    const counts = [...svg.matchAll(/>(\d+) nodes</g)].map((match) => Number(match[1]));
    expect(counts.length).toBeLessThanOrEqual(60);
    expect(counts.reduce((a, b) => a + b)).toBe(graph.nodes.length);
    expect(svg).not.toContain("not finite");
    const [a, b] = [variable(1), variable([1e300, 2])];
    const spoilt = { layers: [{ a }, { b }] };
    const bad = graphOf(chain(700).mul(a).add(b.square().sum().log()), { labels: spoilt });
    const drawn = await computationGraph(bad);
    expect([...drawn.matchAll(/not finite/g)].length).toBeGreaterThan(0);
    expect(drawn).toContain("layers[1]");
    const whole = graphOf(chain(30));
    expect((await computationGraph(whole)).match(/class="node"/g)!.length).toBe(whole.nodes.length);
  }, 60_000);

  test("a thousand small modules fold together", async () => {
    let y = variable([1, 2]);
    const parts = Array.from({ length: 1000 }, () => ({ w: variable([0.5, 0.5]) }));
    for (const { w } of parts) y = y.mul(w);
    const data = dataOf(await graphView(graphOf(y.sum(), { labels: { parts } })));
    expect(data.groups.length).toBeLessThanOrEqual(200);
    expect(data.groups[1]!.name).toMatch(/^parts\[\d+\] … parts\[\d+\]$/);
    expect(data.groups.flatMap(({ members }) => members).length).toBe(data.nodes.length);
  });
});

test("of an output that is no scalar there is nothing to play, and of one node there is one box", async () => {
  expect(dataOf(await graphView(graphOf(variable([1, 2]).neg()))).order).toEqual([]);
  const one = dataOf(await graphView(graphOf(variable(1))));
  expect([one.nodes.length, Object.keys(one.scenes)]).toEqual([1, ["all"]]);
});

test.each<[string, () => Promise<string>, RegExp]>([
  ["no graph", () => graphView(undefined as never), /^graphView: expected a list of nodes, as graphOf gives it/],
  ["no edges", () => graphView({ nodes: [] } as never), /^graphView: expected a list of edges/],
  ["an empty graph", () => graphView({ nodes: [], edges: [] }), /^graphView: expected a graph with nodes/],
  ["an unknown option", () => graphView(graphOf(variable(1)), { name: "" } as never), /unknown option "name"/],
  ["a title of another type", () => graphView(graphOf(variable(1)), { title: 3 } as never), /expected a title, got 3/],
])("refuses %s", async (_name, run, says) => {
  await expect(run()).rejects.toThrow(ArgumentError);
  await expect(run()).rejects.toThrow(says);
});
