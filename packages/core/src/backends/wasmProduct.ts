/**
 * Matrix products in WebAssembly: operands copied in as they lie, results copied out in chunks of rows.
 * @module
 */
import type { Operand } from "../backend.js";
import { bytesOf } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import type { Engine } from "./wasmEngine.js";
import type { Placed } from "./wasmOperands.js";
import { productRoom } from "./wasmProductText.js";
import { scratchBytes } from "./wasmSumText.js";

/** Bytes of a product that are computed before they are copied out. */
const resultBytes = 2 ** 21;
const fewestRows = 128;
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
  /** Where chunks of results and what the functions need have room. */
  readonly room: Room;
  readonly output: Operand;
  readonly first: number;
}

interface Room {
  /** So many rows at a time. */
  readonly rows: number;
  readonly results: number;
  readonly scratch: number;
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
    const room = n === 1 ? roomForDots(engine, m, size) : roomFor(engine, m, n, precision);
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

function roomFor({ operands }: Engine, m: number, n: number, precision: Precision): Room {
  const line = n * bytesOf[precision];
  const rows = Math.min(m, Math.max(fewestRows, Math.floor(resultBytes / line)));
  return { rows, results: operands.room(rows * line), scratch: operands.room(productRoom(precision)) };
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
  const { multiply } = engine.group("product", precision);
  for (let i = 0; i < m; i += room.rows) {
    const rows = Math.min(room.rows, m - i);
    multiply!(
      rows, n, k, a + i * aLine, aLine, aStep, b, bLine, bStep, room.results, n * size, room.scratch,
    ); // prettier-ignore
    engine.read(room.results, rows * n, output.data, first + i * n);
  }
}

function roomForDots({ operands }: Engine, m: number, size: number): Room {
  const rows = Math.min(m, resultsAtOnce);
  return { rows, results: operands.room(rows * size), scratch: operands.room(scratchBytes) };
}

function dots({ engine, precision, size, m, k, a, aLine, aStep, b, bStep, room, output, first }: Product): void {
  const functions = engine.group("dot", precision);
  for (let i = 0; i < m; i += room.rows) {
    const rows = Math.min(room.rows, m - i);
    if (aStep === size) functions["dotRows"]!(rows, k, a + i * aLine, aLine, b, room.results);
    else functions["dotColumns"]!(rows, k, a + i * aLine, aStep, b, bStep, room.results, room.scratch);
    engine.read(room.results, rows, output.data, first + i);
  }
}
