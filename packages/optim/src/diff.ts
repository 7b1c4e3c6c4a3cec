/**
 * What differs between two states, and what they share.
 * @module
 */
import { Tensor, type DType } from "@cotangent/core";

/** A leaf that is not the same in both. */
export interface Change {
  /** Such as `params.layers[0].weight`. */
  readonly path: string;
  /** `changed`: other values; `replaced`: another kind, shape or dtype; `added`, `removed`: only in one of them. */
  readonly kind: "changed" | "replaced" | "added" | "removed";
  /** How many elements differ. */
  readonly elements: number;
  /** The largest magnitude of a difference; `null` where there are no numbers to subtract. */
  readonly maxAbs: number | null;
  /** $\lVert b - a \rVert_2 / \lVert a \rVert_2$; `null` as above, Infinity if a is 0. */
  readonly relative: number | null;
}

/** Tensors, and the bytes of their elements. */
export interface Extent {
  readonly tensors: number;
  readonly bytes: number;
}

/** What two trees have in common, by reference. */
export interface Sharing {
  readonly shared: Extent;
  readonly onlyFirst: Extent;
  readonly onlySecond: Extent;
}

const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof Tensor);

const join = (path: string, key: string, inArray: boolean): string =>
  inArray ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;

/** The length of a vector, by way of its largest element, so that squares do not overflow. */
function lengthOf(values: readonly number[], largest: number): number {
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  return largest * Math.sqrt(values.reduce((sum, x) => sum + (x / largest) ** 2, 0));
}

const largestOf = (values: readonly number[]): number =>
  values.reduce((most, x) => (Number.isNaN(most) || Number.isNaN(x) ? NaN : Math.max(most, Math.abs(x))), 0);

function compareNumbers(path: string, a: ArrayLike<number>, b: ArrayLike<number>): Change[] {
  const before = Array.from(a);
  const differing = before.filter((x, i) => !Object.is(x, b[i])).length;
  if (differing === 0) return [];
  const differences = before.map((x, i) => (Object.is(x, b[i]) ? 0 : b[i]! - x));
  const maxAbs = largestOf(differences);
  const relative = maxAbs === 0 ? 0 : lengthOf(differences, maxAbs) / lengthOf(before, largestOf(before));
  return [{ path, kind: "changed", elements: differing, maxAbs, relative }];
}

const none = { maxAbs: null, relative: null } as const;
const sizeOf = (value: unknown): number => (value instanceof Tensor ? value.size : 1);

function alike(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && a.rank === b.rank && a.shape.every((n, axis) => n === b.shape[axis]);
}

function compare(a: unknown, b: unknown, path: string, found: Change[]): void {
  if (Object.is(a, b)) return;
  if (isContainer(a) && isContainer(b) && Array.isArray(a) === Array.isArray(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const at = join(path, key, Array.isArray(a));
      if (!Object.hasOwn(b, key)) tell(a[key as never], at, "removed", found);
      else if (!Object.hasOwn(a, key)) tell(b[key as never], at, "added", found);
      else compare(a[key as never], b[key as never], at, found);
    }
  } else if (a instanceof Tensor && b instanceof Tensor && alike(a, b))
    found.push(...compareNumbers(path, a.toTypedArray(), b.toTypedArray()));
  else if (typeof a === "number" && typeof b === "number") found.push(...compareNumbers(path, [a], [b]));
  else if (isContainer(a) || isContainer(b)) {
    tell(a, path, "removed", found);
    tell(b, path, "added", found);
  } else {
    const kind = typeof a === typeof b && !(a instanceof Tensor) ? "changed" : "replaced";
    found.push({ path, kind, elements: sizeOf(b), ...none });
  }
}

/** Every leaf of what only one of them has. */
function tell(value: unknown, path: string, kind: "added" | "removed", found: Change[]): void {
  if (isContainer(value))
    for (const [key, part] of Object.entries(value)) tell(part, join(path, key, Array.isArray(value)), kind, found);
  else found.push({ path, kind, elements: sizeOf(value), ...none });
}

/**
 * The leaves that differ between two states, or two parts of them, bit for bit: an empty list says that nothing does.
 * Tensors that both share are not looked at.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { diff } from "@cotangent/optim";
 * const a = { w: tensor([3, 4]), b: tensor(1), step: 7 };
 * diff(a, a).length; // → 0
 * const [change] = diff(a, { ...a, w: tensor([3, 4.5]) });
 * change.path; // → w
 * [change.elements, change.maxAbs, change.relative]; // → [1,0.5,0.1]
 * ```
 */
export function diff(a: unknown, b: unknown): readonly Change[] {
  const found: Change[] = [];
  compare(a, b, "", found);
  return found;
}

const bytesOf: Readonly<Record<DType, number>> = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** The tensors of trees, each once. */
export function tensorsOf(...trees: readonly unknown[]): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  const visit = (value: unknown): void => {
    if (value instanceof Tensor) found.add(value);
    else if (isContainer(value)) for (const part of Object.values(value)) visit(part);
  };
  for (const tree of trees) visit(tree);
  return found;
}

/** How much tensors hold. */
export function extentOf(tensors: Iterable<Tensor>): Extent {
  let [count, bytes] = [0, 0];
  for (const { dtype, size } of tensors) {
    count++;
    bytes += size * bytesOf[dtype];
  }
  return { tensors: count, bytes };
}

/**
 * How much two states share: tensors that both hold, and those that only one does, with the bytes of their elements.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { sharing } from "@cotangent/optim";
 * const frozen = tensor([1, 2, 3]);
 * const { shared, onlySecond } = sharing({ frozen, w: tensor(1) }, { frozen, w: tensor(2) });
 * [shared.tensors, shared.bytes]; // → [1,24]
 * [onlySecond.tensors, onlySecond.bytes]; // → [1,8]
 * ```
 */
export function sharing(a: unknown, b: unknown): Sharing {
  const [first, second] = [tensorsOf(a), tensorsOf(b)];
  return {
    shared: extentOf([...first].filter((x) => second.has(x))),
    onlyFirst: extentOf([...first].filter((x) => !second.has(x))),
    onlySecond: extentOf([...second].filter((x) => !first.has(x))),
  };
}
