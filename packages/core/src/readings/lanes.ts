/**
 * Scalar expressions read as WebAssembly over 128-bit lanes: two float64 or four float32 at a time, every value in
 * a local. Lanes round after each instruction as scalars do, so the bits are those of `numbers`, NaN payloads apart.
 * @module
 */
import { largeAngle } from "../elementary/angle.js";
import { withElementary } from "../elementary/index.js";
import type { Machine, Precision, Scalar, ScalarExpression } from "../scalar.js";

/**
 * WebAssembly text as the encoder reads it, operands before their instruction: words, numbers, and what stands in
 * parentheses as a list. Made in this form, it need not be parsed in the user's process.
 */
export type Tokens = readonly Token[];
export type Token = string | number | readonly (string | number)[];

/** An operand: its local, and how often it changes: 0 never, 1 with every row, 2 with every element. */
export interface LaneOperand {
  readonly name: string;
  readonly level: number;
}

/** The instructions of expressions. */
export interface LaneText {
  /** Locals, all of type v128. */
  readonly locals: readonly string[];
  /** Statements by how often they have to run: once, for every row, for every element. */
  readonly statements: readonly [readonly Tokens[], readonly Tokens[], readonly Tokens[]];
  /** The locals with the results, and how often they change. */
  readonly results: readonly LaneOperand[];
  /** How many instructions run for every element: what the expression costs. */
  readonly cost: number;
}

interface Value extends LaneOperand {
  readonly text: Tokens;
  readonly uses: readonly string[];
}

export const lanesIn: Readonly<Record<Precision, number>> = { float64: 2, float32: 4 };
export const bytesOf: Readonly<Record<Precision, number>> = { float64: 8, float32: 4 };
/** The lanes as a type, and one lane. */
export const laneType: Readonly<Record<Precision, string>> = { float64: "f64x2", float32: "f32x4" };
export const numberType: Readonly<Record<Precision, string>> = { float64: "f64", float32: "f32" };

/** The routines for large angles, which run on single numbers outside. */
export const angleRoutines = ["angleQuadrant", "angleRemainder", "angleRemainderLow"] as const;
export const angleImport = (routine: string, precision: Precision): string => `${routine}_${precision}`;

/** The value of a local. */
export const take = (name: string): Tokens => ["local.get", name];

/** The same number in all lanes. */
function splat(value: number, precision: Precision): Tokens {
  const number = precision === "float32" ? Math.fround(value) : value;
  // As text this one keeps its sign.
  const item = Object.is(number, -0) ? "-0" : number;
  return ["v128.const", laneType[precision], ...Array.from({ length: lanesIn[precision] }, () => item)];
}

/**
 * How exponents are read and written: the integer type, where they stand, and what to add. `low` is the number whose bits
 * are the mantissa's, all set: the largest one below the normal ones.
 */
const exponents = {
  float64: { integers: "i64x2", mantissaBits: 52, bias: 1023, shifter: 6755399441055744, low: (2 ** 52 - 1) * 2 ** -1074 },
  float32: { integers: "i32x4", mantissaBits: 23, bias: 127, shifter: 12582912, low: (2 ** 23 - 1) * 2 ** -149 },
} as const; // prettier-ignore

/** Collects `values`; what is equal gets one name. */
class Collector {
  readonly values = new Map<string, Value>();
  private readonly byText = new Map<string, Value>();

  constructor(operands: readonly LaneOperand[]) {
    for (const { name, level } of operands) this.values.set(name, { name, level, text: [], uses: [] });
  }

  value(text: Tokens, uses: readonly string[]): string {
    const key = text.join(" ");
    const known = this.byText.get(key);
    if (known !== undefined) return known.name;
    const level = Math.max(0, ...uses.map((name) => this.values.get(name)!.level));
    const made = { name: `$v${this.byText.size}`, level, text, uses };
    this.byText.set(key, made);
    this.values.set(made.name, made);
    return made.name;
  }
}

function machineOf(precision: Precision, collector: Collector): Machine<string, string> {
  const lanes = laneType[precision];
  const { integers, mantissaBits, bias, shifter, low } = exponents[precision];
  const make = (instruction: string, ...uses: string[]): string =>
    collector.value([...uses.flatMap(take), instruction], uses);
  const constant = (value: number): string => collector.value(splat(value, precision), []);
  const shift = (instruction: string, x: string): string =>
    collector.value([...take(x), "i32.const", mantissaBits, `${integers}.${instruction}`], [x]);
  // What is left out below never changes bits, NaN payloads apart: a sum with a negative is a difference, 1 · y is y.
  const negated = new Map<string, string>();
  const add = (x: string, y: string): string => {
    if (negated.has(y)) return sub(x, negated.get(y)!);
    return negated.has(x) ? sub(y, negated.get(x)!) : make(`${lanes}.add`, x, y);
  };
  const sub = (x: string, y: string): string => make(`${lanes}.sub`, x, y);
  const mul = (x: string, y: string): string =>
    x === constant(1) ? y : y === constant(1) ? x : make(`${lanes}.mul`, x, y);
  const neg = (x: string): string => {
    const y = make(`${lanes}.neg`, x);
    negated.set(y, x);
    return y;
  };
  const less = (x: string, y: string): string => make(`${lanes}.lt`, x, y);
  const not = (a: string): string => make("v128.not", a);
  const abs = (x: string): string => make(`${lanes}.abs`, x);
  const angle =
    (routine: string) =>
    (x: string): string => {
      const large = not(less(abs(x), constant(largeAngle[precision])));
      const zero = constant(0);
      return collector.value(slowLanes(routine, precision, x, large, zero), [x, large, zero]);
    };
  return {
    precision,
    constant,
    add,
    sub,
    mul,
    div: (x, y) => make(`${lanes}.div`, x, y),
    neg,
    abs,
    sqrt: (x) => make(`${lanes}.sqrt`, x),
    floor: (x) => make(`${lanes}.floor`, x),
    round: (x) => make(`${lanes}.nearest`, x),
    less,
    lessEqual: (x, y) => make(`${lanes}.le`, x, y),
    equal: (x, y) => make(`${lanes}.eq`, x, y),
    and: (a, b) => make("v128.and", a, b),
    or: (a, b) => make("v128.or", a, b),
    not,
    select: (mask, x, y) => {
      if (x === y) return x;
      // p < q ? p : q is one instruction, and so is p < q ? q : p.
      if (mask === less(x, y)) return make(`${lanes}.pmin`, y, x);
      if (mask === less(y, x)) return make(`${lanes}.pmax`, y, x);
      if (y === constant(0)) return make("v128.and", x, mask);
      if (x === constant(0)) return make("v128.andnot", y, mask);
      return make("v128.bitselect", x, y, mask);
    },
    // Added to 1.5 · 2^52 (2^23), an integer stands in the low bits, from where it moves to the exponent's place.
    scale: (x, k, more = 0) => mul(x, shift("shl", add(k, constant(shifter + bias + more)))),
    exponent: (x) => {
      const biased = shift("shr_u", x);
      if (precision === "float32") return sub(make("f32x4.convert_i32x4_s", biased), constant(bias));
      // In the low bits of 2^52 an integer is a number.
      return sub(make("v128.or", biased, constant(2 ** 52)), constant(2 ** 52 + bias));
    },
    mantissa: (x) => make("v128.or", make("v128.and", x, constant(low)), constant(1)),
    withSign: (size, x) => make("v128.bitselect", x, size, constant(-0)),
    angleQuadrant: angle("angleQuadrant"),
    angleRemainder: angle("angleRemainder"),
    angleRemainderLow: angle("angleRemainderLow"),
  };
}

/** All lanes through the routine outside if any is large; else zeros. */
function slowLanes(routine: string, precision: Precision, x: string, large: string, zero: string): Tokens {
  const lanes = laneType[precision];
  const [widen, narrow] = precision === "float32" ? [["f64.promote_f32"], ["f32.demote_f64"]] : [[], []];
  const each = (lane: number): Tokens => [
    ...[...take(x), `${lanes}.extract_lane`, lane, ...widen, "call", `$${angleImport(routine, precision)}`, ...narrow],
    ...[`${lanes}.replace_lane`, lane],
  ];
  const all = Array.from({ length: lanesIn[precision] }, (_, lane) => each(lane)).flat();
  return [
    ...[...take(large), "v128.any_true", "if", ["result", "v128"], ...take(zero), ...all],
    ...["else", ...take(zero), "end"],
  ];
}

/** The instructions of expressions over operands in locals; `read` gives the locals of their results, which may depend on each other. */
export function lanesWith(
  operands: readonly LaneOperand[],
  precision: Precision,
  read: (machine: Scalar<string, string>) => readonly string[],
): LaneText {
  const collector = new Collector(operands);
  const results = read(withElementary(machineOf(precision, collector))).map((name) => collector.values.get(name)!);
  const needed = new Set(results.map(({ name }) => name));
  const made = [...collector.values.values()];
  for (const { name, uses } of made.toReversed()) if (needed.has(name)) for (const use of uses) needed.add(use);
  const statements: [Tokens[], Tokens[], Tokens[]] = [[], [], []];
  const locals: string[] = [];
  for (const { name, text, level } of made)
    if (text.length > 0 && needed.has(name)) {
      locals.push(name);
      statements[level as 0 | 1 | 2].push([...text, "local.set", name]);
    }
  return { locals, statements, results, cost: statements[2].length };
}

/** The instructions of one expression. */
export function lanesOf(
  expression: ScalarExpression,
  operands: readonly LaneOperand[],
  precision: Precision,
): LaneText {
  return lanesWith(operands, precision, (machine) => [expression(machine, ...operands.map(({ name }) => name))]);
}
