import { zeros } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import {
  apart,
  binary,
  flat,
  kinked,
  midway,
  positive,
  real,
  refusing,
  tensors,
  unary,
  type Cases,
  type OperatorCase,
} from "./table.js";

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
  rsqrt: unary(ops.rsqrt, { min: 0.5, max: 3 }),
  cbrt: unary(ops.cbrt, { min: 0.5, max: 3 }),
  lerp: {
    inputs: [tensors([2, 3]), tensors([3]), tensors([2, 1])],
    call: ops.lerp as OperatorCase["call"],
    order: 2,
    misuse: [[/broadcast/, () => ops.lerp(zeros([2]), zeros([3]), 0.5)]],
  },
  hypot: refusing(binary(ops.hypot, positive, { min: 0.5, max: 2 }), ops.hypot),
  mod: refusing(
    {
      inputs: [midway([2, 3]), tensors([3], { min: 0.96, max: 1.04 })],
      call: ops.mod as OperatorCase["call"],
      order: 2,
    },
    ops.mod,
  ),
  maximum: apart(ops.maximum),
  minimum: apart(ops.minimum),
} satisfies Cases;
