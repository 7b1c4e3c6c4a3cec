/** Predictions from outputs, and the share of right ones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, oneHot, random, ShapeError, tensor, zeros } from "@cotangent/core";
import { accuracy, classesOf, threshold } from "@cotangent/nn";

const int = (values: number[]): ReturnType<typeof tensor> => tensor(values, { dtype: "int32" });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const classes = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 });

describe("threshold", () => {
  test("1 above, 0 at and below, of the same shape, int32", () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 2, maxLength: 20 }), share, (p, at) => {
        const found = threshold(tensor([p, p]), at);
        expect(found.dtype).toBe("int32");
        expect(found.toArray()).toEqual([p.map((x) => (x > at ? 1 : 0)), p.map((x) => (x > at ? 1 : 0))]);
        expect(threshold(tensor([at]), at).toArray()).toEqual([0]);
      }),
    );
  });

  test("½ unless said otherwise", () => {
    expect(threshold(tensor([0.5, 0.5 + 2 ** -53 * 2, 0])).toArray()).toEqual([0, 1, 0]);
  });

  test.each([-0.1, 1.5, NaN, Infinity])("the threshold %s is refused", (at) => {
    expect(() => threshold(tensor([0.5]), at)).toThrow(ArgumentError);
    expect(() => threshold(tensor([0.5]), at)).toThrow(/threshold: expected a threshold from 0 to 1/);
  });
});

describe("classesOf", () => {
  test("of one logit: whether it is positive", () => {
    fc.assert(
      // Logits below 1e-16 have the probability ½ to the last bit.
      fc.property(fc.array(fc.double({ min: 1e-15, max: 1e300 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const logits = sizes.flatMap((z) => [[z], [-z]]);
        const found = classesOf(tensor(logits));
        expect(found.dtype).toBe("int32");
        expect(found.toArray()).toEqual(logits.map(([z]) => (z! > 0 ? 1 : 0)));
      }),
    );
    expect(classesOf(tensor([[0]])).toArray()).toEqual([0]);
  });

  test("of several: the place of the largest, whatever is added to a row", () => {
    fc.assert(
      fc.property(classes, fc.integer({ min: -1000, max: 1000 }), (labels, shift) => {
        const logits = oneHot(int(labels), { classes: 5, dtype: "float64" }).add(shift);
        const found = classesOf(logits);
        expect(found.dtype).toBe("int32");
        expect(found.toArray()).toEqual(labels);
        expect(accuracy(found, int(labels))).toBe(1);
      }),
    );
  });

  test("the first of equals", () => {
    expect(classesOf(tensor([[1, 3, 3], [2, 2, 2]])).toArray()).toEqual([1, 0]); // prettier-ignore
  });

  test.each([[[]], [[3]], [[2, 3, 4]]])("logits of shape %j are refused", (shape) => {
    expect(() => classesOf(zeros(shape))).toThrow(ShapeError);
    expect(() => classesOf(zeros(shape))).toThrow(/classesOf: expected logits of shape/);
  });
});

describe("accuracy", () => {
  test("the share of equal places, in any order of the samples", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 40 }), fc.nat(), (list, seed) => {
        const right = list.filter(([a, b]) => a === b).length;
        const [p, y] = [int(list.map(([a]) => a)), int(list.map(([, b]) => b))];
        expect(accuracy(p, y)).toBe(right / list.length);
        expect(accuracy(y, p)).toBe(right / list.length);
        const order = random(seed).permutation(list.length);
        expect(accuracy(p.take(order), y.take(order))).toBe(right / list.length);
      }),
    );
  });

  test("labels may be floats", () => {
    expect(accuracy(int([0, 1, 2]), tensor([0, 1, 1.5]))).toBe(2 / 3);
  });

  test.each([
    [[3], [2]],
    [[3], [3, 1]],
    [[3, 1], [1, 3]],
    [[3], []],
    [[0], [0]],
  ])("shapes %j and %j are refused", (a, b) => {
    expect(() => accuracy(zeros(a), zeros(b))).toThrow(ShapeError);
    expect(() => accuracy(zeros(a), zeros(b))).toThrow(/accuracy: expected as many predictions as labels/);
  }); // prettier-ignore
});
