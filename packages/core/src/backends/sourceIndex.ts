/**
 * Picking and adding by index as generated loops.
 * @module
 */
import type { Operand } from "../backend.js";
import { dtypeRank, type DType, type TypedArray } from "../dtype.js";
import { forEachOuter, innerAxes, mergeAxes } from "./axes.js";
import { checkIndex } from "./indices.js";
import { moveElements } from "./sourceCopy.js";
import { compileText } from "./sourceMap.js";
import { rounded } from "./sourceSum.js";

/** Finds an index that is negative or out of range its place. */
type Place = (index: number) => number;

/** Two nested loops over indices `e[q]`; `d[p]` and its steps belong to what is indexed, `u[r]` to what is added. */
type IndexLoop = (
  place: Place,
  size: number,
  step: number,
  n0: number,
  n1: number,
  e: TypedArray,
  q: number,
  q0: number,
  q1: number,
  d: TypedArray,
  p: number,
  p0: number,
  p1: number,
  u: TypedArray,
  r: number,
  r0: number,
  r1: number,
) => void;

function indexLoop(body: string): IndexLoop {
  return compileText(`function indexed(place, size, step, n0, n1, e, q, q0, q1, d, p, p0, p1, u, r, r0, r1) {
    for (let i = 0; i < n0; i++, q += q0, p += p0, r += r0)
      for (let j = 0, a = q, b = p, c = r; j < n1; j++, a += q1, b += p1, c += r1) {
        const index = e[a];
        const at = b + step * (index >= 0 && index < size ? index : place(index));
        ${body}
      }
  }`);
}

const gatherLoops: IndexLoop[] = [];
const scatterLoops: IndexLoop[] = [];

function run(
  operator: string,
  loop: IndexLoop,
  axis: number,
  indices: Operand,
  indexed: Omit<Operand, "dtype">,
  partner: Omit<Operand, "dtype">,
): void {
  if (indices.layout.size === 0) return;
  const size = indexed.layout.shape[axis]!;
  const place = (index: number): number => checkIndex(operator, index, size);
  const rest = indexed.layout.strides.map((stride, a) => (a === axis ? 0 : stride));
  const axes = mergeAxes(indices.layout.shape, [indices.layout.strides, rest, partner.layout.strides]);
  const [rows, columns] = innerAxes(axes, 2) as [(typeof axes)[0], (typeof axes)[0]];
  forEachOuter(axes, 2, [indices.offset, indexed.offset, partner.offset], ([q, p, r]) => {
    loop(
      place, size, indexed.layout.strides[axis]!, rows.n, columns.n,
      indices.data, q!, rows.strides[0]!, columns.strides[0]!,
      indexed.data, p!, rows.strides[1]!, columns.strides[1]!,
      partner.data, r!, rows.strides[2]!, columns.strides[2]!,
    ); // prettier-ignore
  });
}

/** Rows of so many elements are copied by the engine's own copy. */
const longRow = 64;

/** Copies, or adds, `n` neighbouring elements for every index. */
function rowLoop(body: string): IndexLoop {
  return compileText(`function indexedRows(place, size, step, m, n, e, q, q0, q1, d, p, p0, p1, u, r, r0) {
    for (let i = 0; i < m; i++, q += q0, p += p0, r += r0) {
      const index = e[q];
      const at = p + step * (index >= 0 && index < size ? index : place(index));
      ${body}
    }
  }`);
}

/** Whether one index stands for a whole row of neighbours. */
function byRows(axis: number, indices: Operand, indexed: Operand, partner: Operand): boolean {
  const last = indices.layout.shape.length - 1;
  const [a, b, c] = [indices, indexed, partner].map(({ layout }) => layout.strides[last]);
  return axis < last && indices.layout.shape[last]! >= longRow && a === 0 && b === 1 && c === 1;
}

let copyRows: IndexLoop | undefined;

export function runGather(operator: string, axis: number, x: Operand, indices: Operand, output: Operand): void {
  const loop = byRows(axis, indices, x, output)
    ? (copyRows ??= rowLoop("u.set(d.subarray(at, at + n), r);"))
    : (gatherLoops[dtypeRank[x.dtype]] ??= indexLoop("u[c] = d[at];"));
  run(operator, loop, axis, indices, x, output);
}

const sumText = (dtype: DType, d: string, u: string): string => `${d} = ${rounded[dtype](`${d} + ${u}`)};`;
const addRows: IndexLoop[] = [];

export function runScatter(
  operator: string,
  axis: number,
  x: Operand,
  indices: Operand,
  updates: Operand,
  output: Operand,
): void {
  const { dtype, data, offset, layout } = output;
  // A copy of one number, such as the zeros to which gradients are added.
  if (x.layout.strides.every((stride) => stride === 0)) data.fill(x.data[x.offset]!, offset, offset + layout.size);
  else moveElements(x, data, dtype, offset, layout.strides);
  const loop = byRows(axis, indices, output, updates)
    ? (addRows[dtypeRank[dtype]] ??= rowLoop(`for (let j = 0; j < n; j++) ${sumText(dtype, "d[at + j]", "u[r + j]")}`))
    : (scatterLoops[dtypeRank[dtype]] ??= indexLoop(sumText(dtype, "d[at]", "u[c]")));
  run(operator, loop, axis, indices, output, updates);
}
