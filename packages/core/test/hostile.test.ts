/** Whatever is passed, no public function fails with anything but a typed error that starts with its name. */
import { expect, test } from "vitest";
import * as core from "@cotangent/core";

const { tensor, CotangentError } = core;
const text = Symbol("s");
const options = [
  "axis", "k", "sizes", "chunks", "shift", "repeats", "widths", "classes", "window", "min", "max", "p", "correction",
  "alpha", "beta", "negativeSlope", "approximate", "diagonal", "offset", "keepDims", "mode", "value", "stride", "padding",
  "dilation", "groups", "bias", "start", "end", "dtype", "shape", "descending", "largest",
]; // prettier-ignore
const withAll = (value: unknown): object => Object.fromEntries(options.map((name) => [name, value]));

const hostile: readonly unknown[] = [
  text, Object.create(null), null, undefined, [2, , 2], [[1, 2], , [1, 2]], 3n, NaN, [tensor([1])], [text], [3n], "x",
  () => 1, {}, { axis: null }, ...options.flatMap((name) => [{ [name]: text }, { [name]: [1, , 2] }, { [name]: 3n }]),
  withAll(text), withAll(Object.create(null)),
]; // prettier-ignore
/** What takes the operator's name as an argument, or never refuses. */
const exempt = new Set([
  "checkFunction",
  "checkOptions",
  "checkDtype",
  "checkRandom",
  "expectTensor",
  "describe",
  "withLines",
]);
const functions = Object.entries(core).filter(
  ([name, f]) => typeof f === "function" && !/^[A-Z]/.test(name) && !exempt.has(name),
) as unknown as [string, (...args: unknown[]) => unknown][];

test.each(functions)("%s", async (name, f) => {
  const matrix = tensor([[1, 2], [3, 4]]); // prettier-ignore
  const index = tensor([0, 1], { dtype: "int32" });
  for (const bad of hostile)
    for (const args of [[bad], [matrix, bad], [index, bad], [1, bad], [matrix, index, bad], [matrix, matrix, bad], [1, 2, bad], [matrix, matrix, matrix, bad]])
      try {
        const result = f(...args);
        if (result instanceof Promise) await result;
      } catch (error) {
        if (!(error instanceof CotangentError) || !error.message.startsWith(name))
          expect.fail(`${name}(${args.map((arg) => core.describe(arg)).join(", ")}): ${String(error)}`);
      }
}); // prettier-ignore

test.each<[RegExp, () => unknown]>([
  [/^variable: expected numbers or booleans, got null/, () => core.variable(null as never)],
  [/^variable: expected rows of equal length/, () => core.variable([[1], [2, 3]])],
  [/^scalar: unknown option "foo"/, () => core.scalar(NaN, { foo: 1 } as never)],
  [/^scalar: expected integers .* got 0.5/, () => core.scalar(0.5, { dtype: "int32" })],
  [/^scalar: expected a dtype .* got a symbol/, () => core.scalar(1, { dtype: text as never })],
  [/^arange: expected finite start.*, got a symbol, 1, 1/, () => core.arange(text as never, 1)],
  [/^linspace: expected finite bounds, got an object and 1/, () => core.linspace(Object.create(null) as never, 1, 2)],
  [/^withBackend: expected .*, got an object/, () => core.withBackend(Object.create(null) as never, () => 1)],
])("%s", (says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(says);
});
