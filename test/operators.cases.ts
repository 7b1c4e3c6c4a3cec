/** The operator test table: one row an operator; a missing row is a compile error. */
import type * as ops from "../packages/core/src/ops/index.js";
import { activation } from "./cases/activation.js";
import { arithmetic } from "./cases/arithmetic.js";
import { convolution } from "./cases/convolution.js";
import { elementary } from "./cases/elementary.js";
import { indexing } from "./cases/indexing.js";
import { linalg } from "./cases/linalg.js";
import { piecewise } from "./cases/piecewise.js";
import { reduction } from "./cases/reduction.js";
import { shaping } from "./cases/shaping.js";
import type { OperatorCase } from "./cases/table.js";

export const cases: { readonly [K in keyof typeof ops]: OperatorCase } = {
  ...arithmetic,
  ...piecewise,
  ...elementary,
  ...activation,
  ...reduction,
  ...shaping,
  ...indexing,
  ...linalg,
  ...convolution,
};
