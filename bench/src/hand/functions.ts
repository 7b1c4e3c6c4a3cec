/**
 * The elementary functions of steps that are written by hand: the quick ones of `lanes.ts`, or those of Cotangent, to its
 * accuracy and bits.
 * @module
 */
import { logistic } from "../../../packages/core/dist/ops/gates.js";
import { lanesWith } from "../../../packages/core/dist/readings/lanes.js";
import type { Scalar } from "../../../packages/core/dist/scalar.js";
import * as lanes from "./lanes.js";
import type { Routine } from "./text.js";

/** Vectors in, vectors out. */
export type HandFunctions = Pick<typeof lanes, "hyperbolicTangent" | "logisticLoss">;

export const quick: HandFunctions = lanes;

/** The results of expressions over vectors, instruction by instruction. */
function read(
  r: Routine,
  vectors: readonly string[],
  expressions: (s: Scalar<string, string>, names: readonly string[]) => readonly string[],
): readonly string[] {
  const names = vectors.map((_, i) => `$x${i}`);
  const operands = names.map((name) => ({ name, level: 2 }));
  const { statements, results } = lanesWith(operands, "float32", (s) => expressions(s, names));
  const values = new Map<unknown, string>(names.map((name, i) => [name, r.let(vectors[i]!)]));
  for (const statement of statements.flat()) {
    // The last two tokens put the value into a local of its name.
    const [name, tokens] = [statement.at(-1), statement.slice(0, -2)];
    values.set(
      name,
      tokens[0] === "v128.const"
        ? r.let(r.module.constant(Number(tokens[2])))
        : r.letSteps(tokens.flatMap((token, i) => (token === "local.get" ? [] : [textOf(token, tokens[i - 1])]))),
    );
  }
  return results.map((result) => values.get(result.name)!);

  function textOf(token: unknown, before: unknown): string {
    return before === "local.get" ? values.get(token)! : String(token);
  }
}

/** Those that Cotangent computes with: $\tanh$ within 1 ulp, and $\ln(1 + e^{-|z|})$ and $\sigma(z)$ as it has them. */
export const accurate: HandFunctions = {
  hyperbolicTangent: (r, x) => read(r, [x], (s, [a]) => [s.tanh(a!)])[0]!,
  logisticLoss: (r, z, y) => {
    const [loss, slope] = read(r, [z, y], (s, names) => {
      const [x, target] = names as [string, string];
      const below = s.less(x, s.constant(0));
      const e = s.exp(s.select(below, x, s.neg(x)));
      const straight = s.mul(x, s.sub(s.select(below, s.constant(0), s.constant(1)), target));
      return [s.add(straight, s.log1p(e)), s.sub(logistic(s, x), target)];
    });
    return { loss: loss!, slope: slope! };
  },
};
