/**
 * Matrix products in WebAssembly: operands copied in as they lie, the right one packed once, results copied out in
 * chunks of rows.
 * @module
 */
import type { Operand } from "../backend.js";
import type { Precision } from "../scalar.js";
import type { Engine } from "./wasmEngine.js";
import type { Placed } from "./wasmOperands.js";
import { depth, tileColumns, tileRows } from "./wasmProductText.js";
import { scratchBytes } from "./wasmSumText.js";

/** Rows of a product that are computed before they are copied out; packed, they stay in the second-level cache. */
const rowsAtOnce = 128;
/** Results of products with one column that are copied out together. */
const resultsAtOnce = 8192;

/** One of several products with operands in memory; steps in bytes. */
interface Product {
  readonly engine: Engine;
  readonly precision: Precision;
  readonly size: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly aLine: number;
  readonly aStep: number;
  readonly b: number;
  readonly bLine: number;
  readonly bStep: number;
  /** Where chunks of results, packed operands, and the like have room. */
  readonly room: Room;
  readonly output: Operand;
  readonly first: number;
}

interface Room {
  readonly results: number;
  readonly left: number;
  readonly right: number;
  readonly tile: number;
}

/** Whether neither axis of a matrix steps from element to element. */
function scattered(placed: Placed, size: number): boolean {
  const [line, step] = placed.strides.slice(-2) as [number, number];
  return line !== size && step !== size;
}

/** Runs a product of matrices with at least one element each. @throws {@link NoRoom} */
export function runWasmProduct(engine: Engine, x: Operand, y: Operand, output: Operand): void {
  const { operands } = engine;
  const precision = output.dtype as Precision;
  const size = output.data.BYTES_PER_ELEMENT;
  const { shape } = x.layout;
  const rank = shape.length;
  const [m, k, n] = [shape[rank - 2]!, shape[rank - 1]!, y.layout.shape[rank - 1]!];
  try {
    let left = operands.place(x);
    let right = operands.place(y);
    if (n === 1 && scattered(left, size)) left = operands.placeRowMajor(x);
    if (n === 1 && left.strides[rank - 1] === size && right.strides[rank - 2] !== size)
      right = operands.placeRowMajor(y);
    const room = n === 1 ? roomForDots(engine, m, size) : roomFor(engine, m, n, k, precision);
    let batches = 1;
    for (let axis = 0; axis < rank - 2; axis++) batches *= shape[axis]!;
    for (let batch = 0; batch < batches; batch++) {
      let [a, b] = [left.address, right.address];
      for (let axis = rank - 3, rest = batch; axis >= 0; axis--) {
        a += (rest % shape[axis]!) * left.strides[axis]!;
        b += (rest % shape[axis]!) * right.strides[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      const product: Product = {
        engine, precision, size, m, n, k, a, b, room, output,
        aLine: left.strides[rank - 2]!, aStep: left.strides[rank - 1]!,
        bLine: right.strides[rank - 1]!, bStep: right.strides[rank - 2]!,
        first: output.offset + batch * m * n,
      }; // prettier-ignore
      if (n === 1) dots(product);
      else tiles(product);
    }
  } finally {
    operands.end();
  }
}

function roomFor({ operands }: Engine, m: number, n: number, k: number, precision: Precision): Room {
  const width = tileColumns[precision];
  const size = precision === "float64" ? 8 : 4;
  const rows = Math.min(m, rowsAtOnce);
  return {
    results: operands.room(rows * n * size),
    left: operands.room((rows + tileRows) * Math.min(k, depth) * size),
    right: operands.room(Math.ceil(n / width) * width * k * size),
    tile: operands.room(tileRows * width * size),
  };
}

function tiles({
  engine,
  precision,
  size,
  m,
  n,
  k,
  a,
  aLine,
  aStep,
  b,
  bLine,
  bStep,
  room,
  output,
  first,
}: Product): void {
  const functions = engine.group("product", precision);
  const width = tileColumns[precision];
  functions[`pack${width}`]!(n, k, b, bLine, bStep, room.right, k * width * size);
  for (let i = 0; i < m; i += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, m - i);
    functions["multiply"]!(
      rows, n, k, a + i * aLine, aLine, aStep, room.right, room.results, n * size, room.left, room.tile,
    ); // prettier-ignore
    engine.read(room.results, rows * n, output.data, first + i * n);
  }
}

function roomForDots({ operands }: Engine, m: number, size: number): Room {
  const results = operands.room(Math.min(m, resultsAtOnce) * size);
  return { results, left: operands.room(scratchBytes), right: 0, tile: 0 };
}

function dots({ engine, precision, size, m, k, a, aLine, aStep, b, bStep, room, output, first }: Product): void {
  const functions = engine.group("dot", precision);
  for (let i = 0; i < m; i += resultsAtOnce) {
    const rows = Math.min(resultsAtOnce, m - i);
    if (aStep === size) functions["dotRows"]!(rows, k, a + i * aLine, aLine, b, room.results);
    else functions["dotColumns"]!(rows, k, a + i * aLine, aStep, b, bStep, room.results, room.left);
    engine.read(room.results, rows, output.data, first + i);
  }
}
