/**
 * A long step of single numbers as a tape: one loop over codes of operators and of the places of their operands. Straight
 * code of that length would take longer to be made, and to be run.
 * @module
 */
import { arithmeticOf } from "../backend.js";
import { compileText } from "../backends/sourceMap.js";
import type { TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { SourceBlock } from "../readings/source.js";
import { storedText } from "./loop.js";
import type { Step } from "./fuse.js";
import { constantOf, type Buffer, type Equation, type Place } from "./trace.js";

/** Steps of fewer numbers run as straight code. */
export const shortestTape = 200;

/** What the loop does for one code. */
interface Operator {
  readonly code: number;
  readonly text: string;
}

class Tape {
  readonly #operators = new Map<string, Operator>();
  readonly #numbers = new Map<number, number>();
  readonly #slots = new Map<Buffer, number>();
  /** What stands in the first slots: constants, and elements read from memory. */
  readonly constants: { readonly slot: number; readonly value: number }[] = [];
  readonly loads: { readonly slot: number; readonly place: Place }[] = [];
  readonly #loaded = new Map<string, number>();
  #next = 0;

  slotOf(place: Place): number {
    const value = constantOf(place);
    if (value !== null) return this.number(value);
    const made = this.#slots.get(place.buffer);
    if (made !== undefined) return made;
    const key = `${place.buffer.id} ${place.offset}`;
    let slot = this.#loaded.get(key);
    if (slot === undefined) {
      this.#loaded.set(key, (slot = this.#next++));
      this.loads.push({ slot, place });
    }
    return slot;
  }

  number(value: number): number {
    // -0 has a place of its own: a map takes it for 0.
    const negativeZero = Object.is(value, -0);
    const known = negativeZero ? undefined : this.#numbers.get(value);
    if (known !== undefined) return known;
    const slot = this.#next++;
    if (!negativeZero) this.#numbers.set(value, slot);
    this.constants.push({ slot, value });
    return slot;
  }

  result({ output }: Equation, slot: number): void {
    this.#slots.set(output.buffer, slot);
  }

  /** How many slots are taken before the first result. */
  get count(): number {
    return this.#next;
  }

  operator({ kernel, inputs, params, output }: Equation): Operator {
    const { slot, scalar, parameters } = kernel as MapKernel<unknown>;
    const arithmetic = arithmeticOf(inputs);
    const count = inputs.length + (parameters === null ? 0 : parameters(params).length);
    const key = `${slot} ${arithmetic} ${output.dtype} ${count}`;
    let operator = this.#operators.get(key);
    if (operator === undefined) {
      const block = new SourceBlock();
      const result = block.read(
        scalar,
        Array.from({ length: count }, (_, i) => `x${i}`),
        arithmetic,
      );
      const operands = Array.from({ length: count }, (_, i) => `const x${i} = v[codes[c + ${i + 1}]];`).join(" ");
      const text = `{ ${operands} ${block.statements([result]).join("\n")} r = ${storedText(result, output.dtype, arithmetic)}; break; }`;
      operator = { code: this.#operators.size, text };
      this.#operators.set(key, operator);
    }
    return operator;
  }

  get cases(): string {
    return [...this.#operators.values()].map(({ code, text }) => `case ${code}: ${text}`).join("\n");
  }
}

/** The parameters of an equation's expression. */
function numbersOf({ kernel, inputs, params }: Equation): readonly number[] {
  const { parameters } = kernel as MapKernel<unknown>;
  const numbers = parameters === null ? [] : parameters(params);
  return arithmeticOf(inputs) === "float32" ? numbers.map(Math.fround) : numbers;
}

/** The step as a function, over arrays that hold the buffers' elements. */
export function tapeOf({ equations, stored }: Step, viewOf: (buffer: Buffer) => TypedArray): () => void {
  const tape = new Tape();
  const made = new Set(equations.map(({ output }) => output.buffer));
  // What comes from outside has its slots before all results.
  for (const { inputs } of equations) for (const place of inputs) if (!made.has(place.buffer)) tape.slotOf(place);
  const numbers = equations.map((equation) => numbersOf(equation).map((p) => tape.number(p)));
  const first = tape.count;
  equations.forEach((equation, i) => tape.result(equation, first + i));
  const operators = equations.map((equation) => tape.operator(equation));
  const operands = equations.map(({ inputs }, i) => [...inputs.map((place) => tape.slotOf(place)), ...numbers[i]!]);
  const width = 1 + operands.reduce((most, list) => Math.max(most, list.length), 0);
  const codes = new Int32Array(equations.length * width);
  equations.forEach((_, i) => codes.set([operators[i]!.code, ...operands[i]!], i * width));
  const values = new Float64Array(first + equations.length);
  for (const { slot, value } of tape.constants) values[slot] = value;
  const kept = new Set(stored);
  const stores = equations
    .map(({ output }, i) => ({ slot: first + i, buffer: output.buffer }))
    .filter(({ buffer }) => kept.has(buffer));
  const replay: (v: Float64Array, codes: Int32Array) => void = compileText(`function replay(v, codes) {
    let r = 0;
    for (let i = ${first}, c = 0; c < ${codes.length}; i++, c += ${width}) {
      switch (codes[c]) { ${tape.cases} }
      v[i] = r;
    }
  }`);
  const loads = tape.loads.map(({ slot, place }) => ({ slot, data: viewOf(place.buffer), offset: place.offset }));
  const saves = stores.map(({ slot, buffer }) => ({ slot, data: viewOf(buffer) }));
  return () => {
    for (const { slot, data, offset } of loads) values[slot] = data[offset]!;
    replay(values, codes);
    for (const { slot, data } of saves) data[0] = values[slot]!;
  };
}
