/** Random graphs of elementwise operators, with an oracle in plain numbers. */
import fc from "fast-check";
import { variable, type Tensor } from "@cotangent/core";

/** One operator applied to earlier values; unary ones ignore `b`. */
export interface Step {
  readonly op: "add" | "sub" | "mul" | "tanh" | "exp";
  readonly a: number;
  readonly b: number;
  /** Unrelated nodes made just before, so that ids are not dense. */
  readonly junk: number;
}

/** Leaves, then one value a step. */
export interface Recipe {
  readonly leaves: readonly number[];
  readonly steps: readonly Step[];
}

const largest = 3;

function valueOf({ op, a, b }: Step, values: readonly number[]): number {
  const [x, y] = [values[a]!, values[b]!];
  switch (op) {
    case "add":
      return x + y;
    case "sub":
      return x - y;
    case "mul":
      return x * y;
    case "tanh":
      return Math.tanh(x);
    case "exp":
      return Math.exp(x);
  }
}

/** The local derivatives by both operands. */
function slopesOf({ op, a, b }: Step, values: readonly number[], z: number): readonly [number, number] {
  switch (op) {
    case "add":
      return [1, 1];
    case "sub":
      return [1, -1];
    case "mul":
      return [values[b]!, values[a]!];
    case "tanh":
      return [1 - z * z, 0];
    case "exp":
      return [z, 0];
  }
}

/** Recipes whose values stay below 3 in magnitude: where an operator would exceed that, it becomes a tanh. */
export function recipes(maxSteps: number, maxLeaves = 3): fc.Arbitrary<Recipe> {
  const step = fc.record({
    op: fc.constantFrom("add" as const, "sub" as const, "mul" as const, "tanh" as const, "exp" as const),
    a: fc.nat(1000),
    b: fc.nat(1000),
    junk: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
  });
  const leaf = fc.integer({ min: -64, max: 64 }).map((i) => i / 64);
  return fc
    .record({
      leaves: fc.array(leaf, { minLength: 1, maxLength: maxLeaves }),
      raw: fc.array(step, { minLength: 1, maxLength: maxSteps }),
    })
    .map(({ leaves, raw }) => {
      const values = leaves.slice();
      const steps = raw.map(({ op, a, b, junk }): Step => {
        // Operands come from the latest few values, so that graphs get deep.
        const [n, window] = [values.length, Math.min(values.length, 5)];
        const wanted: Step = { op, a: n - 1 - (a % window), b: n - 1 - (b % window), junk };
        const bounded = Math.abs(valueOf(wanted, values)) <= largest;
        const made: Step = bounded ? wanted : { ...wanted, op: "tanh" };
        values.push(valueOf(made, values));
        return made;
      });
      return { leaves, steps };
    });
}

/** All values of a recipe as tensors. */
export function tensorValues({ steps }: Recipe, leaves: readonly Tensor[]): Tensor[] {
  const values = leaves.slice();
  const junk = variable(0);
  for (const { op, a, b, junk: unrelated } of steps) {
    for (let i = 0; i < unrelated; i++) junk.add(1);
    const x = values[a]!;
    values.push(op === "tanh" || op === "exp" ? x[op]() : x[op](values[b]!));
  }
  return values;
}

/** What reverse mode has to give at one root, by value. */
export interface Adjoints {
  readonly adjoint: readonly number[];
  /** The same sum over paths with magnitudes in place of terms: what rounding errors are relative to. */
  readonly magnitude: readonly number[];
  readonly reached: readonly boolean[];
}

export function adjointsOf({ leaves, steps }: Recipe, values: readonly number[], root: number): Adjoints {
  const adjoint = values.map((_, i) => (i === root ? 1 : 0));
  const magnitude = adjoint.slice();
  const reached = values.map((_, i) => i === root);
  for (let i = root; i >= leaves.length; i--) {
    if (!reached[i]!) continue;
    const step = steps[i - leaves.length]!;
    const slopes = slopesOf(step, values, values[i]!);
    [step.a, step.b].forEach((operand, j) => {
      if (j === 1 && (step.op === "tanh" || step.op === "exp")) return;
      adjoint[operand]! += adjoint[i]! * slopes[j]!;
      magnitude[operand]! += magnitude[i]! * Math.abs(slopes[j]!);
      reached[operand] = true;
    });
  }
  return { adjoint, magnitude, reached };
}
