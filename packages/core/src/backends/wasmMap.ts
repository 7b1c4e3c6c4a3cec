/**
 * Elementwise loops in WebAssembly. Elements pass through small windows of memory, which stay in the cache: copied in,
 * computed, copied out.
 * @module
 */
import { precisionOf, type Operand } from "../backend.js";
import type { TypedArray } from "../dtype.js";
import type { MapKernel } from "../kernel.js";
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "./axes.js";
import type { Engine } from "./wasmEngine.js";
import { compileModule } from "./wasmModule.js";
import { mapText, type MapOperand, type Stored } from "./wasmMapText.js";

/** Bytes of one operand that are in memory at a time. */
export const windowBytes = 32768;

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

/** Runs a map that is `mappable`, over at least one element. */
export function runWasmMap<P>(
  engine: Engine,
  kernel: MapKernel<P>,
  inputs: readonly Operand[],
  params: P,
  output: Operand,
): void {
  const parameters = kernel.parameters === null ? [] : kernel.parameters(params);
  const precision = precisionOf(inputs);
  const operands = [output, ...inputs];
  const axes = mergeAxes(
    output.layout.shape,
    operands.map((x) => x.layout.strides),
  );
  const [outer, inner] = innerAxes(axes, 2) as [MergedAxis, MergedAxis];
  const steps = operands.map((_, i): Steps => ({ row: outer.strides[i]!, column: inner.strides[i]! }));
  const kinds = inputs.map((x, i): MapOperand => ({ stored: storedAs(x), repeated: steps[i + 1]!.column === 0 }));
  const name = `${kernel.slot} ${precision} ${kinds.map((kind) => `${kind.stored} ${kind.repeated}`).join(" ")} ${output.dtype}`;
  const map = engine.module(name, () =>
    compileModule([mapText("map", kernel.scalar, kinds, parameters.length, precision, storedAs(output)).text]),
  )["map"]!;
  const windows = operands.map((_, i) => engine.window(i, windowBytes));
  const most = windowBytes / (precision === "float64" ? 8 : 4);
  const columns = Math.min(inner.n, most);
  const rows = Math.min(outer.n, Math.floor(most / columns));
  const outputBytes = output.data.BYTES_PER_ELEMENT;
  forEachOuter(
    axes,
    2,
    operands.map((x) => x.offset),
    (starts) => {
      for (let row = 0; row < outer.n; row += rows)
        for (let column = 0; column < inner.n; column += columns) {
          const tile: Tile = {
            row,
            column,
            rows: Math.min(rows, outer.n - row),
            columns: Math.min(columns, inner.n - column),
          };
          const places = inputs.flatMap((x, i) => {
            const window = windows[i + 1]!;
            return [window, fill(engine, window, x, starts[i + 1]!, steps[i + 1]!, tile)];
          });
          map(tile.rows, tile.columns, windows[0]!, tile.columns * outputBytes, ...places, ...parameters);
          // The output is row-major, so that a tile of several rows has whole ones.
          engine.read(
            windows[0]!,
            tile.rows * tile.columns,
            output.data,
            starts[0]! + row * steps[0]!.row + column * steps[0]!.column,
          );
        }
    },
  );
}
