/**
 * A step of elementwise equations as one generated loop, whose strides are written out; what only the step itself reads
 * never leaves its local variables.
 * @module
 */
import { arithmeticOf } from "../backend.js";
import { mergeAxes, type MergedAxis } from "../backends/axes.js";
import { compileText } from "../backends/sourceMap.js";
import type { DType, TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { literal, SourceBlock } from "../readings/source.js";
import type { Arithmetic } from "../scalar.js";
import { isWhole, type Step } from "./fuse.js";
import { constantOf, type Buffer, type Equation, type Place } from "./trace.js";

/** The element as an array of `dtype` would give it back. */
export function storedText(text: string, dtype: DType, arithmetic: Arithmetic): string {
  if (dtype === "int32") return `${text} | 0`;
  return dtype === "float32" && arithmetic !== "float32" ? `Math.fround(${text})` : text;
}

/** An array that the loop reads or writes, and the name of its element there. */
interface Operand {
  readonly place: Place;
  readonly name: string;
}

/** The equations of a step read as text. */
class LoopText {
  readonly reads: Operand[] = [];
  readonly writes: (Operand & { readonly value: string })[] = [];
  readonly statements: readonly string[];
  readonly #results = new Map<Buffer, string>();

  constructor({ equations, stored: buffers }: Step) {
    const block = new SourceBlock();
    for (const equation of equations) this.#results.set(equation.output.buffer, this.#read(block, equation));
    for (const { output } of equations)
      if (buffers.includes(output.buffer))
        this.writes.push({ place: output, name: `w${this.writes.length}`, value: this.#results.get(output.buffer)! });
    this.statements = block.statements(this.writes.map(({ value }) => value));
  }

  #read(block: SourceBlock, { kernel, inputs, params, output }: Equation): string {
    const { scalar, parameters } = kernel as MapKernel<unknown>;
    const arithmetic = arithmeticOf(inputs);
    const numbers = parameters === null ? [] : parameters(params);
    const names = [
      ...inputs.map((input) => this.#nameOf(input)),
      ...numbers.map((p) => literal(arithmetic === "float32" ? Math.fround(p) : p)),
    ];
    const result = block.read(scalar, names, arithmetic);
    const text = storedText(result, output.dtype, arithmetic);
    return text === result ? result : block.named(text);
  }

  #nameOf(place: Place): string {
    const made = isWhole(place) ? this.#results.get(place.buffer) : undefined;
    if (made !== undefined) return made;
    const value = constantOf(place);
    if (value !== null) return literal(value);
    const known = this.reads.find(({ place: { buffer, offset, layout } }) =>
      buffer === place.buffer && offset === place.offset && layout.strides.join() === place.layout.strides.join()); // prettier-ignore
    if (known !== undefined) return known.name;
    const name = `r${this.reads.length}`;
    this.reads.push({ place, name });
    return name;
  }
}

/** The text of the place of an element: its offset, and a term for every loop whose stride is not 0. */
function indexText(offset: number, axes: readonly MergedAxis[], operand: number): string {
  const terms = axes.flatMap(({ n, strides }, level) => {
    const stride = strides[operand]!;
    return n === 1 || stride === 0 ? [] : [stride === 1 ? `i${level}` : `i${level} * ${stride}`];
  });
  if (offset !== 0 || terms.length === 0) terms.push(String(offset));
  return terms.join(" + ");
}

/** How deep in the loops the index of an operand changes. */
function depthOf(axes: readonly MergedAxis[], operand: number): number {
  return axes.findLastIndex(({ n, strides }) => n > 1 && strides[operand] !== 0) + 1;
}

/** The step as a function, over arrays that hold the buffers' elements. */
export function loopOf(step: Step, viewOf: (buffer: Buffer) => TypedArray): () => void {
  const { reads, writes, statements } = new LoopText(step);
  const operands: readonly Operand[] = [...writes, ...reads];
  const { shape, size } = step.equations[0]!.output.layout;
  if (size === 0) return () => undefined;
  const axes = mergeAxes(
    shape,
    operands.map(({ place }) => place.layout.strides),
  );
  const index = (operand: number): string => indexText(operands[operand]!.place.offset, axes, operand);
  const loads = reads.map((read, i) => ({
    depth: depthOf(axes, writes.length + i),
    text: `const ${read.name} = d${writes.length + i}[${index(writes.length + i)}];`,
  }));
  const loadsAt = (depth: number): string => loads.filter((load) => load.depth === depth).map(({ text }) => text).join(" "); // prettier-ignore
  const body = [...statements, ...writes.map(({ value }, i) => `d${i}[${index(i)}] = ${value};`)].join("\n");
  const loops = axes.reduceRight(
    (inner, { n }, level) =>
      n === 1
        ? `${loadsAt(level + 1)}\n${inner}`
        : `for (let i${level} = 0; i${level} < ${n}; i${level}++) {\n${loadsAt(level + 1)}\n${inner}\n}`,
    body,
  );
  const names = operands.map((_, i) => `d${i}`);
  const make: (...arrays: TypedArray[]) => () => void = compileText(
    `function make(${names.join(", ")}) { return function fused() {\n${loadsAt(0)}\n${loops}\n}; }`,
  );
  return make(...operands.map(({ place }) => viewOf(place.buffer)));
}
