/**
 * The operators that can stand on the tape, by code, and how an entry is written down.
 * @module
 */
import type { Backend, EntryFunction, PullbackFunction } from "./backend.js";
import type { MapKernel } from "./kernel.js";
import type { Primitive } from "./primitive.js";
import { ruleMap, type RuleMap } from "./ruleMaps.js";

/** The code of a variable, or of an entry of an earlier chunk: the row for the left operand tells which import. */
export const importedCode = 0;
export const constantCode = 1;
/** The first code of an operator. */
export const firstOperator = 2;

/** An entry in one number: what it is, and the entries of its operands. */
export function rowOf(code: number, left: number, right: number): number {
  return (code << 20) | (right << 10) | left;
}

export function codeOf(row: number): number {
  return row >> 20;
}

/** The entry of the left operand, or of the only one; of what is imported, which import. */
export function leftOf(row: number): number {
  return row & 1023;
}

export function rightOf(row: number): number {
  return (row >> 10) & 1023;
}

/** The bits of operands that are tracked. */
export const trackedLeft = 1;
export const trackedRight = 2;

/** An operator that is a map of one or two operands without parameters. */
export class MapOperator<P = void> {
  /** The backend that was asked last, which made the step. */
  backend: Backend | null = null;
  /** What computes an entry. */
  step: EntryFunction | null = null;
  /** The codes of entries, by which operands are tracked; -1: there is none so far. */
  readonly codes: number[] = [-1, -1, -1, -1];
  /** One for each operand; `null`: they are more than maps, so it has nodes; `undefined`: nobody has looked yet. */
  #rules: readonly RuleMap[] | null | undefined;

  constructor(
    readonly primitive: Primitive<P>,
    readonly kernel: MapKernel<P>,
  ) {}

  get arity(): number {
    return this.kernel.scalar.length - 1;
  }

  /** One for each operand; `null`: it does not stand on the tape. */
  get rules(): readonly RuleMap[] | null {
    return this.#rules === undefined ? (this.#rules = this.#read()) : this.#rules;
  }

  #read(): readonly RuleMap[] | null {
    const { vjp, dtype } = this.primitive;
    if (vjp === null || dtype !== null) return null;
    const dtypes = new Array<"float64">(this.arity).fill("float64");
    const rules = dtypes.map((_, i) => ruleMap(vjp as never, i, dtypes, "float64"));
    return rules.every((rule) => rule !== null) ? rules : null;
  }

  /** Sees to the step on a backend; `false`: it does not stand on the tape. */
  turnTo(backend: Backend): boolean {
    if (this.rules === null) return false;
    this.step = backend.entry(this.kernel as MapKernel<never>);
    this.backend = backend;
    return true;
  }

  /** Makes the code of entries of which these operands are tracked. */
  newCode(tracked: number): number {
    const code = Math.max(firstOperator, operators.length);
    operators[code] = { operator: this as MapOperator<never>, tracked };
    return (this.codes[tracked] = code);
  }
}

/** By codes. */
export const operators: { readonly operator: MapOperator<never>; readonly tracked: number }[] = [];

const pullbacks = new Map<Backend, (PullbackFunction | undefined)[]>();

/** By codes, what gives the cotangent of an entry on to its tracked operands; those that `pullback` has made. */
export function pullbacksOf(backend: Backend): (PullbackFunction | undefined)[] {
  let known = pullbacks.get(backend);
  if (known === undefined) pullbacks.set(backend, (known = []));
  return known;
}

/** Makes one of `pullbacksOf`. */
export function pullback(backend: Backend, code: number): PullbackFunction {
  const { operator, tracked } = operators[code]!;
  const bits = [trackedLeft, trackedRight];
  const wanted = operator.rules!.map((rule, i) => ((tracked & bits[i]!) === 0 ? null : rule));
  return (pullbacksOf(backend)[code] = backend.pullback(wanted));
}
