/** Laws that hold between operators of reductions, shape and indexing, for any shape and any options. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, random, stack, tensor, zerosLike, type Tensor } from "@cotangent/core";

const size = fc.integer({ min: 1, max: 5 });
const whole = fc.integer({ min: -9, max: 9 });

function filled(shape: readonly number[], element: fc.Arbitrary<number> = whole): fc.Arbitrary<Tensor> {
  const count = shape.reduce((a, b) => a * b, 1);
  return fc.array(element, { minLength: count, maxLength: count }).map((data) => tensor(data, { shape }));
}
const vector = (element = whole): fc.Arbitrary<Tensor> => size.chain((n) => filled([n], element));
const matrix = fc.tuple(size, size).chain((shape) => filled(shape));
/** A tensor of rank 1 to 3 and one of its axes. */
const withAxis = fc
  .array(size, { minLength: 1, maxLength: 3 })
  .chain((shape) => fc.tuple(filled(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })));

const same = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.toArray()).toEqual(b.toArray());
};
const numbers = (x: Tensor): number[] => [...x.toTypedArray()];

function law<T extends unknown[]>(
  says: string,
  arbitraries: { [I in keyof T]: fc.Arbitrary<T[I]> },
  run: (...args: T) => void,
): void {
  test(says, () => {
    fc.assert(
      fc.property(fc.tuple<T>(...arbitraries), (args) => {
        run(...args);
      }),
      { numRuns: 60 },
    );
  });
}

describe("parts", () => {
  law("concat undoes split", [withAxis, size], ([x, axis], sizes) => {
    same(concat(x.split({ sizes, axis }), { axis }), x);
  });

  law("concat undoes chunk, whose parts are equal but for the last", [withAxis, size], ([x, axis], chunks) => {
    const parts = x.chunk({ chunks, axis });
    same(concat(parts, { axis }), x);
    const lengths = parts.map((part) => part.shape.at(axis)!);
    const usual = Math.ceil(x.shape.at(axis)! / chunks);
    expect(lengths.slice(0, -1).every((n) => n === usual)).toBe(true);
    expect(parts.length).toBeLessThanOrEqual(chunks);
  });

  law("stack undoes unstack", [withAxis], ([x, axis]) => {
    same(stack(x.unstack({ axis }), { axis }), x);
  });
});

describe("order along an axis", () => {
  law("flip undoes itself", [withAxis], ([x, axis]) => {
    same(x.flip({ axis }).flip({ axis }), x);
  });

  law("roll is undone by the opposite shift", [withAxis, whole], ([x, axis], shift) => {
    same(x.roll({ shift, axis }).roll({ shift: -shift, axis }), x);
  });

  law("roll puts each element where the formula says", [vector(), whole], (x, shift) => {
    const n = x.size;
    const moved = numbers(x).map((_, i) => numbers(x)[(((i - shift) % n) + n) % n]!);
    expect(numbers(x.roll({ shift }))).toEqual(moved);
  });

  const bound = fc.option(fc.integer({ min: -8, max: 8 }));
  const step = fc.integer({ min: -3, max: 3 }).filter((s) => s !== 0);
  law("slice walks from start to stop", [vector(), bound, bound, step], (x, start, stop, by) => {
    const n = x.size;
    const from = start === null ? (by > 0 ? 0 : n - 1) : start < 0 ? start + n : start;
    const to = stop === null ? (by > 0 ? n : -1) : stop < 0 ? Math.max(stop + n, by > 0 ? 0 : -1) : stop;
    const expected: number[] = [];
    const first = by > 0 ? Math.max(from, 0) : Math.min(from, n - 1);
    for (let i = first; by > 0 ? i < Math.min(to, n) : i > to && i >= 0; i += by) expected.push(numbers(x)[i]!);
    expect(numbers(x.slice([[start, stop, by]]))).toEqual(expected);
  });
});

describe("padding and repetition", () => {
  const width = fc.integer({ min: 0, max: 4 });

  law("negative widths undo positive ones", [matrix, width, width, whole], (x, before, after, value) => {
    const wide = x.pad({ widths: [[before, after], [after, before]], value }); // prettier-ignore
    same(wide.pad({ widths: [[-before, -after], [-after, -before]] }), x); // prettier-ignore
    expect(wide.sum().item()).toBe(x.sum().item() + value * (wide.size - x.size));
  });

  law("reflection bounces at the outermost elements", [vector(), width, width], (x, before, after) => {
    const n = x.size;
    if (Math.max(before, after) >= n) return;
    const bounce = [...numbers(x), ...numbers(x).slice(1, -1).reverse()];
    const period = Math.max(1, bounce.length);
    const expected = Array.from({ length: before + n + after }, (_, i) => bounce[(i - before + period) % period]!);
    expect(numbers(x.pad({ widths: [[before, after]], mode: "reflect" }))).toEqual(expected);
  });

  law("a circle is a part of the tiled tensor", [vector(), width, width], (x, before, after) => {
    const n = x.size;
    if (Math.max(before, after) > n) return;
    same(x.pad({ widths: [[before, after]], mode: "circular" }), x.tile([3]).slice([[n - before, 2 * n + after]]));
  });

  law("replicas are the ends repeated", [vector(), width, width], (x, before, after) => {
    const repeats = numbers(x).map((_, i) => 1 + (i === 0 ? before : 0) + (i === x.size - 1 ? after : 0));
    same(x.pad({ widths: [[before, after]], mode: "replicate" }), x.repeat({ repeats, axis: 0 }));
  });

  law("tile is concat of itself, repeat its transpose", [withAxis, size], ([x, axis], times) => {
    const at = axis < 0 ? axis + x.rank : axis;
    const counts = x.shape.map((_, a) => (a === at ? times : 1));
    same(x.tile(counts), concat(new Array<Tensor>(times).fill(x), { axis }));
    const copies = stack(new Array<Tensor>(times).fill(x), { axis: at + 1 });
    same(x.repeat({ repeats: times, axis }), copies.flatten({ start: at, end: at + 1 }));
  });
});

describe("diagonals", () => {
  law("two triangles make the matrix", [matrix, whole], (x, diagonal) => {
    same(x.triu({ diagonal }).add(x.tril({ diagonal: diagonal - 1 })), x);
  });

  law("what two neighbouring triangles differ by is the diagonal", [matrix, whole], (x, offset) => {
    const band = x.triu({ diagonal: offset }).sub(x.triu({ diagonal: offset + 1 }));
    same(band.diagonal({ offset }), x.diagonal({ offset }));
    expect(band.sum().item()).toBe(x.diagonal({ offset }).sum().item());
  });

  law("diag undoes itself", [vector(), whole], (x, diagonal) => {
    same(x.diag({ diagonal }).diag({ diagonal }), x);
    expect(x.diag({ diagonal }).sum().item()).toBe(x.sum().item());
  });
});

describe("ordering", () => {
  const values = fc.oneof(whole, fc.constantFrom(NaN, Infinity, -Infinity));
  const flag = fc.boolean();

  law("sort agrees with the language's, NaN largest", [vector(values), flag], (x, descending) => {
    const rank = (v: number): number => (Number.isNaN(v) ? 2 : v === Infinity ? 1 : v === -Infinity ? -1 : 0);
    const compare = (a: number, b: number): number => rank(a) - rank(b) || (rank(a) === 0 ? a - b : 0);
    const order = numbers(x)
      .map((v, i) => ({ v, i }))
      .sort((a, b) => (descending ? compare(b.v, a.v) : compare(a.v, b.v)) || a.i - b.i);
    expect(numbers(x.sort({ descending }))).toEqual(order.map(({ v }) => v));
    expect(numbers(x.argsort({ descending }))).toEqual(order.map(({ i }) => i));
  });

  law("sort is what argsort gathers, along any axis", [withAxis, flag], ([x, axis], descending) => {
    same(x.sort({ axis, descending }), x.gather(x.argsort({ axis, descending }), { axis }));
  });

  law("topK begins the sorted line", [vector(values), flag], (x, largest) => {
    const k = Math.ceil(x.size / 2);
    const { values: top, indices } = x.topK({ k, largest });
    same(top, x.sort({ descending: largest }).slice([[0, k]]));
    same(top, x.take(indices));
  });

  law("topK of few among many begins the stable order", [fc.nat(6), fc.nat(99), flag], (k, seed, largest) => {
    const digits = random(seed).integers([2, 101], { low: 0, high: 9 }).astype("float64");
    // NaN for 0, and many ties.
    const x = digits.div(digits).mul(digits);
    const { indices } = x.topK({ k, largest, axis: 1 });
    same(indices, x.argsort({ axis: 1, descending: largest }).slice([null, [0, k]]));
    same(x.transpose().topK({ k, largest, axis: 0 }).indices, indices.transpose());
  });

  law("quantiles rise from the smallest to the largest", [vector()], (x) => {
    const ascending = numbers(x.quantile([0, 0.2, 0.45, 0.5, 0.9, 1]));
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect([ascending[0], ascending.at(-1)]).toEqual([x.min().item(), x.max().item()]);
    expect(x.median().item()).toBeLessThanOrEqual(ascending[3]!);
    if (x.size % 2 === 1) expect(x.median().item()).toBe(ascending[3]);
  });

  law("a median along an axis is that of each line", [withAxis], ([x, axis]) => {
    const lines = x
      .moveAxis(axis, -1)
      .reshape([-1, x.shape.at(axis)!])
      .unstack();
    expect(numbers(x.median({ axis }))).toEqual(lines.map((line) => line.median().item()));
  });
});

describe("running and whole", () => {
  law("running sums and products end in whole ones", [withAxis], ([x, axis]) => {
    const last = (y: Tensor): Tensor => y.moveAxis(axis, 0).take(-1);
    same(last(x.cumsum({ axis })), x.sum({ axis }));
    same(last(x.cumprod({ axis })).add(0), x.prod({ axis }).add(0));
  });

  law("steps of a running sum are the elements", [vector()], (x) => {
    same(x.cumsum().sub(x.cumsum().pad({ widths: [[1, -1]] })), x);
  });

  law("norms scale exactly by powers of two", [vector(), fc.integer({ min: -900, max: 900 })], (x, power) => {
    const scale = 2 ** power;
    expect(x.mul(scale).norm().item()).toBe(x.norm().item() * scale);
  });

  law("norms fall as their order rises", [vector()], (x) => {
    const falling = [0.5, 1, 1.5, 2, 3, 10, Infinity].map((p) => x.norm({ p }).item());
    falling.slice(1).forEach((y, i) => expect(y).toBeLessThanOrEqual(falling[i]! * (1 + 1e-14)));
  });
});

describe("indices", () => {
  const indexed = fc
    .tuple(size, size, size)
    .chain(([n, m, k]) =>
      fc.tuple(filled([n, m]), filled([k, m]), filled([k, m], fc.integer({ min: -n, max: n - 1 }))),
    );

  law("scatterAdd is the transpose of gather", [indexed], ([x, updates, places]) => {
    const indices = places.astype("int32");
    const scattered = zerosLike(x).scatterAdd(indices, updates);
    expect(scattered.mul(x).sum().item()).toBe(updates.mul(x.gather(indices)).sum().item());
  });

  law("maskedFill leaves the rest", [matrix, whole], (x, value) => {
    const mask = x.greater(0);
    const y = x.maskedFill(mask, value);
    expect(numbers(y)).toEqual(numbers(x).map((v) => (v > 0 ? value : v)));
  });
});
