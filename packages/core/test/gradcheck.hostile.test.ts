/** Right functions at nasty points, and rules that do what no operator should. */
import { describe, expect, test } from "vitest";
import { defineOp, detectAnomaly, grad, relu, tensor, where, type Tensor } from "@cotangent/core";
import { gradcheck } from "@cotangent/core/check";

const modes = ["fast", "full"] as const;

describe("right functions at nasty points are not called wrong", () => {
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, number[]])[] = [
    ["kinks that make up for each other", (x) => relu(x).sub(relu(x.neg())).sum(), [0, 1, -1]],
    ["a soft maximum too sharp for steps", (x) => x.logSumExp(), [1e8, -1e8, 1e8]],
    ["a value that underflows", (x) => x.square().sum(), [1e-160, 1e-310]],
    ["a slope that is there for an instant only", (x) => x.cbrt().sum(), [1e-160, 1, 700]],
    ["an underflow on the way", (x) => x.mul(x).atan2(1e-160).sum(), [1e-160]],
    ["a middle element of three equal ones", (x) => x.median(), [0.87, 1.26, 0.87, 0.87]],
    ["a pole behind a mask", (x) => where(x.greater(0), x.reciprocal(), x).sum(), [0, 0.5, 2]],
  ];
  test.each(cases)("%s", (_name, f, values) => {
    for (const mode of modes)
      for (const order of [1, 2] as const) {
        const report = gradcheck(f, [tensor(values)], { mode, order });
        expect(report.ok, report.toString()).toBe(true);
      }
  });
});

test.each(modes)("beside kinks that make up for each other, what is wrong still is, %s mode", (mode) => {
  const cut = (x: Tensor): Tensor => relu(x).sub(relu(x.neg())).mul(x.sum().item()).sum();
  expect(gradcheck(cut, [tensor([0, 1, -2])], { mode }).ok).toBe(false);
});

test.each(modes)("a wrong rule is found at a middle of three equal ones too, %s mode", (mode) => {
  const wrong = (x: Tensor): Tensor => x.median().mul(x.sum().item());
  expect(gradcheck(wrong, [tensor([2, 1, 2, 2])], { mode }).ok).toBe(false);
});

test.each(modes)("a gradient that is NaN where both slopes are known is wrong, %s mode", (mode) => {
  const sinc = (x: Tensor): Tensor => where(x.notEqual(0), x.sin().div(x), 1).sum();
  const report = gradcheck(sinc, [tensor([0, 1])], { mode });
  expect([report.ok, report.failures[0]?.index, report.failures[0]?.analytic]).toEqual([false, [0], NaN]);
  expect(report.toString()).toContain("detectAnomaly");
  expect(report.toJSON().failures[0]!.analytic).toBe("NaN");
});

test("what makes an anomaly loses no number as JSON", () => {
  let cause: unknown = null;
  try {
    detectAnomaly(() => grad((x: Tensor) => where(x.notEqual(0), x.sin().div(x), 1).sum())(tensor([0, 1])));
  } catch (error) {
    cause = (error as Error).cause;
  }
  const text = JSON.stringify(cause);
  expect(text).toContain('"NaN"');
  expect(JSON.parse(text)).toMatchObject({ op: "div", elements: [0, 0] });
});

describe("reports say no more than is known", () => {
  test("a function without a value is not said to have wrong gradients", () => {
    const text = gradcheck((x) => x.log().sum(), [tensor([-1, 1])]).toString();
    expect(text).toMatch(/^gradcheck: nothing could be judged/);
  });

  test("forward mode agrees with nothing where it was left out", () => {
    const plain = (jvp: boolean) => defineOp({ name: "wrong", forward: (x: Tensor) => x.exp(), vjp: (ct) => [ct], ...(jvp ? { jvp: ([t]: Tensor[], _: Tensor[], y: Tensor) => t!.mul(y) } : {}) }); // prettier-ignore
    expect(gradcheck(plain(true), [tensor([1])]).toString()).toContain("forward mode agrees with the differences");
    const text = gradcheck(plain(false), [tensor([1])]).toString();
    expect(text).toContain("forward mode was not compared");
    expect(text).toContain("reverse mode disagrees with the differences, so its rule (vjp) is wrong");
    expect(text).not.toContain("forward mode agrees");
  });
});

describe("order 2: the derivative of a rule by the cotangent", () => {
  const twice = (cut: (ct: Tensor) => Tensor) => defineOp({ name: "twice", forward: (x: Tensor) => x.mul(2), vjp: (ct) => [cut(ct).mul(2)], jvp: ([t]) => t.mul(2) }); // prettier-ignore
  const copy = (ct: Tensor): Tensor => tensor(ct.toTypedArray(), { shape: ct.shape, dtype: ct.dtype });
  const network = (op: (x: Tensor) => Tensor) => (x: Tensor) => op(x.sin()).square().sum();

  test.each(modes)("a rule that reads the values of the cotangent is named, %s mode", (mode) => {
    const report = gradcheck(network(twice(copy)), [tensor([0.5, -1])], { mode, order: 2 });
    expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "twice"]);
    expect(report.culprits[0]!.line).toMatch(/gradcheck\.hostile\.test\.ts:\d+/);
    expect(report.toString()).toContain("does not pass derivatives on to the cotangent");
  });

  test.each(modes)("the same rule in operators passes, %s mode", (mode) => {
    const report = gradcheck(network(twice((ct) => ct)), [tensor([0.5, -1])], { mode, order: 2 });
    expect(report.ok, report.toString()).toBe(true);
  });
});

describe("operators of one's own that write where they must not", () => {
  const overwrite = (x: Tensor): void => {
    const { data, offset } = x as unknown as { readonly data: Float64Array; readonly offset: number };
    data[offset]! += 1;
  };
  const square = (write: (part: string, x: Tensor) => void) =>
    defineOp({
      name: "rude",
      forward: (x: Tensor) => {
        const y = x.square();
        write("forward", x);
        return y;
      },
      vjp: (ct, [x], y) => {
        const answer = ct.mul(x).mul(2);
        write("vjp of input 0", x);
        write("vjp of the cotangent", ct);
        write("vjp of the output", y);
        return [answer];
      },
      jvp: ([t], [x]) => {
        const answer = t.mul(x).mul(2);
        write("jvp of a tangent", t);
        return answer;
      },
    });
  test.each(modes)("forward changes its operand, %s mode", (mode) => {
    const op = square((part, x) => part === "forward" && overwrite(x));
    const report = gradcheck((x) => op(x.sin()).sum(), [tensor([0.5, -1])], { mode });
    expect(report.problems.join()).toMatch(
      /^rude, called at .*hostile\.test\.ts:\d+:\d+, changes its operand 0 in place/,
    );
  });

  test.each(["vjp of input 0", "vjp of the cotangent", "vjp of the output", "jvp of a tangent"])("%s", (where) => {
    const op = square((part, x) => part === where && overwrite(x));
    for (const mode of modes) {
      const report = gradcheck((x) => op(x.sin()).square().sum(), [tensor([0.5, -1])], { mode });
      const [rule, what] = where.split(" of ");
      expect([report.ok, report.toString()]).toEqual([false, expect.stringContaining("rude")]);
      expect(report.toString()).toContain(`rude: expected its ${rule} to change nothing, got another value of ${what}`);
    }
  });
});
