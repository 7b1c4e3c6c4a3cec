/**
 * Every operator whose first parameter is a tensor, also as a method: one mapped type and one loop.
 * @module
 */
import { backward } from "./backward.js";
import { ArgumentError, describe } from "./errors.js";
import * as ops from "./ops/index.js";
import { Tensor } from "./tensor.js";

/** Functions only: their first parameter is a list, an equation, or (`where`) a condition. */
type FunctionsOnly = "concat" | "einsum" | "meshgrid" | "stack" | "stopGradient";

type Operators = Omit<typeof ops, FunctionsOnly> & { backward: typeof backward };

type Method<F> = F extends (self: never, ...rest: infer Rest) => infer Out ? (...rest: Rest) => Out : never;

/** Every operator `f(x, ...rest)` as a method `x.f(...rest)`. */
export type Fluent = { readonly [Name in keyof Operators]: Method<Operators[Name]> };

const functionsOnly: readonly string[] = [
  "concat",
  "einsum",
  "meshgrid",
  "stack",
  "stopGradient",
] satisfies FunctionsOnly[];

for (const [name, operator] of Object.entries({ ...ops, backward }))
  if (!functionsOnly.includes(name))
    Object.defineProperty(Tensor.prototype, name, {
      configurable: true,
      value: methodOf(name, operator as (x: Tensor, ...rest: unknown[]) => unknown),
    });

/** Refuses what an operator does not take, such as the digits in `x.round(2)`, which must not pass in silence. */
function methodOf(
  name: string,
  operator: (x: Tensor, ...rest: unknown[]) => unknown,
): (this: Tensor, a: unknown, b: unknown, c: unknown) => unknown {
  const further = operator.length - 1;
  return function method(a, b, c) {
    const surplus = further < 1 ? (a ?? b ?? c) : further < 2 ? (b ?? c) : further < 3 ? c : undefined;
    if (surplus !== undefined)
      throw new ArgumentError(
        `${name}: expected ${further === 0 ? "no argument" : `at most ${further} ${further === 1 ? "argument" : "arguments"}`}, got one more, ${describe(surplus)}; leave it out`,
      );
    return operator(this, a, b, c);
  };
}
