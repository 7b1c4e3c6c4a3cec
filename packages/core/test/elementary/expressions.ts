/** Expressions in every elementary function and every instruction, and arguments at their edges. */
import { binaryElementary, unaryElementary } from "../../src/elementary/index.js";
import type { Scalar } from "../../src/scalar.js";

export type Expression = <T, M>(s: Scalar<T, M>, x: T, y: T) => T;

export const expressions: Readonly<Record<string, Expression>> = {
  ...Object.fromEntries(
    Object.keys(unaryElementary).map((name): [string, Expression] => [
      name,
      (s, x) => s[name as keyof typeof unaryElementary](x),
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(binaryElementary).map((name): [string, Expression] => [
      name,
      (s, x, y) => s[name as keyof typeof binaryElementary](x, y),
    ]),
  ),
  "arithmetic and decisions": (s, x, y) =>
    s.select(
      s.or(s.and(s.less(x, y), s.not(s.equal(y, s.constant(-3)))), s.lessEqual(s.floor(x), s.constant(-0))),
      s.sub(s.mul(s.add(x, y), s.constant(1 / 3)), s.div(s.neg(x), s.abs(y))),
      s.sqrt(s.round(s.sub(y, s.constant(-0)))),
    ),
  "exponent and mantissa": (s, x) => {
    const size = s.abs(x);
    const smallest = s.constant(s.precision === "float64" ? 2 ** -1022 : 2 ** -126);
    const normal = s.and(s.lessEqual(smallest, size), s.less(size, s.constant(Infinity)));
    return s.select(normal, s.scale(s.mantissa(size), s.exponent(size)), x);
  },
};

export const special: readonly number[] = [
  0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, 2, 3, -3, 2 ** -1074, 2 ** -1022, -(2 ** -149), 1e6, 2 ** 20, 709.5, 710, -745, 2 ** 53,
]; // prettier-ignore
