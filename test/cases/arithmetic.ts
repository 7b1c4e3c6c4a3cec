import * as ops from "../../packages/core/src/ops/index.js";
import { apart, binary, flat, kinked, positive, real, unary, type Cases } from "./table.js";

export const arithmetic = {
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div, real, positive),
  rsub: binary(ops.rsub),
  rdiv: binary(ops.rdiv, { min: 0.5, max: 2 }, real),
  neg: unary(ops.neg),
  square: unary(ops.square),
  reciprocal: unary(ops.reciprocal, { min: 0.5, max: 2 }),
  sqrt: unary(ops.sqrt, positive),
  abs: unary(ops.abs, kinked, 1),
  sign: flat(ops.sign),
  clamp: unary((x) => ops.clamp(x, { min: -3, max: 3 })),
  maximum: apart(ops.maximum),
  minimum: apart(ops.minimum),
} satisfies Cases;
