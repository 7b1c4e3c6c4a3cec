/**
 * Element types, the typed arrays that hold them, and promotion.
 * @module
 */
import { ArgumentError, describe } from "./errors.js";

/** The type of a tensor's elements. */
export type DType = "float64" | "float32" | "int32" | "bool";

/** The array that holds elements; bool is stored as bytes 0 and 1. */
export type TypedArray = Float64Array | Float32Array | Int32Array | Uint8Array;

/** A plain array of numbers nested to the depth of the shape; booleans for bool. */
export type NestedArray = number | boolean | NestedArray[];

/** Position of a dtype in the promotion order bool < int32 < float32 < float64; also a small code for tables. */
export const dtypeRank: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

const byRank: readonly DType[] = ["bool", "int32", "float32", "float64"];

/** The dtype that holds values of both: bool < int32 < float32 < float64. */
export function promote(a: DType, b: DType): DType {
  return a === b ? a : byRank[Math.max(dtypeRank[a], dtypeRank[b])]!;
}

/** Whether elements are floating-point numbers, hence differentiable. */
export function isFloat(dtype: DType): dtype is "float64" | "float32" {
  return dtype === "float64" || dtype === "float32";
}

/** A zero-filled array of `size` elements. */
export function newArray(dtype: DType, size: number): TypedArray {
  switch (dtype) {
    case "float64":
      return new Float64Array(size);
    case "float32":
      return new Float32Array(size);
    case "int32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
  }
}

/** A number as an element of `dtype` holds it: rounded to float32, wrapped to int32, 0 or 1 for bool. */
export function castNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case "float64":
      return value;
    case "float32":
      return Math.fround(value);
    case "int32":
      return value | 0;
    case "bool":
      return value !== 0 ? 1 : 0;
  }
}

/** @throws {@link ArgumentError} if `dtype` is none of the four */
export function checkDtype(operator: string, dtype: unknown): DType {
  if (typeof dtype === "string" && Object.hasOwn(dtypeRank, dtype)) return dtype as DType;
  throw new ArgumentError(
    `${operator}: expected a dtype "float64", "float32", "int32" or "bool", got ${describe(dtype)}`,
  );
}
