/**
 * Tensors as text.
 * @module
 */
import type { DType, TypedArray } from "./dtype.js";
import type { Shape } from "./shape.js";

/** What printing needs to know of a tensor. */
export interface Printable {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly size: number;
  readonly requiresGrad: boolean;
  toTypedArray(): TypedArray;
}

const edge = 3;
const abbreviateAbove = 1000;

/** A number with at most `digits` significant digits, without trailing zeros. */
export function showNumber(value: number, digits = 6): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  return String(Number(value.toPrecision(digits)));
}

/** `tensor([[1, 2], [3, 4]], float32)`: float64 goes without saying, axes longer than 6 are abbreviated above 1,000 elements. */
export function print(x: Printable): string {
  const flat = x.toTypedArray();
  const { shape, dtype } = x;
  const abbreviate = x.size > abbreviateAbove;
  const show =
    dtype === "bool" ? (v: number): string => (v === 0 ? "false" : "true") : (v: number): string => showNumber(v);
  const notes = [
    ...(x.size === 0 ? [`shape=[${shape.join(", ")}]`] : []),
    ...(dtype === "float64" ? [] : [dtype]),
    ...(x.requiresGrad ? ["requiresGrad"] : []),
  ];
  const indent = "tensor(".length;
  return `tensor(${[nested(0, 0, x.size), ...notes].join(", ")})`;

  function nested(axis: number, start: number, size: number): string {
    if (axis === shape.length) return show(flat[start]!);
    const n = shape[axis]!;
    const step = n === 0 ? 0 : size / n;
    const parts: string[] = [];
    for (let i = 0; i < n; i++) {
      if (abbreviate && n > 2 * edge && i === edge) {
        parts.push("…");
        i = n - edge;
      }
      parts.push(nested(axis + 1, start + i * step, step));
    }
    const deeper = shape.length - axis - 1;
    const separator = deeper === 0 ? ", " : `,${"\n".repeat(deeper)}${" ".repeat(indent + axis + 1)}`;
    return `[${parts.join(separator)}]`;
  }
}

/** Plain data in which numbers that JSON does not have are text: `"NaN"`, `"Infinity"`, `"-Infinity"`. */
export function plainData<T>(data: T): T {
  const plain = (_key: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return JSON.parse(JSON.stringify(data, plain)) as T;
}
