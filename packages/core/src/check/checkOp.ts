/**
 * One operator, checked for all that a rule promises.
 * @module
 */
import { tensor } from "../construct.js";
import { ArgumentError, checkFunction, checkOptions, CotangentError, describe, ShapeError } from "../errors.js";
import { halves } from "../grad.js";
import { random as seeded, type Random } from "../random.js";
import { checkShape, sameShape, showShape, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { checkGradients } from "./gradcheck.js";
import { same } from "./integrity.js";
import type { GradientReport } from "./report.js";
import { copyOf, direction, numbersOf, tensorOf } from "./subject.js";

/** Where an operator is defined, and smooth enough to be checked. */
export interface Domain {
  readonly min: number;
  readonly max: number;
}

/** Options of `checkOp`. */
export interface CheckOpOptions {
  /** How many operands it takes. Default: the length of the function, or 1. */
  readonly arity?: number | undefined;
  /** Shapes of the operands, one list a case. Default: `[]`, `[1]`, `[3]`, `[2, 3]` and `[0]`, the same for all operands. */
  readonly shapes?: readonly (readonly Shape[])[] | undefined;
  /** Where values are drawn from; a list gives one a operand. Default: -2 to 2. */
  readonly domain?: Domain | readonly Domain[] | undefined;
  /** Derivatives checked. Default: 2. */
  readonly order?: 1 | 2 | undefined;
  /** Random values a case. Default: 4. */
  readonly numRuns?: number | undefined;
  /** Seeds the values. Default: 0. */
  readonly seed?: number | string | undefined;
}

/** What `checkOp` found. */
export interface OpReport {
  readonly ok: boolean;
  /** How many inputs were tried. */
  readonly runs: number;
  /** What is wrong, each thing once with the inputs it was seen at. */
  readonly problems: readonly string[];
  /** The first gradient check that failed. */
  readonly report: GradientReport | null;
  toString(): string;
}

type Op = (...xs: Tensor[]) => Tensor;

const usualShapes: readonly Shape[] = [[], [1], [3], [2, 3], [0]];

function valuesIn({ min, max }: Domain, shape: Shape, random: Random): Tensor {
  return random.uniform(shape, { low: min, high: max, dtype: "float64" });
}

/**
 * Tests an operator over shapes and random values: its gradient against differences to order 2, linearity in the
 * cotangent, a zero cotangent, determinism of value and rule, and shapes and dtypes in float32 too. Shapes that it refuses with
 * a `ShapeError` are passed over, as long as it takes one.
 *
 * @param op a function of tensors, such as what `defineOp` makes
 * @returns what was found; nothing is thrown for a wrong rule
 * @throws `ArgumentError` for an unknown option, or one that makes no sense
 * @example
 * ```ts
 * import { matmul, tanh } from "@cotangent/core";
 * import { checkOp } from "@cotangent/core/check";
 * checkOp(tanh).ok; // → true
 * checkOp(matmul, { shapes: [[[2, 3], [3, 4]]] }).ok; // → true
 * ```
 */
export function checkOp(op: (...xs: never[]) => Tensor, options: CheckOpOptions = {}): OpReport {
  checkFunction("checkOp", op, "an operator, a function of tensors");
  checkOptions("checkOp", options, ["arity", "shapes", "domain", "order", "numRuns", "seed"]);
  const { arity = Math.max(op.length, 1), domain = { min: -2, max: 2 }, order = 2, numRuns = 4, seed = 0 } = options;
  for (const [name, value] of Object.entries({ arity, numRuns }))
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError(`checkOp: expected ${name} to be an integer from 1, got ${describe(value)}`);
  const shapes = options.shapes ?? usualShapes.map((shape) => Array<Shape>(arity).fill(shape));
  const domainOf = (i: number): Domain => (Array.isArray(domain) ? (domain as Domain[])[i] : (domain as Domain))!;
  const problems = new Map<string, string>();
  let report: GradientReport | null = null;
  let [runs, refused] = [0, 0];
  for (const operands of shapes)
    for (let run = 0; run < numRuns; run++) {
      const random = seeded(seed).fork(`${operands.map(showShape).join(" ")} ${run}`);
      const xs = operands.map((shape, i) => {
        const { min, max } = domainOf(i) ?? {};
        if (!(min! <= max!))
          throw new ArgumentError(`checkOp: expected a domain { min, max } for operand ${i}, got ${describe(domain)}`);
        return valuesIn({ min: min!, max: max! }, checkShape("checkOp", shape), random.fork(`operand ${i}`));
      });
      const where = `inputs of shape ${operands.map(showShape).join(" and ")}`;
      const say = (problem: string): void => void (problems.has(problem) || problems.set(problem, where));
      try {
        runs++;
        promises(op as Op, xs, random, say);
        if (xs.every((x) => x.size > 0)) {
          const found = checkGradients("checkOp", op as never, xs, { order, seed: run });
          if (!found.ok) {
            report ??= found;
            say("its gradient is wrong");
          }
        }
      } catch (error) {
        if (error instanceof ShapeError) refused++;
        else if (error instanceof CotangentError) say(`it throws ${error.name}: ${error.message}`);
        else throw error;
      }
    }
  if (refused === runs) problems.set("it refuses all shapes tried; pass shapes", `${runs} runs`);
  const list = [...problems].map(([problem, where]) => `${problem} (${where})`);
  const ok = list.length === 0;
  return {
    ok,
    runs,
    problems: list,
    report,
    toString: () =>
      [
        `checkOp: ${ok ? "all promises hold" : "promises are broken"} (${runs} runs)`,
        ...list.map((problem) => `problem: ${problem}`),
        ...(report === null ? [] : [(report as GradientReport).toString()]),
      ].join("\n"),
  };
}

/** What holds whatever the values are. */
function promises(op: Op, xs: readonly Tensor[], random: Random, say: (problem: string) => void): void {
  const [output, pullback] = halves("checkOp", op as never, xs.map(copyOf));
  const again = op(...xs.map(copyOf));
  if (!same(numbersOf(output), numbersOf(again))) say("it gives another value the second time");
  const cotangent = (name: string, factor = 1): Float64Array =>
    direction(random.fork(name), output.size).map((v) => v * factor);
  const back = (ct: Float64Array): readonly Float64Array[] =>
    (pullback(tensorOf(ct, output.shape, output.dtype)) as Tensor[]).map(numbersOf);
  const [u, w] = [cotangent("u"), cotangent("w")];
  const [fromU, fromW] = [back(u), back(w)];
  if (!back(u).every((g, i) => same(g, fromU[i]!))) say("its rule gives another cotangent the second time");
  if (back(new Float64Array(output.size)).some((g) => g.some((v) => v !== 0)))
    say("a zero cotangent does not give zero");
  const mixed = back(u.map((v, i) => 2 * v - 0.5 * w[i]!));
  const linear = mixed.every((g, i) =>
    g.every((v, j) => {
      const [a, b] = [2 * fromU[i]![j]!, 0.5 * fromW[i]![j]!];
      const size = Math.max(...fromU[i]!.map(Math.abs), ...fromW[i]!.map(Math.abs));
      return Math.abs(v - (a - b)) <= 1e-11 * size || Number.isNaN(v);
    }),
  );
  if (!linear) say("its rule is not linear in the cotangent");
  const narrow = xs.map((x) => tensor(Float32Array.from(numbersOf(x)), { shape: x.shape }));
  const [small, pullSmall] = halves("checkOp", op as never, narrow);
  if (!sameShape(small.shape, output.shape)) say("its shape in float32 is another one");
  const gradients = pullSmall(tensorOf(new Float64Array(small.size).fill(1), small.shape, small.dtype)) as Tensor[];
  if (gradients.some((g, i) => g.dtype !== "float32" || !sameShape(g.shape, narrow[i]!.shape)))
    say("its gradient in float32 has another shape or dtype");
}
