/**
 * Matrix products of few rows and columns over a long inner axis, such as the derivatives by the weights of a small
 * layer: all sums stay in registers while one loop runs over the operands where they lie, so that nothing is packed.
 * @module
 */
import { functionOf } from "../backends/wasmModule.js";
import { laneType, lanesIn, take, type Tokens } from "../readings/lanes.js";
import type { Precision } from "../scalar.js";
import { bytesOf } from "./memory.js";
import type { Buffer, Equation, Place } from "./trace.js";
import { runsOnBlas, type WasmKernel } from "./wasmKernel.js";
import type { Loops } from "./wasmLoop.js";

/** Rows, and vectors of columns, whose sums have room in registers with their operands. */
const tile = { rows: 4, vectors: 2 } as const;
/** With more tiles, packed operands serve better. */
const mostTiles = 4;

/** Addresses and, in bytes, steps of the operands `[m, k]` and `[k, n]` and of the product. */
interface Thin {
  readonly precision: Precision;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly aLine: number;
  readonly aStep: number;
  readonly b: number;
  readonly bStep: number;
  readonly c: number;
}

function thinOf(equation: Equation, addressOf: (buffer: Buffer) => number): Thin | null {
  const { kernel, inputs, output } = equation;
  const [x, y] = inputs as readonly [Place, Place];
  const { dtype: precision } = output;
  if (kernel.kind !== "contract" || runsOnBlas(equation) || (precision !== "float64" && precision !== "float32"))
    return null;
  const { shape, size } = output.layout;
  const [m, n] = shape.slice(-2) as [number, number];
  const k = x.layout.shape.at(-1)!;
  // A single column adds up in the order of sums.
  if (x.dtype !== precision || y.dtype !== precision || size !== m * n || size === 0 || k === 0 || n === 1) return null;
  const bytes = bytesOf[precision];
  const [aLine, aStep] = x.layout.strides.slice(-2).map((stride) => stride * bytes) as [number, number];
  const [bStep, bLine] = y.layout.strides.slice(-2).map((stride) => stride * bytes) as [number, number];
  if (bLine !== bytes || aLine < 0 || n > tile.vectors * lanesIn[precision] || m > mostTiles * tile.rows) return null;
  const [a, b, c] = [x, y, output].map(({ buffer, offset }) => addressOf(buffer) + offset * bytes) as [
    number,
    number,
    number,
  ];
  return { precision, m, n, k, a, aLine, aStep, b, bStep, c };
}

/** The body of the function: for every tile, a loop over k = 0, 1, 2, … */
function textOf({ precision, m, n, k, a, aLine, aStep, b, bStep, c }: Thin): Tokens {
  const type = laneType[precision];
  const lanes = lanesIn[precision];
  const bits = 8 * bytesOf[precision];
  const vectors = Array.from({ length: Math.ceil(n / lanes) }, (_, v) => v);
  const rows = Array.from({ length: Math.min(m, tile.rows) }, (_, i) => i);
  const sum = (i: number, v: number): string => `$c${i}_${v}`;
  const sums = rows.flatMap((i) => vectors.map((v) => ({ i, v, name: sum(i, v) })));
  const set = (name: string, value: Tokens): Tokens => [...value, "local.set", name];
  const put = (name: string, value: number): Tokens => set(name, ["i32.const", value]);
  const advance = (name: string, by: number): Tokens => [
    ...take(name), "i32.const", by, "i32.add", "local.set", name,
  ]; // prettier-ignore
  const store = (i: number, v: number, at: number): Tokens => {
    if ((v + 1) * lanes <= n) return ["i32.const", at, ...take(sum(i, v)), "v128.store", "offset=0"];
    return Array.from({ length: n - v * lanes }, (_, lane): Tokens => [
      ...["i32.const", at + (lane * bits) / 8, ...take(sum(i, v))],
      ...[`v128.store${bits}_lane`, "offset=0", lane],
    ]).flat();
  };
  /** The rows from number `first` on; a tile that would have fewer does some of the last one's again. */
  const tileText = (first: number): Tokens => [
    ...put("$a", a + first * aLine),
    ...put("$b", b),
    ...put("$k", k),
    ...sums.flatMap(({ name }) => set(name, ["v128.const", "i32x4", "0", "0", "0", "0"])),
    ...["loop", "$next"],
    ...vectors.flatMap((v) => set(`$b${v}`, [...take("$b"), "v128.load", `offset=${v * 16}`])),
    ...rows.flatMap((i): Tokens => [
      ...set("$x", [...take("$a"), `v128.load${bits}_splat`, `offset=${i * aLine}`]),
      ...vectors.flatMap((v) =>
        set(sum(i, v), [...take(sum(i, v)), ...take("$x"), ...take(`$b${v}`), `${type}.mul`, `${type}.add`]),
      ),
    ]),
    ...advance("$a", aStep),
    ...advance("$b", bStep),
    ...[...take("$k"), "i32.const", 1, "i32.sub", "local.tee", "$k", "br_if", "$next", "end"],
    ...sums.flatMap(({ i, v }) => store(i, v, c + (((first + i) * n + v * lanes) * bits) / 8)),
  ];
  const starts = Array.from({ length: Math.ceil(m / tile.rows) }, (_, i) => Math.min(i * tile.rows, m - rows.length));
  const integers = ["$a", "$b", "$k"].map((name) => ["local", name, "i32"] as const);
  const values = [...sums.map(({ name }) => name), ...vectors.map((v) => `$b${v}`), "$x"];
  return [...integers, ...values.map((name) => ["local", name, "v128"] as const), ...starts.flatMap(tileText)];
}

/** Adds a function for the equation; `null` where another form serves better. */
export function thinProduct(
  loops: Loops,
  name: string,
  equation: Equation,
  addressOf: (buffer: Buffer) => number,
): WasmKernel | null {
  const thin = thinOf(equation, addressOf);
  if (thin === null) return null;
  loops.functions.push(functionOf(name, textOf(thin)));
  return { kind: "work", make: ({ loops }) => ({ parts: [[{ run: loops[name]!, args: [] }]], room: 0 }) };
}
