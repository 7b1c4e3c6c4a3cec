/**
 * Patterns of paths, such as `*.bias` or `encoder.**`.
 * @module
 */
import { ArgumentError, describe } from "@cotangent/core";
import { pathList } from "./trees.js";

/**
 * One pattern or several: names and indices as paths have them, `*` for any one of them (or any part of a name), `**` for
 * any number of them. `layers[*].bias` is `layers.*.bias`.
 */
export type Match = string | readonly string[];

/** Keys and indices alike. */
const segmentsOf = (path: string): readonly string[] => path.split(/[.[\]]+/).filter((segment) => segment !== "");

function segmentTest(segment: string): (name: string) => boolean {
  if (!segment.includes("*")) return (name) => name === segment;
  const parts = segment.split(/\*+/).map((part) => part.replace(/[\\^$+?.()|{}]/g, "\\$&"));
  const whole = new RegExp(`^${parts.join(".*")}$`, "s");
  return (name) => whole.test(name);
}

/** Whether a path matches a pattern. */
export function pathTest(pattern: string): (path: string) => boolean {
  const tests = segmentsOf(pattern).map((segment) => (segment === "**" ? null : segmentTest(segment)));
  return (path) => {
    const names = segmentsOf(path);
    // Whether the names from `at` on match what comes after the tests done so far, for every `at`: from the last test back.
    let rest = names.map(() => false).concat(true);
    for (const test of [...tests].reverse()) {
      const next = rest.map((matches, at) => (test === null ? matches : (rest[at + 1] ?? false) && test(names[at]!)));
      if (test === null) for (let at = names.length - 1; at >= 0; at--) next[at] ||= next[at + 1]!;
      rest = next;
    }
    return rest[0]!;
  };
}

/** @throws `ArgumentError` if it is no pattern nor a list of some */
export function patternsOf(operator: string, match: unknown): readonly string[] {
  const patterns: readonly unknown[] = Array.isArray(match) ? match : [match];
  for (const pattern of patterns)
    if (typeof pattern !== "string")
      throw new ArgumentError(
        `${operator}: expected a pattern of paths such as "*.bias", or a list of patterns, got ${describe(pattern)}`,
      );
  if (patterns.length === 0)
    throw new ArgumentError(`${operator}: expected a pattern of paths such as "*.bias", got an empty list`);
  return patterns as readonly string[];
}

/** @throws `ArgumentError` if a pattern matches no path, which a slip of the pen would make so */
export function checkMatches(operator: string, patterns: readonly string[], paths: readonly string[]): void {
  for (const pattern of patterns)
    if (!paths.some(pathTest(pattern)))
      throw new ArgumentError(
        `${operator}: expected a pattern that matches a parameter, got "${pattern}"; there ${paths.length === 0 ? "are none" : `is ${pathList(paths, 20)}`}`,
      );
}
