/**
 * Matrix products as generated loops over register tiles. Every output element adds k = 0, 1, 2, … into one
 * accumulator, so tiles, blocks and packing never change the bits.
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

/** One register tile of `rows` × `columns` outputs at (i, j). */
function tile(dtype: DType, rows: number, columns: number): string {
  const r = Array.from({ length: rows }, (_, index) => index);
  const c = Array.from({ length: columns }, (_, index) => index);
  return `{
    ${r.map((i) => `let p${i} = oa + (i + ${i}) * sai;`).join("")}
    ${c.map((j) => `let q${j} = ob + (j + ${j}) * sbj;`).join("")}
    ${r.map((i) => c.map((j) => `let t${i}${j} = 0;`).join("")).join("")}
    for (let h = 0; h < k; h++) {
      ${r.map((i) => `const a${i} = a[p${i}]; p${i} += sak;`).join("")}
      ${c.map((j) => `const b${j} = b[q${j}]; q${j} += sbk;`).join("")}
      ${r.map((i) => c.map((j) => `t${i}${j} = ${rounded[dtype](`t${i}${j} + ${product(dtype, `a${i}`, `b${j}`)}`)};`).join("")).join("\n")}
    }
    ${r.map((i) => c.map((j) => `out[o + (i + ${i}) * width + j + ${j}] = t${i}${j};`).join("")).join("")}
  }`;
}

const tileRows = [4, 2, 1] as const;
const tileColumns = 2;

function tilesLoop(dtype: DType): Tiles {
  const row = (rows: number): string => `
    let j = 0;
    for (; j + ${tileColumns} <= n; j += ${tileColumns}) ${tile(dtype, rows, tileColumns)}
    for (; j < n; j++) ${tile(dtype, rows, 1)}`;
  return compileText(`function tiles(m, n, k, a, oa, sai, sak, b, ob, sbk, sbj, out, o, width) {
    let i = 0;
    ${tileRows.map((rows) => `for (; i + ${rows} <= m; i += ${rows}) {${row(rows)}}`).join("\n")}
  }`);
}

interface Loops {
  readonly tiles: Tiles;
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
    loops = { tiles: tilesLoop(dtype), line: lineLoop(dtype, dot), columns: columnsLoop(dtype, dot), rows: [] };
    loopsByDtype.set(dtype, loops);
  }
  return loops;
}

/** Products below so many multiplications are not worth packing. */
const packAbove = 32768;
/** Columns of a packed right operand handled together, in elements: they stay in the second-level cache. */
const panelElements = 65536;

/** `rows` lines of `k` elements, each made dense. */
function pack(
  dtype: DType,
  data: TypedArray,
  offset: number,
  rows: number,
  k: number,
  rowStride: number,
  stride: number,
): TypedArray {
  const packed = newArray(dtype, rows * k);
  if (rowStride === 1) {
    for (let h = 0; h < k; h++)
      for (let i = 0, p = offset + h * stride; i < rows; i++, p++) packed[i * k + h] = data[p]!;
  } else
    for (let i = 0; i < rows; i++)
      for (let h = 0, p = offset + i * rowStride; h < k; h++, p += stride) packed[i * k + h] = data[p]!;
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
  const { tiles, line, columns, rows } = loopsFor(dtype);
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
  if (m * n * k <= packAbove) return tiles(m, n, k, a, oa, sai, sak, b, ob, sbk, sbj, out, o, n);
  if (sak !== 1 && m > 1) {
    a = pack(dtype, a, oa, m, k, sai, sak);
    oa = 0;
    sai = k;
    sak = 1;
  }
  const panel = Math.max(tileColumns, Math.floor(panelElements / k) & -tileColumns);
  for (let j = 0; j < n; j += panel) {
    const width = Math.min(panel, n - j);
    if (sbk === 1) tiles(m, width, k, a, oa, sai, sak, b, ob + j * sbj, sbk, sbj, out, o + j, n);
    else {
      const packed = pack(dtype, b, ob + j * sbj, width, k, sbj, sbk);
      tiles(m, width, k, a, oa, sai, sak, packed, 0, 1, k, out, o + j, n);
    }
  }
}
