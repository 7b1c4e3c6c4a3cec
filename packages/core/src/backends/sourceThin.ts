/**
 * Products of many rows with a small right operand, as generated loops: its elements stand in local variables, and the
 * loop over k is written out. One function a size; the bits are those of `order.ts`.
 * @module
 */
import type { DType, TypedArray } from "../dtype.js";
import { lanes } from "./order.js";
import { compileText } from "./sourceMap.js";
import { dotOf, laneTree, product } from "./sourceSum.js";

/** The most elements of a right operand that is held so. */
const heldElements = 32;
/** Fewer multiplications than this do not earn a function of their own. */
const worthwhile = 512;

type Thin = (
  m: number,
  a: TypedArray,
  oa: number,
  sai: number,
  b: TypedArray,
  ob: number,
  sbk: number,
  sbj: number,
  out: TypedArray,
  o: number,
) => void;

const loops: Readonly<Record<DType, (Thin | undefined)[]>> = { float64: [], float32: [], int32: [], bool: [] };

/** The loop for `[m, k]` with dense rows times `[k, n]`, or `null` where another one serves better. */
export function thinLoop(dtype: DType, m: number, k: number, n: number): Thin | null {
  if (k * n > heldElements || m * k * n < worthwhile) return null;
  return (loops[dtype][k * heldElements + n] ??= makeLoop(dtype, k, n));
}

function makeLoop(dtype: DType, k: number, n: number): Thin {
  const { identity, combine } = dotOf(dtype);
  const rows = Array.from({ length: k }, (_, h) => h);
  const columns = Array.from({ length: n }, (_, j) => j);
  /** The terms h, h + step, h + 2 step, … of output j, added up in this order. */
  const chain = (j: number, first: number, step: number): string =>
    rows
      .filter((h) => h >= first && (h - first) % step === 0)
      .reduce((sum, h) => combine(sum, product(dtype, n === 1 ? `a[oa + ${h}]` : `a${h}`, `b${h}_${j}`)), identity);
  const dot = (): string => laneTree(combine, (lane) => chain(0, lane, lanes));
  return compileText(`function thin(m, a, oa, sai, b, ob, sbk, sbj, out, o) {
    ${rows.map((h) => columns.map((j) => `const b${h}_${j} = b[ob + ${h} * sbk + ${j} * sbj];`).join(" ")).join("\n")}
    for (let i = 0; i < m; i++, oa += sai, o += ${n}) {
      ${n === 1 ? "" : rows.map((h) => `const a${h} = a[oa + ${h}];`).join(" ")}
      ${columns.map((j) => `out[o + ${j}] = ${n === 1 ? dot() : chain(j, 0, 1)};`).join("\n")}
    }
  }`);
}
