/** Dense layers over register tiles: forward, derivatives by the inputs, and descent by the weights. @module */
import { tile } from "./tile.js";
import { add, and, int, load, max, plus, sub, zeros, type Routine } from "./text.js";

/** Floats of a line of the cache: rows get one more, so that columns of a power of two do not all share few lines. */
export const line = 16;

/** A matrix row by row: where it is, and how many bytes a row takes. */
export interface Rows {
  readonly at: number;
  readonly rowBytes: number;
}

/** Weights by panels of `4 * vectors` columns, each `[inner, columns]`, one after another. */
export interface Panels {
  readonly at: number;
  readonly inner: number;
  readonly vectors: number;
  readonly count: number;
}

export const panelBytes = ({ inner, vectors }: Panels): number => inner * vectors * 16;
export const panelFloats = (panels: Panels): number => (panels.count * panelBytes(panels)) / 4;

export interface Product {
  readonly left: Rows;
  readonly weights: Panels;
  readonly out: Rows;
  /** Rows in all, a multiple of those of a tile. */
  readonly samples: number;
  readonly tileRows: number;
}

/** Rounds of tiles: panel by panel, the rows within, both as addresses. */
function tiles(r: Routine, { left, weights, out, samples, tileRows }: Product, finish: Finish): void {
  const columnBytes = 16 * weights.vectors;
  const column = r.variable("i32", int(0));
  r.loop(int(weights.at), int(weights.at + weights.count * panelBytes(weights)), panelBytes(weights), (panel) => {
    const to = r.variable("i32", plus(column.get, out.at));
    r.loop(int(left.at), int(left.at + samples * left.rowBytes), tileRows * left.rowBytes, (from) => {
      const sums = tile(r, from, panel, {
        rows: tileRows,
        vectors: weights.vectors,
        leftRow: left.rowBytes,
        leftStep: 4,
        rightStep: columnBytes,
        inner: weights.inner,
      });
      sums.forEach((row, i) =>
        row.forEach((sum, v) => r.store(to.get, finish(sum, column.get, to.get, i, v), i * out.rowBytes + 16 * v)),
      );
      to.set(plus(to.get, tileRows * out.rowBytes));
    });
    column.set(plus(column.get, columnBytes));
  });
}

type Finish = (sum: string, column: string, to: string, row: number, vector: number) => string;

/** out = left · weights + bias, `relu` of it if wanted. */
export function forward(r: Routine, product: Product, bias: number, relu: boolean): void {
  tiles(r, product, (sum, column, _to, _row, v) => {
    const z = add(sum, load(column, bias + 16 * v));
    return relu ? max(zeros, z) : z;
  });
}

/** out = slopes · transposed weights where the activation, laid out like `out`, is positive; zero elsewhere. */
export function back(r: Routine, product: Product, activations: Rows): void {
  const { out } = product;
  const apart = activations.at - out.at;
  if (activations.rowBytes !== out.rowBytes || apart < 0) throw new Error("expected activations like the derivatives");
  tiles(r, product, (sum, _column, to, row, v) =>
    and(sum, `(f32x4.gt ${load(to, apart + row * out.rowBytes + 16 * v)} ${zeros})`),
  );
}

/** weights -= transposed left · slopes, four rows of the weights at a time; the slopes carry the rate. */
export function descend(r: Routine, left: Rows, slopes: Rows, weights: Panels, samples: number): void {
  const columnBytes = 16 * weights.vectors;
  const tileRows = 4;
  const row = r.variable("i32", int(weights.at));
  r.loop(int(left.at), int(left.at + 4 * weights.inner), 4 * tileRows, (from) => {
    const to = r.variable("i32", row.get);
    const end = int(slopes.at + weights.count * columnBytes);
    r.loop(int(slopes.at), end, columnBytes, (columns) => {
      const sums = tile(r, from, columns, {
        rows: tileRows,
        vectors: weights.vectors,
        leftRow: 4,
        leftStep: left.rowBytes,
        rightStep: slopes.rowBytes,
        inner: samples,
      });
      sums.forEach((sumsOfRow, i) =>
        sumsOfRow.forEach((sum, v) => {
          const offset = i * columnBytes + 16 * v;
          r.store(to.get, sub(load(to.get, offset), sum), offset);
        }),
      );
      to.set(plus(to.get, panelBytes(weights)));
    });
    row.set(plus(row.get, tileRows * columnBytes));
  });
}

/** bias -= the sums of the columns of `slopes`. */
export function descendBias(r: Routine, slopes: Rows, bias: number, columns: number, samples: number): void {
  r.loop(int(0), int(4 * columns), 16, (column) => {
    const sum = r.variable("v128", load(column, bias));
    const from = plus(column, slopes.at);
    r.loop(from, plus(from, samples * slopes.rowBytes), slopes.rowBytes, (at) => sum.set(sub(sum.get, load(at))));
    r.store(column, sum.get, bias);
  });
}

/** Writes the transposed weights: `[inner, 4 * vectors * count]` in panels becomes panels of its rows. */
export function transpose(r: Routine, weights: Panels, transposed: Panels): void {
  const across = 16 * weights.vectors;
  const width = 4 * transposed.vectors;
  const to = r.variable("i32", int(transposed.at));
  // Row `n` of a panel of the transposed is column `n` of `width` rows of the weights.
  r.loop(int(weights.at), int(weights.at + weights.inner * across), width * across, (rows) => {
    const left = r.variable("i32", int(transposed.inner));
    r.loop(rows, plus(rows, weights.count * panelBytes(weights)), panelBytes(weights), (panel) => {
      r.loop(panel, plus(panel, across), 4, (column) => {
        r.push(`(if (i32.gt_s ${left.get} (i32.const 0)) (then`);
        for (let v = 0; v < transposed.vectors; v++) {
          const lanes = [1, 2, 3].reduce(
            (vector, lane) => `(v128.load32_lane offset=${(4 * v + lane) * across} ${lane} ${column} ${vector})`,
            `(v128.load32_zero offset=${4 * v * across} ${column})`,
          );
          r.store(to.get, lanes, 16 * v);
        }
        to.set(plus(to.get, 16 * transposed.vectors));
        left.set(plus(left.get, -1));
        r.push("))");
      });
    });
  });
}

/** Writes row-major weights `[inputs, outputs]` into panels. */
export function writePanels(
  memory: Float32Array,
  { at, inner, vectors }: Panels,
  weight: Float64Array,
  outputs: number,
): void {
  const width = 4 * vectors;
  weight.forEach((value, i) => {
    const [row, column] = [Math.floor(i / outputs), i % outputs];
    memory[at / 4 + (Math.floor(column / width) * inner + row) * width + (column % width)] = value;
  });
}

/** Writes a row-major matrix into rows that may be longer. */
export function writeRows(memory: Float32Array, { at, rowBytes }: Rows, values: Float64Array, columns: number): void {
  for (let start = 0, to = at / 4; start < values.length; start += columns, to += rowBytes / 4)
    memory.set(values.subarray(start, start + columns), to);
}
