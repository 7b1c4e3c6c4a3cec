/**
 * What an operator promises whatever its values are.
 * @module
 */
import { tensor } from "../construct.js";
import { NoForwardRule } from "../customOp.js";
import { jvp } from "../derivatives.js";
import { CotangentError } from "../errors.js";
import { halves } from "../grad.js";
import { broadcastTo } from "../ops/linear.js";
import type { Random } from "../random.js";
import { broadcastShapes, sameShape, showShape, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { same } from "./integrity.js";
import { viewOf } from "./opCases.js";
import { copyOf, direction, innerProduct, numbersOf, tensorOf } from "./subject.js";

export type Op = (...xs: Tensor[]) => Tensor;

/** Who listens. */
export interface Listener {
  problem(text: string): void;
  note(text: string): void;
}

/** The output, and the rule of reverse mode on numbers. */
interface Ruled {
  readonly output: Tensor;
  readonly back: (ct: Float64Array) => readonly Float64Array[];
}

function ruled(op: Op, xs: readonly Tensor[]): Ruled {
  const [output, pullback] = halves("checkOp", op as never, xs);
  return {
    output,
    back: (ct) => (pullback(tensorOf(ct, output.shape, output.dtype)) as Tensor[]).map(numbersOf),
  };
}

const alike = (a: readonly Float64Array[], b: readonly Float64Array[]): boolean =>
  a.every((numbers, i) => same(numbers, b[i]!));

/** Everything below, at one point. */
export function promises(op: Op, xs: readonly Tensor[], random: Random, listener: Listener): void {
  const operands = xs.map(copyOf);
  const rule = ruled(op, operands);
  const { output, back } = rule;
  const u = direction(random.fork("u"), output.size);
  const fromU = back(u);
  if (output.dtype !== "float64") listener.problem(`its value for float64 operands is ${output.dtype}`);
  if (!same(numbersOf(output), numbersOf(op(...xs.map(copyOf)))))
    listener.problem("it gives another value the second time");
  if (!alike(back(u), fromU)) listener.problem("its rule gives another cotangent the second time");
  if (back(new Float64Array(output.size)).some((g) => g.some((v) => v !== 0)))
    listener.problem("a zero cotangent does not give zero");
  linear(rule, u, fromU, direction(random.fork("w"), output.size), listener);
  bothModes(op, xs, rule, u, fromU, random.fork("tangents"), listener);
  views(op, xs, rule, u, fromU, listener);
  narrow(op, xs, output, listener);
  operands.forEach((x, i) => {
    if (!same(numbersOf(x), numbersOf(xs[i]!))) listener.problem(`it changes operand ${i} in place`);
  });
}

/** Rules are linear in the cotangent: that of 2 u - w/2 is known from those of u and w. */
function linear(
  { back }: Ruled,
  u: Float64Array,
  fromU: readonly Float64Array[],
  w: Float64Array,
  listener: Listener,
): void {
  const fromW = back(w);
  const mixed = back(u.map((v, i) => 2 * v - 0.5 * w[i]!));
  const holds = mixed.every((g, i) => {
    const size = Math.max(...fromU[i]!.map(Math.abs), ...fromW[i]!.map(Math.abs));
    return g.every((v, j) => {
      const expected = 2 * fromU[i]![j]! - 0.5 * fromW[i]![j]!;
      return Math.abs(v - expected) <= 1e-11 * size || (Number.isNaN(v) && Number.isNaN(expected));
    });
  }); // prettier-ignore
  if (!holds) listener.problem("its rule is not linear in the cotangent");
}

/** ⟨u, J v⟩ and ⟨Jᵀ u, v⟩ are one number, whatever the derivative is. */
function bothModes(
  op: Op,
  xs: readonly Tensor[],
  { output }: Ruled,
  u: Float64Array,
  fromU: readonly Float64Array[],
  random: Random,
  listener: Listener,
): void {
  const along = xs.map((x, i) => direction(random.fork(`${i}`), x.size));
  const tangents = along.map((v, i) => tensorOf(v, xs[i]!.shape));
  let tangent: Tensor;
  try {
    [, tangent] = jvp(op as never, xs.map(copyOf) as never, tangents as never);
  } catch (error) {
    if (!(error instanceof NoForwardRule)) throw error;
    listener.note("it has no jvp, so forward mode (jvp, hvp) does not work and was not checked");
    return;
  }
  if (!sameShape(tangent.shape, output.shape)) {
    listener.problem(`its tangent has shape ${showShape(tangent.shape)}, its value ${showShape(output.shape)}`);
    return;
  }
  const ahead = innerProduct(u, numbersOf(tangent));
  let [value, magnitude] = [0, ahead.magnitude];
  fromU.forEach((g, i) => {
    const part = innerProduct(g, along[i]!);
    value += part.value;
    magnitude += part.magnitude;
  });
  if (Math.abs(ahead.value - value) > 1e-9 * magnitude) listener.problem("its jvp and its vjp disagree");
}

/** Where elements lie in memory makes no difference. */
function views(op: Op, xs: readonly Tensor[], { output }: Ruled, u: Float64Array, fromU: readonly Float64Array[], listener: Listener): void {
  const seen = ruled(op, xs.map(viewOf));
  if (!sameShape(seen.output.shape, output.shape) || !same(numbersOf(seen.output), numbersOf(output)))
    listener.problem("its value for a view (a transpose, a slice) is another one than for a copy of it");
  else if (!alike(seen.back(u), fromU))
    listener.problem("its cotangents for a view (a transpose, a slice) are others than for a copy of it");
} // prettier-ignore

/** float32 in, float32 out, in value and gradients, and nearly the same numbers. */
function narrow(op: Op, xs: readonly Tensor[], wide: Tensor, listener: Listener): void {
  const operands = xs.map((x) => tensor(Float32Array.from(numbersOf(x)), { shape: x.shape }));
  const [output, pullback] = halves("checkOp", op as never, operands);
  if (output.dtype !== "float32") listener.problem(`its value for float32 operands is ${output.dtype}`);
  if (!sameShape(output.shape, wide.shape)) {
    listener.problem("its shape in float32 is another one");
    return;
  }
  const [a, b] = [numbersOf(output), numbersOf(wide)];
  const size = Math.max(1, ...b.map(Math.abs));
  // Far more than float32 rounds off, as operators may lose digits.
  if (a.some((v, i) => Math.abs(v - b[i]!) > 1e-2 * size)) listener.problem("its value in float32 is another one");
  const gradients = pullback(
    tensorOf(new Float64Array(output.size).fill(1), output.shape, output.dtype),
  ) as readonly Tensor[];
  if (gradients.some((g, i) => g.dtype !== "float32" || !sameShape(g.shape, operands[i]!.shape)))
    listener.problem("its gradient in float32 has another shape or dtype");
}

/** Whether element by element is what it does: single elements give what they give among others. */
export function actsByElement(op: Op, xs: readonly Tensor[]): boolean {
  try {
    const whole = op(...xs);
    if (!xs.every((x) => sameShape(x.shape, whole.shape))) return false;
    const columns = xs.map(numbersOf);
    return numbersOf(whole).every((value, i) => {
      const alone = op(...columns.map((column) => tensor(column[i]!)));
      return alone.rank === 0 && Object.is(alone.item(), value);
    });
  } catch (error) {
    if (error instanceof CotangentError) return false;
    throw error;
  }
}

/** An elementwise operator that takes operands of different shapes must give what it gives for the stretched ones. */
export function broadcasts(op: Op, xs: readonly Tensor[], listener: Listener): void {
  const shape = xs.map((x) => x.shape).reduce((a: Shape, b) => broadcastShapes("checkOp", a, b));
  const stretched = xs.map((x) => copyOf(broadcastTo(x, shape)));
  if (!actsByElement(op, stretched)) return;
  const [mixed, expected] = [op(...xs.map(copyOf)), op(...stretched)];
  if (!sameShape(mixed.shape, expected.shape))
    listener.problem(`it takes operands of different shapes, and gives shape ${showShape(mixed.shape)} instead of ${showShape(expected.shape)}`);
  else if (!same(numbersOf(mixed), numbersOf(expected)))
    listener.problem("it takes operands of different shapes, and gives other values than for broadcast ones");
} // prettier-ignore
