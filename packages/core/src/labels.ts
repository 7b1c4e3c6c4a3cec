/**
 * Names that callers give to tensors, and the modules that these names imply.
 * @module
 */
import type { Node } from "./node.js";
import { Tensor } from "./tensor.js";
import { mapLeaves } from "./tree.js";

/** Names for tensors: a map, or a tree such as `{ x, w }` or a model's parameters, whose paths are the names. */
export type Labels = ReadonlyMap<Tensor, string> | object;

/**
 * The label of a tensor, or of another handle of the same node.
 *
 * @throws {@link ArgumentError} naming the path, if the tree holds something else than tensors and numbers
 */
export function labelling(operator: string, labels: Labels = {}): (x: Tensor) => string | undefined {
  const names = new Map<Tensor | Node, string>();
  const name = (x: unknown, label: string): void => {
    if (!(x instanceof Tensor)) return;
    names.set(x, label);
    if (x.node !== null) names.set(x.node, label);
  };
  if (labels instanceof Map) for (const [x, label] of labels as ReadonlyMap<Tensor, string>) name(x, label);
  else mapLeaves(operator, ([leaf], path) => name(leaf, path), [labels]);
  return (x) => names.get(x) ?? (x.node === null ? undefined : names.get(x.node));
}

/** The module of a parameter: `layers[0]` of `layers[0].weight`; none of a name without parts. */
export function moduleOf(label: string): string | undefined {
  return /^(.+)\.[^.]+$/.exec(label)?.[1];
}
