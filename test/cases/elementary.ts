import { tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { binary, central, positive, real, refusing, unary, type Cases } from "./table.js";

export const elementary = {
  exp: unary(ops.exp),
  expm1: unary(ops.expm1),
  exp2: unary(ops.exp2),
  log: unary(ops.log, positive),
  log1p: unary(ops.log1p, positive),
  log2: unary(ops.log2, { min: 0.5, max: 3 }),
  log10: unary(ops.log10, { min: 0.5, max: 3 }),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  tan: unary(ops.tan, { min: -0.75, max: 0.75 }),
  asin: unary(ops.asin, central),
  acos: unary(ops.acos, central),
  atan: unary(ops.atan),
  atan2: refusing(binary(ops.atan2, real, { min: 0.5, max: 2 }), ops.atan2),
  sinh: unary(ops.sinh),
  cosh: unary(ops.cosh),
  tanh: unary(ops.tanh),
  asinh: unary(ops.asinh),
  acosh: unary(ops.acosh, { min: 1.5, max: 3 }),
  atanh: unary(ops.atanh, central),
  erf: unary(ops.erf),
  erfc: unary(ops.erfc),
  erfInv: unary(ops.erfInv, central),
  lgamma: unary(ops.lgamma, { min: 0.75, max: 4 }),
  digamma: unary(ops.digamma, { min: 0.75, max: 4 }),
  pow: {
    ...binary(ops.pow, positive, real),
    misuse: [[/exponent from 0 for int32, got -1; use astype/, () => ops.pow(tensor(2, { dtype: "int32" }), -1)]],
  },
  logAddExp: refusing(binary(ops.logAddExp), ops.logAddExp),
  xlogy: refusing(binary(ops.xlogy, real, { min: 0.5, max: 3 }), ops.xlogy),
} satisfies Cases;
