import * as ops from "../../packages/core/src/ops/index.js";
import { binary, positive, real, unary, type Cases } from "./table.js";

export const elementary = {
  exp: unary(ops.exp),
  expm1: unary(ops.expm1),
  log: unary(ops.log, positive),
  log1p: unary(ops.log1p, positive),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  tanh: unary(ops.tanh),
  pow: binary(ops.pow, positive, real),
} satisfies Cases;
