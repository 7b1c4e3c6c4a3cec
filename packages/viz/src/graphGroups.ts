/**
 * The nodes of a graph in groups that fold: modules, and stretches of the computation where there are none.
 * @module
 */
import type { DrawableGraph } from "./computationGraph.js";

/** Nodes that fold into one box. */
export interface NodeGroup {
  readonly name: string;
  /** Indices of nodes, in the order of computation. */
  readonly members: readonly number[];
}

/** The operands and the users of every node, by index. */
export interface Neighbours {
  readonly operands: readonly (readonly number[])[];
  readonly users: readonly (readonly number[])[];
}

export function neighboursOf({ nodes, edges }: DrawableGraph): Neighbours {
  const index = new Map(nodes.map(({ id }, i) => [id, i]));
  const [operands, users] = [nodes.map((): number[] => []), nodes.map((): number[] => [])];
  for (const { from, to } of edges) {
    const [a, b] = [index.get(from), index.get(to)];
    if (a === undefined || b === undefined) continue;
    if (!operands[b]!.includes(a)) operands[b]!.push(a);
    // Edges come by result, so repeated ones follow each other.
    if (users[a]!.at(-1) !== b) users[a]!.push(b);
  }
  return { operands, users };
}

function stretches(members: readonly number[], largest: number): number[][] {
  const count = Math.ceil(members.length / largest);
  const size = Math.ceil(members.length / count);
  return Array.from({ length: count }, (_, i) => members.slice(i * size, (i + 1) * size));
}

/** Neighbouring groups put together, so that there are at most `most`. */
function merged(groups: readonly NodeGroup[], most: number, largest: number): NodeGroup[] {
  const size = Math.max(largest, Math.ceil(groups.reduce((n, { members }) => n + members.length, 0) / most) * 2);
  const runs: NodeGroup[][] = [];
  let total = Infinity;
  for (const group of groups) {
    if (total + group.members.length > size) {
      runs.push([]);
      total = 0;
    }
    runs.at(-1)!.push(group);
    total += group.members.length;
  }
  return runs.map((run) => ({
    name: run.length === 1 ? run[0]!.name : `${run[0]!.name} … ${run.at(-1)!.name}`,
    members: run.flatMap(({ members }) => members).sort((a, b) => a - b),
  }));
}

/** Every node in exactly one group of at most about `largest`, groups in the order in which they begin. */
export function groupsOf(
  graph: DrawableGraph,
  { operands, users }: Neighbours,
  largest: number,
  most: number,
): NodeGroup[] {
  const { nodes } = graph;
  const modules = nodes.map(({ module }, i) => {
    const user = users[i]![0];
    // Data stand with what uses them first.
    return module ?? (operands[i]!.length === 0 && user !== undefined ? nodes[user]!.module : undefined);
  });
  const byModule = new Map<string | undefined, number[]>();
  modules.forEach((module, i) => {
    const list = byModule.get(module);
    if (list === undefined) byModule.set(module, [i]);
    else list.push(i);
  });
  const groups = [...byModule].flatMap(([module, members]): NodeGroup[] => {
    const parts = stretches(members, largest);
    return parts.map((part, k) => {
      const span = `#${nodes[part[0]!]!.id} – #${nodes[part.at(-1)!]!.id}`;
      return {
        name: module === undefined ? span : parts.length === 1 ? module : `${module} (${k + 1})`,
        members: part,
      };
    });
  });
  groups.sort((a, b) => a.members[0]! - b.members[0]!);
  return groups.length > most ? merged(groups, most, largest) : groups;
}
