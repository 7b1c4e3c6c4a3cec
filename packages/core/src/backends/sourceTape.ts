/**
 * Steps on the tape as generated JavaScript, one function for each operator: it reads its operands and writes its result
 * in place.
 * @module
 */
import type { EntryFunction, PullbackFunction } from "../backend.js";
import type { MapKernel } from "../kernel.js";
import { SourceBlock, sourceOf } from "../readings/source.js";
import type { RuleMap } from "../ruleMaps.js";
import type { ScalarExpression } from "../scalar.js";
import { compileText } from "./sourceMap.js";

const places = ["x", "y"] as const;

const entriesBySlot: EntryFunction[] = [];

export function entryFunction({ slot, scalar }: MapKernel<never>): EntryFunction {
  return (entriesBySlot[slot] ??= makeEntry(scalar));
}

function makeEntry(scalar: ScalarExpression): EntryFunction {
  // The expression's first parameter is the reading; the rest are operands.
  const operands = places.slice(0, scalar.length - 1);
  const { statements, result } = sourceOf(scalar, operands.map((place) => `of_${place}`), "float64"); // prettier-ignore
  return compileText(`function entry(values, x, y, to) {
    ${operands.map((place) => `const of_${place} = values[${place}];`).join("")}
    ${statements.join("\n")}
    values[to] = ${result};
  }`);
}

export function pullbackFunction(rules: readonly (RuleMap | null)[]): PullbackFunction {
  const block = new SourceBlock();
  // What a rule may ask for, by its numbers.
  const names = ["ct", ...places.slice(0, rules.length).map((place) => `of_${place}`), "of_from"];
  const used = new Set<string>();
  const results = rules.map((rule) => {
    if (rule === null || rule.operands.length === 0) return null;
    const operands = rule.operands.map((i) => names[i]!);
    for (const name of operands) used.add(name);
    return rule.kernel === null ? operands[0]! : block.read(rule.kernel.scalar, operands, "float64");
  });
  const loads = [...places, "from"].filter((place) => used.has(`of_${place}`));
  const gives = results.map((result, i) =>
    result === null ? "" : `cotangents[${places[i]}] += ${result}; known[${places[i]}] = 1;`,
  );
  return compileText(`function pullback(values, cotangents, known, x, y, from) {
    const ct = cotangents[from];
    ${loads.map((place) => `const of_${place} = values[${place}];`).join("")}
    ${block.statements(results.filter((result) => result !== null)).join("\n")}
    ${gives.join("\n")}
  }`);
}
