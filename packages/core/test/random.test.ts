import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, random, ShapeError, type Random, type RandomState, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";

/** One draw of every kind, as text. */
function everything(r: Random): string {
  return [
    r.uniform([3], { low: -2, high: 5 }),
    r.normal([2, 2], { mean: 3, std: 0.5, dtype: "float32" }),
    r.truncatedNormal([4]),
    r.bernoulli([5], { probability: 0.4 }),
    r.integers([4], { low: -3, high: 1000 }),
    r.permutation(7),
  ]
    .map(bits)
    .concat(r.choice(["a", "b", "c", "d"]))
    .join("\n");
}

const seed = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
const first = (r: Random): number => r.uniform([]).item();

describe("streams", () => {
  test("the same seed gives the same numbers", () => {
    fc.assert(
      fc.property(seed, (s) => {
        expect(everything(random(s))).toBe(everything(random(s)));
      }),
    );
  });

  test("seed 42 gives these numbers, today and for ever", () => {
    expect(random(42).uniform([3]).toArray()).toEqual([0.6848634964661496, 0.8455933186223463, 0.563738122108285]);
    expect(random("seed").normal([2]).toArray()).toEqual([1.6149991877883165, -1.9673986006383513]);
    expect(random(42).permutation(8).toArray()).toEqual([2, 4, 1, 6, 0, 3, 7, 5]);
    expect(random(42).fork("weights").integers([4], { low: 0, high: 100 }).toArray()).toEqual([83, 8, 63, 82]);
  });

  test("other seeds give other numbers", () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        fc.pre(typeof a !== typeof b || a !== b);
        fc.pre(!(a === 0 && b === 0));
        expect(first(random(a))).not.toBe(first(random(b)));
      }),
    );
  });

  test("a call goes on where the last one stopped, however the draws are cut", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (m, n) => {
        const [whole, cut] = [random(1), random(1)];
        const parts = [...cut.uniform([m]).toTypedArray(), ...cut.uniform([n]).toTypedArray()];
        expect(parts).toEqual(Array.from(whole.uniform([m + n]).toTypedArray()));
      }),
    );
  });
});

describe("fork", () => {
  test("depends on seed and name only, and takes nothing from the stream", () => {
    fc.assert(
      fc.property(seed, fc.string(), fc.nat(10), (s, name, draws) => {
        const [a, b] = [random(s), random(s)];
        a.uniform([draws]);
        const forked = everything(a.fork(name));
        expect(everything(b.fork(name))).toBe(forked);
        b.uniform([draws]);
        expect(first(a)).toBe(first(b));
        expect(everything(random(s).fork(name))).toBe(forked);
      }),
    );
  });

  test("names, nesting and seeds all matter", () => {
    const part = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("a", "b", "a/b", '"', '"/"', 'a"/"b', "\\", ""));
    const path = fc.tuple(fc.constantFrom<string | number>("a", "a/b", 'a"/"b', 1, "1"), fc.array(part, { maxLength: 3 }));
    const stream = ([s, names]: [string | number, string[]]): number =>
      first(names.reduce((r, name) => r.fork(name), random(s)));
    fc.assert(
      fc.property(path, path, (a, b) => {
        const [p, q] = [stream(a), stream(b)];
        expect(p === q).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2000 },
    );
  }); // prettier-ignore

  test("streams are not correlated with their parent or with each other", () => {
    const n = 10000;
    const streams = [random(1), random(1).fork("a"), random(1).fork("b"), random(2)];
    const centred = streams.map((r) => r.uniform([n], { low: -1, high: 1 }));
    // A product of two independent numbers has variance 1/9; five standard deviations of the mean of n of them.
    for (const [i, x] of centred.entries())
      for (const y of centred.slice(i + 1))
        expect(Math.abs(x.mul(y).mean().item())).toBeLessThan(5 / (3 * Math.sqrt(n)));
  });
});

describe("state", () => {
  test("survives JSON; the copy and the stream go on alike and apart", () => {
    fc.assert(
      fc.property(seed, fc.nat(30), (s, draws) => {
        const r = random(s);
        r.uniform([draws]);
        const saved = JSON.stringify(r.state());
        const restore = (): Random => random.fromState(JSON.parse(saved) as RandomState);
        const [copy, other] = [restore(), restore()];
        const expected = everything(r);
        expect(everything(copy)).toBe(expected);
        expect(everything(other)).toBe(expected);
        expect(first(copy.fork("x"))).toBe(first(random(s).fork("x")));
      }),
    );
  });

  test("reading it draws nothing, and later draws do not change what was read", () => {
    const [r, untouched] = [random(5), random(5)];
    const saved = r.state();
    const text = JSON.stringify(saved);
    expect(everything(r)).toBe(everything(untouched));
    expect(JSON.stringify(saved)).toBe(text);
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a seed", 42],
    ["no generator", { seed: "1" }],
    ["a null generator", { seed: "1", generator: null }],
    ["a generator without numbers", { seed: "1", generator: { c: 1, s0: 0.5, s1: 0.5 } }],
    ["NaN", { seed: "1", generator: { c: 1, s0: 0.5, s1: 0.5, s2: NaN } }],
    ["a number as seed", { seed: 1, generator: { c: 1, s0: 0.5, s1: 0.5, s2: 0.5 } }],
  ])("fromState refuses %s", (_name, state) => {
    expect(() => random.fromState(state as RandomState)).toThrow(ArgumentError);
    expect(() => random.fromState(state as RandomState)).toThrow(/random\.fromState: expected what Random\.state/);
  });
});

test.each<[string, () => Tensor, string]>([
  ["uniform", () => random(1).uniform([2, 0, 3]), "float64 [2, 0, 3] "],
  ["uniform of one point", () => random(1).uniform([2], { low: 3, high: 3 }), "float64 [2] 3 3"],
  ["normal without spread", () => random(1).normal([], { mean: 0.1, std: 0, dtype: "float32" }), "float32 [] 0.10000000149011612"],
  ["bernoulli of 0", () => random(1).bernoulli([3], { probability: 0 }), "float64 [3] 0 0 0"],
  ["bernoulli of 1", () => random(1).bernoulli([2], { probability: 1, dtype: "float32" }), "float32 [2] 1 1"],
  ["integers from one", () => random(1).integers([2], { low: -7, high: -6 }), "int32 [2] -7 -7"],
  ["permutation of none", () => random(1).permutation(0), "int32 [0] "],
])("shape and dtype: %s", (_name, make, expected) => {
  expect(bits(make())).toBe(expected);
  expect(make().requiresGrad).toBe(false);
}); // prettier-ignore

test("a bad shape is refused by every draw", () => {
  for (const shape of [3, [-1], [1.5], [NaN], "2", undefined] as never[]) {
    expect(() => random(1).uniform(shape)).toThrow(ShapeError);
    expect(() => random(1).normal(shape)).toThrow(/normal: expected/);
    expect(() => random(1).integers(shape, { low: 0, high: 1 })).toThrow(/integers: expected/);
  }
});
