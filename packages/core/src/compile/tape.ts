/**
 * A long step of single numbers as a tape: one loop over codes of operators and of the places of their operands. Straight
 * code of that length would take longer to be made, and to be run.
 * @module
 */
import { arithmeticOf } from "../backend.js";
import { compileText } from "../backends/sourceMap.js";
import { dtypeRank, type TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { SourceBlock } from "../readings/source.js";
import { storedText } from "./loop.js";
import type { Step } from "./fuse.js";
import { constantOf, type Buffer, type Equation, type Place } from "./trace.js";

/** Steps of fewer numbers run as straight code. */
export const shortestTape = 200;

class Tape {
  readonly #operators: string[] = [];
  /** By slots of kernels, arithmetic, dtypes and numbers of operands. */
  readonly #codes = new Map<number, number>();
  /** -0 has a key of its own: a map takes it for 0. */
  readonly #numbers = new Map<number | "-0", number>();
  /** For each buffer by its number, which result of the step it is, from 1; 0: none. */
  readonly #results: Int32Array;
  /** What stands in the first slots: constants, and elements read from memory. */
  readonly constants: { readonly slot: number; readonly value: number }[] = [];
  readonly loads: { readonly slot: number; readonly place: Place }[] = [];
  readonly #loaded = new Map<string, number>();
  /** How many slots are taken, at first by what comes from outside; results follow. */
  count = 0;

  constructor(equations: readonly Equation[]) {
    let last = 0;
    for (const { output } of equations) last = Math.max(last, output.buffer.id);
    this.#results = new Int32Array(last + 1);
    equations.forEach(({ output }, i) => (this.#results[output.buffer.id] = i + 1));
  }

  /** Which result of the step a place is, from 1; 0: it comes from outside. */
  resultOf({ buffer: { id } }: Place): number {
    return id < this.#results.length ? this.#results[id]! : 0;
  }

  /** The slot of what comes from outside. */
  slotOf(place: Place): number {
    const value = constantOf(place);
    if (value !== null) return this.number(value);
    const key = `${place.buffer.id} ${place.offset}`;
    let slot = this.#loaded.get(key);
    if (slot === undefined) {
      this.#loaded.set(key, (slot = this.count++));
      this.loads.push({ slot, place });
    }
    return slot;
  }

  number(value: number): number {
    const key = Object.is(value, -0) ? "-0" : value;
    let slot = this.#numbers.get(key);
    if (slot === undefined) {
      this.#numbers.set(key, (slot = this.count++));
      this.constants.push({ slot, value });
    }
    return slot;
  }

  /** The code of what an equation does with so many operands. */
  codeOf({ kernel, inputs, output }: Equation, count: number): number {
    const { slot, scalar } = kernel as MapKernel<unknown>;
    const arithmetic = arithmeticOf(inputs);
    const key = ((slot * 3 + arithmeticRank[arithmetic]) * 4 + dtypeRank[output.dtype]) * mostOperands + count;
    const known = this.#codes.get(key);
    if (known !== undefined) return known;
    const block = new SourceBlock();
    const result = block.read(
      scalar,
      Array.from({ length: count }, (_, i) => `x${i}`),
      arithmetic,
    );
    const operands = Array.from({ length: count }, (_, i) => `const x${i} = v[codes[c + ${i + 1}]];`).join(" ");
    const code = this.#operators.length;
    this.#operators.push(
      `case ${code}: { ${operands} ${block.statements([result]).join("\n")} r = ${storedText(result, output.dtype, arithmetic)}; break; }`,
    );
    this.#codes.set(key, code);
    return code;
  }

  get cases(): string {
    return this.#operators.join("\n");
  }
}

const arithmeticRank = { float64: 0, float32: 1, int32: 2 } as const;
const mostOperands = 1024;
const none: readonly number[] = [];

/** The parameters of an equation's expression. */
function numbersOf({ kernel, inputs, params }: Equation): readonly number[] {
  const { parameters } = kernel as MapKernel<unknown>;
  if (parameters === null) return none;
  const numbers = parameters(params);
  return arithmeticOf(inputs) === "float32" ? numbers.map(Math.fround) : numbers;
}

/** The step as a function, over arrays that hold the buffers' elements. */
export function tapeOf({ equations, stored }: Step, viewOf: (buffer: Buffer) => TypedArray): () => void {
  const tape = new Tape(equations);
  // What comes from outside has its slots before all results.
  let most = 0;
  for (const equation of equations) {
    const { inputs } = equation;
    for (let i = 0; i < inputs.length; i++) if (tape.resultOf(inputs[i]!) === 0) tape.slotOf(inputs[i]!);
    const numbers = numbersOf(equation);
    for (let i = 0; i < numbers.length; i++) tape.number(numbers[i]!);
    most = Math.max(most, inputs.length + numbers.length);
  }
  const first = tape.count;
  const width = 1 + most;
  const codes = new Int32Array(equations.length * width);
  equations.forEach((equation, i) => {
    const { inputs } = equation;
    const numbers = numbersOf(equation);
    let c = i * width;
    codes[c++] = tape.codeOf(equation, inputs.length + numbers.length);
    for (let j = 0; j < inputs.length; j++) {
      const result = tape.resultOf(inputs[j]!);
      codes[c++] = result > 0 ? first + result - 1 : tape.slotOf(inputs[j]!);
    }
    for (let j = 0; j < numbers.length; j++) codes[c++] = tape.number(numbers[j]!);
  });
  const values = new Float64Array(first + equations.length);
  for (const { slot, value } of tape.constants) values[slot] = value;
  const replay: (v: Float64Array, codes: Int32Array) => void = compileText(`function replay(v, codes) {
    let r = 0;
    for (let i = ${first}, c = 0; c < ${codes.length}; i++, c += ${width}) {
      switch (codes[c]) { ${tape.cases} }
      v[i] = r;
    }
  }`);
  const loads = tape.loads.map(({ slot, place }) => ({ slot, data: viewOf(place.buffer), offset: place.offset }));
  const kept = new Set(stored);
  const saves: { readonly slot: number; readonly data: TypedArray }[] = [];
  equations.forEach(({ output: { buffer } }, i) => {
    if (kept.has(buffer)) saves.push({ slot: first + i, data: viewOf(buffer) });
  });
  return () => {
    for (const { slot, data, offset } of loads) values[slot] = data[offset]!;
    replay(values, codes);
    for (const { slot, data } of saves) data[0] = values[slot]!;
  };
}
