/**
 * What rounding does to a result, found out by rounding at random: every operator's result is moved by up to one unit in
 * its last place, and so are the operands of sums, products and routines, which round many times inside. The spread of a
 * few such runs is the error (J. Vignes, "A stochastic arithmetic for reliable scientific computation", 1993, which takes
 * three runs too; D. S. Parker, "Monte Carlo arithmetic", 1997).
 * @module
 */
import { context, withContext, type Evaluate } from "../context.js";
import { isFloat } from "../dtype.js";
import { evaluateNow, type Primitive } from "../primitive.js";
import { contiguousLayout } from "../shape.js";
import { Tensor } from "../tensor.js";

/** Numbers from -1 to 1, the same for the same seed (G. Marsaglia, "Xorshift RNGs", 2003). */
function jitter(seed: number): () => number {
  let state = (seed * 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

/** Exact ones: what is moved, chosen or counted is not rounded. */
function rounds<P>({ kernel, vjp }: Primitive<P>): boolean {
  if (vjp === null || kernel.kind === "view" || kernel.kind === "assemble" || kernel.kind === "gather") return false;
  return kernel.kind !== "reduce" || kernel.monoid === "sum" || kernel.monoid === "product";
}

/** Runs `run` with results that are rounded at random. */
export function withNoise<R>(seed: number, run: () => R): R {
  const outer = context.evaluate;
  const next = jitter(seed);
  const moved = (x: Tensor): Tensor => {
    if (!isFloat(x.dtype)) return x;
    const unit = x.dtype === "float32" ? 2 ** -23 : Number.EPSILON;
    const data = x.toTypedArray();
    for (let i = 0; i < data.length; i++) data[i]! *= 1 + unit * next();
    const result = new Tensor(contiguousLayout(x.layout.shape), x.dtype, data, 0);
    return result;
  };
  const evaluate: Evaluate = (primitive, inputs, params) => {
    const exactly = outer ?? evaluateNow;
    if (!rounds(primitive)) return exactly(primitive, inputs, params);
    const { kind } = primitive.kernel;
    const inside = kind !== "map" && kind !== "call";
    return moved(exactly(primitive, inside ? inputs.map(moved) : inputs, params));
  };
  return withContext({ evaluate }, run);
}

/** Student's factor for two degrees of freedom: the true value lies so many deviations around with 95 %. */
const student = 4.303;

/** How far rounding may have moved `value`, from what runs with noise gave. */
export function spreadOf(value: number, samples: readonly number[]): number {
  const finite = samples.filter(Number.isFinite);
  let most = 0;
  for (const sample of finite) most = Math.max(most, Math.abs(sample - value));
  return student * most;
}
