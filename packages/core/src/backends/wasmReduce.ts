/**
 * Sums and extremes in WebAssembly.
 * @module
 */
import type { Operand } from "../backend.js";
import type { Precision } from "../scalar.js";
import type { Engine } from "./wasmEngine.js";
import { reduceParts } from "./wasmReduceParts.js";

/** Whether the axes are neighbours in a dense operand. */
export function reducible(axes: readonly number[], { layout }: Operand): boolean {
  return layout.contiguous && axes.every((axis, i) => axis === axes[0]! + i);
}

/** Runs a reduction that is `reducible`, of at least one element. @throws {@link NoRoom} */
export function runWasmReduce(
  engine: Engine,
  monoid: "sum" | "max" | "min",
  axes: readonly number[],
  x: Operand,
  output: Operand,
): void {
  const { operands } = engine;
  const size = x.data.BYTES_PER_ELEMENT;
  const { shape } = x.layout;
  const product = (list: readonly number[]): number => list.reduce((a, b) => a * b, 1);
  const outer = product(shape.slice(0, axes[0] ?? 0));
  const n = product(axes.map((axis) => shape[axis]!));
  const inner = product(shape.slice((axes[0] ?? 0) + axes.length));
  const precision = x.dtype as Precision;
  const functions = engine.group(monoid === "sum" ? "sum" : "extreme", precision);
  try {
    const { address: from } = operands.place(x);
    const to = operands.room(output.layout.size * size);
    const reduction = { monoid, precision, outer, n, inner, from, to };
    engine.run(reduceParts(reduction, functions, engine.cut, engine.partials));
    engine.read(to, output.layout.size, output.data, output.offset);
  } finally {
    operands.end();
  }
}
