/**
 * Parameter trees: plain objects and arrays whose leaves are tensors or numbers.
 * @module
 */
import { ArgumentError, checkFunction, describe } from "./errors.js";
import { scalarLayout } from "./shape.js";
import { scalarTensor, Tensor } from "./tensor.js";

/** A leaf of a parameter tree. */
export type Leaf = Tensor | number;

/** Plain objects and arrays, nested, whose leaves are tensors or numbers. */
export type Tree = Leaf | readonly Tree[] | { readonly [key: string]: Tree };

/** The tree with every leaf replaced by a tensor. */
export type Tensors<T> = T extends Leaf ? Tensor : { readonly [K in keyof T]: Tensors<T[K]> };

/** A leaf and the way to it, such as `layers[0].weight`; the root's own path is empty. */
export interface LeafAt {
  readonly path: string;
  readonly leaf: Leaf;
}

function extend(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isLeaf(value: unknown): value is Leaf {
  return value instanceof Tensor || typeof value === "number";
}

/** An error for something that is no leaf. */
type Refusal = new (message: string) => Error;

function refuse(refusal: Refusal, operator: string, path: string, value: unknown): never {
  const at = path === "" ? "the tree itself" : `"${path}"`;
  throw new refusal(
    `${operator}: expected a tensor, a number, a plain object or an array at ${at}, got ${describe(value)}`,
  );
}

/** Deeper than any model; a tree that reaches it contains itself. */
const deepest = 1000;

function checkDepth(operator: string, refusal: Refusal, path: string, depth: number): void {
  if (depth > deepest)
    throw new refusal(
      `${operator}: expected a tree at most ${deepest} deep, got a deeper one at "${path.slice(0, 40)}…"; does it contain itself?`,
    );
}

/** Maps leaves with their paths; the first tree gives the structure, the others must have it too. */
export function mapLeaves(
  operator: string,
  map: (leaves: readonly Leaf[], path: string) => unknown,
  trees: readonly unknown[],
  refusal: Refusal = ArgumentError,
  path = "",
  depth = 0,
): unknown {
  const first = trees[0];
  if (trees.length === 1) return mapOneTree(operator, map, first, refusal, path, depth);
  checkDepth(operator, refusal, path, depth);
  if (isLeaf(first)) {
    for (const other of trees) if (!isLeaf(other)) mismatch(operator, path, "a leaf", other);
    return map(trees as readonly Leaf[], path);
  }
  if (Array.isArray(first)) {
    for (const other of trees)
      if (!Array.isArray(other) || other.length !== first.length) mismatch(operator, path, describe(first), other);
    return first.map((_, i) =>
      mapLeaves(
        operator,
        map,
        trees.map((tree) => (tree as unknown[])[i]),
        refusal,
        extend(path, i),
        depth + 1,
      ),
    );
  }
  if (!isPlainObject(first)) return refuse(refusal, operator, path, first);
  const keys = Object.keys(first);
  for (const other of trees)
    if (
      !isPlainObject(other) ||
      Object.keys(other).length !== keys.length ||
      keys.some((key) => !Object.hasOwn(other, key))
    )
      mismatch(operator, path, `an object with ${keys.join(", ") || "no keys"}`, other);
  return Object.fromEntries(
    keys.map((key) => [
      key,
      mapLeaves(
        operator,
        map,
        trees.map((tree) => (tree as Record<string, unknown>)[key]),
        refusal,
        extend(path, key),
        depth + 1,
      ),
    ]),
  );
}

/** The same for a single tree, which every training step walks several times. */
function mapOneTree(
  operator: string,
  map: (leaves: readonly Leaf[], path: string) => unknown,
  tree: unknown,
  refusal: Refusal,
  path: string,
  depth: number,
): unknown {
  if (isLeaf(tree)) return map([tree], path);
  checkDepth(operator, refusal, path, depth);
  if (Array.isArray(tree)) {
    const mapped = new Array<unknown>(tree.length);
    for (let i = 0; i < tree.length; i++)
      mapped[i] = mapOneTree(operator, map, tree[i], refusal, extend(path, i), depth + 1);
    return mapped;
  }
  if (!isPlainObject(tree)) return refuse(refusal, operator, path, tree);
  // Not by assignment, which would take the key __proto__ for the prototype.
  return Object.fromEntries(
    Object.keys(tree).map((key) => [key, mapOneTree(operator, map, tree[key], refusal, extend(path, key), depth + 1)]),
  );
}

function mismatch(operator: string, path: string, wanted: string, got: unknown): never {
  const came = isPlainObject(got) ? `an object with ${Object.keys(got).join(", ") || "no keys"}` : describe(got);
  throw new ArgumentError(
    `${operator}: expected trees of one structure, got ${came} where the first tree has ${wanted}, at ${path === "" ? "the root" : `"${path}"`}`,
  );
}

/** A function of the leaves in the same place. */
type LeafFunction = (...leaves: Tensor[]) => Leaf;

function lifted(leaf: Leaf): Tensor {
  return typeof leaf === "number" ? scalarTensor(scalarLayout, "float64", leaf) : leaf;
}

/**
 * Applies a function to the leaves of one or more trees of the same structure, in insertion order. Number leaves, and
 * numbers that the function returns, count as float64 scalars.
 *
 * @param fn receives the leaves in the same place, one of each tree
 * @throws {@link ArgumentError} naming the path, if the structures differ, or something else than a leaf is met or returned
 * @example
 * ```ts
 * import { mapTree, tensor } from "@cotangent/core";
 * const w = { a: tensor([1, 2]), b: [tensor(3)] };
 * const g = { a: tensor([10, 10]), b: [tensor(10)] };
 * const next = mapTree((p, q) => p.sub(q.mul(0.1)), w, g);
 * next.a.toArray(); // → [0,1]
 * next.b[0].item(); // → 2
 * ```
 */
export function mapTree<T>(fn: LeafFunction, tree: T, ...trees: readonly unknown[]): Tensors<T> {
  checkFunction("mapTree", fn, "a function of the leaves");
  const map = (leaves: readonly Leaf[], path: string): Tensor => {
    const leaf: unknown = fn(...leaves.map(lifted));
    if (isLeaf(leaf)) return lifted(leaf);
    throw new ArgumentError(
      `mapTree: expected a function that returns a tensor or a number, got ${describe(leaf)}${path === "" ? "" : ` at "${path}"`}`,
    );
  };
  return mapLeaves("mapTree", map, [tree, ...trees]) as Tensors<T>;
}

/**
 * The leaves of a tree with their paths, in insertion order.
 *
 * @throws {@link ArgumentError} naming the path, if something else than a leaf is met
 * @example
 * ```ts
 * import { leavesOf, tensor } from "@cotangent/core";
 * leavesOf({ layers: [{ weight: tensor([1]), bias: 0 }] }).map(({ path }) => path); // → ["layers[0].weight","layers[0].bias"]
 * ```
 */
export function leavesOf(tree: unknown): readonly LeafAt[] {
  const leaves: LeafAt[] = [];
  mapLeaves("leavesOf", ([leaf], path) => void leaves.push({ path, leaf: leaf! }), [tree]);
  return leaves;
}
