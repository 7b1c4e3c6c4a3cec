/** Work in parts, whichever is done first: random operators of shapes around the sizes at which parts and vectors end. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { compile, startThreads, stopThreads, withBackend, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";
import { alone, cutFinely } from "./cutFinely.js";
import { elements } from "./elements.js";

/** At most so many that their programs, which nobody gives back within a test, fit into the memory that threads share. */
const numRuns = Math.min(1000, Number(process.env["COTANGENT_CASES"] ?? 200));
const mostElements = 20_000;

beforeEach(async () => void (await startThreads(2)));
afterEach(() => {
  vi.restoreAllMocks();
  stopThreads();
});
cutFinely();

const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(63, 64, 65, 127, 128, 129, 255, 256, 257, 300) },
);
const isSmall = (shape: readonly number[]): boolean => shape.reduce((n, m) => n * m, 1) <= mostElements;
const shapes = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(size, { minLength, maxLength }).filter(isSmall);

/** Shapes of operands, what is made of them, and how a counterexample calls it. */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...xs: Tensor[]) => Tensor;
  readonly name: string;
}

/** Expressions of few to many instructions; those of two operands broadcast the second one. */
const maps: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.mul(y),
  (x, y) => x.mul(y).add(x).sub(y).mul(x),
  (x, y) => x.greater(y),
  (x, y) => x.mul(y).exp(),
  (x, y) => x.tanh().mul(y).add(x),
  (x, y) => x.mul(y).exp().log1p().tanh().sub(y.exp()),
  ...[4, 8, 12, 18].map((n) => (x: Tensor, y: Tensor) => {
    let z = x;
    for (let i = 0; i < n; i++) z = z.mul(y).add(x).sub(i);
    return z;
  }),
];

const mapped: fc.Arbitrary<Case> = fc
  .tuple(shapes(1, 4), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(maps.length - 1), fc.boolean())
  .map(([shape, repeated, i, turned]) => {
    const other = shape.map((n, axis) => (repeated[axis] === true ? 1 : n));
    const order = [...shape.keys()].reverse();
    return {
      shapes: [shape, turned ? other.slice().reverse() : other],
      f: (x, y) => maps[i]!(x, turned ? y.permute(order) : y),
      name: `map ${i}${turned ? " turned" : ""}`,
    };
  });

const reduced: fc.Arbitrary<Case> = fc
  .tuple(shapes(1, 4), fc.nat(3), fc.nat(3), fc.constantFrom("sum", "max", "min"))
  .map(([shape, a, b, monoid]) => {
    const [from, to] = [Math.min(a, b) % shape.length, Math.max(a, b) % shape.length];
    const axis = Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => Math.min(from, to) + i);
    return { shapes: [shape], f: (x) => x[monoid]({ axis }), name: `${monoid} of axes ${axis.join()}` };
  });

const multiplied: fc.Arbitrary<Case> = fc
  .tuple(shapes(0, 2), size, size, fc.oneof(fc.constant(1), size), fc.nat(3), fc.boolean())
  .filter(([batches, m, k, n]) => isSmall([...batches, m, k]) && isSmall([...batches, k, n]) && isSmall([...batches, m, n]))
  .map(([batches, m, k, n, turns, shared]) => {
    const [left, right] = [turns & 1 ? [k, m] : [m, k], turns & 2 ? [n, k] : [k, n]];
    const turn = (x: Tensor, turns: boolean): Tensor => {
      const axes = [...x.shape.keys()];
      return turns ? x.permute([...axes.slice(0, -2), x.rank - 1, x.rank - 2]) : x;
    };
    return {
      shapes: [[...batches, ...left], [...(shared ? [] : batches), ...right]],
      f: (x, y) => turn(x, (turns & 1) !== 0).matmul(turn(y, (turns & 2) !== 0)),
      name: `product, turned ${turns}`,
    };
  }); // prettier-ignore

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  test.each([
    ["maps", mapped],
    ["sums and extremes", reduced],
    ["products", multiplied],
  ])("%s", { timeout: 300_000 }, (_, cases) => {
    fc.assert(
      fc.property(cases, fc.nat(1000), ({ shapes, f }, seed) => {
        const xs = shapes.map((shape, i) => elements(shape, dtype, seed + i, false));
        const expected = withBackend("reference", () => bits(f(...xs)));
        const program = compile(f);
        for (const order of ["first to last", "last to first"] as const) {
          alone(order);
          expect(withBackend("wasm", () => bits(f(...xs)))).toBe(expected);
          expect(bits(program(...xs))).toBe(expected);
        }
      }),
      { numRuns },
    );
  });
});
