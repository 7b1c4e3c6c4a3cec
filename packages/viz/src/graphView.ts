/**
 * A computation graph as one page that folds and plays.
 * @module
 */
import { instance } from "@viz-js/viz";
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import type { DrawableGraph } from "./computationGraph.js";
import { escapeXml } from "./escape.js";
import { groupsOf, neighboursOf } from "./graphGroups.js";
import { pageBody, pageMain, pageScript, pageStyle } from "./graphPage.js";
import { longestText, Scenes, type Scene } from "./graphScenes.js";
import { checkGraph } from "./lists.js";

/** Options of `graphView`. */
export interface GraphViewOptions {
  /** Default: "Computation graph". */
  readonly title?: string | undefined;
}

/** A picture of more nodes can be laid out, but not read. */
const mostAtOnce = 600;
/** Nodes in a group; groups grow only where there would be more of them than one can read. */
const groupSize = 80;
const mostGroups = 200;

/** Text inside of a script element: nothing in it can end the element. */
const embed = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/**
 * One HTML file that shows a computation graph: modules fold into boxes and open again, the backward pass plays step by
 * step from the output to the variables, every node tells value, derivative, neighbours and line of source, what is not
 * finite is red, and a list finds nodes by any text. Nothing outside of the file is referred to.
 *
 * Up to 600 nodes there is a picture of them all; of any graph there is one with everything folded, and one for every
 * group (a module, or a part of it of about 80 nodes) that has it open.
 *
 * @param graph as `graphOf` gives it; modules are those of its labels
 * @throws `ArgumentError` if the graph has no nodes, or an option is unknown
 * @example
 * ```ts
 * import { graphOf, variable } from "@cotangent/core";
 * import { graphView } from "@cotangent/viz";
 * const w = variable(3);
 * const page = await graphView(graphOf(() => w.square(), { labels: { w } }), { title: "A square" });
 * page.includes("<title>A square</title>"); // → true
 * ```
 */
export async function graphView(graph: DrawableGraph, options?: GraphViewOptions): Promise<string> {
  checkOptions("graphView", options, ["title"]);
  const { title = "Computation graph" } = options ?? {};
  if (typeof title !== "string") throw new ArgumentError(`graphView: expected a title, got ${describe(title)}`);
  checkGraph("graphView", graph);
  const { nodes } = graph;
  const { length } = nodes;
  if (length === 0) throw new ArgumentError("graphView: expected a graph with nodes, got an empty one");
  const neighbours = neighboursOf(graph);
  const groups = groupsOf(graph, neighbours, Math.max(groupSize, Math.ceil(length / mostGroups)), mostGroups);
  const layout = new Scenes(await instance(), graph, neighbours, groups);
  const scenes: Record<string, Scene> = {};
  if (length <= mostAtOnce) scenes["all"] = layout.all();
  if (groups.length > 1) {
    scenes["folded"] = layout.folded();
    for (let g = 0; g < groups.length; g++)
      if (groups[g]!.members.length <= mostAtOnce) scenes[`g${g}`] = layout.open(g);
  }
  // The sweep's order: descending, those with a derivative.
  const order = nodes.flatMap(({ cotangent }, i) => (cotangent === undefined ? [] : [i])).reverse();
  const data = embed({ nodes, ...neighbours, groups, scenes, order, longest: longestText });
  const count = `${length} ${length === 1 ? "node" : "nodes"}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeXml(title)}</title><style>${pageStyle}</style></head>
<body><header><h1>${escapeXml(title)}<small>${count}</small></h1>${pageBody}</header>
${pageMain}
<script type="application/json" id="data">${data}</script>
<script>${pageScript}</script></body></html>
`;
}
