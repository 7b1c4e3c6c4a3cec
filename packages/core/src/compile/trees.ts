/**
 * Arguments and results of programs: plain structures, tensors in some places, fixed values in the others.
 * @module
 */
import { ArgumentError, describe } from "../errors.js";
import { Random } from "../random.js";
import { sameShape, showShape, type Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import type { DType } from "../dtype.js";

/** What changes from call to call, in the order in which it is met. */
export interface Leaves {
  readonly tensors: Tensor[];
  readonly generators: Random[];
}

export const noLeaves = (): Leaves => ({ tensors: [], generators: [] });

/** The structure of a value in which the tensors and the generators are numbered. */
export type Pattern =
  | { readonly kind: "tensor"; readonly index: number; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "generator"; readonly index: number }
  | { readonly kind: "fixed"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly Pattern[] }
  | { readonly kind: "record"; readonly keys: readonly string[]; readonly items: readonly Pattern[] };

const fixedTypes: ReadonlySet<string> = new Set(["number", "string", "boolean", "undefined"]);

function remedyFor(item: unknown): string {
  if (item instanceof Promise || typeof (item as Partial<Iterator<unknown>> | null)?.next === "function")
    return "; only synchronous functions that return their result can be recorded";
  if (ArrayBuffer.isView(item)) return "; make it a tensor, with tensor(…)";
  return typeof item === "function" ? "; take it from the closure" : "";
}

/** Deeper than any state of a model. */
const deepest = 1000;

/** Whether an object is plain: what a class adds to its fields would be lost in a structure like it. */
export function isPlain(item: unknown): item is Readonly<Record<string, unknown>> {
  if (typeof item !== "object" || item === null) return false;
  const prototype: unknown = Object.getPrototypeOf(item);
  return prototype === Object.prototype || prototype === null;
}

/** The first symbol under which an object or array keeps something. */
function symbolOf(item: object): symbol | undefined {
  return Object.getOwnPropertySymbols(item).find((key) => Object.prototype.propertyIsEnumerable.call(item, key));
}

/** The pattern of a value, whose leaves are added to `leaves`. @throws {@link ArgumentError} naming what is in the way */
export function patternOf(what: string, value: unknown, { tensors, generators }: Leaves): Pattern {
  const entered: unknown[] = [];
  return visit(value, "");

  function visit(item: unknown, path: string): Pattern {
    if (item instanceof Tensor) {
      tensors.push(item);
      return { kind: "tensor", index: tensors.length - 1, shape: item.layout.shape, dtype: item.dtype };
    }
    if (item instanceof Random) return { kind: "generator", index: generators.push(item) - 1 };
    if (item === null || fixedTypes.has(typeof item)) return { kind: "fixed", value: item };
    const list = Array.isArray(item);
    const refused = entered.includes(item)
      ? "one that contains itself"
      : !list && !isPlain(item)
        ? describe(item)
        : entered.length >= deepest
          ? `one more than ${deepest} deep`
          : null;
    const symbol = refused === null ? symbolOf(item as object) : undefined;
    if (refused !== null || symbol !== undefined)
      throw new ArgumentError(
        `compile: expected ${what} made of tensors, generators, numbers, texts, booleans, arrays and plain objects, got ${refused ?? `an object with the key ${String(symbol)}`}${path === "" ? "" : ` at "${path.slice(0, 60)}"`}${remedyFor(item)}`,
      );
    entered.push(item);
    const keys = Object.keys(item as object);
    const items = list
      ? Array.from(item as readonly unknown[], (part, i) => visit(part, `${path}[${i}]`))
      : keys.map((key) => visit((item as Record<string, unknown>)[key], path === "" ? key : `${path}.${key}`));
    entered.pop();
    return list ? { kind: "list", items } : { kind: "record", keys, items };
  }
}

/** Whether a value has the pattern; its leaves are added to `leaves`. */
export function matches(pattern: Pattern, value: unknown, leaves: Leaves): boolean {
  switch (pattern.kind) {
    case "tensor":
      if (!(value instanceof Tensor) || value.dtype !== pattern.dtype || !sameShape(value.layout.shape, pattern.shape))
        return false;
      leaves.tensors.push(value);
      return true;
    case "generator":
      if (!(value instanceof Random)) return false;
      leaves.generators.push(value);
      return true;
    case "fixed":
      return Object.is(pattern.value, value);
    case "list":
      if (!Array.isArray(value) || value.length !== pattern.items.length) return false;
      for (let i = 0; i < value.length; i++) if (!matches(pattern.items[i]!, value[i], leaves)) return false;
      return true;
    case "record": {
      if (!isPlain(value)) return false;
      const { keys, items } = pattern;
      let count = 0;
      // Own keys come first; what others have put into the prototype of all objects is none of the value's.
      for (const key in value) {
        if (count < keys.length ? key !== keys[count] : Object.hasOwn(value, key)) return false;
        count++;
      }
      if (count < keys.length) return false;
      for (let i = 0; i < keys.length; i++) if (!matches(items[i]!, value[keys[i]!], leaves)) return false;
      return true;
    }
  }
}

/** A value of the pattern with other leaves. */
export function fill(pattern: Pattern, leaves: Readonly<Leaves>): unknown {
  switch (pattern.kind) {
    case "tensor":
      return leaves.tensors[pattern.index];
    case "generator":
      return leaves.generators[pattern.index];
    case "fixed":
      return pattern.value;
    case "list":
      return pattern.items.map((item) => fill(item, leaves));
    case "record": {
      const { keys, items } = pattern;
      const record: Record<string, unknown> = {};
      for (let i = 0; i < keys.length; i++) put(record, keys[i]!, fill(items[i]!, leaves));
      return record;
    }
  }
}

function put(record: Record<string, unknown>, key: string, value: unknown): void {
  // Assignment would take this key for the prototype.
  if (key === "__proto__")
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true }); // prettier-ignore
  else record[key] = value;
}

function show(pattern: Pattern): string {
  switch (pattern.kind) {
    case "tensor":
      return `${pattern.dtype} ${showShape(pattern.shape)}`;
    case "generator":
      return "a generator";
    case "fixed":
      return describe(pattern.value);
    case "list":
      return `an array of length ${pattern.items.length}`;
    case "record":
      return `an object of ${pattern.keys.map((key) => JSON.stringify(key)).join(", ") || "nothing"}`;
  }
}

/** The first place where a result is not what its argument was, in words; `null` if there is none. */
export function difference(argument: Pattern, result: Pattern, path = ""): string | null {
  if (argument.kind === "list" && result.kind === "list" && argument.items.length === result.items.length)
    return firstOf(argument.items, (item, i) => difference(item, result.items[i]!, `${path}[${i}]`));
  const sameKeys = (keys: readonly string[], others: readonly string[]): boolean =>
    keys.length === others.length && keys.every((key, i) => key === others[i]);
  if (argument.kind === "record" && result.kind === "record" && sameKeys(argument.keys, result.keys))
    return firstOf(argument.items, (item, i) => {
      const key = argument.keys[i]!;
      return difference(item, result.items[i]!, path === "" ? key : `${path}.${key}`);
    });
  const same =
    (argument.kind === "tensor" &&
      result.kind === "tensor" &&
      argument.dtype === result.dtype &&
      sameShape(argument.shape, result.shape)) ||
    (argument.kind === "generator" && result.kind === "generator") ||
    (argument.kind === "fixed" && result.kind === "fixed" && Object.is(argument.value, result.value));
  if (same) return null;
  const where = path === "" ? "" : ` at "${path.slice(0, 60)}"`;
  return `${show(result)} after ${show(argument)}${where}${differenceRemedy(argument, result)}`;
}

function differenceRemedy(argument: Pattern, result: Pattern): string {
  if (argument.kind === "fixed" && typeof argument.value === "number")
    return "; make a number that changes a tensor, with scalar(…)";
  const reordered =
    argument.kind === "record" &&
    result.kind === "record" &&
    argument.keys.length === result.keys.length &&
    argument.keys.every((key) => result.keys.includes(key));
  return reordered ? "; keep the keys in one order" : "";
}

function firstOf<T>(items: readonly T[], look: (item: T, i: number) => string | null): string | null {
  for (let i = 0; i < items.length; i++) {
    const found = look(items[i]!, i);
    if (found !== null) return found;
  }
  return null;
}
