/**
 * What layers refuse.
 * @module
 */
import { ArgumentError, checkFunction, describe, DTypeError, expectTensor, Tensor } from "@cotangent/core";
import type { Model } from "./model.js";

/** @throws `ArgumentError` if the size is not an integer from 1 */
export function checkSize(operator: string, name: string, size: unknown): void {
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1)
    throw new ArgumentError(`${operator}: expected ${name} to be an integer from 1, got ${describe(size)}`);
}

/** @throws `ArgumentError` if a part that is given is no function */
export function checkParts(operator: string, parts: { readonly [option: string]: unknown }): void {
  for (const [name, part] of Object.entries(parts))
    if (part !== undefined)
      checkFunction(operator, part, `${name} to be a function such as ${name === "init" ? "heNormal" : "tanh"}`);
}

/** @throws `ArgumentError` if the number is not in an interval */
export function checkNumber(operator: string, name: string, x: unknown, low: number, high: number): void {
  if (typeof x !== "number" || !(x >= low && x <= high && Math.abs(x) < Infinity))
    throw new ArgumentError(
      `${operator}: expected ${name} to be a finite number from ${low}${high < Infinity ? ` to ${high}` : ""}, got ${describe(x)}`,
    );
}

/** @throws `ArgumentError` if the number is not above 0 */
export function checkPositive(operator: string, name: string, x: unknown): void {
  if (typeof x !== "number" || !(x > 0 && x < Infinity))
    throw new ArgumentError(`${operator}: expected ${name} to be a finite number above 0, got ${describe(x)}`);
}

/** @throws `ArgumentError` if it is no model */
export function checkModel(operator: string, model: unknown, wanted: string): void {
  const { init, apply } = (model ?? {}) as Partial<Model<unknown>>;
  if (typeof init !== "function" || typeof apply !== "function")
    throw new ArgumentError(
      `${operator}: expected ${wanted}, got ${describe(model)}${Array.isArray(model) ? `; spread it: ${operator}(...models)` : typeof model === "function" ? "; call it, as in flatten()" : ""}`,
    );
}

/** @throws `ArgumentError` if a tensor is missing among the parameters */
export function checkParams(operator: string, params: unknown, names: readonly string[], wanted = names): void {
  const given = (params ?? {}) as Record<string, unknown>;
  if (names.some((name) => !(given[name] instanceof Tensor)))
    throw new ArgumentError(
      `${operator}: expected the parameters { ${wanted.join(", ")} } that init gives, got ${describe(params)}`,
    );
}

/** @throws `ArgumentError` if it is no tensor, `DTypeError` if its elements are no floats */
export function expectFloat(operator: string, x: unknown): Tensor {
  const t = expectTensor(operator, x, "inputs in a tensor");
  if (t.dtype !== "float64" && t.dtype !== "float32")
    throw new DTypeError(`${operator}: expected float inputs, got ${t.dtype}; convert them with astype("float64")`);
  return t;
}
