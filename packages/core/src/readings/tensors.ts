/**
 * Scalar expressions read over whole tensors, with operators as instructions: recordable, hence differentiable.
 * @module
 */
import { GradientError } from "../errors.js";
import * as ops from "../ops/index.js";
import { normalCdf, polygamma } from "../ops/special.js";
import type { Precision, Scalar } from "../scalar.js";
import { scalarLayout } from "../shape.js";
import { scalarTensor, type Tensor } from "../tensor.js";

function bitsOnly(name: string): never {
  throw new GradientError(`${name}: expected an expression in differentiable instructions, got one that looks at bits`);
}

/** The reading over tensors of a precision. */
export function tensors(precision: Precision): Scalar<Tensor, Tensor> {
  return {
    precision,
    constant: (value) => scalarTensor(scalarLayout, precision, precision === "float32" ? Math.fround(value) : value),
    add: ops.add,
    sub: ops.sub,
    mul: ops.mul,
    div: ops.div,
    neg: ops.neg,
    abs: ops.abs,
    sqrt: ops.sqrt,
    floor: ops.floor,
    round: ops.round,
    less: ops.less,
    lessEqual: ops.lessEqual,
    equal: ops.equal,
    and: ops.logicalAnd,
    or: ops.logicalOr,
    not: ops.logicalNot,
    select: ops.where,
    scale: () => bitsOnly("scale"),
    exponent: () => bitsOnly("exponent"),
    mantissa: () => bitsOnly("mantissa"),
    exp: ops.exp,
    expm1: ops.expm1,
    exp2: ops.exp2,
    log: ops.log,
    log1p: ops.log1p,
    log2: ops.log2,
    log10: ops.log10,
    sin: ops.sin,
    cos: ops.cos,
    tan: ops.tan,
    asin: ops.asin,
    acos: ops.acos,
    atan: ops.atan,
    sinh: ops.sinh,
    cosh: ops.cosh,
    tanh: ops.tanh,
    tanhShrink: ops.tanhShrink,
    asinh: ops.asinh,
    acosh: ops.acosh,
    atanh: ops.atanh,
    cbrt: ops.cbrt,
    erf: ops.erf,
    erfc: ops.erfc,
    erfInv: ops.erfInv,
    normalCdf,
    lgamma: ops.lgamma,
    digamma: ops.digamma,
    polygamma,
    pow: ops.pow,
    atan2: ops.atan2,
    hypot: ops.hypot,
    mod: ops.mod,
  };
}
