/**
 * Pictures of a graph with some groups folded, laid out by Graphviz: places only, the page draws them.
 * @module
 */
import type { Viz } from "@viz-js/viz";
import type { DrawableGraph } from "./computationGraph.js";
import type { Neighbours, NodeGroup } from "./graphGroups.js";

/** A box: a node by index, or a folded group as `-1 - index`; then x, y of its centre and its size, in pixels. */
export type Box = readonly [what: number, x: number, y: number, width: number, height: number];

/** An edge from box to box, and the control points of its curve. */
export type Curve = readonly [from: number, to: number, points: readonly number[]];

/** One picture. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly curves: readonly Curve[];
}

/** Where folded neighbours of an open group are too many, only those it touches are shown. */
const fewGroups = 24;
const mostUsers = 12;
const inch = 72;
export const longestText = 34;

const widthOf = (texts: readonly string[]): number =>
  Math.max(84, ...texts.map((text) => Math.min(text.length, longestText) * 6.6 + 22));

function boxSize(graph: DrawableGraph, groups: readonly NodeGroup[], what: number): readonly [number, number] {
  if (what < 0) return [widthOf([groups[-1 - what]!.name, "1000 of 1000 nodes"]), 46];
  const { name, label = "", shape, value, cotangent } = graph.nodes[what]!;
  const head = `${label === "" ? "" : `${label} = `}${name} [${shape.join(", ")}]`;
  return [
    widthOf([head, value, ...(cotangent === undefined ? [] : [`ct ${cotangent}`])]),
    cotangent === undefined ? 42 : 58,
  ];
}

/** The scenes of a graph. */
export class Scenes {
  readonly #graphviz: Viz;
  readonly #graph: DrawableGraph;
  readonly #neighbours: Neighbours;
  readonly #groups: readonly NodeGroup[];
  readonly #groupOf: Int32Array;
  /** Of each node the operand with the longest history: the main line of the computation, which is drawn straight. */
  readonly #main: readonly (number | undefined)[];

  constructor(graphviz: Viz, graph: DrawableGraph, neighbours: Neighbours, groups: readonly NodeGroup[]) {
    this.#graphviz = graphviz;
    this.#graph = graph;
    this.#neighbours = neighbours;
    this.#groups = groups;
    this.#groupOf = new Int32Array(graph.nodes.length);
    groups.forEach(({ members }, g) => members.forEach((i) => (this.#groupOf[i] = g)));
    const depths: number[] = [];
    this.#main = neighbours.operands.map((operands) => {
      const main = operands.toSorted((a, b) => (depths[b] ?? 0) - (depths[a] ?? 0))[0];
      depths.push(main === undefined ? 0 : (depths[main] ?? 0) + 1);
      return main;
    });
  }

  /** Every node. */
  all(): Scene {
    return this.#layOut((i) => i);
  }

  /** Every group folded. */
  folded(): Scene {
    return this.#layOut((i) => -1 - this.#groupOf[i]!);
  }

  /** One group open, the others folded. */
  open(g: number): Scene {
    const near = new Set<number>([g]);
    const { operands } = this.#neighbours;
    for (const i of this.#groups[g]!.members)
      for (const j of [...operands[i]!, ...this.#drawnUsers(i)]) near.add(this.#groupOf[j]!);
    return this.#layOut((i) => {
      const other = this.#groupOf[i]!;
      if (other === g) return i;
      return this.#groups.length <= fewGroups || near.has(other) ? -1 - other : null;
    });
  }

  /** A weight that every step of a recurrence uses would bury the picture under its arrows; the page lists all users. */
  #drawnUsers(i: number): readonly number[] {
    const { operands, users } = this.#neighbours;
    return users[i]!.length <= mostUsers ? users[i]! : users[i]!.slice(0, operands[i]!.length === 0 ? 1 : mostUsers);
  }

  /** @param boxOf the box that shows a node; `null`: none */
  #layOut(boxOf: (node: number) => number | null): Scene {
    const shown = this.#graph.nodes.map((_, i) => boxOf(i));
    const boxes = [...new Set(shown.filter((box) => box !== null))];
    const edges = new Map<string, number>();
    shown.forEach((from, i) => {
      if (from === null) return;
      for (const user of this.#drawnUsers(i)) {
        const to = shown[user]!;
        // Groups may feed each other in a circle; one arrow says so.
        if (to === null || to === from) continue;
        const key = `${name(from)} -> ${name(to)}`;
        edges.set(key, Math.max(edges.get(key) ?? 0, this.#main[user] === i || from < 0 ? 8 : 1));
      }
    });
    const sizes = boxes.map((box) => {
      const [width, height] = boxSize(this.#graph, this.#groups, box);
      return `${name(box)} [width=${(width / inch).toFixed(3)}, height=${(height / inch).toFixed(3)}];`;
    });
    const arrows = [...edges].map(([key, weight]) => `${key} [weight=${weight}];`);
    const dot = `digraph {\nrankdir=TB; nodesep=0.2; ranksep=0.3;\nnode [shape=box, fixedsize=true, label=""];\n${[...sizes, ...arrows].join("\n")}\n}`;
    return readPlain(this.#graphviz.renderString(dot, { format: "plain" }));
  }
}

const name = (box: number): string => (box < 0 ? `g${-1 - box}` : `n${box}`);
const boxNamed = (text: string): number => (text.startsWith("g") ? -1 - Number(text.slice(1)) : Number(text.slice(1)));

/** Graphviz's plain format: inches, with the origin at the lower left. */
function readPlain(text: string): Scene {
  let [width, height] = [0, 0];
  const boxes: Box[] = [];
  const curves: Curve[] = [];
  const px = (inches: string | undefined): number => Math.round(Number(inches) * inch * 10) / 10;
  // Long lines are broken with a backslash.
  for (const line of text.replaceAll("\\\n", "").split("\n")) {
    const [kind, ...rest] = line.split(" ");
    if (kind === "graph") [width, height] = [px(rest[1]), px(rest[2])];
    if (kind === "node") boxes.push([boxNamed(rest[0]!), px(rest[1]), flip(px(rest[2])), px(rest[3]), px(rest[4])]);
    if (kind === "edge") {
      const count = Number(rest[2]);
      const points = rest.slice(3, 3 + 2 * count).map((p, i) => (i % 2 === 0 ? px(p) : flip(px(p))));
      curves.push([boxNamed(rest[0]!), boxNamed(rest[1]!), points]);
    }
  }
  return { width, height, boxes, curves };

  function flip(y: number): number {
    return Math.round((height - y) * 10) / 10;
  }
}
