/**
 * Elementwise loops in WebAssembly. Elements pass through small windows of memory, which stay in the cache: copied in,
 * computed, copied out.
 * @module
 */
import { precisionOf, type Operand } from "../backend.js";
import { dtypeRank, type TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { bytesOf, lanesIn } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "./axes.js";
import { cutting } from "./parts.js";
import type { Engine } from "./wasmEngine.js";
import { callsOf, mapParts, mapTime } from "./wasmMapParts.js";
import { compileModule, functionOf, instantiate, type Callable } from "./wasmModule.js";
import { mapText, type MapOperand, type Stored } from "./wasmMapText.js";

/** Bytes of one operand that are in memory at a time. */
const windowBytes = 65536;
/** The same where threads help: enough work for all, in the cache that they share. */
const sharedWindowBytes = 2 ** 20;
/** Expressions of fewer instructions are computed sooner than they are copied, so threads would be of no use. */
const dear = 12;

/** Whether lanes can hold the operands: floats of one precision, and bool; but not integers, whose products wrap around. */
export function mappable(inputs: readonly Operand[], output: Operand): boolean {
  let float = false;
  const precision = precisionOf(inputs);
  for (let i = 0; i < inputs.length; i++) {
    const { dtype } = inputs[i]!;
    if (dtype === precision) float = true;
    else if (dtype !== "bool") return false;
  }
  return float && (output.dtype === precision || output.dtype === "bool");
}

const storedAs = ({ dtype }: Operand): Stored => (dtype === "bool" ? "byte" : "number");

/** A part of the output, rows × columns, and where it begins in the two inner axes. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly row: number;
  readonly column: number;
}

/** Steps of an operand from row to row and from column to column, in elements. */
interface Steps {
  readonly row: number;
  readonly column: number;
}

/** Copies a tile of an operand to its window, and says how many bytes its rows are apart there. */
function fill(engine: Engine, address: number, x: Operand, start: number, { row, column }: Steps, tile: Tile): number {
  const { data } = x;
  const size = data.BYTES_PER_ELEMENT;
  const first = start + tile.row * row + tile.column * column;
  const rows = row === 0 ? 1 : tile.rows;
  const columns = column === 0 ? 1 : tile.columns;
  if (column <= 1 && column >= 0 && (rows === 1 || row === columns)) engine.write(address, rows * columns, data, first);
  else if (column === 1)
    for (let i = 0; i < rows; i++) engine.write(address + i * columns * size, columns, data, first + i * row);
  else gather(engine.viewFor(data), address / size, data, first, rows, columns, row, column);
  return row === 0 ? 0 : columns * size;
}

function gather(
  view: TypedArray,
  at: number,
  data: TypedArray,
  first: number,
  rows: number,
  columns: number,
  row: number,
  column: number,
): void {
  for (let i = 0, o = at; i < rows; i++)
    for (let j = 0, p = first + i * row; j < columns; j++, p += column) view[o++] = data[p]!;
}

/** A kernel's loop in memory, its instructions for every element, and the elements that a turn of it does. */
interface Loop {
  readonly run: Callable;
  readonly cost: number;
  readonly turn: number;
}

/** Loops by slot, then by what the operands are. */
const loopsOf = new WeakMap<Engine, Map<number, Loop>[]>();

function loopFor<P>(
  engine: Engine,
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  repeated: (i: number) => boolean,
  parameters: number,
  output: Operand,
): Loop {
  let bySlot = loopsOf.get(engine);
  if (bySlot === undefined) loopsOf.set(engine, (bySlot = []));
  const loops = (bySlot[kernel.slot] ??= new Map<number, Loop>());
  let key = dtypeRank[output.dtype];
  for (let i = 0; i < inputs.length; i++) key = key * 8 + dtypeRank[inputs[i]!.dtype] * 2 + Number(repeated(i));
  let loop = loops.get(key);
  if (loop === undefined) {
    const kinds = inputs.map((x, i): MapOperand => ({ stored: storedAs(x), repeated: repeated(i) }));
    const precision = precisionOf(inputs);
    const { text, cost, vectors } = mapText(kernel.scalar, kinds, parameters, precision, storedAs(output));
    const run = instantiate(compileModule([functionOf("map", text)], engine.shared), engine.heap.memory)["map"]!;
    loops.set(key, (loop = { run, cost, turn: vectors * lanesIn[precision] }));
  }
  return loop;
}

/** Whether threads are of use for so many elements. */
function worthThreads(engine: Engine, { cost }: Loop, size: number, precision: Precision): boolean {
  if (engine.crew === null) return false;
  return (cost >= dear && mapTime(size, cost, precision) >= cutting.least) || cutting.fine;
}

/** Runs a map that is `mappable`, over at least one element. @throws {@link NoRoom} */
export function runWasmMap<P>(
  engine: Engine,
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  params: P,
  output: Operand,
): void {
  const parameters = kernel.parameters === null ? [] : kernel.parameters(params);
  const precision = precisionOf(inputs);
  const { size } = output.layout;
  if (size <= windowBytes / bytesOf[precision] && inputs.every((x) => x.layout.contiguous)) {
    const loop = loopFor(engine, kernel, inputs, () => false, parameters.length, output);
    if (!worthThreads(engine, loop, size, precision)) {
      const target = engine.window(0, windowBytes);
      const args = [1, size, target, 0];
      for (let i = 0; i < inputs.length; i++) {
        const { data, offset } = inputs[i]!;
        const window = engine.window(i + 1, windowBytes);
        engine.write(window, size, data, offset);
        args.push(window, 0);
      }
      loop.run(...args, ...parameters);
      engine.read(target, size, output.data, output.offset);
      return;
    }
  }
  try {
    runTiles(engine, kernel, inputs, parameters, output, precision);
  } finally {
    engine.operands.end();
  }
}

/** A map of operands in any layout, or of more elements than the windows hold, tile by tile. */
function runTiles<P>(
  engine: Engine,
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  parameters: readonly number[],
  output: Operand,
  precision: Precision,
): void {
  const operands = [output, ...inputs];
  const axes = mergeAxes(
    output.layout.shape,
    operands.map((x) => x.layout.strides),
  );
  const [outer, inner] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  const steps = operands.map((_, i): Steps => ({ row: outer.strides[i]!, column: inner.strides[i]! }));
  const loop = loopFor(engine, kernel, inputs, (i) => steps[i + 1]!.column === 0, parameters.length, output);
  const threads = worthThreads(engine, loop, outer.n * inner.n, precision);
  const most = (threads ? sharedWindowBytes : windowBytes) / bytesOf[precision];
  const windows = operands.map((_, i) =>
    threads ? engine.operands.room(sharedWindowBytes) : engine.window(i, windowBytes),
  );
  const columns = Math.min(inner.n, most);
  const rows = Math.min(outer.n, Math.floor(most / columns));
  const sizes = operands.map((x) => x.data.BYTES_PER_ELEMENT);
  const columnSteps = steps.map(({ column }, i) => (column === 0 && i > 0 ? 0 : sizes[i]!));
  const runTile = (tile: Tile, starts: readonly number[]): void => {
    const rowSteps = windows.map((window, i) =>
      i === 0 ? tile.columns * sizes[0]! : fill(engine, window, inputs[i - 1]!, starts[i]!, steps[i]!, tile),
    );
    if (threads) {
      const { cost, turn } = loop;
      const given = { precision, cost, turn, ...tile, starts: [windows], rowSteps, columnSteps, parameters };
      engine.run({ parts: callsOf(loop.run, mapParts(given, engine.cut)), room: 0 });
    } else loop.run(tile.rows, tile.columns, ...windows.flatMap((window, i) => [window, rowSteps[i]!]), ...parameters);
    // The output is row-major, so that a tile of several rows has whole ones.
    const first = starts[0]! + tile.row * steps[0]!.row + tile.column * steps[0]!.column;
    engine.read(windows[0]!, tile.rows * tile.columns, output.data, first);
  };
  forEachOuter(
    axes,
    2,
    operands.map((x) => x.offset),
    (starts) => {
      for (let row = 0; row < outer.n; row += rows)
        for (let column = 0; column < inner.n; column += columns) {
          const here = { rows: Math.min(rows, outer.n - row), columns: Math.min(columns, inner.n - column) };
          runTile({ row, column, ...here }, starts);
        }
    },
  );
}
