/**
 * Options of operators, each checked under its name.
 * @module
 */
import { ArgumentError, describe } from "../errors.js";

/** An option that must be true or false. @throws {@link ArgumentError} otherwise */
export function booleanOption(operator: string, name: string, value: unknown): boolean {
  if (typeof value !== "boolean")
    throw new ArgumentError(`${operator}: expected ${name} to be true or false, got ${describe(value)}`);
  return value;
}

/** An option that must be an integer, from `least` on. @throws {@link ArgumentError} otherwise */
export function integerOption(operator: string, name: string, value: unknown, least = -Infinity): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least)
    throw new ArgumentError(
      `${operator}: expected ${name} to be an integer${least === -Infinity ? "" : ` from ${least}`}, got ${describe(value)}`,
    );
  return value;
}

/** An option that must be a finite number, above `bound`. @throws {@link ArgumentError} otherwise */
export function finiteOption(operator: string, name: string, value: unknown, bound = -Infinity): number {
  if (typeof value !== "number" || !(value > bound && value < Infinity))
    throw new ArgumentError(
      `${operator}: expected a finite ${name}${bound === -Infinity ? "" : ` above ${bound}`}, got ${describe(value)}`,
    );
  return value;
}
