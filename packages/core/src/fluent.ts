/**
 * Every operator whose first parameter is a tensor, also as a method: one mapped type and one loop.
 * @module
 */
import { backward } from "./backward.js";
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
      value: methodOf(operator as (x: Tensor, ...rest: unknown[]) => unknown),
    });

function methodOf(
  operator: (x: Tensor, ...rest: unknown[]) => unknown,
): (this: Tensor, a: unknown, b: unknown, c: unknown) => unknown {
  return function method(a, b, c) {
    return operator(this, a, b, c);
  };
}
