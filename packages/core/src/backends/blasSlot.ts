/**
 * The C BLAS in use, if `useBlas` has found one: what others know of it without its code.
 * @module
 */
import type { Operand } from "../backend.js";
import type { TypedArray } from "../dtype.js";
import type { Precision } from "../scalar.js";

/** `cblas_?gemm`: `c = alpha a b + beta c`. Arrays are handed over as addresses of their first elements. */
export type Gemm = (
  order: number,
  turnA: number,
  turnB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: TypedArray,
  lda: number,
  b: TypedArray,
  ldb: number,
  beta: number,
  c: TypedArray,
  ldc: number,
) => void;

/** `cblas_?gemv`: `y = alpha a x + beta y`, for a matrix of so many rows and columns as it is stored. */
export type Gemv = (
  order: number,
  turn: number,
  rows: number,
  columns: number,
  alpha: number,
  a: TypedArray,
  lda: number,
  x: TypedArray,
  xStep: number,
  beta: number,
  y: TypedArray,
  yStep: number,
) => void;

/** The routines of a library; without `gemv`, products with a vector are our own. */
export type Blas = Readonly<Record<Precision, { readonly gemm: Gemm; readonly gemv: Gemv | null }>>;

/** The library in use; `null`: products are our own. */
export let blas: Blas | null = null;

/** An operand of which only the shape and the dtype are known. */
export type Outline = Pick<Operand, "layout" | "dtype">;

/** What computes products with the library in use. */
export interface Products {
  /** Whether the library is to compute this product. */
  takes(x: Outline, y: Outline, output: Pick<Operand, "dtype">): boolean;
  /** Computes a product that it takes. */
  run(x: Operand, y: Operand, output: Operand): void;
}

export let products: Products | null = null;

export function fillSlot(library: Blas | null, computing: Products | null): void {
  blas = library;
  products = computing;
}
