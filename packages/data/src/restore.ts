/**
 * Whether what was read is what a program expects.
 * @module
 */
import { ArgumentError, DataError, describe, tensor, Tensor } from "@cotangent/core";
import { namedLeaves } from "./leaves.js";
import { pathBelow, showPath } from "./structure.js";

const show = ({ dtype, shape }: Tensor): string => `${dtype} [${shape.join(", ")}]`;

/** Every difference in names, shapes and dtypes between the tensors wanted and those that came. */
export function differences(wanted: ReadonlyMap<string, Tensor>, came: ReadonlyMap<string, Tensor>): string[] {
  const missing = [...wanted].filter(([path]) => !came.has(path));
  const surplus = [...came].filter(([path]) => !wanted.has(path));
  const changed = [...wanted].filter(([path, want]) => came.has(path) && show(came.get(path)!) !== show(want));
  return [
    ...missing.map(([path, want]) => `${showPath(path)} is missing, expected ${show(want)}`),
    ...surplus.map(([path, got]) => `${showPath(path)} is not expected, got ${show(got)}`),
    ...changed.map(([path, want]) => `${showPath(path)}: expected ${show(want)}, got ${show(came.get(path)!)}`),
  ];
}

/** @throws `DataError` with every difference, one a line */
export function checkDifferences(operator: string, source: string, list: readonly string[]): void {
  if (list.length === 0) return;
  throw new DataError(
    `${operator}: expected what "like" has in ${source}, got ${list.length} difference${list.length === 1 ? "" : "s"}; was it saved by another model?\n${list.map((line) => `  ${line}`).join("\n")}`,
  );
}

/**
 * Puts tensors by path, as `decodeSafetensors` gives them, into a tree: `like` says the structure, and which tensors
 * are variables. The result is frozen.
 *
 * @throws `DataError` with every difference in names, shapes and dtypes, one a line
 * @example
 * ```ts
 * import { tensor, zeros } from "@cotangent/core";
 * import { decodeSafetensors, encodeSafetensors, restoreTree } from "@cotangent/data";
 * const { tensors } = decodeSafetensors(encodeSafetensors({ layers: [{ bias: tensor([1, 2]) }] }));
 * restoreTree(tensors, { layers: [{ bias: zeros([2]) }] }).layers[0].bias.toArray(); // → [1,2]
 * ```
 */
export function restoreTree<T>(tensors: ReadonlyMap<string, Tensor>, like: T): T {
  if (!(tensors instanceof Map))
    throw new ArgumentError(`restoreTree: expected a Map of tensors by path, got ${describe(tensors)}`);
  const given = tensors as ReadonlyMap<string, Tensor>;
  const wanted = new Map(namedLeaves("restoreTree", like));
  checkDifferences("restoreTree", "the tensors", differences(wanted, given));
  const fill = (value: unknown, path: string): unknown => {
    if (value instanceof Tensor) {
      const found = given.get(path)!;
      return value.requiresGrad ? tensor(found, { requiresGrad: true }) : found;
    }
    if (typeof value === "number") return given.get(path)!.item();
    if (Array.isArray(value)) return Object.freeze(value.map((each, i) => fill(each, pathBelow(path, i))));
    return Object.freeze(
      Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, fill(each, pathBelow(path, key))])),
    );
  };
  return fill(like, "") as T;
}
