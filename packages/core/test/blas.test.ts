/** Products on a BLAS: what it is handed, and that results agree; on one in plain loops, and on the machine's own. */
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  compile,
  grad,
  random,
  stopBlas,
  tensor,
  useBlas,
  valueAndGrad,
  vmap,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { runBlas, setBlas } from "../src/backends/blas.js";
import { blas, type Blas, type Gemv } from "../src/backends/blasSlot.js";
import { newArray } from "../src/dtype.js";
import { bits } from "./bits.js";
import { plainBlas } from "./plainBlas.js";

/** The machine's library, or why there is none. */
const [found, why] = await useBlas({ threads: 1 }).then(
  (info) => [blas!, `${info.name} ${info.path}`] as const,
  (error: Error) => [null, error.message] as const,
);
stopBlas();
if (found === null) console.warn(`Tests on a BLAS of the machine are skipped: ${why}`);
const libraries: readonly (readonly [string, Blas | null])[] = [
  ["plain loops", plainBlas],
  ["the machine's", found],
];

afterEach(() => {
  stopBlas();
  vi.restoreAllMocks();
});

test.skipIf(process.env["COTANGENT_BLAS"] === undefined)("the machine that promises a BLAS has one", () => {
  expect(found, why).not.toBeNull();
});

type Choose = (n: number) => number;

/** Elements whose sums neither overflow nor vanish in float32; some are zero, infinite or NaN. */
function elements(shape: readonly number[], seed: number, special: boolean): Tensor {
  const values = random(seed)
    .normal(shape)
    .toTypedArray()
    .map((v, i) => v * 2 ** (((i * 31 + seed) % 33) - 16));
  const odd = [NaN, Infinity, -Infinity, 0, -0, 0, 0, 0];
  if (special) for (let i = seed % 5; i < values.length; i += 7) values[i] = odd[((i + seed) * 13) % odd.length]!;
  return tensor(values, { shape });
}

/** Elements small and whole, so that sums are exact in any order. */
const whole = (shape: readonly number[], seed: number, dtype: "float64" | "float32" = "float64"): Tensor =>
  random(seed).integers(shape, { low: 1, high: 4 }).astype(dtype);

/** Batches of matrices, stored in one of many ways; their values are what `make` gives. */
const storages: readonly ((make: (shape: readonly number[]) => Tensor, shape: readonly number[]) => Tensor)[] = [
  (make, shape) => make(shape),
  (make, [...shape]) => make([...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!]).transpose(),
  // A window of larger matrices: lines further apart than they are long.
  (make, shape) => make(shape.map((n) => n + 3)).slice(shape.map((n) => [2, n + 2])),
  (make, shape) =>
    make([...shape.slice(0, -2), shape.at(-1)! + 3, shape.at(-2)! + 2])
      .transpose()
      .slice([
        ...shape.slice(0, -2).map(() => [] as number[]),
        [1, shape.at(-2)! + 1],
        [2, shape.at(-1)! + 2],
      ] as never),
  // Every other element, both ways.
  (make, shape) => make(shape.map((n) => 2 * n)).slice(shape.map((n) => [0, 2 * n, 2])),
  (make, shape) => make(shape).slice(shape.map(() => [null, null, -1])),
  // One line, or one column, or one number, over and over.
  (make, shape) => make([...shape.slice(0, -2), 1, shape.at(-1)!]).broadcastTo(shape),
  (make, shape) => make([...shape.slice(0, -1), 1]).broadcastTo(shape),
  (make, shape) => make(shape.map(() => 1)).broadcastTo(shape),
  (make, shape) => make(shape.slice(-2)).broadcastTo(shape),
  // Batches between rows and columns.
  (make, shape) => {
    const last = shape.length - 1;
    const axes = [last - 1, ...shape.slice(0, -2).map((_, i) => i), last];
    const back = shape.map((_, axis) => axes.indexOf(axis));
    return make(axes.map((axis) => shape[axis]!)).permute(back);
  },
];

function operand(shape: readonly number[], choose: Choose, special: boolean): Tensor {
  const store = storages[choose(storages.length)]!;
  return store((inner) => elements(inner, choose(1e6), special), shape);
}

/** Unit roundoff, and the smallest distance of two numbers. */
const roundoff = { float64: [2 ** -53, 2 ** -1074], float32: [2 ** -24, 2 ** -149] } as const;

/**
 * Each of two sums of k products, in whatever order, fused or not, is within k roundoffs of |x| |y|, to first order; the
 * factor 1.01 covers the higher ones. NaN and infinities are where they are in any order, as no sum comes near overflow.
 */
function expectClose(actual: Tensor, x: Tensor, y: Tensor): void {
  const { dtype } = actual;
  const [exact, size] = withBackend("reference", () => {
    const [a, b] = [x.astype("float64").abs(), y.astype("float64").abs()];
    return [x.matmul(y).toTypedArray(), a.matmul(b).toTypedArray()];
  });
  const [unit, least] = roundoff[dtype as "float64" | "float32"];
  const k = x.shape.at(-1)!;
  const wrong = [...actual.toTypedArray()].flatMap((value, i) => {
    const wanted = exact[i]!;
    const bound = 2.02 * k * unit * size[i]! + 2 * k * least;
    return Object.is(value, wanted) || Math.abs(value - wanted) <= bound ? [] : [{ i, value, wanted, bound }];
  });
  expect(wrong).toEqual([]);
}

describe.each(libraries)("on %s", (_, library) => {
  const on = (): void => setBlas(library);
  const it = test.skipIf(library === null);
  const axis = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 }));

  it("products of any shape and layout agree within the bound, NaN and infinities too", () => {
    fc.assert(
      fc.property(
        fc.tuple(axis, axis, axis),
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
        fc.boolean(),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        ([m, k, n], batch, narrow, special, words) => {
          const choose: Choose = (count) => (words.next().value as number) % count;
          const dtype = narrow ? "float32" : "float64";
          const [x, y] = [[...batch, m, k], [...batch, k, n]].map((shape) => operand(shape, choose, special).astype(dtype)) as [Tensor, Tensor]; // prettier-ignore
          const out = tensor(newArray("float64", batch.reduce((a, b) => a * b, m * n)).fill(NaN), { shape: [...batch, m, n], dtype }); // prettier-ignore
          if ((m === 1 || n === 1) && library![dtype].gemv === null) return;
          runBlas(library!, x as never, y as never, out as never);
          expectClose(out, x, y);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("matrices whose lines overlap are taken apart", () => {
    const data = elements([200], 19, false).toTypedArray();
    const y = elements([6, 5], 20, false);
    for (const [line, step] of [[1, 1], [2, 1], [1, 2], [0, 1], [1, 0], [5, 1], [1, 3], [-1, 1], [1, -6], [6, 1], [1, 4]] as const) {
      const offset = 100;
      const layout = { shape: [4, 6], strides: [line, step], size: 24, contiguous: false, reordered: null };
      const copy = Array.from({ length: 24 }, (_, i) => data[offset + Math.floor(i / 6) * line + (i % 6) * step]!);
      const out = tensor(new Float64Array(20).fill(NaN), { shape: [4, 5] });
      runBlas(library!, { data, offset, layout, dtype: "float64" }, y as never, out as never);
      expectClose(out, tensor(copy, { shape: [4, 6] }), y);
    }
  }); // prettier-ignore

  it("large products, with vectors, in batches, and of views go there without copies", () => {
    on();
    for (const dtype of ["float64", "float32"] as const) {
      const gemm = vi.spyOn(library![dtype], "gemm");
      const make = (shape: readonly number[]): Tensor => elements(shape, 3, false).astype(dtype);
      const [x, y, z] = [make([70, 130]), make([70, 50]), make([4, 50, 60])];
      const pairs = [
        [x.transpose(), y],
        [y.transpose(), x],
        [x.slice([[3, 60], [2, 99]]), make([97, 33])],
        [y, z],
        [z, z.transpose()],
      ] as const; // prettier-ignore
      for (const [a, b] of pairs) {
        gemm.mockClear();
        expectClose(a.matmul(b), a, b);
        expect(gemm).toHaveBeenCalledTimes(a.shape.length === 3 || b.shape.length === 3 ? 4 : 1);
        const [, , , , , , , left, , right] = gemm.mock.lastCall!;
        expect(left.buffer).toBe((a.data as Float64Array).buffer);
        expect(right.buffer).toBe((b.data as Float64Array).buffer);
      }
      if (library![dtype].gemv === null) continue;
      const gemv = vi.spyOn(library![dtype] as { gemv: Gemv }, "gemv");
      const [row, column] = [make([130]), make([50]).unsqueeze(1)];
      for (const [a, b] of [[x, row.unsqueeze(1)], [row.unsqueeze(0), x.transpose()], [y, column]] as const)
        expectClose(a.matmul(b), a, b); // prettier-ignore
      expect(gemv).toHaveBeenCalledTimes(3);
    }
  });

  it("gradients, batches by vmap, compiled steps: exact where every order is", () => {
    const x = whole([40, 30], 1);
    const y = whole([40, 20], 2);
    const cost = (w: Tensor): Tensor => x.matmul(w).sub(y).square().sum();
    const second = (w: Tensor): Tensor => grad((v: Tensor) => grad(cost)(v).square().sum())(w);
    // Rates are powers of two and sizes small, so that three steps lose no digit either.
    const step = (w: Tensor): { w: Tensor; cost: Tensor } => {
      const [value, slope] = valueAndGrad(cost)(w);
      return { w: w.sub(slope.mul(2 ** -8)), cost: value };
    };
    const all = (): string[] => {
      const program = compile(step);
      let state = { w: whole([30, 20], 3), cost: tensor(0) };
      for (let i = 0; i < 3; i++) state = program(state.w);
      const rows = vmap((row: Tensor) => row.unsqueeze(0).matmul(whole([30, 60], 4)))(x);
      return [state.w, state.cost, grad(cost)(whole([30, 20], 3)), second(whole([30, 20], 3)), rows].map(bits);
    };
    const exact = all();
    on();
    const gemm = vi.spyOn(library!.float64, "gemm");
    expect(all()).toEqual(exact);
    expect(gemm.mock.calls.length).toBeGreaterThan(10);
  });

  it("comes and goes between the batches of a repeat", () => {
    const weights = elements([9, 40], 5, false);
    const batches = [1, 2, 3, 4].map((seed) => elements([40, 9], seed, false));
    const step = (state: Tensor, x: Tensor): Tensor => state.add(x.matmul(weights).tanh());
    const switching = function* (): Generator<Tensor> {
      for (const [i, batch] of batches.entries()) {
        if (i === 1) on();
        if (i === 3) stopBlas();
        yield batch;
      }
    };
    const start = elements([40, 40], 6, false);
    let expected = start;
    for (const batch of switching()) expected = step(expected, batch);
    const gemm = vi.spyOn(library!.float64, "gemm");
    expect(bits(compile(step).repeat(start, switching()))).toBe(bits(expected));
    expect(gemm).toHaveBeenCalledTimes(2);
  });

  it("programs hand over their own memory, and are recorded anew when the library comes and goes", () => {
    const constant = elements([60, 40], 5, false).matmul(elements([40, 50], 6, false));
    const [a, b] = [elements([60, 70], 7, false), elements([70, 50], 8, false)];
    const program = compile((x: Tensor, v: Tensor) => {
      // Of constants, so it is computed while recording.
      const fixed = a.matmul(b);
      return [
        x
          .tanh()
          .matmul(constant)
          .add(fixed.slice([[0, 30]])),
        x.transpose().matmul(x),
        x.matmul(v),
      ] as const;
    });
    const [x, v] = [elements([30, 60], 9, false), elements([60], 10, false)];
    const run = (): string[] => program(x, v).map(bits);
    const before = run();
    on();
    const gemm = vi.spyOn(library!.float64, "gemm");
    const during = run();
    expect(during).not.toEqual(before);
    expect(program.recorded).toBe(2);
    const memory = new Set(gemm.mock.lastCall!.filter((each) => typeof each === "object").map(({ buffer }) => buffer));
    expect(memory.size).toBe(1);
    expect(withBackend("source", run)).toEqual(before);
    stopBlas();
    expect(run()).toEqual(before);
    on();
    expect(run()).toEqual(during);
    expect(program.recorded).toBe(2);
  });

  it("with it off, and on a backend chosen by name, bits are the canonical ones", () => {
    const [x, y] = [elements([90, 80], 11, false), elements([80, 70], 12, false)];
    const product = (): string => bits(x.matmul(y));
    const exact = product();
    on();
    expect(product()).not.toBe(exact);
    for (const name of ["reference", "source", "wasm"] as const) expect(withBackend(name, product)).toBe(exact);
    stopBlas();
    expect(product()).toBe(exact);
  });

  it("integers, small products and empty ones stay on our own kernels", () => {
    on();
    const routines = (["float64", "float32"] as const).flatMap((dtype) => [
      vi.spyOn(library![dtype], "gemm"),
      ...(library![dtype].gemv === null ? [] : [vi.spyOn(library![dtype] as { gemv: Gemv }, "gemv")]),
    ]);
    const x = random(13).integers([64, 64], { low: -(2 ** 31), high: 2 ** 31 - 1 });
    expect(bits(x.matmul(x))).toBe(withBackend("reference", () => bits(x.matmul(x))));
    expect(elements([8, 8], 14, false).matmul(elements([8, 8], 15, false)).shape).toEqual([8, 8]);
    const empty = tensor(new Float64Array(0), { shape: [50, 0] });
    expect(empty.matmul(empty.transpose()).sum().item()).toBe(0);
    expect(empty.transpose().matmul(elements([50, 60], 16, false)).shape).toEqual([0, 60]);
    expect(elements([60, 50], 16, false).matmul(empty).shape).toEqual([60, 0]);
    expect(
      compile((t: Tensor) => t.matmul(t.transpose()))(empty)
        .sum()
        .item(),
    ).toBe(0);
    for (const routine of routines) expect(routine).not.toHaveBeenCalled();
  });
});

test("a library whose product with a vector is wrong leaves those to us", () => {
  const none: Blas = { float32: { ...plainBlas.float32, gemv: null }, float64: { ...plainBlas.float64, gemv: null } };
  const [x, v] = [elements([90, 80], 17, false), elements([80], 18, false)];
  const [exact, other] = [bits(x.matmul(v)), bits(x.matmul(x.transpose()))];
  setBlas(none);
  expect(bits(x.matmul(v))).toBe(exact);
  expect(bits(compile((a: Tensor) => a.matmul(v))(x))).toBe(exact);
  expect(bits(x.matmul(x.transpose()))).not.toBe(other);
});
