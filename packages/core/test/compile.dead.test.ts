/** Work that nothing needs is left out of programs: which errors that can hide, and which never. */
import { describe, expect, test } from "vitest";
import {
  checkValues,
  compile,
  concat,
  conv1d,
  defineOp,
  DTypeError,
  einsum,
  fromNumber,
  GradientError,
  grad,
  NumericError,
  ones,
  scalar,
  ShapeError,
  tensor,
  where,
  type Tensor,
} from "@cotangent/core";

const x = tensor([[1, 2], [3, 4]]); // prettier-ignore
const int = tensor([0, 5], { dtype: "int32" });

/** The error of a function as it is. */
function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected an error");
}

describe("of shapes, dtypes and options: they come while the function is recorded, as without compile", () => {
  test.each<[string, (x: Tensor) => unknown]>([
    ["broadcasting", (x) => x.add(ones([3]))],
    ["a product", (x) => x.matmul(ones([3, 1]))],
    ["an axis", (x) => x.sum({ axis: 2 })],
    ["a reshape", (x) => x.reshape([3])],
    ["a slice", (x) => x.slice([0, 0, 0])],
    ["a permutation", (x) => x.permute([0])],
    ["concat", (x) => concat([x, ones([3, 3])])],
    ["einsum", (x) => einsum("ij,jk->ik", x, ones([3, 1]))],
    ["a convolution", (x) => conv1d(x.unsqueeze(0), ones([1, 5, 3]))],
    ["a pool", (x) => x.unsqueeze(0).maxPool1d({ window: 5 })],
    ["an index that is known", (x) => x.slice([7])],
    ["indices of another dtype", (x) => x.take(x)],
    ["indices of another shape", (x) => x.gather(int, { axis: 0 })],
    ["topK", (x) => x.topK({ k: 5 })],
    ["no matrix of a square", (x) => x.slice([[0, 1]]).inverse()],
    ["an extreme of nothing", (x) => x.slice([[0, 0]]).max()],
    ["an option", (x) => x.softmax({ axes: 1 } as never)],
    ["a condition", (x) => where(x, x, ones([3]))],
    ["an operator of one's own", (x) => defineOp({ name: "own", forward: (y: Tensor) => y.add(ones([3])), vjp: () => [null] })(x)],
    ["no scalar to differentiate", (x) => grad((y: Tensor) => y.mul(2))(x)],
  ])("%s", (_, f) => {
    const plain = errorOf(() => f(x));
    expect([ShapeError, DTypeError, GradientError].some((type) => plain instanceof type) || plain.name === "ArgumentError").toBe(true);
    const dead = errorOf(() => compile((y: Tensor) => (f(y), y.exp()))(x));
    expect([dead.constructor, dead.message]).toEqual([plain.constructor, plain.message]);
  }); // prettier-ignore
});

describe("of values", () => {
  const index = (i: number): Tensor => tensor([0, i], { dtype: "int32" });
  const cases: [string, (x: Tensor, i: Tensor) => unknown, new () => Error][] = [
    ["inverse", (x) => x.inverse(), NumericError],
    ["solve", (x) => x.solve(ones([2, 1])), NumericError],
    ["solveTriangular", (x) => x.solveTriangular(ones([2, 1]), { lower: true }), NumericError],
    ["cholesky", (x) => x.cholesky(), NumericError],
    ["take", (x, i) => x.take(i), ShapeError],
    ["gather", (x, i) => x.gather(i.unsqueeze(0), { axis: 0 }), ShapeError],
    ["scatterAdd", (x, i) => x.scatterAdd(i.unsqueeze(0), ones([1, 2]), { axis: 0 }), ShapeError],
    ["fromNumber", (x) => fromNumber(x.sum(), () => { throw new NumericError("mine"); }), NumericError],
  ]; // prettier-ignore
  const bad = [tensor([[0, 0], [0, 0]]), index(9)] as const; // prettier-ignore

  test.each(cases)("%s: thrown where the result is needed, and only there", (name, f, type) => {
    const plain = errorOf(() => f(...bad));
    expect(plain).toBeInstanceOf(type);
    const needed = compile(f);
    const got = errorOf(() => needed(...bad));
    expect([got.constructor, got.message]).toEqual([plain.constructor, plain.message]);
    const dead = compile((x: Tensor, i: Tensor) => (f(x, i), x.add(1)));
    expect(dead(...bad).toArray()).toEqual([[1, 1], [1, 1]]);
    // Of constants too, which are computed while the function is recorded; a function of one's own is called then.
    if (name === "fromNumber") return;
    const constant = compile((x: Tensor) => (f(...bad), x.add(1)));
    expect(constant(scalar(1)).item()).toBe(2);
  }); // prettier-ignore

  test("a look by checkValues is never left out", () => {
    const looks = compile((x: Tensor) => {
      checkValues(x.mul(2), (v) => {
        if (v.item() < 0) throw new NumericError("negative");
      });
      return 1;
    });
    expect(looks(scalar(1))).toBe(1);
    expect(() => looks(scalar(-1))).toThrow("negative");
  });
});
