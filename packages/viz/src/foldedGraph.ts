/**
 * A large graph in the language of Graphviz, with its modules folded.
 * @module
 */
import type { DrawableGraph } from "./computationGraph.js";
import { escapeLabel } from "./escape.js";
import { groupsOf, neighboursOf } from "./graphGroups.js";

/** From left to right; without limits, a variable with a hundred users costs minutes of search for shorter arrows. */
export const layout = "rankdir=LR; nslimit=1; nslimit1=1;";
/** As many boxes as a picture that does not fold can hold. */
const mostBoxes = 60;
/** Nodes in a box, where there are no modules. */
const boxSize = 80;
const strange = /NaN|[Ii]nfinit/;

/** One box a module, or a stretch of the computation; red where a value or a derivative in it is not finite. */
export function foldedDot(graph: DrawableGraph): string {
  const { nodes } = graph;
  const neighbours = neighboursOf(graph);
  const groups = groupsOf(graph, neighbours, Math.max(boxSize, Math.ceil(nodes.length / mostBoxes)), mostBoxes);
  const groupOf = new Int32Array(nodes.length);
  groups.forEach(({ members }, g) => members.forEach((i) => (groupOf[i] = g)));
  const boxes = groups.map(({ name, members }, g) => {
    const bad = members.some((i) => strange.test(nodes[i]!.value) || strange.test(nodes[i]!.cotangent ?? ""));
    const count = `${members.length} ${members.length === 1 ? "node" : "nodes"}`;
    return `g${g} [label=<<B>${escapeLabel(name)}</B><BR/>${count}${bad ? "<BR/>not finite" : ""}>, fillcolor="${bad ? "#FBD5D5" : "#E9E4F5"}"];`;
  });
  const arrows = new Set<string>();
  neighbours.users.forEach((users, i) => {
    for (const user of users) if (groupOf[i] !== groupOf[user]) arrows.add(`g${groupOf[i]!} -> g${groupOf[user]!};`);
  });
  return `digraph {\n${layout} nodesep=0.25; ranksep=0.35; bgcolor="white";\nnode [shape=box, style=filled, fontname="Helvetica", fontsize=11, color="#666666"];\nedge [color="#666666", arrowsize=0.7];\n${[...boxes, ...arrows].join("\n")}\n}`;
}
