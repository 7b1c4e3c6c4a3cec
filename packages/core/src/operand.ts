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
export function asTensor(operator: string, x: TensorLike): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === "number")
    return scalarTensor(scalarLayout, context.defaultDtype, castNumber(x, context.defaultDtype));
  throw new ArgumentError(
    `${operator}: expected a tensor or a number, got ${describe(x)}${Array.isArray(x) ? "; make it a tensor with tensor(…)" : ""}`,
  );
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
