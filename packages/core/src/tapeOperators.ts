/**
 * What stands on the tape by a code: operators whose kernels and rules are maps of numbers.
 * @module
 */
import type { Backend, NumberFunction } from "./backend.js";
import type { MapKernel } from "./kernel.js";
import type { Primitive } from "./primitive.js";
import { ruleMap, type RuleMap } from "./ruleMaps.js";

/** What an entry is, if it is not the result of an operator. */
export const enum Given {
  /** A variable, or an entry of an earlier chunk: the row for the left operand tells which import. */
  imported,
  constant,
  /** The first code of an operator. */
  operator,
}

/** An operator whose rules are maps for both operands. */
export class Operator {
  /** What computes it on the backend that was asked last. */
  backend: Backend | null = null;
  f: NumberFunction = Number;

  constructor(
    readonly code: number,
    readonly primitive: Primitive<never>,
    readonly kernel: MapKernel<never>,
    readonly rules: readonly RuleMap[],
  ) {}
}

/** By codes. */
export const operators: Operator[] = [];
/** By slots of kernels; `null`: rules are more than maps. */
const bySlot: (Operator | null | undefined)[] = [];

/** The operator of a kernel; `null` where its rules are more than maps. */
export function operatorOf(primitive: Primitive<never>, kernel: MapKernel<never>): Operator | null {
  const known = bySlot[kernel.slot];
  // Several operators may share a kernel.
  if (known !== undefined) return known === null || known.primitive === primitive ? known : null;
  const { vjp } = primitive;
  const dtypes = new Array<"float64">(kernel.scalar.length - 1).fill("float64");
  const rules =
    vjp === null || primitive.dtype !== null ? [] : dtypes.map((_, i) => ruleMap(vjp, i, dtypes, "float64"));
  const fit = rules.length > 0 && rules.every((rule) => rule !== null && rule.operands.length % 4 > 0);
  const code = Math.max(Given.operator, operators.length);
  const operator = fit ? new Operator(code, primitive, kernel, rules as RuleMap[]) : null;
  if (operator !== null) operators[code] = operator;
  return (bySlot[kernel.slot] = operator);
}
