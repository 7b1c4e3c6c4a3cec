/** Kernels on strided views: the same bits on all backends, and the same as on a dense copy. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, ones, tensor, vjp, where, withBackend, zeros, type DType, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";
import { denseCopy, elements } from "./elements.js";
import { views, type DrawnView } from "./views.js";

const numRuns = 150;
const dtypes: readonly DType[] = ["float64", "float32", "int32"];
const sizes = fc.constantFrom(0, 1, 1, 2, 3, 4, 7, 9, 16, 17);
/** Beyond a block of 128, and beyond the 256 columns that are summed at once. */
const longSizes = fc.constantFrom(1, 2, 3, 127, 130, 257, 300, 520);

interface Sample {
  readonly view: DrawnView;
  readonly dtype: DType;
  readonly seed: number;
  readonly special: boolean;
  /** Chooses axes and partners. */
  readonly pick: number;
}

/** One result, whatever the backend and the layout. */
function expectOneResult(operands: readonly Tensor[], call: (...operands: Tensor[]) => Tensor): void {
  const expected = withBackend("reference", () => bits(call(...operands.map(denseCopy))));
  for (const backend of ["reference", "source", "wasm"] as const)
    expect(withBackend(backend, () => bits(call(...operands)))).toBe(expected);
}

const sampled = (view: fc.Arbitrary<DrawnView>): fc.Arbitrary<Sample> =>
  fc.record({
    view,
    dtype: fc.constantFrom(...dtypes),
    seed: fc.nat(1000000),
    special: fc.boolean(),
    pick: fc.nat(1000),
  });
const drawn = sampled(views(4, sizes));
const drawnLong = sampled(views(3, longSizes, 3));

function taken({ view, dtype, seed, special }: Omit<Sample, "pick">): Tensor {
  return view.take(elements(view.base, dtype, seed, special));
}

/** Some of the axes, chosen by the bits of `pick`. */
function someAxes(x: Tensor, pick: number): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => ((pick >> axis) & 1) === 1);
}

const reductions: Readonly<Record<string, (x: Tensor, axis: number[]) => Tensor>> = {
  sum: (x, axis) => x.sum({ axis }),
  mean: (x, axis) => x.mean({ axis }),
  max: (x, axis) => x.max({ axis, keepDims: true }),
  min: (x, axis) => x.min({ axis }),
  argmax: (x, axis) => x.argmax(axis.length === 1 ? { axis: axis[0] } : {}),
  argmin: (x, axis) => x.argmin(axis.length === 1 ? { axis: axis[0]! - x.rank } : {}),
  any: (x, axis) => x.any({ axis }),
  all: (x, axis) => x.all({ axis }),
  logSumExp: (x, axis) => x.logSumExp({ axis }),
  variance: (x, axis) => x.variance({ axis }),
};

describe("reductions", () => {
  test.each(Object.keys(reductions))("%s", (name) => {
    fc.assert(
      fc.property(fc.oneof(drawn, drawnLong), (sample) => {
        const x = taken(sample);
        fc.pre(x.size > 0);
        const axis = someAxes(x, sample.pick);
        expectOneResult([x], (y) => reductions[name]!(y, axis));
      }),
      { numRuns },
    );
  });

  test("the sum of nothing", () => {
    fc.assert(
      fc.property(views(4, sizes), fc.constantFrom(...dtypes), fc.nat(15), (view, dtype, pick) => {
        const x = view.take(elements(view.base, dtype, 1, false));
        expectOneResult([x], (y) => y.sum({ axis: someAxes(x, pick) }));
      }),
      { numRuns },
    );
  });
});

const maps: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  "x + y": (x, y) => x.add(y),
  "x - 2y": (x, y) => x.sub(y.mul(2)),
  "x y": (x, y) => x.mul(y),
  "x / y": (x, y) => x.div(y),
  "max, min": (x, y) => x.maximum(y).minimum(x),
  "x < y": (x, y) => x.less(y),
  "where(x < y, x, y)": (x, y) => where(x.less(y), x, y),
  "tanh(x) exp(-|y|)": (x, y) => x.tanh().mul(y.abs().neg().exp()),
  "|x| to the y": (x, y) => x.abs().pow(y),
  "sin, cos, log, sqrt": (x, y) => x.sin().add(y.cos()).add(x.abs().log()).add(y.abs().sqrt()),
  "floor, round, sign": (x, y) => x.floor().add(y.round()).add(x.sign()),
  "clamp, leakyRelu, relu": (x, y) => x.clamp({ min: -1, max: 2 }).add(y.leakyRelu()).add(x.relu()),
  "to other dtypes": (x, y) => x.astype("float32").mul(y.astype("bool")).astype("int32"),
};

describe("elementwise operators on two views of one shape, one of them perhaps broadcast", () => {
  test.each(Object.keys(maps))("%s", (name) => {
    fc.assert(
      fc.property(drawn, ({ view, dtype, seed, special, pick }) => {
        const x = taken({ view, dtype, seed, special });
        const y = taken({ view, dtype, seed: seed + 1, special });
        const index = x.shape.map((n, axis): [number, number] => ((pick >> axis) & 1 && n > 0 ? [0, 1] : [0, n]));
        const partner = pick % 3 === 0 ? y.slice(index) : pick % 3 === 1 ? denseCopy(y) : y;
        expectOneResult([x, partner], maps[name]!);
        expectOneResult([partner, x], maps[name]!);
      }),
      { numRuns: 80 },
    );
  });
});

describe("elementwise operators over long lines", () => {
  /** Around the length from which loops run in rounds of four, from any element on. */
  const line = fc.record({
    n: fc.integer({ min: 1020, max: 1032 }),
    skipped: fc.nat(3),
    dtype: fc.constantFrom(...dtypes),
  });
  test.each(["x + y", "clamp, leakyRelu, relu", "to other dtypes", "tanh(x) exp(-|y|)"])("%s", (name) => {
    fc.assert(
      fc.property(line, fc.nat(1000), fc.nat(4), ({ n, skipped, dtype }, seed, form) => {
        const part = (from: number): Tensor => elements([n + 3], dtype, from, true).slice([[skipped, skipped + n]]);
        const x = part(seed);
        const rows = elements([3, n], dtype, seed + 1, true);
        const forms: readonly (readonly [Tensor, Tensor])[] = [
          [x, part(seed + 1)],
          [x, elements([1], dtype, seed, true).broadcastTo([n])],
          [rows, x.reshape([1, n]).broadcastTo([3, n])],
          [rows, elements([3, 1], dtype, seed, true).broadcastTo([3, n])],
          [rows, elements([n, 3], dtype, seed, true).transpose()],
        ];
        const [a, b] = forms[form]!;
        expectOneResult([a, b], maps[name]!);
        expectOneResult([b, a], maps[name]!);
      }),
      { numRuns: 20 },
    );
  });
});

describe("products", () => {
  const small = fc.constantFrom(0, 1, 2, 3, 5, 8, 9);
  /** A matrix that is a view: transposed, reversed, every second element, a part of a larger one, or repeated. */
  function matrix(rows: number, columns: number, kind: number, dtype: DType, seed: number): Tensor {
    const made = (shape: number[]): Tensor => elements(shape, dtype, seed, false);
    switch (kind % 6) {
      case 0:
        return made([columns, rows]).transpose();
      case 1:
        return made([rows, columns]).slice([[null, null, -1], [null, null, -1]]); // prettier-ignore
      case 2:
        return made([2 * rows, 3 * columns]).slice([[null, null, 2], [null, null, 3]]); // prettier-ignore
      case 3:
        return made([rows + 2, columns + 3]).slice([[1, rows + 1], [2, columns + 2]]); // prettier-ignore
      case 4:
        return made([columns, 1]).broadcastTo([columns, rows]).transpose();
      default:
        return made([rows, columns]);
    }
  }

  test("of matrices of any layout", () => {
    const kind = fc.nat(5);
    fc.assert(
      fc.property(small, small, small, kind, kind, fc.constantFrom(...dtypes), (m, k, n, a, b, dtype) => {
        expectOneResult([matrix(m, k, a, dtype, 1), matrix(k, n, b, dtype, 2)], (x, y) => x.matmul(y));
      }),
      { numRuns: 300 },
    );
  });

  // Packed (more than 32,768 products), in panels (k n above 65,536), with tails, single rows and single columns.
  test.each([[33, 34, 35], [41, 130, 7], [1, 700, 101], [2, 300, 229], [300, 129, 1], [259, 130, 1], [1, 1000, 1]])("large: [%i, %i] times […, %i]", (m, k, n) => {
    for (const dtype of dtypes)
      for (let kind = 0; kind < 6; kind++)
        expectOneResult([matrix(m, k, kind, dtype, 1), matrix(k, n, kind * 5 + 1, dtype, 2)], (x, y) => x.matmul(y));
  }); // prettier-ignore

  // Many rows with a small right operand (k n up to 32, 512 products or more), which the source backend holds.
  test.each([[300, 1, 4], [300, 2, 4], [200, 8, 4], [64, 4, 1], [70, 7, 1], [65, 9, 1], [40, 30, 1], [40, 32, 1], [40, 33, 1], [600, 1, 1]])("thin: [%i, %i] times […, %i]", (m, k, n) => {
    for (const dtype of dtypes)
      for (let kind = 0; kind < 36; kind++)
        expectOneResult([matrix(m, k, kind, dtype, 1), matrix(k, n, Math.floor(kind / 6), dtype, 2)], (x, y) => x.matmul(y));
    const negativeZeros = zeros([m, k]).neg();
    expectOneResult([negativeZeros, ones([k, n])], (x, y) => x.matmul(y));
  }); // prettier-ignore

  test("of batches that broadcast, and of vectors", () => {
    fc.assert(
      fc.property(small, small, small, fc.constantFrom(...dtypes), (m, k, n, dtype) => {
        const x = elements([k, 3, 1, m], dtype, 1, false).permute([1, 2, 3, 0]);
        const y = elements([n, k, 2], dtype, 2, false).permute([2, 1, 0]);
        expectOneResult([x, y], (a, b) => a.matmul(b));
        const v = elements([2 * k], dtype, 3, false).slice([[null, null, -2]]);
        expectOneResult([v, y], (a, b) => a.matmul(b));
        expectOneResult([x, v], (a, b) => a.matmul(b));
        expectOneResult([v, v], (a, b) => a.dot(b));
      }),
      { numRuns },
    );
  });
});

test("concat, take, gather and scatterAdd read views", () => {
  fc.assert(
    fc.property(drawn, ({ view, dtype, seed, special, pick }) => {
      const x = taken({ view, dtype, seed, special });
      fc.pre(x.rank > 0 && x.size > 0);
      const axis = pick % x.rank;
      expectOneResult([x, x.mul(2)], (a, b) => concat([a, b, a], { axis }));
      const last = tensor([x.shape[axis]! - 1, 0, -1], { dtype: "int32" }).slice([[null, null, -1]]);
      expectOneResult([x, last], (a, i) => a.take(i, { axis }));
      const all = x.mul(0).equal(7).astype("int32");
      expectOneResult([x, all], (a, i) => a.gather(i, { axis }).add(a));
      expectOneResult([x, all], (a, i) => a.scatterAdd(i, a, { axis }));
    }),
    { numRuns },
  );
});

test("an index out of range is refused on all backends", () => {
  const x = tensor([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  for (const backend of ["reference", "source", "wasm"] as const)
    for (const index of [3, -4, 2 ** 31 - 1]) {
      const picks = tensor([[0, index]], { dtype: "int32" });
      const says = new RegExp(`expected indices from -3 to 2, got ${index}`);
      withBackend(backend, () => {
        expect(() => x.gather(picks)).toThrow(says);
        expect(() => x.take(picks)).toThrow(says);
        expect(() => x.scatterAdd(picks, 1)).toThrow(says);
      });
    }
});

test("what undoes a slice puts views back where they came from", () => {
  fc.assert(
    fc.property(drawn, fc.integer({ min: -3, max: 3 }), (sample, by) => {
      fc.pre(by !== 0);
      const x = taken(sample);
      fc.pre(x.dtype !== "int32");
      const ranges = x.shape.map((): [null, null, number] => [null, null, by]);
      const ct = x.slice(ranges);
      expectOneResult([x, ct], (a, c) => vjp((b: Tensor) => b.slice(ranges), a)[1](c)[0]!);
    }),
    { numRuns },
  );
});
