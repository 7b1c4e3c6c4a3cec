/** Products with short inner axes run as elementwise equations: with the bits of products. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, grad, random, tensor, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";

const numRuns = Number(process.env["COTANGENT_CASES"] ?? 200) * 3;

/** Numbers among which there are some that show in which order, and from which zero on, sums are made. */
function elements(shape: readonly number[], seed: number, special: readonly number[]): Tensor {
  const r = random(seed);
  const plain = r.normal(shape, { std: 3 });
  if (special.length === 0) return plain;
  const at = r.integers(shape, { low: 0, high: 2 * special.length }).toTypedArray();
  const numbers = plain.toTypedArray().map((x, i) => special[at[i]!] ?? x);
  return tensor(numbers as Float64Array, { shape });
}

const specials = [[], [0, -0], [0, -0, 1, -1], [NaN, Infinity, -Infinity, 0, -0], [1e-42, -1e-310, 3e38, -1e308]];
const size = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 5 }) }, fc.constantFrom(7, 8, 13, 33));

const drawn = fc.record({
  m: size,
  k: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }) }, fc.constantFrom(17, 130)),
  n: size,
  batch: fc.constantFrom<readonly number[]>([], [], [1], [2], [3, 2]),
  turned: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
  /** How operands are seen: whole, every second element of each axis, backwards, or one row or column repeated. */
  views: fc.array(fc.constantFrom("whole", "whole", "apart", "backwards", "repeated"), { minLength: 2, maxLength: 2 }),
  special: fc.constantFrom(...specials),
  dtype: fc.constantFrom("float64" as const, "float32" as const),
  seed: fc.nat(1e6),
});

/** Elements of a tensor of the shape for a view of it in the kernel's own layout. */
function stored(shape: readonly number[], view: string): readonly number[] {
  if (view === "apart") return shape.map((n) => 2 * n);
  return view === "repeated" ? shape.map((n, i) => (i === shape.length - 2 ? 1 : n)) : shape;
}

function seen(x: Tensor, shape: readonly number[], view: string): Tensor {
  if (view === "apart") return x.slice(shape.map(() => [null, null, 2] as const));
  if (view === "backwards") return x.slice(shape.map(() => [null, null, -1] as const));
  return view === "repeated" ? x.broadcastTo(shape) : x;
}

describe("products of random shapes, views and elements", () => {
  test("alone, with neighbours, and with derivatives: the bits of the function itself", { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(drawn, ({ m, k, n, batch, turned: [left, right, out], views, special, dtype, seed }) => {
        const shapes = [
          [...batch, ...(left ? [k, m] : [m, k])],
          [...batch, ...(right ? [n, k] : [k, n])],
        ] as const;
        const product = (p: Tensor, q: Tensor): Tensor => {
          const [a, b] = [seen(p, shapes[0], views[0]!), seen(q, shapes[1], views[1]!)];
          const c = (left ? a.swapAxes(-1, -2) : a).matmul(right ? b.swapAxes(-1, -2) : b);
          return out ? c.swapAxes(-1, -2) : c;
        };
        const both = (x: Tensor, y: Tensor): Tensor => product(x.mul(2), y.neg()).tanh().add(y.sum());
        const all = (p: Tensor, q: Tensor, bias: Tensor): Tensor[] => [
          product(p, q),
          product(p.add(1), q).add(out ? bias.unsqueeze(-1) : bias).tanh(),
          ...grad(([x, y]: readonly [Tensor, Tensor]) => both(x, y).sum())([p, q] as const),
        ]; // prettier-ignore
        const program = compile(all);
        for (const i of [0, 1]) {
          const [p, q] = shapes.map((shape, j) =>
            elements(stored(shape, views[j]!), seed + 3 * i + j, special).astype(dtype),
          ) as [Tensor, Tensor];
          const bias = elements([n], seed + 7 + i, special).astype(dtype);
          expect(program(p, q, bias).map(bits)).toEqual(all(p, q, bias).map(bits));
        }
      }),
      { numRuns },
    );
  });

  test("as steps of an elementwise loop, which says so", () => {
    const program = compile((x: Tensor, w: Tensor, b: Tensor) => x.matmul(w).add(b).tanh());
    program(tensor(new Float64Array(40), { shape: [10, 4] }), tensor(new Float64Array(12), { shape: [4, 3] }), tensor([1, 2, 3])); // prettier-ignore
    expect(String(program)).toMatch(
      /1\. 3 elementwise equations in one loop, 1 stored\n +v0: f64\[10, 3\] = matmul\(in0, in1\) +\(not stored\)/,
    );
    expect(String(program)).toContain("3 equations in 1 steps, 300 operations");
  });
});
