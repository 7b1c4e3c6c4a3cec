/**
 * Matrix products as generated loops over register tiles. Every output element adds k = 0, 1, 2, … into one
 * accumulator, so tiles, blocks and packing never change the bits. In float32 each step costs two conversions more:
 * JavaScript computes in float64, and engines do not fuse `Math.fround` into arithmetic of its own.
 * @module
 */
import type { Operand } from "../backend.js";
import { newArray, type DType, type TypedArray } from "../dtype.js";
import { block, lanes } from "./order.js";
import {
  columnsAtOnce,
  columnsLoop,
  columnsScratch,
  dotOf,
  lineLoop,
  product,
  rounded,
  rowsLoop,
  type Columns,
  type Line,
  type Rows,
} from "./sourceSum.js";
import { compileText } from "./sourceMap.js";
import { thinLoop } from "./sourceThin.js";

type Tiles = (
  m: number,
  n: number,
  k: number,
  a: TypedArray,
  oa: number,
  sai: number,
  sak: number,
  b: TypedArray,
  ob: number,
  sbk: number,
  sbj: number,
  out: TypedArray,
  o: number,
  width: number,
) => void;

/** One register tile of `rows` × `columns` outputs at (i, j). Steps of 1 along k need no counters of their own. */
function tile(dtype: DType, rows: number, columns: number, dense: boolean): string {
  const r = Array.from({ length: rows }, (_, index) => index);
  const c = Array.from({ length: columns }, (_, index) => index);
  const left = (i: number): string => (dense ? `const a${i} = a[p${i} + h];` : `const a${i} = a[p${i}]; p${i} += sak;`);
  const right = (j: number): string =>
    dense ? `const b${j} = b[q${j} + h];` : `const b${j} = b[q${j}]; q${j} += sbk;`;
  return `{
    ${r.map((i) => `let p${i} = oa + (i + ${i}) * sai;`).join("")}
    ${c.map((j) => `let q${j} = ob + (j + ${j}) * sbj;`).join("")}
    ${r.map((i) => c.map((j) => `let t${i}${j} = 0;`).join("")).join("")}
    for (let h = 0; h < k; h++) {
      ${r.map(left).join("")}
      ${c.map(right).join("")}
      ${r.map((i) => c.map((j) => `t${i}${j} = ${rounded[dtype](`t${i}${j} + ${product(dtype, `a${i}`, `b${j}`)}`)};`).join("")).join("\n")}
    }
    ${r.map((i) => c.map((j) => `out[o + (i + ${i}) * width + j + ${j}] = t${i}${j};`).join("")).join("")}
  }`;
}

const tileRows = [4, 2, 1] as const;
const tileColumns = 2;

function tilesLoop(dtype: DType, dense: boolean): Tiles {
  const row = (rows: number): string => `
    let j = 0;
    for (; j + ${tileColumns} <= n; j += ${tileColumns}) ${tile(dtype, rows, tileColumns, dense)}
    for (; j < n; j++) ${tile(dtype, rows, 1, dense)}`;
  return compileText(`function ${dense ? "denseTiles" : "tiles"}(m, n, k, a, oa, sai, sak, b, ob, sbk, sbj, out, o, width) {
    let i = 0;
    ${tileRows.map((rows) => `for (; i + ${rows} <= m; i += ${rows}) {${row(rows)}}`).join("\n")}
  }`);
}

interface Loops {
  readonly tiles: Tiles;
  /** Tiles of operands whose elements lie side by side along k. */
  readonly denseTiles: Tiles;
  readonly line: Line;
  readonly columns: Columns;
  /** By what the length of a line leaves after the last full round of lanes. */
  readonly rows: Rows[];
}

const loopsByDtype = new Map<DType, Loops>();

function loopsFor(dtype: DType): Loops {
  let loops = loopsByDtype.get(dtype);
  if (loops === undefined) {
    const dot = dotOf(dtype);
    loops = {
      tiles: tilesLoop(dtype, false),
      denseTiles: tilesLoop(dtype, true),
      line: lineLoop(dtype, dot),
      columns: columnsLoop(dtype, dot),
      rows: [],
    };
    loopsByDtype.set(dtype, loops);
  }
  return loops;
}

/** Products below so many multiplications are not worth packing. */
const packAbove = 4096;
/** Elements of a packed part of an operand: it stays in the second-level cache. */
const panelElements = 65536;

/** Rows or columns of `k` elements that are packed together. */
function panelOf(k: number): number {
  return Math.max(4, Math.floor(panelElements / k) & -4);
}

const packedLeft = new Map<DType, TypedArray>();
const packedRight = new Map<DType, TypedArray>();

/** `lines` lines of `k` elements, each made dense, in room that is used again and again. */
function pack(
  room: Map<DType, TypedArray>,
  dtype: DType,
  data: TypedArray,
  offset: number,
  lines: number,
  k: number,
  lineStride: number,
  stride: number,
): TypedArray {
  let packed = room.get(dtype);
  if (packed === undefined || packed.length < lines * k) {
    packed = newArray(dtype, Math.max(lines * k, Math.min(panelElements, 2 * lines * k)));
    // Lines longer than a panel are rare, and their room large.
    if (packed.length <= panelElements) room.set(dtype, packed);
  }
  if (lineStride === 1) {
    for (let h = 0; h < k; h++)
      for (let i = 0, p = offset + h * stride; i < lines; i++, p++) packed[i * k + h] = data[p]!;
  } else
    for (let i = 0; i < lines; i++)
      for (let h = 0, p = offset + i * lineStride; h < k; h++, p += stride) packed[i * k + h] = data[p]!;
  return packed;
}

export function runContract(x: Operand, y: Operand, output: Operand): void {
  const { layout: xl } = x;
  const { layout: yl } = y;
  const rank = xl.shape.length;
  const m = xl.shape[rank - 2]!;
  const k = xl.shape[rank - 1]!;
  const n = yl.shape[rank - 1]!;
  let batches = 1;
  for (let axis = 0; axis < rank - 2; axis++) batches *= xl.shape[axis]!;
  for (let batch = 0; batch < batches; batch++) {
    let oa = x.offset;
    let ob = y.offset;
    for (let axis = rank - 3, rest = batch; axis >= 0; axis--) {
      const size = xl.shape[axis]!;
      oa += (rest % size) * xl.strides[axis]!;
      ob += (rest % size) * yl.strides[axis]!;
      rest = Math.floor(rest / size);
    }
    multiply(
      output.dtype, m, n, k,
      x.data, oa, xl.strides[rank - 2]!, xl.strides[rank - 1]!,
      y.data, ob, yl.strides[rank - 2]!, yl.strides[rank - 1]!,
      output.data, output.offset + batch * m * n,
    ); // prettier-ignore
  }
}

function multiply(
  dtype: DType,
  m: number,
  n: number,
  k: number,
  a: TypedArray,
  oa: number,
  sai: number,
  sak: number,
  b: TypedArray,
  ob: number,
  sbk: number,
  sbj: number,
  out: TypedArray,
  o: number,
): void {
  const thin = sak === 1 || k === 1 ? thinLoop(dtype, m, k, n) : null;
  if (thin !== null) return thin(m, a, oa, sai, b, ob, sbk, sbj, out, o);
  const { tiles, denseTiles, line, columns, rows } = loopsFor(dtype);
  if (n === 1) {
    if (sai === 1 && sak !== 1 && m > 1) {
      const scratch = columnsScratch(dtype);
      for (let i = 0; i < m; i += columnsAtOnce)
        columns(a, oa + i, sak, k, b, ob, sbk, Math.min(columnsAtOnce, m - i), out, o + i, scratch, 0);
    } else if (k <= block && (sak === 1 || k === 1) && (sbk === 1 || k === 1)) {
      const dots = (rows[k % lanes] ??= rowsLoop(dtype, dotOf(dtype), k % lanes));
      dots(m, a, oa, sai, k, b, ob, out, o);
    } else for (let i = 0; i < m; i++) out[o + i] = line(a, oa + i * sai, sak, k, b, ob, sbk);
    return;
  }
  if (sak === 1 && sbk === 1) return denseTiles(m, n, k, a, oa, sai, sak, b, ob, sbk, sbj, out, o, n);
  if (m * n * k <= packAbove) return tiles(m, n, k, a, oa, sai, sak, b, ob, sbk, sbj, out, o, n);
  const [height, width] = [sak === 1 ? m : panelOf(k), sbk === 1 ? n : panelOf(k)];
  for (let j = 0; j < n; j += width) {
    const columnsHere = Math.min(width, n - j);
    let [right, or, srj] = [b, ob + j * sbj, sbj];
    if (sbk !== 1) [right, or, srj] = [pack(packedRight, dtype, b, or, columnsHere, k, sbj, sbk), 0, k];
    for (let i = 0; i < m; i += height) {
      const rowsHere = Math.min(height, m - i);
      let [left, ol, sli] = [a, oa + i * sai, sai];
      if (sak !== 1) [left, ol, sli] = [pack(packedLeft, dtype, a, ol, rowsHere, k, sai, sak), 0, k];
      denseTiles(rowsHere, columnsHere, k, left, ol, sli, 1, right, or, 1, srj, out, o + i * n + j, n);
    }
  }
}
