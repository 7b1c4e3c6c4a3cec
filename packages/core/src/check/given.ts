/**
 * A function at its inputs, as it was given, before any derivative.
 * @module
 */
import { isFloat } from "../dtype.js";
import { withLines } from "../lines.js";
import { astype } from "../ops/linear.js";
import { scalarLayout } from "../shape.js";
import { scalarTensor, Tensor } from "../tensor.js";
import { mapLeaves } from "../tree.js";
import { withBranches, type Branches } from "./branches.js";
import { same, withIntegrity, type Integrity } from "./integrity.js";
import { notFinite } from "./report.js";
import { copyOf, evaluate, seesFloat32, type Subject } from "./subject.js";

/** What is checked, and what it was made from. */
export interface Problem {
  readonly subject: Subject;
  /** What the caller's own tensors held. */
  readonly given: readonly { readonly name: string; readonly x: Tensor; readonly values: ArrayLike<number> }[];
}

/** A function of the float leaves of its arguments; the other leaves stay as they are. */
export function subjectOf(operator: string, f: (...args: never) => unknown, inputs: readonly unknown[]): Problem {
  const leaves: Tensor[] = [];
  const names: string[] = [];
  const given: { name: string; x: Tensor; values: ArrayLike<number> }[] = [];
  const slots = mapLeaves(operator, ([leaf], path) => {
    const x = typeof leaf === "number" ? scalarTensor(scalarLayout, "float64", leaf) : leaf!;
    const name = `inputs${path}`;
    if (leaf instanceof Tensor) given.push({ name, x: leaf, values: leaf.toTypedArray() });
    if (!isFloat(x.dtype)) return x;
    names.push(name);
    leaves.push(copyOf(astype(copyOf(x), "float64")));
    return leaves.length - 1;
  }, [inputs]); // prettier-ignore
  const run = (moved: readonly Tensor[]): Tensor => {
    const args = mapLeaves(operator, ([slot]) => (typeof slot === "number" ? moved[slot] : slot), [slots]);
    return f(...(args as never)) as Tensor;
  };
  return { subject: { run, leaves, names, epsilon: Number.EPSILON }, given };
}

/** What one evaluation showed. */
export interface Observation {
  readonly integrity: Integrity;
  /** Whether something was computed with the digits of float32 only. */
  readonly narrow: boolean;
  readonly branches: Branches;
  readonly values: Float64Array;
  /** An operator and the line that called it. */
  readonly callOf: (op: string) => string;
}

/** One evaluation, with everything about it that is asked for later. */
export function observed(subject: Subject): Observation {
  const copies = subject.leaves.map(copyOf);
  let branches: Branches | null = null;
  let narrow = false;
  const { result: watched, lineOf } = withLines(() =>
    withIntegrity(copies, () => {
      const seen = withBranches(() => {
        let output: Tensor | null = null;
        narrow = seesFloat32(() => (output = evaluate(subject, copies)));
        return output as unknown as Tensor;
      });
      branches = seen.branches;
      return seen.result;
    }),
  );
  const { result, integrity } = watched;
  const { applications } = integrity;
  return {
    integrity,
    narrow,
    branches: branches as unknown as Branches,
    values: Float64Array.from(result.toTypedArray()),
    callOf: (op: string): string => {
      const output = applications.find((each) => each.op === op)?.output;
      const line = output === undefined ? null : lineOf(output);
      return line === null ? op : `${op}, called at ${line},`;
    },
  };
}

/** What is wrong beside derivatives, from two evaluations. */
export function misconduct(first: Observation, second: Observation): string[] {
  const { callOf, integrity, values } = first;
  const problems: string[] = [];
  if (integrity.culprit !== null)
    problems.push(`${callOf(integrity.culprit.op)} changes its operand ${integrity.culprit.operand} in place`);
  else {
    const impure = integrity.firstDifference(second.integrity);
    if (impure !== null)
      problems.push(`${callOf(impure.op)} gives something else the second time for the same operands`);
    else if (!same(values, second.values))
      problems.push(
        "two evaluations at the same inputs differ; the function depends on something outside, such as a random generator or a counter",
      );
  }
  if (!values.every(Number.isFinite)) problems.push(notFinite);
  return problems;
}
