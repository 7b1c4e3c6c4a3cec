/**
 * Elementwise loops as generated JavaScript: one function per expression, dtypes and kind of layout.
 * @module
 */
import { arithmeticOf, type NumberFunction, type Operand } from "../backend.js";
import { dtypeRank, type TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { operandNames, prelude, runtime, sourceOf } from "../readings/source.js";
import type { Arithmetic } from "../scalar.js";
import type { Layout } from "../shape.js";
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "./axes.js";

type Loop = (...args: unknown[]) => void;

/** Compiles the text of one function whose free names are those of the reading's runtime. */
export function compileText(text: string): never {
  return (new Function("runtime", `"use strict";${prelude}\nreturn ${text}`) as (r: unknown) => unknown)(
    runtime,
  ) as never;
}

/** The loops of one kernel by what they run over, and the latest: operands mostly stay what they are. */
class Loops {
  key = -1;
  loop: Loop | null = null;
  readonly byKey = new Map<number, Loop>();
}

const loopsBySlot: Loops[] = [];
const stridedBySlot: Map<number, Loop>[] = [];
const numbersBySlot: { readonly [A in Arithmetic]: NumberFunction[] } = { float64: [], float32: [], int32: [] };
const noParameters: readonly number[] = [];

interface MapText {
  readonly inputs: readonly number[];
  readonly parameters: readonly number[];
  readonly body: readonly string[];
  readonly result: string;
}

function textOf<P>(kernel: MapKernel<P>, arity: number, parameters: number, arithmetic: Arithmetic): MapText {
  const inputs = Array.from({ length: arity }, (_, i) => i);
  const extra = Array.from({ length: parameters }, (_, i) => i);
  const names = [...inputs.map((i) => `x${i}`), ...extra.map((i) => `p${i}`)];
  const { statements, result } = sourceOf(kernel.scalar, names, arithmetic);
  return { inputs, parameters: extra, body: statements, result };
}

const round: Readonly<Record<Arithmetic, (text: string) => string>> = {
  float64: (text) => text,
  float32: (text) => `Math.fround(${text})`,
  int32: (text) => text,
};

/** How a loop goes through an operand: it stays, goes from one element to the next, or takes steps of any size. */
const stays = 0;
const one = 1;
const any = 2;
type Step = typeof stays | typeof one | typeof any;

function stepOf(stride: number): Step {
  return stride === 0 ? stays : stride === 1 ? one : any;
}

/** Copies of a short body in one round: checks of the loop itself would cost as much as the arithmetic. */
const copies = 4;
/** The most lines of a body that is copied. */
const shortBody = 8;

/** The body for each `j` below `n`; `steps` of the output, then of the inputs; they begin at `o`, `o0`, … unless `bare`. */
function innerLoop(text: MapText, steps: readonly Step[], n: string, form: "bare" | "offset" | "copied"): string {
  const { inputs, body, result } = text;
  const lines = body.join("\n").split("\n");
  const start = (name: string): string => (form === "bare" ? "" : `${name} + `);
  const place = (step: Step, name: string, copy: number): string =>
    step === any ? name : `${start(name)}j${copy === 0 ? "" : ` + ${copy}`}`;
  const onwards = (step: Step, name: string): string => (step === any ? `${name} += s${name};` : "");
  const held = inputs.filter((i) => steps[i + 1] === stays);
  const moving = inputs.filter((i) => steps[i + 1] !== stays);
  const single = (copy: number): string => `{
      ${moving.map((i) => `const x${i} = d${i}[${place(steps[i + 1]!, `o${i}`, copy)}];${onwards(steps[i + 1]!, `o${i}`)}`).join("")}
      ${lines.join("\n")}
      out[${place(steps[0]!, "o", copy)}] = ${result};${onwards(steps[0]!, "o")}
    }`;
  const rounds = Array.from({ length: copies }, (_, copy) => single(copy)).join("");
  return `${held.map((i) => `const x${i} = d${i}[o${i}];`).join("")}
    let j = 0;
    ${form !== "offset" && lines.length <= shortBody ? `for (; j + ${copies} <= ${n}; j += ${copies}) {${rounds}}` : ""}
    for (; j < ${n}; j++) ${single(0)}`;
}

function parametersOf({ parameters }: MapText, arithmetic: Arithmetic): string {
  return parameters.map((i) => `const p${i} = ${round[arithmetic](`p[${i}]`)};`).join("");
}

/** All inputs dense or one repeated element: a single loop. A long one takes arrays that begin where the elements do. */
function flatLoop(text: MapText, steps: readonly Step[], arithmetic: Arithmetic, long: boolean): Loop {
  return compileText(`function ${long ? "mapLong" : "map"}(n, out, o, p${text.inputs.map((i) => `, d${i}, o${i}`).join("")}) {
    ${parametersOf(text, arithmetic)}
    ${innerLoop(text, steps, "n", long ? "bare" : "offset")}
  }`);
}

/** Two nested loops over any strides, the output's too; axes further out are walked by the caller. */
function stridedLoop(text: MapText, steps: readonly Step[], arithmetic: Arithmetic): Loop {
  const operands = ["", ...text.inputs.map(String)];
  return compileText(`function mapStrided(n0, n1, p${operands.map((i) => `, ${i === "" ? "out" : `d${i}`}, q${i}, r${i}, so${i}`).join("")}) {
    ${parametersOf(text, arithmetic)}
    for (let i = 0; i < n0; i++) {
      ${operands.map((i) => `let o${i} = q${i} + i * r${i};`).join("")}
      ${innerLoop(text, steps, "n1", "copied")}
    }
  }`);
}

/** 0: dense, 1: one repeated element, 2: anything else. */
function layoutKind({ contiguous, strides, shape, size }: Layout): number {
  if (contiguous) return size === 1 ? 1 : 0;
  for (let axis = 0; axis < shape.length; axis++) if (strides[axis] !== 0 && shape[axis] !== 1) return 2;
  return 1;
}

/** From so many elements on, loops are worth views that begin where the elements do. */
const longLoop = 1024;

export function runMap<P>(kernel: MapKernel<P>, inputs: readonly Operand[], params: P, output: Operand): void {
  const parameters = kernel.parameters === null ? noParameters : kernel.parameters(params);
  const { size } = output.layout;
  const long = size >= longLoop;
  let key = dtypeRank[output.dtype] + (long ? 4 : 0);
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const kind = layoutKind(input.layout);
    if (kind === 2) return runStrided(kernel, inputs, parameters, output);
    key = key * 8 + dtypeRank[input.dtype] * 2 + kind;
  }
  const loops = (loopsBySlot[kernel.slot] ??= new Loops());
  if (loops.key !== key) {
    loops.loop = flatLoopFor(loops, key, kernel, inputs, parameters.length, long);
    loops.key = key;
  }
  const loop = loops.loop!;
  if (long) return loop(size, fromStart(output), 0, parameters, ...inputs.flatMap((x) => [fromStart(x), 0]));
  const { data, offset } = output;
  const [x, y, z] = inputs as readonly [Operand, Operand, Operand];
  if (inputs.length === 1) loop(size, data, offset, parameters, x.data, x.offset);
  else if (inputs.length === 2) loop(size, data, offset, parameters, x.data, x.offset, y.data, y.offset);
  else if (inputs.length === 3)
    loop(size, data, offset, parameters, x.data, x.offset, y.data, y.offset, z.data, z.offset);
  else loop(size, data, offset, parameters, ...inputs.flatMap((input) => [input.data, input.offset]));
}

function flatLoopFor<P>(
  { byKey }: Loops,
  key: number,
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  parameters: number,
  long: boolean,
): Loop {
  let loop = byKey.get(key);
  if (loop === undefined) {
    const arithmetic = arithmeticOf(inputs);
    const text = textOf(kernel, inputs.length, parameters, arithmetic);
    const steps: Step[] = [one, ...inputs.map((x) => (layoutKind(x.layout) === 1 ? stays : one))];
    loop = flatLoop(text, steps, arithmetic, long);
    byKey.set(key, loop);
  }
  return loop;
}

function fromStart({ data, offset }: Operand): TypedArray {
  return offset === 0 ? data : data.subarray(offset);
}

const shortLoop = 16;

function runStrided<P>(
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  parameters: readonly number[],
  output: Operand,
): void {
  if (output.layout.size === 0) return;
  const operands = [output, ...inputs];
  const axes = mergeAxes(
    output.layout.shape,
    operands.map((x) => x.layout.strides),
  );
  let [rows, columns] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  // A short inner loop costs more than steps in the longer one.
  if (columns.n < shortLoop && rows.n > columns.n) [rows, columns] = [columns, rows];
  const steps = columns.strides.map(stepOf);
  const loop = stridedLoopFor(kernel, operands, parameters.length, steps);
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

function stridedLoopFor<P>(
  kernel: MapKernel<P>,
  operands: readonly Operand[],
  parameters: number,
  steps: readonly Step[],
): Loop {
  const loops = (stridedBySlot[kernel.slot] ??= new Map<number, Loop>());
  const key = operands.reduce((sum, { dtype }, i) => sum * 12 + dtypeRank[dtype] * 3 + steps[i]!, 0);
  let loop = loops.get(key);
  if (loop === undefined) {
    const inputs = operands.slice(1);
    const arithmetic = arithmeticOf(inputs);
    loop = stridedLoop(textOf(kernel, inputs.length, parameters, arithmetic), steps, arithmetic);
    loops.set(key, loop);
  }
  return loop;
}

/** The map as a function of single numbers. */
export function numberFunction<P>(kernel: MapKernel<P>, arithmetic: Arithmetic): NumberFunction {
  const known = numbersBySlot[arithmetic][kernel.slot];
  if (known !== undefined) return known;
  const names = operandNames(kernel.scalar);
  const { statements, result } = sourceOf(kernel.scalar, names, arithmetic);
  const made: NumberFunction = compileText(
    `function number(${names.join(", ")}) { ${statements.join("\n")} return ${result}; }`,
  );
  numbersBySlot[arithmetic][kernel.slot] = made;
  return made;
}
