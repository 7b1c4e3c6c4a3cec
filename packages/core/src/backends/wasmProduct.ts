/**
 * Matrix products in WebAssembly: operands copied in as they lie, results copied out.
 * @module
 */
import type { Operand } from "../backend.js";
import type { Precision } from "../scalar.js";
import type { Engine } from "./wasmEngine.js";
import type { Placed } from "./wasmOperands.js";
import { areDots, dotParts, productParts } from "./wasmProductParts.js";

/** Runs a product of matrices with at least one element each. @throws {@link NoRoom} */
export function runWasmProduct(engine: Engine, x: Operand, y: Operand, output: Operand): void {
  const { operands } = engine;
  const precision = output.dtype as Precision;
  const size = output.data.BYTES_PER_ELEMENT;
  const { shape } = x.layout;
  const rank = shape.length;
  const [m, k, n] = [shape[rank - 2]!, shape[rank - 1]!, y.layout.shape[rank - 1]!];
  const given = (left: Placed, right: Placed) => ({
    precision, m, n, k,
    aLine: left.strides[rank - 2]!, aStep: left.strides[rank - 1]!,
    bLine: right.strides[rank - 1]!, bStep: right.strides[rank - 2]!,
  }); // prettier-ignore
  try {
    let left = operands.place(x);
    let right = operands.place(y);
    if (n === 1 && !areDots(given(left, right))) {
      const [line, step] = left.strides.slice(-2) as [number, number];
      if (line !== size && step !== size) left = operands.placeRowMajor(x);
      if (!areDots(given(left, right))) right = operands.placeRowMajor(y);
    }
    const c = operands.room(output.layout.size * size);
    let batches = 1;
    for (let axis = 0; axis < rank - 2; axis++) batches *= shape[axis]!;
    const addresses = Array.from({ length: batches }, (_, batch) => {
      let [a, b] = [left.address, right.address];
      for (let axis = rank - 3, rest = batch; axis >= 0; axis--) {
        a += (rest % shape[axis]!) * left.strides[axis]!;
        b += (rest % shape[axis]!) * right.strides[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      return { a, b };
    });
    const products = { ...given(left, right), batches: addresses, c };
    engine.run(
      n === 1
        ? dotParts(products, engine.group("dot", precision), engine.cut)
        : productParts(products, engine.group("product", precision), engine.cut),
    );
    engine.read(c, output.layout.size, output.data, output.offset);
  } finally {
    operands.end();
  }
}
