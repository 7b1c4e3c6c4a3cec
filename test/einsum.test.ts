/** `einsum` against a loop over all letters, for random equations, and the order of its products. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { einsum, graphOf, random, tensor, variable, zeros, type DType, type Tensor } from "@cotangent/core";

interface Drawn {
  readonly equation: string;
  readonly operands: readonly Tensor[];
}

const at = (x: Tensor, index: readonly number[], data: ArrayLike<number>): number =>
  data[index.reduce((position, i, axis) => position * x.shape[axis]! + (x.shape[axis] === 1 ? 0 : i), 0)]!;

/** The sum over all letters of the products: plain loops. Terms have letters only. */
function naive(
  terms: readonly string[],
  output: string,
  operands: readonly Tensor[],
): { shape: number[]; data: number[] } {
  const letters = [...new Set(terms.join(""))];
  const size = (letter: string): number =>
    terms.reduce((n, term, i) => {
      const sizes = [...term].flatMap((l, axis) => (l === letter ? [operands[i]!.shape[axis]!] : []));
      return sizes.reduce((a, b) => (a === 1 ? b : a), n);
    }, 1);
  const inner = letters.filter((letter) => !output.includes(letter));
  const shape = [...output].map(size);
  const data: number[] = [];
  const values = operands.map((x) => x.toTypedArray());
  const walk = (names: readonly string[], index: Map<string, number>, visit: () => void): void => {
    if (names.length === 0) return visit();
    for (let i = 0; i < size(names[0]!); i++) walk(names.slice(1), index.set(names[0]!, i), visit);
  };
  const index = new Map<string, number>();
  walk([...output], index, () => {
    let total = 0;
    walk(inner, index, () => {
      total += terms.reduce((p, term, i) => p * at(operands[i]!, [...term].map((l) => index.get(l)!), values[i]!), 1); // prettier-ignore
    });
    data.push(total);
  });
  return { shape, data };
}

const letters = ["a", "b", "c", "d", "e"];
const sizes: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 4, e: 2 };
const term = fc.array(fc.constantFrom(...letters), { maxLength: 4 }).map((list) => list.join(""));

/** Up to four operands, letters repeated within and between them, some axes of size 1, the output in any order. */
const drawn = fc
  .tuple(fc.array(term, { minLength: 1, maxLength: 4 }), fc.nat(100000), fc.boolean())
  .chain(([terms, seed, spaced]) => {
    const known = [...new Set(terms.join(""))];
    return fc.shuffledSubarray(known).map((list): Drawn & { terms: string[]; output: string } => {
      const output = list.join("");
      let count = seed;
      const operands = terms.map((t) => {
        const shape = [...t].map((letter) => (++count % 7 === 0 ? 1 : sizes[letter]!));
        return random(count).integers(shape, { low: -3, high: 4 }).astype("float64");
      });
      const equation = spaced ? `${terms.join(" , ")} -> ${output}` : `${terms.join(",")}->${output}`;
      return { equation, operands, terms, output };
    });
  });

describe("values", () => {
  test("of random equations agree with a loop over all letters", () => {
    fc.assert(
      fc.property(drawn, ({ equation, operands, terms, output }) => {
        const expected = naive(terms, output, operands);
        const y = einsum(equation, ...operands);
        expect(y.shape).toEqual(expected.shape);
        // The elements are small integers, so every order gives the same.
        expect([...y.toTypedArray()].map((v) => v + 0)).toEqual(expected.data.map((v) => v + 0));
      }),
      { numRuns: 600 },
    );
  });

  test("without an arrow, letters that stand once come out in alphabetical order", () => {
    const [x, y] = [random(1).normal([2, 3]), random(2).normal([3, 4])];
    expect(einsum("ba,ac", x, y).toArray()).toEqual(einsum("ba,ac->bc", x, y).toArray());
    expect(einsum("ba", x).toArray()).toEqual(x.transpose().toArray());
    expect(einsum("bA", x).shape).toEqual([3, 2]);
    expect(einsum("ii", random(1).normal([3, 3])).shape).toEqual([]);
    expect(einsum("i,i->", tensor([1, 2]), tensor([3, 4])).item()).toBe(11);
  });

  test("the axes of an ellipsis broadcast, aligned at the right; without it in the output they are summed", () => {
    const [x, y] = [random(1).normal([5, 1, 2, 3]), random(2).normal([4, 3, 6])];
    const product = x.matmul(y);
    expect(einsum("...ij,...jk->...ik", x, y).toArray()).toEqual(product.toArray());
    expect(einsum("...ij,...jk", x, y).shape).toEqual([5, 4, 2, 6]);
    expect(einsum("i...j,...jk->k...i", x.moveAxis(2, 0), y).toArray()).toEqual(
      product.permute([3, 0, 1, 2]).toArray(),
    );
    const summed = einsum("...ij,...jk->ik", x, y).sub(product.sum({ axis: [0, 1] }));
    expect(summed.abs().max().item()).toBeLessThan(1e-13);
    expect(einsum("...", x).toArray()).toEqual(x.toArray());
    expect(einsum("...i->...", x).toArray()).toEqual(x.sum({ axis: -1 }).toArray());
  });

  test("numbers are operands without axes and adopt the dtype", () => {
    const y = einsum(",i->i", 2, tensor([1, 2], { dtype: "float32" }));
    expect([y.dtype, y.toArray()]).toEqual(["float32", [2, 4]]);
    expect(einsum("->", 3).item()).toBe(3);
  });

  test.each([
    ["bool", "int32", "int32"],
    ["int32", "float32", "float32"],
    ["float32", "float64", "float64"],
  ] as const)("%s with %s gives %s", (a: DType, b: DType, expected: DType) => {
    const y = einsum("i,i", tensor([1, 1, 0]).astype(a), tensor([1, 2, 3]).astype(b));
    expect([y.dtype, y.item()]).toEqual([expected, 3]);
  });

  test("empty axes sum to 0", () => {
    expect(einsum("ij,jk->ik", zeros([2, 0]), zeros([0, 3])).toArray()).toEqual([[0, 0, 0], [0, 0, 0]]); // prettier-ignore
    expect(einsum("ij->j", zeros([0, 2])).toArray()).toEqual([0, 0]);
    expect(einsum("ij,jk->ik", zeros([0, 2]), zeros([2, 3])).shape).toEqual([0, 3]);
  });
});

describe("the way there", () => {
  const made = (y: Tensor): { readonly name: string; readonly shape: readonly number[] }[] =>
    graphOf(y).nodes.filter((node) => !node.variable);
  const largestOf = (y: Tensor): number => Math.max(...made(y).map(({ shape }) => shape.reduce((a, b) => a * b, 1)));

  test("a chain starts where products are fewest", () => {
    const [a, b, c] = [variable(zeros([1, 50])), variable(zeros([50, 60])), variable(zeros([60, 70]))] as const;
    expect(largestOf(einsum("ij,jk,kl->il", a, b, c))).toBe(70);
    const [d, e, f] = [variable(zeros([50, 40])), variable(zeros([40, 60])), variable(zeros([60]))] as const;
    expect(largestOf(einsum("ij,jk,k->i", d, e, f))).toBe(60);
  });

  test("letters of one operand are summed before anything is multiplied", () => {
    const y = einsum("ij,k->i", variable(zeros([3, 40])), variable(zeros([50])));
    expect(largestOf(y)).toBe(3);
  });

  test("a matrix product is one product, batches included", () => {
    const [x, y] = [variable(zeros([2, 3, 4, 5])), variable(zeros([2, 3, 6, 5]))];
    const names = made(einsum("bhqd,bhkd->bhqk", x, y)).map(({ name }) => name);
    expect(names.sort()).toEqual(["matmul", "permute"]);
  });
});
