/**
 * Elementwise loops as generated JavaScript: one function per expression, dtypes and kind of layout.
 * @module
 */
import { arithmeticOf, type NumberFunction, type Operand } from "../backend.js";
import { dtypeRank } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { prelude, runtime, sourceOf } from "../readings/source.js";
import type { Arithmetic } from "../scalar.js";
import type { Layout, Shape } from "../shape.js";
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "./axes.js";

type Loop = (...args: unknown[]) => void;

/** Compiles the text of one function whose free names are those of the reading's runtime. */
export function compileText(text: string): never {
  return (new Function("runtime", `"use strict";${prelude}\nreturn ${text}`) as (r: unknown) => unknown)(
    runtime,
  ) as never;
}

const loopsBySlot: Map<number, Loop>[] = [];
const numbersBySlot: { readonly [A in Arithmetic]: NumberFunction[] } = { float64: [], float32: [], int32: [] };
const noParameters: readonly number[] = [];

interface MapText {
  readonly inputs: readonly number[];
  readonly parameters: readonly number[];
  readonly body: string;
  readonly result: string;
}

function textOf<P>(kernel: MapKernel<P>, arity: number, parameters: number, arithmetic: Arithmetic): MapText {
  const inputs = Array.from({ length: arity }, (_, i) => i);
  const extra = Array.from({ length: parameters }, (_, i) => i);
  const names = [...inputs.map((i) => `x${i}`), ...extra.map((i) => `p${i}`)];
  const { statements, result } = sourceOf(kernel.scalar, names, arithmetic);
  return { inputs, parameters: extra, body: statements.join("\n"), result };
}

const round: Readonly<Record<Arithmetic, (text: string) => string>> = {
  float64: (text) => text,
  float32: (text) => `Math.fround(${text})`,
  int32: (text) => text,
};

/** All inputs dense or one repeated element: a single loop. */
function flatLoop(
  { inputs, parameters, body, result }: MapText,
  repeated: readonly boolean[],
  arithmetic: Arithmetic,
): Loop {
  return compileText(`function map(n, out, o, p${inputs.map((i) => `, d${i}, o${i}`).join("")}) {
    ${parameters.map((i) => `const p${i} = ${round[arithmetic](`p[${i}]`)};`).join("")}
    ${inputs.map((i) => (repeated[i]! ? `const x${i} = d${i}[o${i}];` : "")).join("")}
    for (let i = 0; i < n; i++) {
      ${inputs.map((i) => (repeated[i]! ? "" : `const x${i} = d${i}[o${i} + i];`)).join("")}
      ${body}
      out[o + i] = ${result};
    }
  }`);
}

/** Two nested loops over any strides, the output's too; axes further out are walked by the caller. */
function stridedLoop({ inputs, parameters, body, result }: MapText, arithmetic: Arithmetic): Loop {
  return compileText(`function mapStrided(n0, n1, p, out, o, so, to${inputs.map((i) => `, d${i}, o${i}, s${i}, t${i}`).join("")}) {
    ${parameters.map((i) => `const p${i} = ${round[arithmetic](`p[${i}]`)};`).join("")}
    for (let i = 0; i < n0; i++) {
      let q = o + i * so;
      ${inputs.map((i) => `let q${i} = o${i} + i * s${i};`).join("")}
      for (let j = 0; j < n1; j++) {
        ${inputs.map((i) => `const x${i} = d${i}[q${i}]; q${i} += t${i};`).join("")}
        ${body}
        out[q] = ${result};
        q += to;
      }
    }
  }`);
}

/** 0: dense, 1: one repeated element, 2: anything else. */
function layoutKind({ contiguous, strides, shape, size }: Layout): number {
  if (contiguous) return size === 1 ? 1 : 0;
  for (let axis = 0; axis < shape.length; axis++) if (strides[axis] !== 0 && shape[axis] !== 1) return 2;
  return 1;
}

export function runMap<P>(kernel: MapKernel<P>, inputs: readonly Operand[], params: P, output: Operand): void {
  const parameters = kernel.parameters === null ? noParameters : kernel.parameters(params);
  const { size, shape } = output.layout;
  let key = dtypeRank[output.dtype];
  let strided = false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const kind = layoutKind(input.layout);
    if (kind === 2) strided = true;
    key = key * 12 + dtypeRank[input.dtype] * 3 + kind;
  }
  if (strided) key = -key - 1;
  const loops = (loopsBySlot[kernel.slot] ??= new Map<number, Loop>());
  let loop = loops.get(key);
  if (loop === undefined) {
    const arithmetic = arithmeticOf(inputs);
    const text = textOf(kernel, inputs.length, parameters.length, arithmetic);
    const repeated = inputs.map((x) => layoutKind(x.layout) === 1);
    loop = strided ? stridedLoop(text, arithmetic) : flatLoop(text, repeated, arithmetic);
    loops.set(key, loop);
  }
  if (strided) return runStrided(loop, shape, inputs, parameters, output);
  const { data, offset } = output;
  const [x, y, z] = inputs as readonly [Operand, Operand, Operand];
  if (inputs.length === 1) loop(size, data, offset, parameters, x.data, x.offset);
  else if (inputs.length === 2) loop(size, data, offset, parameters, x.data, x.offset, y.data, y.offset);
  else if (inputs.length === 3)
    loop(size, data, offset, parameters, x.data, x.offset, y.data, y.offset, z.data, z.offset);
  else loop(size, data, offset, parameters, ...inputs.flatMap((input) => [input.data, input.offset]));
}

const shortLoop = 16;

function runStrided(
  loop: Loop,
  shape: Shape,
  inputs: readonly Operand[],
  parameters: readonly number[],
  output: Operand,
): void {
  if (output.layout.size === 0) return;
  const operands = [output, ...inputs];
  const axes = mergeAxes(
    shape,
    operands.map((x) => x.layout.strides),
  );
  let [rows, columns] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  // A short inner loop costs more than steps in the longer one.
  if (columns.n < shortLoop && rows.n > columns.n) [rows, columns] = [columns, rows];
  forEachOuter(
    axes,
    2,
    operands.map((x) => x.offset),
    (offsets) => {
      loop(
        rows.n,
        columns.n,
        parameters,
        ...operands.flatMap((x, i) => [x.data, offsets[i]!, rows.strides[i]!, columns.strides[i]!]),
      );
    },
  );
}

/** The map as a function of single numbers. */
export function numberFunction<P>(kernel: MapKernel<P>, arithmetic: Arithmetic): NumberFunction {
  const known = numbersBySlot[arithmetic][kernel.slot];
  if (known !== undefined) return known;
  // The expression's first parameter is the reading; the rest are operands and parameters.
  const names = Array.from({ length: kernel.scalar.length - 1 }, (_, i) => `x${i}`);
  const { statements, result } = sourceOf(kernel.scalar, names, arithmetic);
  const made: NumberFunction = compileText(
    `function number(${names.join(", ")}) { ${statements.join("\n")} return ${result}; }`,
  );
  numbersBySlot[arithmetic][kernel.slot] = made;
  return made;
}
