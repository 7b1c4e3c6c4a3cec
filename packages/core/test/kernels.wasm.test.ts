/** The emitted functions alone, over addresses, against the canonical orders written out. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineInOrder } from "../src/backends/order.js";
import { groupModule } from "../src/backends/wasmEngine.js";
import { groupSections } from "../src/backends/wasmGroups.js";
import { encodeGroup, groupTexts } from "../src/backends/wasmGroupText.js";
import { instantiate, wasmApi, type WasmFunctions } from "../src/backends/wasmModule.js";
import { depth, productRoom } from "../src/backends/wasmProductText.js";
import { columnsBytes, columnsStep, scratchRoom } from "../src/backends/wasmColumnsText.js";
import type { Precision } from "../src/scalar.js";
import { between, rounding, wordsFrom } from "./elementary/samples.js";

const memory = new wasmApi!.Memory({ initial: 400 });
const arrays = { float64: Float64Array, float32: Float32Array };
/** Where things lie: four megabytes each are more than any test needs. */
const place = (i: number): number => i * 2 ** 22;

function floats(precision: Precision, at: number, n: number): Float64Array | Float32Array {
  return new arrays[precision](memory.buffer, at, n);
}

/** Numbers with zeros of both signs among them. */
function samples(precision: Precision, n: number, seed: number): number[] {
  const word = wordsFrom(seed + 1);
  return Array.from({ length: n }, () => (word() % 9 === 0 ? -0 : between(precision, word, -2, 2)));
}

describe.each(["float64", "float32"] as const)("in %s", (precision) => {
  const size = arrays[precision].BYTES_PER_ELEMENT;
  const round = rounding[precision];
  const add = (a: number, b: number): number => round(a + b);
  const times = (a: number, b: number): number => round(a * b);
  const [sums, dots, extremes, products] = (["sum", "dot", "extreme", "product"] as const).map((name) =>
    instantiate(groupModule(name, precision, false), memory),
  ) as [WasmFunctions, WasmFunctions, WasmFunctions, WasmFunctions];
  const count = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 700 }));

  test.each(Object.keys(groupTexts) as (keyof typeof groupTexts)[])("%s is what its text gives", (name) => {
    const sections = encodeGroup(name, precision).map((bytes) => Buffer.from(bytes).toString("hex"));
    expect(groupSections[name][precision], "run `npm run kernels` after a change of the texts").toEqual(sections);
  });

  test("sums, dots and extremes of rows and of columns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), count, fc.nat(3), fc.nat(), (m, n, gap, seed) => {
        const wanted = (get: (i: number, j: number) => number): number[] =>
          Array.from({ length: m }, (_, i) => combineInOrder((j) => get(i, j), 0, n, 0, add));
        const best = (f: (...xs: number[]) => number, get: (i: number, j: number) => number): number[] =>
          Array.from({ length: m }, (_, i) => f(...Array.from({ length: n }, (_, j) => get(i, j))));
        const [rows, columns] = [n + gap, m + gap];
        const x = samples(precision, (m + gap) * (n + gap), seed);
        const y = samples(precision, n, seed + 1);
        floats(precision, place(0), x.length).set(x);
        floats(precision, place(1), n).set(y);
        const results = (run: () => void): number[] => {
          run();
          return [...floats(precision, place(2), m)];
        };
        const [p, q, o, scratch] = [0, 1, 2, 3].map(place) as [number, number, number, number];
        const byRow = (i: number, j: number): number => x[i * rows + j]!;
        const byColumn = (i: number, j: number): number => x[j * columns + i]!;
        expect(results(() => sums["sumRows"]!(m, n, p, rows * size, o))).toEqual(wanted(byRow));
        const end = floats("float64", scratch + scratchRoom(m * size), 8).fill(7);
        expect(results(() => sums["sumColumns"]!(m, n, p, columns * size, o, scratch))).toEqual(wanted(byColumn));
        expect([...end]).toEqual(new Array(8).fill(7));
        expect(results(() => dots["dotRows"]!(m, n, p, rows * size, q, o))).toEqual(
          wanted((i, j) => times(byRow(i, j), y[j]!)),
        );
        expect(results(() => dots["dotColumns"]!(m, n, p, columns * size, q, size, o, scratch))).toEqual(
          wanted((i, j) => times(byColumn(i, j), y[j]!)),
        );
        for (const name of ["max", "min"] as const) {
          expect(results(() => extremes[`${name}Rows`]!(m, n, p, rows * size, o))).toEqual(best(Math[name], byRow));
          expect(results(() => extremes[`${name}Columns`]!(m, n, p, columns * size, o))).toEqual(
            best(Math[name], byColumn),
          );
        }
      }),
      { numRuns: 60 },
    );
    expect(columnsStep + scratchRoom(columnsBytes)).toBeLessThan(place(1));
  });

  test.each([3, 7, 8, 20, 40])("%i rows of more columns than are added up at once", (n) => {
    const m = columnsBytes / size + 5;
    const x = samples(precision, m * n, n);
    const y = samples(precision, n, n + 1);
    floats(precision, place(0), x.length).set(x);
    floats(precision, place(1), n).set(y);
    const wanted = (get: (i: number, j: number) => number): number[] =>
      Array.from({ length: m }, (_, i) => combineInOrder((j) => get(i, j), 0, n, 0, add));
    const [p, q, o, scratch] = [0, 1, 2, 3].map(place) as [number, number, number, number];
    const at = (i: number, j: number): number => x[j * m + i]!;
    sums["sumColumns"]!(m, n, p, m * size, o, scratch);
    expect([...floats(precision, o, m)]).toEqual(wanted(at));
    dots["dotColumns"]!(m, n, p, m * size, q, size, o, scratch);
    expect([...floats(precision, o, m)]).toEqual(wanted((i, j) => times(at(i, j), y[j]!)));
    extremes["maxColumns"]!(m, n, p, m * size, o);
    expect([...floats(precision, o, m)]).toEqual(
      Array.from({ length: m }, (_, i) => Math.max(...Array.from({ length: n }, (_, j) => at(i, j)))),
    );
  });

  test("products of operands in any order, with few rows or columns, and past all blocks", () => {
    const small = fc.integer({ min: 1, max: 21 });
    const sizes = fc.oneof(
      fc.tuple(small, small, fc.oneof(small, fc.integer({ min: depth - 3, max: 2 * depth + 3 }))),
      fc.tuple(fc.integer({ min: 100, max: 600 }), small, small),
      fc.tuple(small, fc.integer({ min: 500, max: 600 }), small),
    );
    const order = fc.constantFrom("rows", "columns", "apart");
    /** Steps from line to line and within one, of lines so long. */
    const stepsOf = (name: string, lines: number, k: number): [number, number] =>
      name === "rows" ? [k, 1] : name === "columns" ? [1, lines] : [2 * k, 2];
    fc.assert(
      fc.property(sizes, order, order, fc.nat(), ([m, n, k], orderA, orderB, seed) => {
        const a = samples(precision, 2 * m * k, seed);
        const b = samples(precision, 2 * k * n, seed + 1);
        floats(precision, place(0), a.length).set(a);
        floats(precision, place(1), b.length).set(b);
        const [lineA, stepA] = stepsOf(orderA, m, k);
        const [lineB, stepB] = stepsOf(orderB, n, k);
        const out = floats(precision, place(2), m * n + 1).fill(7);
        products["multiply"]!(
          m, n, k, place(0), lineA * size, stepA * size, place(1), lineB * size, stepB * size, place(2), n * size, place(3),
        ); // prettier-ignore
        const wanted = Array.from({ length: m * n }, (_, element) => {
          const [i, j] = [Math.floor(element / n), element % n];
          let sum = 0;
          for (let h = 0; h < k; h++) sum = add(sum, times(a[i * lineA + h * stepA]!, b[h * stepB + j * lineB]!));
          return sum;
        });
        expect([...out]).toEqual([...wanted, 7]);
      }),
      { numRuns: 100 },
    );
    expect(place(3) + productRoom(precision)).toBeLessThan(memory.buffer.byteLength);
  });
});
