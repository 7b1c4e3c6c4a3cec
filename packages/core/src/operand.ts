/**
 * What callers pass, turned into tensors.
 * @module
 */
import { context } from "./context.js";
import { castNumber, isFloat, type DType } from "./dtype.js";
import { ArgumentError, describe } from "./errors.js";
import { scalarLayout } from "./shape.js";
import { scalarTensor, Tensor, type TensorLike } from "./tensor.js";

/**
 * A tensor as it is; a number as a scalar of the default dtype.
 *
 * @throws {@link ArgumentError} if it is neither
 */
export function asTensor(operator: string, x: TensorLike, wanted = "a tensor or a number"): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === "number")
    return scalarTensor(scalarLayout, context.defaultDtype, castNumber(x, context.defaultDtype));
  return refuse(operator, wanted, x);
}

function refuse(operator: string, wanted: string, value: unknown): never {
  const remedy =
    ["number", "boolean"].includes(typeof value) || Array.isArray(value) ? "; make it a tensor with tensor(…)" : "";
  throw new ArgumentError(`${operator}: expected ${wanted}, got ${describe(value)}${remedy}`);
}

/**
 * Refuses what is no tensor.
 *
 * @param wanted what was expected, for the message
 * @throws {@link ArgumentError} saying what was wanted and what came
 * @example
 * ```ts
 * import { expectTensor, tensor } from "@cotangent/core";
 * expectTensor("accuracy", tensor([1, 0]), "labels in a tensor").size; // → 2
 * ```
 */
export function expectTensor(operator: string, value: unknown, wanted = "a tensor"): Tensor {
  return value instanceof Tensor ? value : refuse(operator, wanted, value);
}

/** A number that adopts the dtype of its partner, except that a fractional one beside int32 or bool is a float. */
export function adopt(value: number, partner: DType): Tensor {
  let dtype = partner;
  if (!isFloat(partner)) {
    const integer = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
    dtype = integer ? "int32" : context.defaultDtype;
  }
  return scalarTensor(scalarLayout, dtype, castNumber(value, dtype));
}
