/**
 * Sums and extremes in WebAssembly.
 * @module
 */
import type { Operand } from "../backend.js";
import type { Precision } from "../scalar.js";
import type { Engine } from "./wasmEngine.js";
import { scratchBytes } from "./wasmSumText.js";

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
  const functions = engine.group(monoid === "sum" ? "sum" : "extreme", x.dtype as Precision);
  try {
    const { address } = operands.place(x);
    const results = operands.room(output.layout.size * size);
    if (inner === 1) functions[`${monoid}Rows`]!(outer, n, address, n * size, results);
    else {
      const scratch = monoid === "sum" ? [operands.room(scratchBytes)] : [];
      for (let i = 0; i < outer; i++)
        functions[`${monoid}Columns`]!(
          inner, n, address + i * n * inner * size, inner * size, results + i * inner * size, ...scratch,
        ); // prettier-ignore
    }
    engine.read(results, output.layout.size, output.data, output.offset);
  } finally {
    operands.end();
  }
}
