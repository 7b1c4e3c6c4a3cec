/**
 * A tree of tensors and plain values as JSON beside the tensors by path.
 * @module
 */
import { ArgumentError, DataError, describe, tensor, Tensor } from "@cotangent/core";
import { isRecord } from "./json.js";

/** Deeper than any state; a tree that reaches it contains itself. */
export const deepest = 1000;

/** The key that marks what JSON cannot say. */
const mark = "$";

/** A tree taken apart. */
export interface Dismantled {
  /** JSON, in which tensors are named. */
  readonly structure: unknown;
  readonly tensors: readonly (readonly [path: string, value: Tensor])[];
}

/** The way to a value below `path`, as `leavesOf` writes it. */
export function pathBelow(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** How a message calls a path. */
export function showPath(path: string): string {
  return path === "" ? "the root" : `"${path.length > 80 ? `${path.slice(0, 80)}…` : path}"`;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** @throws `ArgumentError` naming the path of what is neither a tensor nor a plain value */
export function dismantle(operator: string, tree: unknown): Dismantled {
  const tensors: [string, Tensor][] = [];
  const visit = (value: unknown, path: string, depth: number): unknown => {
    if (depth > deepest)
      throw new ArgumentError(
        `${operator}: expected a state at most ${deepest} deep, got a deeper one at ${showPath(path)}; does it contain itself?`,
      );
    if (value instanceof Tensor) {
      tensors.push([path, value]);
      return { [mark]: value.requiresGrad ? "variable" : "tensor", path };
    }
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (value === undefined) return { [mark]: "undefined" };
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [mark]: "number", value: value === 0 ? "-0" : String(value) };
    if (Array.isArray(value))
      return Array.from(value, (each: unknown, i) => visit(each, pathBelow(path, i), depth + 1));
    if (typeof value !== "object" || !isPlain(value))
      throw new ArgumentError(
        `${operator}: expected tensors, plain objects, arrays, texts, numbers, booleans, null or undefined, got ${describe(value)} at ${showPath(path)}; save what it is made of`,
      );
    const entries = Object.entries(value).map(
      ([key, each]) => [key, visit(each, pathBelow(path, key), depth + 1)] as const,
    );
    const object: unknown = Object.fromEntries(entries);
    return Object.hasOwn(value, mark) ? { [mark]: "object", value: object } : object;
  };
  return { structure: visit(tree, "", 0), tensors };
}

const numbers: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

/**
 * The tree, deeply frozen; variables are fresh leaves.
 *
 * @throws `DataError` if the structure is not what `dismantle` makes, or names tensors that are not there
 */
export function assemble(operator: string, structure: unknown, tensors: ReadonlyMap<string, Tensor>): unknown {
  const broken = (path: string): DataError =>
    new DataError(`${operator}: expected a structure as saveCheckpoint writes it, got another at ${showPath(path)}`);
  const used = new Set<string>();
  const plain = (value: Readonly<Record<string, unknown>>, path: string): unknown =>
    Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visit(each, pathBelow(path, key))])),
    );
  const visit = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return Object.freeze(value.map((each, i) => visit(each, pathBelow(path, i))));
    if (!isRecord(value)) return value;
    if (!Object.hasOwn(value, mark)) return plain(value, path);
    const { [mark]: kind, path: name, value: inner } = value;
    const found = typeof name === "string" ? tensors.get(name) : undefined;
    if (kind === "undefined") return undefined;
    if (kind === "number" && typeof inner === "string" && Object.hasOwn(numbers, inner)) return numbers[inner];
    if (kind === "object" && isRecord(inner)) return plain(inner, path);
    if (found === undefined || (kind !== "tensor" && kind !== "variable")) throw broken(path);
    // Each place has a tensor of its own: were one named twice, a small file could ask for any number of copies.
    if (used.has(name as string)) throw broken(path);
    used.add(name as string);
    return kind === "variable" ? tensor(found, { requiresGrad: true }) : found;
  };
  const tree = visit(structure, "");
  for (const name of tensors.keys()) if (!used.has(name)) throw broken(name);
  return tree;
}
