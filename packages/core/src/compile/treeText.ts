/**
 * Patterns as functions of their own, generated where that is allowed: each reads the places of one structure, which
 * engines do several times faster than a walk over any structure.
 * @module
 */
import { sourceAvailable } from "../backends/source.js";
import { Random } from "../random.js";
import { sameShape, type Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { fill, matches, type Leaves, type Pattern } from "./trees.js";

/** A function with more places than this would take longer to compile than it saves. */
const mostPlaces = 200;

export type Matcher = (value: unknown, leaves: Leaves) => boolean;
export type Filler = (leaves: Readonly<Leaves>) => unknown;

function placesIn(pattern: Pattern): number {
  return "items" in pattern ? pattern.items.reduce((sum, item) => sum + placesIn(item), 1) : 1;
}

const isGenerated = (pattern: Pattern): boolean => sourceAvailable() && placesIn(pattern) <= mostPlaces;

class MatcherText {
  readonly lines: string[] = [];
  readonly shapes: Shape[] = [];
  readonly fixed: unknown[] = [];
  #values = 0;

  /** Lines that return `false` where the value of the expression does not have the pattern. */
  add(pattern: Pattern, expression: string): void {
    const x = `x${this.#values++}`;
    const refuse = (...reasons: string[]): unknown => this.lines.push(`if (${reasons.join(" || ")}) return false;`);
    this.lines.push(`const ${x} = ${expression};`);
    switch (pattern.kind) {
      case "tensor": {
        const shape = `shapes[${this.shapes.push(pattern.shape) - 1}]`;
        refuse(`!(${x} instanceof Tensor)`, `${x}.dtype !== "${pattern.dtype}"`, `!sameShape(${x}.layout.shape, ${shape})`);
        this.lines.push(`tensors.push(${x});`);
        break;
      } // prettier-ignore
      case "generator":
        refuse(`!(${x} instanceof Random)`);
        this.lines.push(`generators.push(${x});`);
        break;
      case "fixed":
        refuse(`!Object.is(${x}, fixed[${this.fixed.push(pattern.value) - 1}])`);
        break;
      case "list":
        refuse(`!Array.isArray(${x})`, `${x}.length !== ${pattern.items.length}`);
        pattern.items.forEach((item, i) => this.add(item, `${x}[${i}]`));
        break;
      case "record": {
        const { keys, items } = pattern;
        const [object, prototype] = [`typeof ${x} === "object" && ${x} !== null`, `Object.getPrototypeOf(${x})`];
        this.lines.push(`const p${x} = ${object} ? ${prototype} : undefined;`);
        refuse(`p${x} !== Object.prototype && p${x} !== null`);
        const cases = keys.map((key, i) => `case ${i}: if (key !== ${JSON.stringify(key)}) return false; break;`);
        this.lines.push(
          `let n${x} = 0;`,
          `for (const key in ${x}) switch (n${x}++) { ${cases.join(" ")} default: if (Object.hasOwn(${x}, key)) return false; }`,
        );
        refuse(`n${x} < ${keys.length}`);
        items.forEach((item, i) => this.add(item, `${x}[${JSON.stringify(keys[i])}]`));
      } // prettier-ignore
    }
  }
}

/** Whether a value has the pattern; its leaves are added to those given. */
export function matcherOf(pattern: Pattern): Matcher {
  if (!isGenerated(pattern)) return (value, leaves) => matches(pattern, value, leaves);
  const text = new MatcherText();
  text.add(pattern, "value");
  const make = new Function(
    ...["Tensor", "Random", "sameShape", "shapes", "fixed"],
    `"use strict"; return function matches(value, { tensors, generators }) { ${text.lines.join("\n")} return true; }`,
  ) as (...outside: unknown[]) => Matcher;
  return make(Tensor, Random, sameShape, text.shapes, text.fixed);
}

/** In brackets, this key is not taken for the prototype. */
const keyText = (key: string): string => (key === "__proto__" ? '["__proto__"]' : JSON.stringify(key));

/** A value of the pattern with other leaves. */
export function fillerOf(pattern: Pattern): Filler {
  if (!isGenerated(pattern)) return (leaves) => fill(pattern, leaves);
  const fixed: unknown[] = [];
  const textOf = (pattern: Pattern): string => {
    switch (pattern.kind) {
      case "tensor":
        return `tensors[${pattern.index}]`;
      case "generator":
        return `generators[${pattern.index}]`;
      case "fixed":
        return `fixed[${fixed.push(pattern.value) - 1}]`;
      case "list":
        return `[${pattern.items.map(textOf).join(", ")}]`;
      case "record":
        return `({ ${pattern.items.map((item, i) => `${keyText(pattern.keys[i]!)}: ${textOf(item)}`).join(", ")} })`;
    }
  };
  const text = textOf(pattern);
  const make = new Function(
    "fixed",
    `"use strict"; return function fill({ tensors, generators }) { return ${text}; }`,
  ) as (fixed: readonly unknown[]) => Filler;
  return make(fixed);
}
