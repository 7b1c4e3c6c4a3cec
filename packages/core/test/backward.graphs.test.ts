/** The reverse sweep on random graphs: against differences, against an oracle, and many sweeps over shared nodes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor, variable, type Gradients, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";
import { adjointsOf, recipes, tensorValues, type Recipe } from "./graphs.js";

const numRuns = 300;

/**
 * Checks all cotangents of a sweep against the oracle, which takes the same local slopes. Either side rounds a product and
 * a sum at most twice a step on the way from the root, relative to the sum of the magnitudes of all paths.
 */
function expectAdjoints(recipe: Recipe, gradients: Gradients, all: readonly Tensor[], root: number): void {
  const values = all.map((t) => t.toTypedArray());
  for (let element = 0; element < all[0]!.size; element++) {
    const { adjoint, magnitude, reached } = adjointsOf(
      recipe,
      values.map((v) => v[element]!),
      root,
    );
    all.forEach((t, i) => {
      expect(gradients.has(t)).toBe(reached[i]);
      const off = Math.abs(gradients.get(t).toTypedArray()[element]! - adjoint[i]!);
      expect(off).toBeLessThanOrEqual(4 * (recipe.steps.length + 1) * 2 ** -52 * magnitude[i]!);
    });
  }
}

describe("gradients of random graphs of scalars", () => {
  test("equal central differences", () => {
    fc.assert(
      fc.property(recipes(10), (recipe) => {
        const { leaves, steps } = recipe;
        const f = (point: readonly number[]): number => tensorValues(recipe, point.map(variable)).at(-1)!.item();
        const variables = leaves.map(variable);
        const all = tensorValues(recipe, variables);
        const gradients = all.at(-1)!.backward();
        const plain = all.map((t) => t.item());
        const { magnitude } = adjointsOf(recipe, plain, all.length - 1);
        variables.forEach((x, i) => {
          const central = (h: number): number => {
            const at = (t: number): number => f(leaves.map((v, j) => (i === j ? v + t : v)));
            return (at(h) - at(-h)) / (2 * h);
          };
          const [d1, d2, d3] = [central(2 ** -9), central(2 ** -10), central(2 ** -11)];
          // Halving h divides the leading error by 4, so each change is at least 3 times the error that is left; two
          // changes, lest the terms in h² and h⁴ cancel in one. Each step rounds a value below 3, and that is passed on.
          const truncation = Math.max(Math.abs(d1 - d2), Math.abs(d2 - d3)) / 3;
          const rounding = 3 * 2 ** -52 * 2 ** 11 * steps.length * Math.max(...magnitude);
          expect(Math.abs(gradients.get(x).item() - d3)).toBeLessThanOrEqual(2 * truncation + rounding);
        });
      }),
      { numRuns },
    );
  });

  test("equal the oracle at every node, deep graphs with sparse ids too", () => {
    fc.assert(
      fc.property(recipes(40), (recipe) => {
        const all = tensorValues(recipe, recipe.leaves.map(variable));
        expectAdjoints(recipe, all.at(-1)!.backward(), all, all.length - 1);
      }),
      { numRuns },
    );
  });

  test("so do graphs of tensors, in each element", () => {
    fc.assert(
      fc.property(recipes(20), (recipe) => {
        const leaves = recipe.leaves.map((v) => tensor([v, v / 2, -v / 4], { requiresGrad: true }));
        const all = tensorValues(recipe, leaves);
        const root = all.length - 1;
        expectAdjoints(recipe, all[root]!.backward({ cotangent: tensor([1, 1, 1]) }), all, root);
      }),
      { numRuns: 100 },
    );
  });
});

describe("many sweeps over shared nodes", () => {
  const plan = fc.record({
    recipe: recipes(15),
    roots: fc.array(fc.nat(1000), { minLength: 2, maxLength: 8 }),
    more: fc.array(fc.nat(1000), { maxLength: 4 }),
    queries: fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 40 }),
  });

  test("every Gradients stays right after any later sweeps", () => {
    fc.assert(
      fc.property(plan, ({ recipe, roots, more, queries }) => {
        const all = tensorValues(recipe, recipe.leaves.map(variable));
        const sweeps = roots.map((r) => {
          const root = r % all.length;
          const gradients = all[root]!.backward();
          return { root, gradients, snapshot: all.map((t) => bits(gradients.get(t))) };
        });
        // Newer graphs on top of the old nodes, swept as well; they share every place.
        for (const r of more)
          all[r % all.length]!.mul(2)
            .add(all[(r * 7) % all.length]!)
            .tanh()
            .backward();
        for (const [s, t] of queries) {
          const { gradients, snapshot } = sweeps[s % sweeps.length]!;
          const at = t % all.length;
          expect(bits(gradients.get(all[at]!))).toBe(snapshot[at]);
        }
        for (const { root, gradients, snapshot } of sweeps) {
          expect(all.map((t) => bits(gradients.get(t)))).toEqual(snapshot);
          expectAdjoints(recipe, gradients, all, root);
        }
      }),
      { numRuns },
    );
  });

  test("sweeps of two graphs over common leaves, queried in turns", () => {
    fc.assert(
      fc.property(recipes(12, 2), recipes(12, 2), fc.array(fc.boolean(), { maxLength: 12 }), (left, right, turns) => {
        // Both graphs stand on the same leaves (the first recipe's), so their places collide.
        const count = Math.min(left.leaves.length, right.leaves.length);
        const common = left.leaves.map(variable);
        const leaves = [...common.slice(0, count), ...right.leaves.slice(count).map(variable)];
        const rightHere = { ...right, leaves: leaves.map((x) => x.item()) };
        const graphs = [
          { recipe: left, all: tensorValues(left, common) },
          { recipe: rightHere, all: tensorValues(right, leaves) },
        ];
        const latest = graphs.map(({ all }) => all.at(-1)!.backward());
        for (const turn of turns) {
          const here = turn ? 1 : 0;
          latest[here] = graphs[here]!.all.at(-1)!.backward({ createGraph: true });
        }
        graphs.forEach(({ recipe, all }, i) => {
          expectAdjoints(recipe, latest[i]!, all, all.length - 1);
          // Interior nodes of the other graph are out of reach, though their places may be in range.
          for (const t of graphs[1 - i]!.all.slice(graphs[1 - i]!.recipe.leaves.length)) {
            expect(latest[i]!.has(t)).toBe(false);
            expect(latest[i]!.get(t).item()).toBe(0);
          }
        });
      }),
      { numRuns },
    );
  });

  test("a sweep of a recorded sweep leaves both right", () => {
    fc.assert(
      fc.property(recipes(8, 1), (recipe) => {
        const x = variable(recipe.leaves[0]!);
        const all = tensorValues(recipe, [x]);
        const first = all.at(-1)!.backward({ createGraph: true });
        const slope = first.get(x);
        const kept = all.map((t) => bits(first.get(t)));
        if (slope.requiresGrad) slope.backward();
        expect(all.map((t) => bits(first.get(t)))).toEqual(kept);
        expectAdjoints(recipe, first, all, all.length - 1);
      }),
      { numRuns },
    );
  });
});

describe("intermediate handles", () => {
  test("kept from a loop, each asked for its own cotangent", () => {
    let y = variable(1);
    const kept: Tensor[] = [];
    for (let i = 1; i <= 20; i++) kept.push((y = y.mul(i)));
    const gradients = y.backward();
    kept.forEach((t, i) => {
      let product = 1;
      for (let j = i + 2; j <= 20; j++) product *= j;
      expect(gradients.get(t).item()).toBe(product);
    });
  });

  test("a variable made of an interior value is cut off from it", () => {
    const x = variable(3);
    const y = x.square();
    const leaf = variable(y);
    const gradients = leaf.mul(y).backward();
    expect([gradients.get(leaf), gradients.get(y), gradients.get(x)].map((t) => t.item())).toEqual([9, 9, 54]);
  });

  test("of a view and of the tensor that it is a view of", () => {
    const x = tensor([[1, 2], [3, 4]], { requiresGrad: true }); // prettier-ignore
    const row = x.slice([1]);
    const gradients = row.mul(row).sum().add(x.sum()).backward();
    expect(gradients.get(row).toArray()).toEqual([6, 8]);
    expect(gradients.get(x).toArray()).toEqual([[1, 1], [7, 9]]); // prettier-ignore
  });
});

describe.each(["float64", "float32"] as const)("a plain sweep over tensors of %s", (dtype) => {
  test("adds up the bits that a recorded one adds up", () => {
    const shapes = [[2, 2], [2], [2, 1], [1]] as const;
    fc.assert(
      fc.property(recipes(25), fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }), (recipe, which) => {
        const leaves = recipe.leaves.map((v, i) => {
          const shape = shapes[which[i % which.length]!]!;
          const count = shape.reduce<number>((a, b) => a * b, 1);
          return tensor(
            Float64Array.from({ length: count }, (_, j) => v / (j + 1)),
            { shape, dtype, requiresGrad: true },
          );
        });
        const all = tensorValues(recipe, leaves);
        // All of them, so that every one gets several cotangents, stretched ones too.
        const root = all.map((x) => x.sum()).reduce((a, b) => a.add(b));
        const [plain, recorded] = [root.backward(), root.backward({ createGraph: true })];
        expect(all.map((x) => bits(plain.get(x)))).toEqual(all.map((x) => bits(recorded.get(x))));
      }),
      { numRuns },
    );
  });
});
