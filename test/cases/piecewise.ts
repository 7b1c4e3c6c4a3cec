import { tensor } from "@cotangent/core";
import * as ops from "../../packages/core/src/ops/index.js";
import { binary, comparison, flat, type Cases } from "./table.js";

export const piecewise = {
  equal: comparison(ops.equal),
  notEqual: comparison(ops.notEqual),
  less: comparison(ops.less),
  lessEqual: comparison(ops.lessEqual),
  greater: comparison(ops.greater),
  greaterEqual: comparison(ops.greaterEqual),
  logicalAnd: comparison(ops.logicalAnd),
  logicalOr: comparison(ops.logicalOr),
  logicalXor: comparison(ops.logicalXor),
  logicalNot: flat(ops.logicalNot),
  isNaN: flat(ops.isNaN),
  isFinite: flat(ops.isFinite),
  where: binary((x, y) => ops.where(tensor([true, false, true]), x, y)),
  floor: flat(ops.floor),
  ceil: flat(ops.ceil),
  round: flat(ops.round),
  trunc: flat(ops.trunc),
} satisfies Cases;
