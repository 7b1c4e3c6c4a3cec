/**
 * Reductions as generated loops, in the canonical orders of `order.ts`. A term is an element, or a product of two for
 * the dots of `sourceContract.ts`.
 * @module
 */
import type { Operand } from "../backend.js";
import { dtypeRank, newArray, type DType, type TypedArray } from "../dtype.js";
import type { Monoid } from "../kernel.js";
import { forEachPosition, type Layout } from "../shape.js";
import { block, lanes } from "./order.js";
import { axesOf } from "./reference.js";
import { compileText } from "./sourceMap.js";

/** Rounds the text of an arithmetic expression to the dtype. */
export const rounded: Readonly<Record<DType, (text: string) => string>> = {
  float64: (text) => `(${text})`,
  float32: (text) => `Math.fround(${text})`,
  int32: (text) => `(${text} | 0)`,
  bool: (text) => `(${text} !== 0 ? 1 : 0)`,
};

/** The text of a product of two texts, rounded to the dtype. */
export function product(dtype: DType, a: string, b: string): string {
  return dtype === "int32" ? `Math.imul(${a}, ${b})` : rounded[dtype](`${a} * ${b}`);
}

/** How the elements of one output are combined: sums of elements or of products, or products. */
export interface Combination {
  readonly identity: string;
  readonly combine: (a: string, b: string) => string;
  /** The text of term `i`: an element of `d`, times one of `e` in a dot. */
  readonly dot: boolean;
}

/** `n` terms from `p` on in steps of `s` (and `q`, `t` for the second factor). */
export type Line = (
  d: TypedArray,
  p: number,
  s: number,
  n: number,
  e: TypedArray | null,
  q: number,
  t: number,
) => number;

const lane = Array.from({ length: lanes }, (_, i) => i);

/** The eight lanes combined. */
export function laneTree(combine: Combination["combine"], name: (lane: number) => string): string {
  const pair = (a: number, b: number): string => combine(name(a), name(b));
  return combine(combine(pair(0, 4), pair(2, 6)), combine(pair(1, 5), pair(3, 7)));
}

/** The dots of `m` dense rows of `d` with one dense line of `e`, each of at most a block. */
export type Rows = (
  m: number,
  d: TypedArray,
  p: number,
  rowStride: number,
  n: number,
  e: TypedArray,
  q: number,
  out: TypedArray,
  o: number,
) => void;

/** Like `lineLoop` row by row, for lines whose length leaves `tail` after the last full round of lanes. */
export function rowsLoop(dtype: DType, { identity, combine }: Combination, tail: number): Rows {
  const add = (j: number): string => `l${j} = ${combine(`l${j}`, product(dtype, `d[g + ${j}]`, `e[h + ${j}]`))};`;
  return compileText(`function rows(m, d, p, rowStride, n, e, q, out, o) {
    for (let i = 0; i < m; i++, p += rowStride) {
      ${lane.map((j) => `let l${j} = ${identity};`).join("")}
      let g = p, h = q;
      for (const end = p + n - ${tail}; g < end; g += ${lanes}, h += ${lanes}) {${lane.map(add).join("")}}
      ${lane.slice(0, tail).map(add).join("")}
      out[o + i] = ${laneTree(combine, (j) => `l${j}`)};
    }
  }`);
}

export function lineLoop(dtype: DType, { identity, combine, dot }: Combination): Line {
  /** One block whose terms lie `p` and `q` apart, as texts. */
  const blockLoop = (step: (i: number, by: string) => string, p: string, q: string): string => {
    const term = (i: number): string =>
      dot ? product(dtype, `d[p${step(i, p)}]`, `e[q${step(i, q)}]`) : `d[p${step(i, p)}]`;
    return `
      for (; i >= ${lanes}; i -= ${lanes}) {
        ${lane.map((i) => `l${i} = ${combine(`l${i}`, term(i))};`).join("")}
        p += ${lanes} * ${p}; q += ${lanes} * ${q};
      }
      ${lane
        .slice(0, -1)
        .map((j) => `if (i > ${j}) l${j} = ${combine(`l${j}`, term(j))};`)
        .join("")}`;
  };
  const constantStep = (i: number): string => (i === 0 ? "" : ` + ${i}`);
  const anyStep = (i: number, by: string): string => (i === 0 ? "" : ` + ${i} * ${by}`);
  return compileText(`function line(d, p, s, n, e, q, t) {
    if (n > ${block}) {
      let left = ${block};
      while (left * 2 < n) left *= 2;
      const a = line(d, p, s, left, e, q, t);
      const b = line(d, p + left * s, s, n - left, e, q + left * t, t);
      return ${combine("a", "b")};
    }
    ${lane.map((i) => `let l${i} = ${identity};`).join("")}
    let i = n;
    if (s === 1${dot ? " && t === 1" : ""}) {${blockLoop(constantStep, "1", "1")}
    } else {${blockLoop(anyStep, "s", "t")}
    }
    return ${laneTree(combine, (i) => `l${i}`)};
  }`);
}

/** `width` neighbouring outputs at once, `out[o + j]` from `d[p + j]`, `d[p + j + s]`, …; for operands whose rows are dense. */
export type Columns = (
  d: TypedArray,
  p: number,
  s: number,
  n: number,
  e: TypedArray | null,
  q: number,
  t: number,
  width: number,
  out: TypedArray,
  o: number,
  scratch: TypedArray,
  level: number,
) => void;

/** Outputs that `columns` handles in one go: the eight lanes of so many stay in the first-level cache. */
export const columnsAtOnce = 256;

/** Numbers of columns whose sums in one lane stand in registers together. */
const columnsTiles = [8, 4, 1] as const;

export function columnsLoop(dtype: DType, { identity, combine, dot }: Combination): Columns {
  const at = (i: number): string => `scratch[${i * columnsAtOnce} + j]`;
  const tile = (width: number): string => {
    const columns = Array.from({ length: width }, (_, c) => c);
    const term = (c: number): string => (dot ? product(dtype, `d[g + ${c}]`, "y") : `d[g + ${c}]`);
    return `
      for (let l = 0; l < ${lanes}; l++) {
        ${columns.map((c) => `let c${c} = ${identity};`).join("")}
        for (let i = l, g = p + l * s + j${dot ? ", h = q + l * t" : ""}; i < n; i += ${lanes}, g += ${lanes} * s${dot ? `, h += ${lanes} * t` : ""}) {
          ${dot ? "const y = e[h];" : ""}
          ${columns.map((c) => `c${c} = ${combine(`c${c}`, term(c))};`).join("")}
        }
        ${columns.map((c) => `scratch[l * ${columnsAtOnce} + j + ${c}] = c${c};`).join("")}
      }`;
  };
  return compileText(`function columns(d, p, s, n, e, q, t, width, out, o, scratch, level) {
    if (n > ${block}) {
      let left = ${block};
      while (left * 2 < n) left *= 2;
      const upper = ${lanes * columnsAtOnce} + level * ${columnsAtOnce};
      columns(d, p, s, left, e, q, t, width, out, o, scratch, level);
      columns(d, p + left * s, s, n - left, e, q + left * t, t, width, scratch, upper, scratch, level + 1);
      for (let j = 0; j < width; j++) out[o + j] = ${combine("out[o + j]", "scratch[upper + j]")};
      return;
    }
    let j = 0;
    ${columnsTiles.map((c) => `for (; j + ${c} <= width; j += ${c}) {${tile(c)}}`).join("\n")}
    for (let j = 0; j < width; j++) out[o + j] = ${laneTree(combine, at)};
  }`);
}

const scratches = new Map<DType, TypedArray>();

/** Room for the lanes and for a pairwise tree over 2^32 elements. */
export function columnsScratch(dtype: DType): TypedArray {
  let scratch = scratches.get(dtype);
  if (scratch === undefined) scratches.set(dtype, (scratch = newArray(dtype, (lanes + 28) * columnsAtOnce)));
  return scratch;
}

function extremeLoop(operation: string, start: string): Line {
  return compileText(`function extreme(d, p, s, n) {
    let a = ${start};
    for (let i = 0; i < n; i++, p += s) a = ${operation}(a, d[p]);
    return a;
  }`);
}

function indexLoop(comparison: string): Line {
  return compileText(`function index(d, p, s, n) {
    let at = 0, best = d[p];
    for (let i = 0; i < n && best === best; i++, p += s) {
      const x = d[p];
      if (x ${comparison} best || x !== x) { best = x; at = i; }
    }
    return at;
  }`);
}

const combinations: Readonly<Record<"sum" | "product", (dtype: DType) => Combination>> = {
  sum: (dtype) => ({ identity: "0", combine: (a, b) => rounded[dtype](`${a} + ${b}`), dot: false }),
  product: (dtype) => ({ identity: "1", combine: (a, b) => product(dtype, a, b), dot: false }),
};

/** The sum of products of two lines. */
export function dotOf(dtype: DType): Combination {
  return { ...combinations.sum(dtype), dot: true };
}

const lines: Readonly<Record<Monoid, Line[]>> = { sum: [], product: [], max: [], min: [], argmax: [], argmin: [] };

/** Lines by monoid and dtypes, found without making a string. */
function lineFor(monoid: Monoid, x: DType, output: DType): Line {
  const known = lines[monoid];
  const key = dtypeRank[x] * 4 + dtypeRank[output];
  return known[key] ?? (known[key] = makeLine(monoid, output));
}

function makeLine(monoid: Monoid, output: DType): Line {
  switch (monoid) {
    case "sum":
    case "product":
      return lineLoop(output, combinations[monoid](output));
    case "max":
      return extremeLoop("Math.max", "-Infinity");
    case "min":
      return extremeLoop("Math.min", "Infinity");
    case "argmax":
      return indexLoop(">");
    case "argmin":
      return indexLoop("<");
  }
}

const columnSums: Columns[] = [];

function columnsFor(x: DType, output: DType): Columns {
  const key = dtypeRank[x] * 4 + dtypeRank[output];
  return (columnSums[key] ??= columnsLoop(output, combinations.sum(output)));
}

/** The step from one element to the next along several axes in row-major order, if it is always the same. */
function evenStep({ shape, strides }: Layout): number | null {
  let step: number | null = null;
  let expected = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis]!;
    if (n === 1) continue;
    if (step === null) step = strides[axis]!;
    else if (strides[axis] !== expected) return null;
    expected = strides[axis]! * n;
  }
  return step ?? 0;
}

export function runReduce(monoid: Monoid, axes: readonly number[], x: Operand, output: Operand): void {
  if (axes.length === x.layout.shape.length && x.layout.contiguous) {
    const line = lineFor(monoid, x.dtype, output.dtype);
    output.data[output.offset] = line(x.data, x.offset, 1, x.layout.size, null, 0, 0);
    return;
  }
  const inner = axesOf(x.layout, axes);
  const keptAxes: number[] = [];
  for (let axis = 0; axis < x.layout.shape.length; axis++) if (!axes.includes(axis)) keptAxes.push(axis);
  const kept = axesOf(x.layout, keptAxes);
  const step = evenStep(inner);
  const { data, offset } = output;
  const n = inner.size;
  if (step === null) return runScattered(monoid, inner, kept, x, output);
  const line = lineFor(monoid, x.dtype, output.dtype);
  if (kept.size === 1) {
    data[offset] = line(x.data, x.offset, step, n, null, 0, 0);
  } else if (monoid === "sum" && evenStep(kept) === 1 && step !== 1) {
    const columns = columnsFor(x.dtype, output.dtype);
    const scratch = columnsScratch(output.dtype);
    for (let j = 0; j < kept.size; j += columnsAtOnce)
      columns(
        x.data,
        x.offset + j,
        step,
        n,
        null,
        0,
        0,
        Math.min(columnsAtOnce, kept.size - j),
        data,
        offset + j,
        scratch,
        0,
      );
  } else {
    forEachPosition(kept, (position, index) => {
      data[offset + index] = line(x.data, x.offset + position, step, n, null, 0, 0);
    });
  }
}

/** Elements without an even step are first laid side by side. */
function runScattered(monoid: Monoid, inner: Layout, kept: Layout, x: Operand, output: Operand): void {
  const gathered = newArray(x.dtype, inner.size);
  const line = lineFor(monoid, x.dtype, output.dtype);
  forEachPosition(kept, (start, index) => {
    forEachPosition(inner, (position, i) => {
      gathered[i] = x.data[x.offset + start + position]!;
    });
    output.data[output.offset + index] = line(gathered, 0, 1, inner.size, null, 0, 0);
  });
}
