/**
 * Pictures of computation graphs, laid out by Graphviz.
 * @module
 */
import { instance } from "@viz-js/viz";
import { ArgumentError } from "@cotangent/core";
import { escapeLabel } from "./escape.js";
import { foldedDot, layout } from "./foldedGraph.js";
import { checkGraph } from "./lists.js";

/** A graph as `graphOf` of `@cotangent/core` gives it. */
export interface DrawableGraph {
  readonly nodes: readonly {
    readonly id: number;
    readonly name: string;
    readonly label?: string;
    readonly module?: string;
    readonly shape: readonly number[];
    readonly value: string;
    readonly cotangent?: string;
    readonly variable: boolean;
    readonly line?: string;
  }[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

/**
 * The graph in Graphviz's language: variables are boxes, constants grey, operators rounded.
 *
 * @throws `ArgumentError` if it is no graph
 * @example
 * ```ts
 * import { variable, graphOf } from "@cotangent/core";
 * import { graphToDot } from "@cotangent/viz";
 * graphToDot(graphOf(variable(2).square())).includes("square"); // → true
 * ```
 */
export function graphToDot(graph: DrawableGraph): string {
  checkGraph("graphToDot", graph);
  return dotOf(graph);
}

function dotOf({ nodes, edges }: DrawableGraph): string {
  const lines = nodes.map(({ id, name, label, shape, value, cotangent, variable }) => {
    const fill = variable ? "#C4DEEF" : name === "constant" ? "#EEEEEE" : "#FFF4DC";
    const head = `<B>${escapeLabel(label ?? name)}</B>${label !== undefined && !variable ? ` (${escapeLabel(name)})` : ""} [${shape.join(", ")}]`;
    const gradient =
      cotangent === undefined ? "" : `<BR/><FONT COLOR="#A04000">gradient ${escapeLabel(cotangent)}</FONT>`;
    return `n${id} [label=<${head}<BR/>${escapeLabel(value)}${gradient}>, fillcolor="${fill}", style="filled${variable ? "" : ",rounded"}"];`;
  });
  const arrows = edges.map(({ from, to }) => `n${from} -> n${to};`);
  return `digraph {\n${layout} nodesep=0.25; ranksep=0.35; bgcolor="white";\nnode [shape=box, fontname="Helvetica", fontsize=11, color="#666666"];\nedge [color="#666666", arrowsize=0.7];\n${[...lines, ...arrows].join("\n")}\n}`;
}

/** What one can read; at ten thousand nodes Graphviz breaks down. */
const mostAtOnce = 600;

/**
 * A computation graph with values and gradients, as SVG. Above 600 nodes nobody could read it, so modules, or stretches
 * of the computation, are folded into boxes, red where something in them is not finite; `graphView` opens them.
 *
 * @throws `ArgumentError` if the graph has no nodes
 * @example
 * ```ts
 * import { variable, graphOf } from "@cotangent/core";
 * import { computationGraph } from "@cotangent/viz";
 * (await computationGraph(graphOf(variable(3).square()))).includes("gradient 6"); // → true
 * ```
 */
export async function computationGraph(graph: DrawableGraph): Promise<string> {
  checkGraph("computationGraph", graph);
  if (graph.nodes.length === 0)
    throw new ArgumentError("computationGraph: expected a graph with nodes, got an empty one");
  const graphviz = await instance();
  const dot = graph.nodes.length > mostAtOnce ? foldedDot(graph) : dotOf(graph);
  const svg = graphviz.renderString(dot, { format: "svg" });
  return svg.slice(svg.indexOf("<svg"));
}
