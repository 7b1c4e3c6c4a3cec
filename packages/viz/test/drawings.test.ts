/** Drawings of networks and of computation graphs: what is in them, and that they are sound. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, graphOf, tensor, variable } from "@cotangent/core";
import { computationGraph, graphToDot, networkDrawing, type DrawableGraph } from "@cotangent/viz";
import { faultsIn, readXml, textsIn } from "./xml.js";

const nasty = `a<b> & "c" 'd'`;
const attributesOf = (svg: string, name: string): Record<string, string>[] =>
  readXml(svg)
    .filter((element) => element.name === name)
    .map(({ attributes }) => attributes);
const numbers = (attributes: Record<string, string>, ...names: string[]): number[] =>
  names.map((name) => Number(attributes[name]));

describe("networkDrawing", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 2, maxLength: 5 });

  test("has a circle a neuron, up to ten a layer, and a line between any two of neighbouring layers", () => {
    fc.assert(
      fc.property(sizes, (layers) => {
        const svg = networkDrawing({ title: "t", sizes: layers });
        expect(faultsIn(svg)).toEqual([]);
        const shown = layers.map((n) => Math.min(n, 10));
        const circles = attributesOf(svg, "circle").map((circle) => numbers(circle, "cx", "cy"));
        expect(circles.length).toBe(shown.reduce((a, b) => a + b));
        expect(new Set(circles.map(String)).size).toBe(circles.length);
        const lines = attributesOf(svg, "line").map((line) => numbers(line, "x1", "y1", "x2", "y2"));
        expect(lines.length).toBe(shown.slice(1).reduce((sum, n, i) => sum + n * shown[i]!, 0));
        expect(new Set(lines.map(String)).size).toBe(lines.length);
        const places = new Set(circles.map(String));
        for (const [x1, y1, x2, y2] of lines) expect(places.has(`${x1},${y1}`) && places.has(`${x2},${y2}`)).toBe(true);
        expect(textsIn(svg).filter((text) => text === "⋮").length).toBe(layers.filter((n) => n > 10).length);
        for (const n of layers) expect(textsIn(svg)).toContain(String(n));
      }),
    );
  });

  test("everything is inside of the picture", () => {
    fc.assert(
      fc.property(sizes, (layers) => {
        const svg = networkDrawing({ title: "t", sizes: layers });
        const [width, height] = numbers(attributesOf(svg, "svg")[0]!, "width", "height") as [number, number];
        for (const circle of attributesOf(svg, "circle")) {
          const [x, y, r] = numbers(circle, "cx", "cy", "r") as [number, number, number];
          expect(x - r >= 0 && x + r <= width && y - r >= 30 && y + r <= height - 45).toBe(true);
        }
      }),
    );
  });

  test("a line is blue or orange by the sign of its weight, and wider for a larger one", () => {
    const weights = [[[1, -2, 0.5], [4, -3, 0]]]; // prettier-ignore
    const lines = attributesOf(networkDrawing({ title: "t", sizes: [2, 3], weights }), "line");
    expect(lines.map(({ stroke }) => (stroke === "#0072B2" ? 1 : stroke === "#D55E00" ? -1 : 0))).toEqual([
      1, -1, 1, 1, -1, 1,
    ]);
    const widths = lines.map((line) => Number(line["stroke-width"]));
    // By the size of the weight: 0, 0.5, 1, 2, 3, 4.
    const order = [5, 2, 0, 1, 4, 3].map((i) => widths[i]!);
    expect(order).toEqual(order.slice().sort((a, b) => a - b));
    expect(new Set(order).size).toBe(6);
  });

  test("of a layer with a gap, the lines are those of the first and the last five neurons", () => {
    const column = Array.from({ length: 14 }, (_, i) => [i < 5 || i >= 9 ? 1 : -1]);
    const lines = attributesOf(networkDrawing({ title: "t", sizes: [14, 1], weights: [column] }), "line");
    expect(lines.map(({ stroke }) => stroke)).toEqual(Array(10).fill("#0072B2"));
  });

  test("titles and labels are escaped; layers have names of their own otherwise", () => {
    const svg = networkDrawing({ title: nasty, sizes: [1, 2, 1], labels: [`${nasty}1`] });
    expect(textsIn(svg)).toEqual(expect.arrayContaining([nasty, `${nasty}1`, "hidden", "output"]));
  });

  test("the same network is the same text", () => {
    const draw = (): string => networkDrawing({ title: "t", sizes: [3, 12, 1], labels: ["a"] });
    expect(draw()).toBe(draw());
  });

  test.each([[[]], [[3]]])("refuses the layers %j", (layers) => {
    expect(() => networkDrawing({ title: "t", sizes: layers })).toThrow(ArgumentError);
    expect(() => networkDrawing({ title: "t", sizes: layers })).toThrow(/expected at least two layers/);
  });

  test.each([[[0, 1]], [[-1, 2]], [[1.5, 2]], [[NaN, 2]], [["2", 2]]])("refuses the sizes %s", (layers) => {
    expect(() => networkDrawing({ title: "t", sizes: layers as number[] })).toThrow(ArgumentError);
  });

  // The weights of a network that diverged must not give stroke-width="NaN".
  test.each([["NaN", [[[NaN, 1]]]], ["Infinity", [[[Infinity, 1]]]], ["a transposed matrix", [[[1], [2]]]]])(
    "either refuses weights with %s, or draws them all without fault", (_name, weights) => {
      let svg = "";
      try {
        svg = networkDrawing({ title: "t", sizes: [1, 2], weights });
      } catch (error) {
        expect(error).toBeInstanceOf(ArgumentError);
        return;
      }
      expect(faultsIn(svg)).toEqual([]);
      expect(attributesOf(svg, "line").filter(({ stroke }) => stroke === "#999999")).toEqual([]);
    },
  ); // prettier-ignore
});

const [x, w] = [tensor([1, 2]), variable(tensor([0.5, -1]))];
const graph = graphOf(x.mul(w).sum(), { labels: { x, [nasty]: w } });

describe("graphToDot", () => {
  test("says every node and edge, and the gradients", () => {
    const lines = graphToDot(graph).split("\n");
    expect(lines[0]).toBe("digraph {");
    expect(lines.at(-1)).toBe("}");
    expect(lines.filter((line) => /^n\d+ \[label=<.*>, fillcolor="#\w{6}", style=".*"\];$/.test(line)).length).toBe(4);
    expect(lines.filter((line) => /^n\d+ -> n\d+;$/.test(line)).sort()).toEqual([
      "n0 -> n2;",
      "n1 -> n2;",
      "n2 -> n3;",
    ]);
    const line = (id: number): string => lines.find((text) => text.startsWith(`n${id} [`))!;
    expect(line(0)).toBe(
      `n0 [label=<<B>x</B> (constant) [2]<BR/>[1, 2]>, fillcolor="#EEEEEE", style="filled,rounded"];`,
    );
    expect(line(1)).toContain("<B>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;</B> [2]<BR/>[0.5, -1]");
    expect(line(1)).toContain('gradient [1, 2]</FONT>>, fillcolor="#C4DEEF", style="filled"');
    expect(line(3)).toContain("<B>sum</B> []<BR/>-1.5<BR/>");
  });

  test("does the same for any graph of the right form", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "<", ">", "&", '"', "'", ";", "{", "}", "é") });
    const node = fc.record({
      name: text,
      label: text,
      shape: fc.array(fc.nat(9)),
      value: text,
      cotangent: text,
      variable: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(node, { maxLength: 6 }), (list) => {
        const drawn: DrawableGraph = { nodes: list.map((each, id) => ({ ...each, id })), edges: [] };
        const labels = [...graphToDot(drawn).matchAll(/label=<(.*)>, fillcolor/g)].map(([, label]) => label!);
        expect(labels.length).toBe(list.length);
        // Graphviz wants labels of this form to be XML.
        labels.forEach((label, i) => {
          const [, head] = readXml(`<LABEL>${label}</LABEL>`);
          expect(head).toMatchObject({ name: "B", text: list[i]!.label });
        });
      }),
    );
  });
});

describe("computationGraph", () => {
  test("is one svg element with a group a node and an edge, and the texts", async () => {
    const svg = await computationGraph(graph);
    expect(svg.startsWith("<svg")).toBe(true);
    expect(faultsIn(svg)).toEqual([]);
    const classes = attributesOf(svg, "g").map((attributes) => attributes["class"]);
    expect(classes.filter((name) => name === "node").length).toBe(4);
    expect(classes.filter((name) => name === "edge").length).toBe(3);
    expect(textsIn(svg)).toEqual(expect.arrayContaining([nasty, "gradient [1, 2]", "[0.5, -1]"]));
    expect(await computationGraph(graph)).toBe(svg);
  });

  test("refuses a graph of nothing", async () => {
    await expect(computationGraph({ nodes: [], edges: [] })).rejects.toThrow(ArgumentError);
  });

  // Graphviz reads \N in labels as the name of the node, here n0.
  test("shows a backslash in a name", async () => {
    const node = { id: 0, name: "op", label: "a\\N", shape: [], value: "1", variable: true };
    expect(textsIn(await computationGraph({ nodes: [node], edges: [] }))).toContain("a\\N");
  });
});
