/** Convolutions and pools against plain loops, over random shapes, strides, paddings, dilations and groups. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  grad,
  ones,
  random,
  tensor,
  vjp,
  zeros,
  type DType,
  type Tensor,
} from "@cotangent/core";

const numRuns = 150;

/** Small integers, so that every order of summation gives the same. */
const integers = (shape: readonly number[], seed: number): Tensor =>
  random(seed)
    .integers([...shape], { low: -3, high: 4 })
    .astype("float64");
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Without negative zeros, which sums in another order may lose. */
const flat = (x: Tensor): number[] => [...x.toTypedArray()].map((v) => v + 0);

function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (list, n) => list.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

function position(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((p, i, axis) => p * shape[axis]! + i, 0);
}

interface Geometry {
  readonly window: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

interface Drawn extends Geometry {
  readonly x: Tensor;
  readonly weights: Tensor;
  readonly bias: Tensor;
  readonly groups: number;
}

/** Visits each pair of an input and an output place that a window connects: `big` holds the windows, `small` their places. */
function eachPair(
  big: readonly number[],
  small: readonly number[],
  { window, stride, padding, dilation }: Geometry,
  visit: (place: readonly number[], o: readonly number[], k: readonly number[]) => void,
): void {
  for (const o of indices(small))
    for (const k of indices(window)) {
      const place = o.map((i, axis) => i * stride[axis]! + k[axis]! * dilation[axis]! - padding[axis]!);
      if (place.every((i, axis) => i >= 0 && i < big[axis]!)) visit(place, o, k);
    }
}

const reach = (window: number, dilation: number): number => (window - 1) * dilation + 1;

function naiveConvolution(drawn: Drawn): { shape: number[]; data: number[] } {
  const { x, weights, bias, groups, window, stride, padding, dilation } = drawn;
  const [batch, , ...space] = x.shape as [number, number, ...number[]];
  const [out, depth] = weights.shape as [number, number];
  const counts = space.map((n, i) =>
    Math.floor((n + 2 * padding[i]! - reach(window[i]!, dilation[i]!)) / stride[i]! + 1),
  );
  const shape = [batch, out, ...counts];
  const [xs, ws, bs] = [x.toTypedArray(), weights.toTypedArray(), bias.toTypedArray()];
  const data = new Array<number>(size(shape)).fill(0);
  for (const [b, o] of indices([batch, out]) as [number, number][]) {
    for (const place of indices(counts)) data[position([b, o, ...place], shape)]! += bs[o]!;
    for (let c = 0; c < depth; c++) {
      const channel = Math.floor(o / (out / groups)) * depth + c;
      eachPair(space, counts, drawn, (place, at, k) => {
        data[position([b, o, ...at], shape)]! +=
          xs[position([b, channel, ...place], x.shape)]! * ws[position([o, c, ...k], weights.shape)]!;
      });
    }
  }
  return { shape, data };
}

const list = (rank: number, low: number, high: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: low, max: high }), { minLength: rank, maxLength: rank });

const drawn = (rank: number): fc.Arbitrary<Drawn> =>
  fc
    .record({
      window: list(rank, 1, 3),
      stride: list(rank, 1, 3),
      padding: list(rank, 0, 3),
      dilation: list(rank, 1, 2),
      extra: list(rank, 0, rank > 2 ? 1 : 4),
      batch: fc.integer({ min: 0, max: 2 }),
      groups: fc.integer({ min: 1, max: 3 }),
      depth: fc.integer({ min: 1, max: 2 }),
      each: fc.integer({ min: 1, max: 2 }),
      seed: fc.nat(100000),
    })
    .map(({ extra, batch, groups, depth, each, seed, ...geometry }) => {
      const { window, padding, dilation } = geometry;
      // Just large enough, or larger.
      const space = window.map((w, i) => Math.max(1, reach(w, dilation[i]!) - 2 * padding[i]!) + extra[i]!);
      const x = integers([batch, groups * depth, ...space], seed);
      const weights = integers([groups * each, depth, ...window], seed + 1);
      return { ...geometry, groups, x, weights, bias: integers([groups * each], seed + 2) };
    });

describe.each([
  ["conv1d", conv1d, 1],
  ["conv2d", conv2d, 2],
  ["conv3d", conv3d, 3],
] as const)("%s", (_, convolve, rank) => {
  test("agrees with plain loops", () => {
    fc.assert(
      fc.property(drawn(rank), ({ x, weights, ...options }) => {
        const { bias, stride, padding, dilation, groups } = options;
        const y = convolve(x, weights, { bias, stride, padding, dilation, groups });
        const expected = naiveConvolution({ x, weights, ...options });
        expect(y.shape).toEqual(expected.shape);
        expect(flat(y)).toEqual(expected.data.map((v) => v + 0));
      }),
      { numRuns },
    );
  });
});

describe.each([
  ["convTranspose1d", convTranspose1d, conv1d, 1],
  ["convTranspose2d", convTranspose2d, conv2d, 2],
] as const)("%s", (_, transposed, convolve, rank) => {
  test("is the transpose of the convolution with the same weights", () => {
    fc.assert(
      fc.property(drawn(rank), fc.nat(1000), ({ x, weights, stride, padding, dilation, groups }, seed) => {
        const options = { stride, padding, dilation, groups };
        const [y, pullback] = vjp((a: Tensor) => convolve(a, weights, options), x);
        const ct = integers(y.shape, seed);
        // What the last window does not reach has to be said.
        const left = x.shape.slice(2).map((n, i) => {
          const covered = (y.shape[i + 2]! - 1) * stride[i]! + reach(weights.shape[i + 2]!, dilation[i]!);
          return n + 2 * padding[i]! - covered;
        });
        const bias = integers([x.shape[1]!], seed);
        const z = transposed(ct, weights, { ...options, outputPadding: left, bias });
        expect(z.shape).toEqual(x.shape);
        expect(flat(z)).toEqual(flat(pullback(ct)[0]!.add(bias.reshape([-1, ...stride.map(() => 1)]))));
      }),
      { numRuns },
    );
  });
});

describe("padding by name", () => {
  test.each([1, 2, 3, 4, 5])("same keeps the size with a window of %i, the odd one at the end", (window) => {
    const x = integers([1, 1, 7], 1);
    const w = integers([1, 1, window], 2);
    for (const dilation of [1, 2]) {
      const y = conv1d(x, w, { padding: "same", dilation });
      const total = dilation * (window - 1);
      const before = Math.floor(total / 2);
      const padded = zeros([1, 1, 7 + total]).toTypedArray();
      padded.set(x.toTypedArray(), before);
      expect(y.shape).toEqual(x.shape);
      expect(flat(y)).toEqual(flat(conv1d(tensor(padded, { shape: [1, 1, 7 + total] }), w, { dilation })));
      expect(convTranspose1d(x, w, { padding: "same", dilation }).shape).toEqual(x.shape);
    }
  });

  test("valid is none", () => {
    const [x, w] = [integers([1, 2, 5, 5], 1), integers([1, 2, 2, 3], 2)];
    expect(flat(conv2d(x, w, { padding: "valid" }))).toEqual(flat(conv2d(x, w)));
  });
});

test("integers stay integers, and dtypes promote", () => {
  const [x, w] = [integers([1, 1, 5], 1), integers([1, 1, 2], 2)];
  const dtypes: readonly (readonly [DType, DType, DType])[] = [
    ["int32", "int32", "int32"],
    ["bool", "int32", "int32"],
    ["int32", "float32", "float32"],
    ["float64", "float32", "float64"],
  ];
  for (const [a, b, expected] of dtypes) {
    const y = conv1d(x.astype(a), w.astype(b));
    expect(y.dtype).toBe(expected);
    expect(flat(y)).toEqual(flat(conv1d(x.astype(a).astype("float64"), w)));
  }
  expect(x.astype("int32").maxPool1d({ window: 2, padding: 1 }).dtype).toBe("int32");
  expect(x.astype("int32").sub(100).maxPool1d({ window: 2, padding: 1 }).toArray()).toEqual(
    x.sub(100).maxPool1d({ window: 2, padding: 1 }).toArray(),
  );
  expect(x.astype("int32").avgPool1d({ window: 2 }).dtype).toBe("float64");
});

interface Pool extends Geometry {
  readonly x: Tensor;
  readonly ceilMode: boolean;
}

const pools = (rank: number): fc.Arbitrary<Pool> =>
  fc
    .record({
      window: list(rank, 1, 4),
      stride: list(rank, 1, 3),
      half: list(rank, 0, 2),
      dilation: list(rank, 1, 2),
      extra: list(rank, 0, 4),
      ceilMode: fc.boolean(),
      seed: fc.nat(100000),
    })
    .map(({ window, stride, half, dilation, extra, ceilMode, seed }) => {
      // With dilation, padding below one step keeps an element of the input in each window.
      const padding = window.map((w, i) => Math.min(half[i]!, dilation[i]! > 1 ? 1 : Math.floor(w / 2), Math.floor(w / 2)));
      const space = window.map((w, i) => Math.max(2, reach(w, dilation[i]!)) + extra[i]!);
      return { x: integers([2, 2, ...space], seed), window, stride, padding, dilation, ceilMode };
    }); // prettier-ignore

/** PyTorch's number of windows. */
function countOf(n: number, i: number, { window, stride, padding, dilation, ceilMode }: Pool): number {
  const steps = (n + 2 * padding[i]! - reach(window[i]!, dilation[i]!)) / stride[i]!;
  if (!ceilMode) return Math.floor(steps) + 1;
  const count = Math.ceil(steps) + 1;
  return (count - 1) * stride[i]! >= n + padding[i]! ? count - 1 : count;
}

interface Pooled {
  readonly shape: readonly number[];
  readonly largest: readonly number[];
  readonly sums: readonly number[];
  /** Elements of the input in each window. */
  readonly inside: readonly number[];
  /** Those and the ones of the padding. */
  readonly padded: readonly number[];
  /** How often each element of the input is the first largest one. */
  readonly wins: readonly number[];
}

function naivePool(pool: Pool): Pooled {
  const { x, padding } = pool;
  const space = x.shape.slice(2);
  const counts = space.map((n, i) => countOf(n, i, pool));
  const shape = [...x.shape.slice(0, 2), ...counts];
  const all = <T>(value: T): T[] => new Array<T>(size(shape)).fill(value);
  const [largest, sums, inside, padded, best] = [all(-Infinity), all(0), all(0), all(0), all(-1)];
  const values = x.toTypedArray();
  for (const [b, c] of indices(x.shape.slice(0, 2)) as [number, number][]) {
    eachPair(space, counts, pool, (place, o) => {
      const [at, from] = [position([b, c, ...o], shape), position([b, c, ...place], x.shape)];
      sums[at]! += values[from]!;
      inside[at]!++;
      if (values[from]! > largest[at]!) [largest[at], best[at]] = [values[from]!, from];
    });
    // The same windows in a space that includes the padding.
    const wide = space.map((n, i) => n + 2 * padding[i]!);
    eachPair(wide, counts, { ...pool, padding: padding.map(() => 0) }, (_, o) => {
      padded[position([b, c, ...o], shape)]!++;
    });
  }
  const wins = new Array<number>(values.length).fill(0);
  for (const from of best) wins[from]!++;
  return { shape, largest, sums, inside, padded, wins };
}

describe.each([1, 2] as const)("pools along %i axes", (rank) => {
  const max = (x: Tensor, options: Parameters<Tensor["maxPool2d"]>[0]): Tensor =>
    rank === 1 ? x.maxPool1d(options) : x.maxPool2d(options);
  const average = (x: Tensor, options: Parameters<Tensor["avgPool2d"]>[0]): Tensor =>
    rank === 1 ? x.avgPool1d(options) : x.avgPool2d(options);

  test("maxima, and their derivatives to the first of several", () => {
    fc.assert(
      fc.property(pools(rank), (pool) => {
        const { x, ...options } = pool;
        const { shape, largest, wins } = naivePool(pool);
        const y = max(x, options);
        expect(y.shape).toEqual(shape);
        expect(flat(y)).toEqual(largest.map((v) => v + 0));
        expect(flat(grad((a: Tensor) => max(a, options).sum())(x))).toEqual(wins);
      }),
      { numRuns },
    );
  });

  test("means, with the padding and without", () => {
    fc.assert(
      fc.property(pools(rank), fc.boolean(), (pool, countIncludePad) => {
        const { x, ...options } = pool;
        const { shape, sums, inside, padded } = naivePool(pool);
        const y = average(x, { ...options, countIncludePad });
        expect(y.shape).toEqual(shape);
        expect(flat(y)).toEqual(sums.map((s, i) => s / (countIncludePad ? padded : inside)[i]! + 0));
        if (countIncludePad) expect(flat(average(x, options))).toEqual(flat(y));
      }),
      { numRuns },
    );
  });

  test("the stride is the window unless given", () => {
    const x = integers(rank === 1 ? [1, 2, 9] : [1, 2, 9, 6], 1);
    expect(max(x, { window: 3 }).shape.slice(2)).toEqual(rank === 1 ? [3] : [3, 2]);
    expect(average(x, { window: 3, padding: "same", stride: 1 }).shape).toEqual(x.shape);
  });
});

describe("what maxima make of special values", () => {
  test("NaN wins, and padding never does", () => {
    const x = tensor([[[-Infinity, -Infinity, 1, NaN, 2]]]);
    expect(x.maxPool1d({ window: 2, stride: 1, padding: 1 }).toArray()).toEqual([[[-Infinity, -Infinity, 1, NaN, NaN, 2]]]); // prettier-ignore
    // A window of -Infinity alone: its derivative goes to its first element of the input, not into the padding.
    const g = grad((a: Tensor) =>
      a
        .maxPool1d({ window: 2, stride: 1, padding: 1 })
        .slice([0, 0, [0, 2]])
        .sum(),
    )(x);
    expect(g.toArray()).toEqual([[[2, 0, 0, 0, 0]]]);
  });

  test("empty batches give empty results", () => {
    expect(zeros([0, 2, 4, 4]).maxPool2d({ window: 2 }).shape).toEqual([0, 2, 2, 2]);
    expect(zeros([0, 2, 4, 4]).avgPool2d({ window: 2 }).shape).toEqual([0, 2, 2, 2]);
    expect(zeros([2, 0, 4, 4]).adaptiveAvgPool2d(2).shape).toEqual([2, 0, 2, 2]);
    expect(conv2d(zeros([0, 2, 4, 4]), zeros([3, 2, 2, 2])).shape).toEqual([0, 3, 3, 3]);
  });
});

test("adaptive means are those of PyTorch's ranges", () => {
  const range = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(range, range, range, range, fc.nat(1000), (h, w, p, q, seed) => {
      const x = integers([2, 1, h, w], seed);
      const y = x.adaptiveAvgPool2d([p, q]);
      expect(y.shape).toEqual([2, 1, p, q]);
      const bounds = (i: number, n: number, m: number): [number, number] => [Math.floor((i * n) / m), Math.ceil(((i + 1) * n) / m)]; // prettier-ignore
      for (const [i, j] of indices([p, q]) as [number, number][]) {
        const part = x.slice([1, 0, bounds(i, h, p), bounds(j, w, q)]);
        expect(y.slice([1, 0, i, j]).item()).toBeCloseTo(part.mean().item(), 12);
      }
    }),
    { numRuns },
  );
  expect(flat(ones([1, 1, 4, 4]).adaptiveAvgPool2d(2))).toEqual([1, 1, 1, 1]);
});
