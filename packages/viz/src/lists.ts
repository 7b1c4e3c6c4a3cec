import { ArgumentError, describe } from "@cotangent/core";

/** @throws `ArgumentError` if it is no list */
export function checkList(operator: string, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new ArgumentError(`${operator}: expected a list of ${name}, got ${describe(value)}`);
}
