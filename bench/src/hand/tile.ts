/**
 * The register tile of products: rows times vectors of accumulators, one step of the inner axis a round.
 *
 * V8 moves all loads of a basic block to its front, so that they and the accumulators together must fit into the 14 to
 * 15 registers that it has to give. A tile with more of them is cut in two by a branch that is never taken.
 * @module
 */
import { add, int, load, mul, plus, splat, zeros, type Routine, type Variable } from "./text.js";

export interface TileShape {
  readonly rows: number;
  readonly vectors: number;
  /** Bytes from one row of the left operand to the next, and along the inner axis. */
  readonly leftRow: number;
  readonly leftStep: number;
  /** Bytes of the right operand along the inner axis; its columns lie side by side. */
  readonly rightStep: number;
  /** Steps of the inner axis. */
  readonly inner: number;
}

/** Sums of products of a tile, `[row][vector]`, the operands starting at these addresses. */
export function tile(r: Routine, left: string, right: string, shape: TileShape): readonly (readonly string[])[] {
  const { rows, vectors, leftRow, leftStep, rightStep, inner } = shape;
  const sums: Variable[][] = Array.from({ length: rows }, () =>
    Array.from({ length: vectors }, () => r.variable("v128", zeros)),
  );
  const a = r.variable("i32", left);
  const cut = rows * vectors + rows + vectors > 15 ? Math.floor(vectors / 2) : null;
  const never = cut === null ? null : r.variable("i32", `(i32.load ${int(r.module.never)})`);
  if (cut !== null) r.push("(block $cut");
  r.loop(right, plus(right, inner * rightStep), rightStep, (b) => {
    // The operand that fewer registers hold comes first, the other one vector at a time.
    if (vectors <= rows) {
      const columns = Array.from({ length: vectors }, (_, v) => r.let(load(b, 16 * v)));
      sums.forEach((row, i) => {
        const x = r.let(splat(a.get, i * leftRow));
        row.forEach((sum, v) => sum.set(add(sum.get, mul(x, columns[v]!))));
      });
    } else {
      const xs = sums.map((_, i) => r.let(splat(a.get, i * leftRow)));
      for (let v = 0; v < vectors; v++) {
        if (v === cut) r.push(`(br_if $cut (i32.eq ${a.get} ${never!.get}))`);
        const column = r.let(load(b, 16 * v));
        sums.forEach((row, i) => row[v]!.set(add(row[v]!.get, mul(xs[i]!, column))));
      }
    }
    a.set(plus(a.get, leftStep));
  });
  if (cut !== null) r.push(")");
  return sums.map((row) => row.map(({ get }) => get));
}
