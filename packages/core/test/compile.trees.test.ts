/** Functions generated for a pattern do what the walk over any pattern does. */
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ArgumentError, compile, random, scalar, tensor, type Random, type Tensor } from "@cotangent/core";
import { sourceAvailable } from "../src/backends/source.js";
import { fill, matches, noLeaves, patternOf } from "../src/compile/trees.js";
import { fillerOf, matcherOf } from "../src/compile/treeText.js";

const tensors: readonly Tensor[] = [scalar(1), tensor([1]), tensor([1, 2], { dtype: "float32" }), tensor([[1], [2]])];
const generators: readonly Random[] = [random(1), random(2)];
const leaf = fc.oneof(
  fc.constantFrom<unknown>(...tensors, ...generators),
  fc.constantFrom<unknown>(0, -0, NaN, 1.5, "", "a\n\u2028`${x}\\", true, null, undefined),
);
const key = fc.oneof(
  fc.constantFrom("a", "b", "2", "10", "__proto__", "constructor", "toString", "a b", '"', "\u2028", "\\"),
  fc.string({ maxLength: 3 }),
);
/** Plain structures, in which keys may be like those of every object. */
const { tree } = fc.letrec<{ tree: unknown; list: unknown[]; record: object }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3 }, leaf, tie("list"), tie("record")),
  list: fc.array(tie("tree"), { maxLength: 3 }),
  record: fc
    .tuple(fc.uniqueArray(fc.tuple(key, tie("tree")), { selector: ([name]) => name, maxLength: 3 }), fc.boolean())
    .map(([entries, bare]) => {
      const record = bare ? (Object.create(null) as object) : {};
      for (const [name, value] of entries)
        Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
      return record;
    }),
}));

test("any structure matches, or does not match, the pattern of any other, with the same leaves", () => {
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      const pattern = patternOf("one", one, noLeaves());
      const generated = matcherOf(pattern);
      for (const value of [one, other, { a: one }, [one], one === null ? 0 : null]) {
        const [expected, got] = [noLeaves(), noLeaves()];
        expect(generated(value, got)).toBe(matches(pattern, value, expected));
        expect(got.tensors).toHaveLength(expected.tensors.length);
        expected.tensors.forEach((x, i) => expect(got.tensors[i]).toBe(x));
        expected.generators.forEach((x, i) => expect(got.generators[i]).toBe(x));
      }
      expect(generated(one, noLeaves())).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("the same values are filled in, under the same keys in the same order", () => {
  const shown = (value: unknown): unknown =>
    typeof value !== "object" || value === null || tensors.includes(value as Tensor) || generators.includes(value as Random)
      ? value
      : [Array.isArray(value), Object.getPrototypeOf(value) === Object.prototype, Object.keys(value).map((name) =>
          [name, shown(Object.getOwnPropertyDescriptor(value, name)!.value)])]; // prettier-ignore
  fc.assert(
    fc.property(tree, (value) => {
      const leaves = noLeaves();
      const pattern = patternOf("a value", value, leaves);
      const others = { tensors: leaves.tensors.toReversed(), generators: leaves.generators.toReversed() };
      expect(shown(fillerOf(pattern)(others))).toEqual(shown(fill(pattern, others)));
    }),
    { numRuns: 2000 },
  );
});

test("functions are generated, but for structures of very many places", () => {
  expect(sourceAvailable()).toBe(true);
  const make = vi.spyOn(globalThis, "Function");
  const generates = (value: unknown): boolean => {
    make.mockClear();
    const leaves = noLeaves();
    const pattern = patternOf("a value", value, leaves);
    expect(matcherOf(pattern)(fillerOf(pattern)(leaves), noLeaves())).toBe(true);
    return make.mock.calls.length > 0;
  };
  expect(generates({ a: [tensors[0], 1], b: generators[0] })).toBe(true);
  expect(generates(Array.from({ length: 300 }, () => tensors[0]))).toBe(false);
  make.mockRestore();
});

test("what is no plain object is not taken for one with the same fields", () => {
  class Model {
    w = tensors[0];
  }
  const inherits = Object.create({ w: tensors[0] }) as object;
  for (const [plain, others] of [
    [{ w: tensors[0] }, [new Model(), inherits]],
    [{}, [new Map(), new Set(), new Date(0), [], /a/]],
    [{ 0: 5 }, [new Float64Array([5]), [5]]],
  ] as const) {
    const pattern = patternOf("one", plain, noLeaves());
    for (const other of others) {
      expect(matcherOf(pattern)(other, noLeaves())).toBe(false);
      expect(matches(pattern, other, noLeaves())).toBe(false);
      const program = compile((x: object) => x);
      program(plain);
      if (!Array.isArray(other)) expect(() => program(other)).toThrow(ArgumentError);
    }
    expect(matcherOf(pattern)(Object.assign(Object.create(null), plain), noLeaves())).toBe(true);
  }
});

test("what others have put into the prototype of all objects is no part of a structure", () => {
  const prototype = Object.prototype as { intruder?: number };
  prototype.intruder = 1;
  try {
    const pattern = patternOf("one", { a: { w: tensors[0] }, b: 1 }, noLeaves());
    for (const [value, expected] of [
      [{ a: { w: tensors[0] }, b: 1 }, true],
      [{ a: { w: tensors[0] }, b: 1, intruder: 1 }, false],
      [{ a: {}, b: 1 }, false],
      [{ a: { w: tensors[0] } }, false],
    ] as const) {
      expect(matcherOf(pattern)(value, noLeaves())).toBe(expected);
      expect(matches(pattern, value, noLeaves())).toBe(expected);
    }
    const program = compile(({ x }: { x: Tensor }) => x.mul(2));
    for (let i = 0; i < 3; i++) expect(program({ x: scalar(i) }).item()).toBe(2 * i);
    expect(program.recorded).toBe(1);
  } finally {
    delete prototype.intruder;
  }
});
