/**
 * Scalar expressions read as JavaScript text, one constant a statement: equal sub-expressions become one statement, and
 * loops can be generated around them. The bits are those of `numbers`.
 * @module
 */
import { angleQuadrant, angleRemainder, angleRemainderLow, largeAngle } from "../elementary/angle.js";
import { replaced, withElementary } from "../elementary/index.js";
import type { Arithmetic, Machine, Precision, Scalar, ScalarExpression } from "../scalar.js";
import { bits, integerPower, roundHalfEven } from "./bits.js";
import { sink, type Value } from "./sink.js";

/** What the statements refer to. */
export const runtime = { ...bits, roundHalfEven, integerPower, angleQuadrant, angleRemainder, angleRemainderLow };

/** Brings the names of the `runtime` into scope; stands before any function that contains statements. */
export const prelude = `const { ${Object.keys(runtime).join(", ")} } = runtime;`;

/** Statements, and the name or literal that holds the value after them. */
export interface SourceText {
  readonly statements: string[];
  readonly result: string;
}

/** The text of a number, which reads back as the same bits; negative ones in parentheses, lest `a - -1` becomes `a --1`. */
export function literal(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.startsWith("-") ? `(${text})` : text;
}

/** The name of a value, which is computed once however often it is asked for. */
type Naming = (text: string, more?: Partial<Value>) => string;

/** The reading that names what it computes. */
function textReading(arithmetic: Arithmetic, named: Naming): Scalar<string, string> {
  const precision: Precision = arithmetic === "float32" ? "float32" : "float64";
  const rounded = precision === "float32" ? (text: string): string => named(`Math.fround(${text})`) : named;
  const highWord = (x: string): string => named(`words[${bits.high}]`, { effect: `doubles[0] = ${x}; ` });
  const exponentBits = (x: string): string => named(`(${highWord(x)} >>> 20) & 2047`);
  const angle =
    (routine: string) =>
    (x: string): string =>
      named(`Math.abs(${x}) < ${largeAngle[precision]} ? 0 : ${routine}(${x}, "${precision}")`);
  const machine: Machine<string, string> = {
    precision,
    constant: (value) => literal(precision === "float32" ? Math.fround(value) : value),
    add: (x, y) => rounded(`${x} + ${y}`),
    sub: (x, y) => rounded(`${x} - ${y}`),
    mul: (x, y) => rounded(`${x} * ${y}`),
    div: (x, y) => rounded(`${x} / ${y}`),
    neg: (x) => named(`-${x}`),
    abs: (x) => named(`Math.abs(${x})`),
    sqrt: (x) => rounded(`Math.sqrt(${x})`),
    floor: (x) => named(`Math.floor(${x})`),
    round: (x) => named(`roundHalfEven(${x})`),
    less: (x, y) => `(${x} < ${y})`,
    lessEqual: (x, y) => `(${x} <= ${y})`,
    equal: (x, y) => `(${x} === ${y})`,
    and: (a, b) => `(${a} && ${b})`,
    or: (a, b) => `(${a} || ${b})`,
    not: (a) => `!${a}`,
    select: (mask, x, y) => (x === y ? x : named(`${mask} ? ${x} : ${y}`, { choice: { mask, x, y } })),
    scale: (x, k, more = 0) => rounded(`${x} * powers[(${k} + ${1023 + more}) & 2047]`),
    exponent: (x) => named(`${exponentBits(x)} - 1023`),
    mantissa: (x) => named(`${x} * powers[(2046 - ${exponentBits(x)}) & 2047]`),
    withSign: (size, x) => named(`${size} * ((${highWord(x)} >> 31) | 1)`),
    angleQuadrant: angle("angleQuadrant"),
    angleRemainder: angle("angleRemainder"),
    angleRemainderLow: angle("angleRemainderLow"),
  };
  const reading = withElementary(machine);
  if (arithmetic !== "int32") return reading;
  return replaced(reading, {
    mul: (x, y) => named(`Math.imul(${x}, ${y})`),
    pow: (x, y) => named(`integerPower(${x}, ${y})`),
  });
}

/** Expressions that are computed together: equal sub-expressions become one statement, across expressions too. */
export class SourceBlock {
  readonly #values: Value[] = [];
  readonly #names = new Map<string, string>();

  /** The name of a text's value. */
  readonly named: Naming = (text, more = {}) => {
    const key = `${more.effect ?? ""}${text}`;
    let name = this.#names.get(key);
    if (name === undefined) {
      name = `v${this.#names.size}`;
      this.#names.set(key, name);
      this.#values.push({ name, text, ...more });
    }
    return name;
  };

  /** The name or literal of an expression over operands of the given names: results of this block, or others not like `v0`. */
  read(expression: ScalarExpression, names: readonly string[], arithmetic: Arithmetic): string {
    return expression(textReading(arithmetic, this.named), ...names);
  }

  /** The statements after which `results` have their values. */
  statements(results: readonly string[]): string[] {
    return sink(this.#values, results);
  }
}

/** Names for the operands and parameters of an expression, whose first parameter is the reading. */
export function operandNames({ length }: ScalarExpression): string[] {
  return Array.from({ length: length - 1 }, (_, i) => `x${i}`);
}

/** The text of an expression over operands of the given names, which must not look like `v0`. */
export function sourceOf(expression: ScalarExpression, names: readonly string[], arithmetic: Arithmetic): SourceText {
  const block = new SourceBlock();
  const result = block.read(expression, names, arithmetic);
  return { statements: block.statements([result]), result };
}
