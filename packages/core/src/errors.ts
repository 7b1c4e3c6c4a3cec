/**
 * Typed errors. A message says the operator, what it expected, what came, and what to do about it.
 * @module
 */

/** The base of every error that Cotangent throws on purpose. */
export class CotangentError extends Error {
  override readonly name: string = "CotangentError";
}

/** Shapes, axes or sizes that do not fit together. */
export class ShapeError extends CotangentError {
  override readonly name = "ShapeError";
}

/** An element type that an operator cannot work with. */
export class DTypeError extends CotangentError {
  override readonly name = "DTypeError";
}

/** A tensor that is not part of the computation graph in question. */
export class GraphError extends CotangentError {
  override readonly name = "GraphError";
}

/** A derivative that does not exist or a rule that broke its promise. */
export class GradientError extends CotangentError {
  override readonly name = "GradientError";
}

/** A computation whose result is not a number one can go on with. */
export class NumericError extends CotangentError {
  override readonly name = "NumericError";
}

/** An argument or option outside of what a function accepts. */
export class ArgumentError extends CotangentError {
  override readonly name = "ArgumentError";
}

/** A file or data set that cannot be read or makes no sense. */
export class DataError extends CotangentError {
  override readonly name = "DataError";
}

/** A thread beside the main one that failed, or does not answer any more. */
export class ThreadError extends CotangentError {
  override readonly name = "ThreadError";
}

/**
 * What came, in a few words, for the message of an error.
 *
 * @example
 * ```ts
 * import { describe } from "@cotangent/core";
 * describe([1, 2]); // → an array of length 2
 * describe("abc"); // → the string "abc"
 * ```
 */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  switch (typeof value) {
    case "string":
      return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return `the BigInt ${value}n`;
    case "function":
      return "a function";
    case "object": {
      const name: unknown = value.constructor?.name;
      return typeof name === "string" && name !== "Object" && name !== "" ? `a ${name}` : "an object";
    }
    default:
      return `a ${typeof value}`;
  }
}

/**
 * Refuses what is no function.
 *
 * @throws {@link ArgumentError} saying what was wanted
 * @example
 * ```ts
 * import { checkFunction } from "@cotangent/core";
 * checkFunction("dense", Math.tanh, "an activation function such as tanh"); // → undefined
 * ```
 */
export function checkFunction(operator: string, f: unknown, wanted = "a function"): void {
  if (typeof f !== "function") throw new ArgumentError(`${operator}: expected ${wanted}, got ${describe(f)}`);
}

/** Whether something has to be waited for. */
function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/**
 * The result of a function that runs under a setting, or is looked at while it runs: both end at its first `await`.
 *
 * @throws {@link ArgumentError} if it is a promise
 */
export function synchronous<R>(operator: string, result: R): R {
  if (!isPromise(result)) return result;
  // Nobody else will hear how it ends.
  if (result instanceof Promise) result.catch(() => undefined);
  throw new ArgumentError(
    `${operator}: expected a synchronous function, got one that returns a promise; call ${operator} inside of it, around each part without await`,
  );
}

/**
 * Refuses option names that `allowed` does not list, missing ones that `required` does, and `null` but for those that
 * `nullable` lists: a misspelt option must not pass in silence, nor `null` for the default.
 *
 * @throws {@link ArgumentError} if `options` has another key, lacks a required one, has `null` for one, or is not an object
 * @example
 * ```ts
 * import { checkOptions } from "@cotangent/core";
 * checkOptions("sum", { axis: 0 }, ["axis", "keepDims"]); // → undefined
 * ```
 */
export function checkOptions(
  operator: string,
  options: object | undefined,
  allowed: readonly string[],
  required: readonly string[] = [],
  nullable: readonly string[] = [],
): void {
  if (options === undefined && required.length === 0) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new ArgumentError(
      `${operator}: expected an options object, got ${describe(options)}${allowed.length === 0 ? "" : `; write { ${allowed[0]!}: … }`}`,
    );
  for (const key of required)
    if ((options as Record<string, unknown>)[key] === undefined)
      throw new ArgumentError(`${operator}: expected the option ${key}, which is missing`);
  for (const key in options) {
    if (!allowed.includes(key))
      throw new ArgumentError(
        `${operator}: unknown option ${JSON.stringify(key)}; ${allowed.length === 0 ? "it takes none" : `it takes ${allowed.join(", ")}`}`,
      );
    if ((options as Record<string, unknown>)[key] === null && !nullable.includes(key))
      throw new ArgumentError(
        `${operator}: expected a value for the option ${key}, got null; leave it out for the default`,
      );
  }
}
