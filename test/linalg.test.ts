/** Factorisations and what is solved with them, beyond the laws of the operator table. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eye,
  grad,
  hessian,
  jvp,
  NumericError,
  random,
  ShapeError,
  slogDet,
  solve,
  solveTriangular,
  tensor,
  zeros,
  type Tensor,
} from "@cotangent/core";

const numRuns = 60;
const size = fc.integer({ min: 0, max: 9 });
const seed = fc.nat(100000);
const normal = (shape: number[], s: number): Tensor => random(s).normal(shape);
const flat = (x: Tensor): number[] => [...x.toTypedArray()];
const largest = (x: Tensor): number => Math.max(0, ...flat(x).map(Math.abs));
const integers = (n: number, s: number): Tensor => random(s).integers([n, n], { low: -3, high: 4 }).astype("float64");

function without(rows: number[][], i: number, j: number): number[][] {
  return rows.filter((_, r) => r !== i).map((row) => row.filter((_, c) => c !== j));
}

/** By expansion along the first row: exact for small integers. */
function expanded(rows: number[][]): number {
  if (rows.length === 0) return 1;
  return rows[0]!.reduce((sum, x, j) => sum + (j % 2 === 0 ? x : -x) * expanded(without(rows, 0, j)), 0);
}

const cofactorsOf = (rows: number[][]): number[][] =>
  rows.map((row, i) => row.map((_, j) => ((i + j) % 2 === 0 ? 1 : -1) * expanded(without(rows, i, j))));

describe("inverse and solve", () => {
  test("a matrix times its inverse is the identity", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const x = normal([2, 3, n, n], s);
        const y = x.inverse();
        expect(y.shape).toEqual([2, 3, n, n]);
        expect(largest(x.matmul(y).sub(eye(n)))).toBeLessThan(1e-13 * (1 + largest(x)) * (1 + largest(y)) * (n + 1));
      }),
      { numRuns },
    );
  });

  test("solutions leave a residual of rounding size", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 4 }), seed, (n, m, s) => {
        const a = normal([3, 1, n, n], s);
        const b = normal([2, n, m], s + 1);
        const x = solve(a, b);
        expect(x.shape).toEqual([3, 2, n, m]);
        expect(largest(a.matmul(x).sub(b))).toBeLessThan(1e-13 * (1 + largest(a)) * (1 + largest(x)) * (n + 1));
      }),
      { numRuns },
    );
  });

  test("right-hand sides: a vector, one vector for each matrix, matrices", () => {
    const a = normal([2, 3, 3], 1).add(eye(3).mul(4));
    expect(solve(a, normal([3], 2)).shape).toEqual([2, 3]);
    expect(solve(a, normal([2, 3], 2)).shape).toEqual([2, 3]);
    expect(solve(a, normal([3, 5], 2)).shape).toEqual([2, 3, 5]);
    expect(solve(a, normal([4, 1, 3, 5], 2)).shape).toEqual([4, 2, 3, 5]);
    const [b, c] = [normal([2, 3], 5), normal([3], 6)];
    expect(flat(solve(a, b).slice([1]))).toEqual(flat(solve(a.slice([1]), b.slice([1]))));
    expect(flat(solve(a, c).slice([1]))).toEqual(flat(solve(a.slice([1]), c)));
  });

  test("pivoting: a zero in the first place, and rows of very different sizes", () => {
    const close = (x: Tensor, expected: number[]): void =>
      flat(x).forEach((v, i) => expect(v).toBeCloseTo(expected[i]!, 12));
    close(tensor([[0, 2], [4, 0]]).inverse(), [0, 0.25, 0.5, 0]); // prettier-ignore
    close(solve(tensor([[1e-20, 1], [1, 1]]), tensor([1, 2])), [1, 1]); // prettier-ignore
    close(solve(tensor([[1, 1], [0, 1e-200]]), tensor([1, 1e-200])), [0, 1]); // prettier-ignore
    close(tensor([[1, 0], [0, 1e-200]]).inverse().mul(tensor([1, 1e-200])), [1, 0, 0, 1]); // prettier-ignore
  });

  test("singular up to rounding is refused, in either precision; ill-conditioned is not", () => {
    const count = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
    const thirds = tensor([[1, 2], [2, 4]]).div(3); // prettier-ignore
    for (const x of [count, thirds, count.mul(0.1), zeros([1, 1]), normal([4, 3], 1).matmul(normal([3, 4], 2))])
      for (const dtype of ["float64", "float32"] as const) {
        expect(() => x.astype(dtype).inverse()).toThrow(NumericError);
        expect(() => solve(x.astype(dtype), zeros([x.shape[0]!, 1]).astype(dtype))).toThrow(/^solve: /);
      }
    const hilbert = tensor(Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (_, j) => 1 / (i + j + 1))));
    expect(hilbert.inverse().slice([0, 0]).item()).toBeCloseTo(100, 2);
  });

  test("integers compute in the default float, float32 stays, NaN goes through", () => {
    const x = tensor([[2, 1], [1, 1]], { dtype: "int32" }); // prettier-ignore
    expect(x.inverse().dtype).toBe("float64");
    expect(x.inverse().toArray()).toEqual([[1, -1], [-1, 2]]); // prettier-ignore
    expect(x.astype("float32").inverse().dtype).toBe("float32");
    expect(solve(x.astype("float32"), tensor([1, 2])).dtype).toBe("float64");
    expect(flat(tensor([[0, 1], [NaN, 1]]).inverse()).every(Number.isNaN)).toBe(true); // prettier-ignore
    expect(tensor([[0, 1], [NaN, 1]]).det().item()).toBeNaN(); // prettier-ignore
  });
});

describe("solveTriangular", () => {
  test("solves with the triangle named, and reads nothing else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.boolean(), fc.boolean(), seed, (n, lower, unitDiagonal, s) => {
        const kept = eye(n).toArray() as number[][];
        const mask = tensor(kept.map((row, i) => row.map((_, j) => (i === j ? !unitDiagonal : lower ? i > j : i < j))));
        const full = normal([n, n], s).add(eye(n).mul(3));
        const triangle = full.mul(mask).add(unitDiagonal ? eye(n) : 0);
        const b = normal([n, 2], s + 1);
        const x = solveTriangular(full, b, { lower, unitDiagonal });
        expect(largest(triangle.matmul(x).sub(b))).toBeLessThan(1e-12 * (1 + largest(x)));
        const g = grad((a: Tensor) => solveTriangular(a, b, { lower, unitDiagonal }).sum())(full);
        expect(largest(g.mul(tensor(1).sub(mask)))).toBe(0);
      }),
      { numRuns },
    );
  });

  test("a unit diagonal may hold zeros", () => {
    expect(solveTriangular(zeros([2, 2]), tensor([1, 2]), { unitDiagonal: true }).toArray()).toEqual([1, 2]);
  });
});

describe("cholesky", () => {
  test("the factor times its transpose is the symmetric part", () => {
    fc.assert(
      fc.property(size, seed, (n, s) => {
        const x = normal([2, n, n], s);
        const skew = normal([n, n], s + 1);
        const a = x.matmul(x.transpose()).add(eye(n));
        const l = a.add(skew).sub(skew.transpose()).cholesky();
        expect(largest(l.matmul(l.transpose()).sub(a))).toBeLessThan(1e-13 * (1 + largest(a)) * (n + 1));
        flat(l).forEach((v, at) => {
          const [i, j] = [Math.floor(at / n) % n, at % n];
          if (i < j) expect(v).toBe(0);
          if (i === j) expect(v).toBeGreaterThan(0);
        });
      }),
      { numRuns },
    );
  });

  test("the derivative is symmetric", () => {
    const g = grad((x: Tensor) =>
      x
        .cholesky()
        .mul(normal([3, 3], 2))
        .sum(),
    )(eye(3).mul(3).add(0.5));
    expect(flat(g)).toEqual(flat(g.transpose()));
  });

  test.each([[[[0]]], [[[-1]]], [[[1, 2], [2, 1]]], [[[1, 1], [1, 1]]], [[[NaN]]], [[[0.1, 0.3], [0.3, 0.9]]]])("%j is refused", (rows) => {
    expect(() => tensor(rows).cholesky()).toThrow(NumericError);
  }); // prettier-ignore
});

describe("elements at the end of the range", () => {
  const largeMatrix = tensor([[1e308, 1e308], [1e308, -1e308]]); // prettier-ignore

  test("of well-conditioned matrices count as invertible, though elimination overflows", () => {
    expect(largeMatrix.det().item()).toBe(-Infinity);
    const { sign, logAbsDet } = slogDet(largeMatrix);
    expect(sign.item()).toBe(-1);
    expect(logAbsDet.item()).toBeCloseTo(2 * Math.log(1e308) + Math.log(2), 10);
    expect(largest(largeMatrix.inverse().mul(1e308).sub(tensor([[0.5, 0.5], [0.5, -0.5]])))).toBeLessThan(1e-15); // prettier-ignore
    expect(flat(solve(largeMatrix, tensor([1e308, 0])))).toEqual([0.5, 0.5]);
    const repeated = tensor([[1e308, 1e308], [1e308, 1e308]]); // prettier-ignore
    expect(repeated.det().item()).toBe(0);
    expect(() => repeated.inverse()).toThrow(NumericError);
  });

  test("infinite ones are no reason to call a matrix singular", () => {
    const first = tensor([[Infinity, 1], [2, 3]]); // prettier-ignore
    expect(first.det().item()).toBe(Infinity);
    expect(first.logDet().item()).toBe(Infinity);
    expect(flat(first.inverse()).map((x) => x + 0)).toEqual([0, 0, 0, 1 / 3]);
    expect(tensor([[1, Infinity], [2, 3]]).det().item()).toBe(-Infinity); // prettier-ignore
    expect(tensor([[Infinity, Infinity], [Infinity, Infinity]]).det().item()).toBe(NaN); // prettier-ignore
  });
});

describe("determinants", () => {
  test("agree with the expansion by minors, sign and logarithm too", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), seed, (n, s) => {
        const x = integers(n, s);
        const exact = expanded(x.toArray() as number[][]);
        expect(x.det().item()).toBeCloseTo(exact, 8);
        const { sign, logAbsDet } = slogDet(x);
        expect(sign.item()).toBe(Math.sign(exact));
        expect(logAbsDet.item()).toBeCloseTo(Math.log(Math.abs(exact)), 10);
      }),
      { numRuns: 200 },
    );
  });

  test("the first derivative is the matrix of cofactors, of singular matrices too, in both modes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3 }), seed, (n, lost, s) => {
        const x = integers(n, s);
        // Rows repeated: the rank falls by `lost` at least.
        const index = tensor(Array.from({ length: n }, (_, i) => Math.max(0, i - lost)), { dtype: "int32" }); // prettier-ignore
        const deficient = x.take(index);
        const exact = tensor(cofactorsOf(deficient.toArray() as number[][]));
        expect(largest(grad((a: Tensor) => a.det())(deficient).sub(exact))).toBeLessThan(1e-9);
        const t = normal([n, n], s);
        const [, tangent] = jvp((a: Tensor) => a.det(), [deficient], [t]);
        expect(tangent.sub(exact.mul(t).sum()).item()).toBeCloseTo(0, 8);
      }),
      { numRuns: 200 },
    );
  });

  test("the second derivative is made of the minors of order n - 2, of singular matrices too, by both modes over both", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 }), seed, (n, lost, s) => {
        const index = tensor(Array.from({ length: n }, (_, i) => Math.max(0, i - lost)), { dtype: "int32" }); // prettier-ignore
        // A tiny change must not make a difference: nothing is divided by what is left of the pivots.
        const x = integers(n, s)
          .take(index)
          .add(normal([n, n], s + 1).mul(s % 2 === 0 ? 0 : 1e-13));
        const [t, u] = [normal([n, n], s + 2), normal([n, n], s + 3)];
        const rows = x.toArray() as number[][];
        const [down, across] = [t.toArray() as number[][], u.toArray() as number[][]];
        let exact = 0;
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            const rest = cofactorsOf(without(rows, i, j));
            for (let k = 0; k < n; k++)
              for (let l = 0; l < n; l++) {
                const minor = k === i || l === j ? 0 : rest[k - Number(k > i)]![l - Number(l > j)]!;
                exact += ((i + j) % 2 === 0 ? 1 : -1) * down[i]![j]! * across[k]![l]! * minor;
              }
          }
        const det = (a: Tensor): Tensor => a.det();
        const reverse = (f: (a: Tensor) => Tensor, v: Tensor) => (a: Tensor) => grad(f)(a).mul(v).sum();
        const forward = (f: (a: Tensor) => Tensor, v: Tensor) => (a: Tensor) => jvp(f, [a], [v])[1];
        for (const inner of [reverse, forward])
          for (const outer of [reverse, forward]) expect(outer(inner(det, t), u)(x).item()).toBeCloseTo(exact, 8);
      }),
      { numRuns: 100 },
    );
  });

  test("the Hessian of a singular matrix: the other diagonal of 2 × 2, none of 1 × 1", () => {
    const h = hessian((a: Tensor) => a.det())(tensor([[1, 2], [2, 4]])); // prettier-ignore
    expect(h.reshape([4, 4]).add(0).toArray()).toEqual([[0, 0, 0, 1], [0, 0, -1, 0], [0, -1, 0, 0], [1, 0, 0, 0]]); // prettier-ignore
    expect(hessian((a: Tensor) => a.det())(zeros([1, 1])).toArray()).toEqual([[[[0]]]]);
    expect(largest(hessian((a: Tensor) => a.det())(zeros([3, 3])))).toBe(0);
    const wide = tensor([[1, 2, 3], [2, 4, 6], [3, 6, 10]], { dtype: "float32" }); // prettier-ignore
    const narrow = hessian((a: Tensor) => a.det())(wide);
    expect(narrow.dtype).toBe("float32");
    expect(largest(narrow.sub(hessian((a: Tensor) => a.det())(wide.astype("float64"))))).toBeLessThan(1e-5);
  });

  test("det(A + t T) of 3 × 3 matrices has the third derivative 6 det T, and no fourth one", () => {
    const nth = (f: (t: Tensor) => Tensor, order: number): ((t: Tensor) => Tensor) =>
      order === 0 ? f : nth(grad(f) as (t: Tensor) => Tensor, order - 1);
    const forward = (f: (t: Tensor) => Tensor) => (t: Tensor) => jvp(f, [t], [tensor(1)])[1];
    fc.assert(
      fc.property(seed, (s) => {
        const [a, b] = [normal([3, 3], s).add(eye(3).mul(6)), normal([3, 3], s + 1)];
        const along = (t: Tensor): Tensor => a.add(b.mul(t)).det();
        const exact = 6 * b.det().item();
        expect(nth(along, 3)(tensor(0)).item()).toBeCloseTo(exact, 9);
        expect(forward(forward(forward(along)))(tensor(0)).item()).toBeCloseTo(exact, 9);
        expect(nth(along, 4)(tensor(0)).item()).toBeCloseTo(0, 9);
      }),
      { numRuns: 30 },
    );
  });

  test("of nothing 1, of singular matrices exactly 0 and -Infinity, of negative ones NaN as a logarithm", () => {
    expect(zeros([2, 0, 0]).det().toArray()).toEqual([1, 1]);
    expect(zeros([0, 0]).logDet().item()).toBe(0);
    expect(slogDet(zeros([0, 0])).sign.item()).toBe(1);
    const count = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
    expect(count.det().item()).toBe(0);
    expect(count.logDet().item()).toBe(-Infinity);
    expect(slogDet(count).sign.item()).toBe(0);
    expect(
      tensor([[-1]])
        .logDet()
        .item(),
    ).toBeNaN();
    expect(
      tensor([[-2]])
        .slogDet()
        .logAbsDet.item(),
    ).toBe(tensor(2).log().item());
  });

  test("a batch is as good as its matrices one by one", () => {
    const x = normal([2, 2, 3, 3], 4);
    expect(x.det().slice([1, 0]).item()).toBe(x.slice([1, 0]).det().item());
    expect(flat(grad((a: Tensor) => a.det().sum())(x).slice([1, 0]))).toEqual(
      flat(grad((a: Tensor) => a.det())(x.slice([1, 0]))),
    );
  });

  test("derivatives that do not exist are refused by the operator's name", () => {
    const x = tensor([[1, 2], [2, 4]]); // prettier-ignore
    expect(() => grad((a: Tensor) => a.logDet())(x)).toThrow(/^logDet: expected an invertible matrix/);
    expect(() => grad((a: Tensor) => a.slogDet().logAbsDet)(x)).toThrow(/^slogDet: expected an invertible matrix/);
    const slope = grad((a: Tensor) => a.det().square());
    expect(largest(slope(x))).toBe(0);
    const third = (a: Tensor): Tensor =>
      grad((b: Tensor) =>
        grad((c: Tensor) => c.det())(b)
          .square()
          .sum(),
      )(a).sum();
    expect(() => grad(third)(zeros([3, 3]))).toThrow(/^det: expected an invertible matrix/);
    expect(() => zeros([2, 3]).det()).toThrow(ShapeError);
  });
});
