/**
 * An optimiser of several, each of which has the parameters of some paths.
 * @module
 */
import { ArgumentError, leavesOf, mapTree, type Tensor } from "@cotangent/core";
import type { Optimizer } from "./optimizer.js";
import { checkMatches, pathTest } from "./patterns.js";
import { mapLeaves, named, pathList } from "./trees.js";

/** Leaves by their paths. */
export type Leaves = Readonly<Record<string, Tensor>>;

/** What becomes of the parameters that match. */
export interface Part<S> {
  readonly patterns: readonly string[];
  /** `null`: they stay as they are. */
  readonly optimizer: Optimizer<S> | null;
}

/** A tree's leaves by part. Those that no pattern matches make part 0; the first match counts. */
export interface Division {
  readonly take: (leaves: readonly Tensor[], part: number) => Leaves;
  /** The leaves in the tree's order again, some replaced. */
  readonly put: (leaves: readonly Tensor[], part: number, by: unknown) => readonly Tensor[];
}

/** Says for each path which part it belongs to, and remembers. */
export function partsByPath(parts: readonly Part<unknown>[]): (path: string) => number {
  const tests = parts.map(({ patterns }) => patterns.map(pathTest));
  const known = new Map<string, number>();
  return (path) => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const part = tests.findIndex((each) => each.some((test) => test(path))) + 1;
    known.set(path, part);
    return part;
  };
}

/** Divides leaves of a tree. */
export function divide(params: unknown, partOf: (path: string) => number): Division {
  const paths = leavesOf(params).map(({ path }) => path);
  const parts = paths.map(partOf);
  return {
    take: (leaves, part) =>
      Object.fromEntries(paths.flatMap((path, i) => (parts[i] === part ? [[path, leaves[i]!]] : []))),
    put: (leaves, part, by) => leaves.map((leaf, i) => (parts[i] === part ? (by as Leaves)[paths[i]!]! : leaf)),
  };
}

/** The leaves of parameters, and of their gradients. */
export function alignedLeaves(
  operator: string,
  params: unknown,
  gradients: unknown,
): { readonly ps: readonly Tensor[]; readonly gs: readonly Tensor[] } {
  const [ps, gs]: [Tensor[], Tensor[]] = [[], []];
  mapLeaves(operator, params, { gradients }, [], (p, [g]) => {
    ps.push(p);
    gs.push(g!);
    return {};
  });
  return { ps, gs };
}

/** All leaves as tensors. */
export function tensorsOf(operator: string, tree: unknown): readonly Tensor[] {
  const leaves: Tensor[] = [];
  named(operator, () => mapTree((leaf) => leaves[leaves.push(leaf) - 1]!, tree));
  return leaves;
}

/** @throws `ArgumentError` if a pattern matches no path, all it matches is claimed before, or two paths are the same */
export function checkParts(operator: string, parts: readonly Part<unknown>[], params: unknown): void {
  const paths = named(operator, () => leavesOf(params)).map(({ path }) => path);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined)
    throw new ArgumentError(`${operator}: expected parameters of different paths, got "${twice}" twice`);
  const partOf = partsByPath(parts);
  const claimed = new Set(paths.map(partOf));
  parts.forEach(({ patterns }, i) => {
    checkMatches(operator, patterns, paths);
    if (!claimed.has(i + 1))
      throw new ArgumentError(
        `${operator}: expected a group of parameters that no group before it has, got ${pathList(patterns)}; put the narrower pattern first`,
      );
  });
}
