/**
 * Values that are there, and values that are not: not yet, or of many examples.
 * @module
 */
import { context } from "./context.js";
import { ArgumentError, checkFunction, describe, ShapeError, synchronous } from "./errors.js";
import { expectTensor } from "./operand.js";
import { apply, type Primitive } from "./primitive.js";
import { scalarLayout, showShape } from "./shape.js";
import { scalarTensor, type Tensor } from "./tensor.js";

/**
 * Whether the elements of `x` can be read: not so in a function that `compile` records, where they come with every call,
 * nor in one that `vmap` runs, where `x` stands for many examples.
 *
 * @throws {@link ArgumentError} if `x` is no tensor
 * @example
 * ```ts
 * import { compile, hasValues, tensor, type Tensor } from "@cotangent/core";
 * hasValues(tensor([1])); // → true
 * compile((x: Tensor) => ({ known: hasValues(x) }))(tensor([1])).known; // → false
 * ```
 */
export function hasValues(x: Tensor): boolean {
  expectTensor("hasValues", x);
  return context.absence?.isOpen(x) !== true;
}

/**
 * Looks at the elements of `x`, to refuse some by an error: at once; whenever the program runs that is being recorded; or
 * of every example in `vmap`.
 *
 * @throws {@link ArgumentError} if `x` is no tensor, or `look` no function or one that returns a promise
 * @example
 * ```ts
 * import { checkValues, compile, NumericError, scalar, type Tensor } from "@cotangent/core";
 * const root = compile((x: Tensor) => {
 *   checkValues(x, (v) => { if (v.item() < 0) throw new NumericError("root: expected a number from 0"); });
 *   return x.sqrt();
 * });
 * root(scalar(4)).item(); // → 2
 * ```
 */
export function checkValues(x: Tensor, look: (x: Tensor) => void): void {
  expectTensor("checkValues", x);
  checkFunction("checkValues", look, "a function that looks at a tensor");
  const looked = (elements: Tensor): void => void synchronous("checkValues", look(elements) as unknown);
  if (hasValues(x)) looked(x);
  else context.absence!.check(x, looked);
}

function numberOf(f: (value: number) => number, x: number): number {
  const value: unknown = f(x);
  if (typeof value === "number") return value;
  throw new ArgumentError(`fromNumber: expected a function that returns a number, got ${describe(value)}`);
}

const fromNumberPrimitive: Primitive<(value: number) => number> = {
  name: "fromNumber",
  kernel: { kind: "routine", run: ([x], _shapes, f, output) => void (output[0] = numberOf(f, x![0]!)) },
  shape: () => [],
  dtype: () => "float64",
  vjp: null,
  jvp: null,
};

/**
 * A float64 scalar computed from another scalar by a plain function, such as a schedule from the count of steps; flat. In
 * a program the function is called whenever it runs.
 *
 * @throws {@link ArgumentError} if `x` is no tensor, or `f` no function or one that returns no number, {@link ShapeError} if `x` is no scalar
 * @example
 * ```ts
 * import { compile, fromNumber, scalar, type Tensor } from "@cotangent/core";
 * const rate = compile((step: Tensor) => fromNumber(step, (n) => (n < 10 ? 0.1 : 0.01)));
 * rate(scalar(3)).item(); // → 0.1
 * rate(scalar(30)).item(); // → 0.01
 * ```
 */
export function fromNumber(x: Tensor, f: (value: number) => number): Tensor {
  expectTensor("fromNumber", x);
  checkFunction("fromNumber", f, "a function of a number");
  if (x.layout.shape.length > 0)
    throw new ShapeError(
      `fromNumber: expected a scalar, got shape ${showShape(x.layout.shape)}; reduce it, or take one element`,
    );
  return hasValues(x)
    ? scalarTensor(scalarLayout, "float64", numberOf(f, x.item()))
    : apply(fromNumberPrimitive, [x], f);
}
