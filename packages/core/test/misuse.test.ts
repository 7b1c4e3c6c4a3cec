/** Misuse of what is no operator: refused by the name that the caller wrote, with what came. */
import { describe, expect, test } from "vitest";
import * as core from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import { context } from "../src/context.js";

const { CotangentError, random, tensor } = core;
const loose = core as unknown as Record<string, (...args: unknown[]) => unknown>;
const call = (name: keyof typeof core, ...args: unknown[]): unknown => loose[name]!(...args);
const compare = compareGradients as unknown as (...args: unknown[]) => unknown;

/** A tree, and a nested array, that contain themselves. */
const tree: { self?: unknown } = {};
tree.self = tree;
const array: unknown[] = [];
array.push(array);

test.each<[string, RegExp, () => unknown]>([
  ["ShapeError", /^matmul: expected a result that fits into memory, got shape \[70000, 70000\] of float64.*batches/, () => core.matmul(core.zeros([70000, 1]), core.zeros([1, 70000]))],
  ["ShapeError", /^add: expected a result that fits into memory/, () => core.add(core.zeros([100000, 1]), core.zeros([1, 100000]))],
  ["ShapeError", /^adaptiveAvgPool2d: expected sizes up to 65536/, () => core.adaptiveAvgPool2d(core.ones([1, 1, 4, 4]), 1e9)],
  ["ArgumentError", /^round: expected no argument, got one more, 2/, () => (tensor([1.5]) as unknown as Record<string, (x: number) => unknown>)["round"]!(2)],
  ["ArgumentError", /^transpose: expected no argument, got one more, 0/, () => (tensor([[1]]) as unknown as Record<string, (x: number, y: number) => unknown>)["transpose"]!(0, 1)],
  ["ArgumentError", /^sum: expected an options object, got 0; write \{ axis: … \}/, () => tensor([1]).sum(0 as never)],
  ["GraphError", /^backward: .*flat operators such as round/, () => core.variable(1.5).round().backward()],
  ["ArgumentError", /^noGrad: expected a function, got undefined/, () => call("noGrad")],
  ["ArgumentError", /^withBackend: expected a function, got 3/, () => call("withBackend", "source", 3)],
  ["ArgumentError", /^withDefaultDtype: expected a function, got null/, () => call("withDefaultDtype", "float32", null)],
  ["ArgumentError", /^compile: unknown option "threads"; it takes none/, () => call("compile", () => 1, { threads: 2 })],
  ["ArgumentError", /^compile: expected an options object, got 2/, () => call("compile", () => 1, 2)],
  ["ArgumentError", /^fromNumber: expected a function that returns a number, got undefined/, () => call("fromNumber", core.scalar(1), () => undefined)],
  ["ArgumentError", /^fromNumber: expected a function that returns a number, got the string "1"/, () => core.compile((x: core.Tensor) => core.fromNumber(x, String as never))(core.scalar(1))],
  ["ArgumentError", /^mapTree: expected a function that returns a tensor or a number, got undefined at "a\[0\]"/, () => call("mapTree", () => undefined, { a: [1] })],
  ["ArgumentError", /^mapTree: expected a function of the leaves, got 3/, () => call("mapTree", 3, {})],
  ["ArgumentError", /^mapTree: expected a tree at most 1000 deep/, () => call("mapTree", () => 1, tree, tree)],
  ["ArgumentError", /^leavesOf: expected a tree at most 1000 deep.*contain itself/, () => core.leavesOf(tree)],
  ["GradientError", /^grad: expected a tree at most 1000 deep/, () => core.grad((x: core.Tensor) => x)(tree as never)],
  ["ShapeError", /^tensor: expected arrays nested at most 64 deep.*part of itself/, () => call("tensor", array)],
  ["ArgumentError", /^jvp: expected lists of primals and of tangents.*, got 3/, () => call("jvp", () => 1, 3, 4)],
  ["ArgumentError", /^jacobian: expected a function, got 3/, () => call("jacobian", 3)],
  ["ArgumentError", /^hessian: expected a function, got 3/, () => call("hessian", 3)],
  ["ArgumentError", /^hvp: expected a function, got 3/, () => call("hvp", 3)],
  ["GradientError", /^jacobian: expected the function to return a tensor, got 3/, () => core.jacobian((() => 3) as never)(2)],
  ["GradientError", /^hessian: expected a scalar output, got shape \[2\]/, () => core.hessian((x) => x)(tensor([1, 2]))],
  ["GradientError", /^hvp: expected a scalar output, got shape \[2\]/, () => core.hvp((x: core.Tensor) => x)(tensor([1, 2]), tensor([1, 2]))],
  ["ArgumentError", /^full: expected a number, got the string "a"/, () => call("full", [2], "a")],
  ["ArgumentError", /^full: expected a number, got null/, () => call("full", [2], null)],
  ["DTypeError", /^full: expected integers .* got 0.5/, () => core.full([2], 0.5, { dtype: "int32" })],
  ["ShapeError", /^zeros: expected a shape/, () => call("zeros", "a")],
  ["ShapeError", /^ones: expected a shape/, () => call("ones", "a")],
  ["ArgumentError", /^ones: unknown option "type"/, () => call("ones", [2], { type: "float32" })],
  ["ArgumentError", /^eye: expected .*got the string "float16"/, () => call("eye", 2, 2, { dtype: "float16" })],
  ["ArgumentError", /^arange: unknown option "by"/, () => call("arange", 0, 1, 1, { by: 2 })],
  ["DTypeError", /^linspace: expected integers .* got 0.5/, () => core.linspace(0, 1, 3, { dtype: "int32" })],
  ["ArgumentError", /^zerosLike: expected a tensor, got 3/, () => call("zerosLike", 3)],
  ["ArgumentError", /^onesLike: expected a tensor, got an array of length 1; make it/, () => call("onesLike", [1])],
  ["ArgumentError", /^oneHot: expected an options object, got undefined/, () => call("oneHot", tensor([1], { dtype: "int32" }))],
  ["ArgumentError", /^oneHot: expected the option classes, which is missing/, () => call("oneHot", tensor([1], { dtype: "int32" }), {})],
  ["ArgumentError", /^compareGradients: expected an options object, got undefined/, () => compare((x: core.Tensor) => x, tensor(1))],
  ["ArgumentError", /^compareGradients: expected a function, got 3/, () => compare(3, tensor(1), { random: random(1) })],
  ["ArgumentError", /^compareGradients: expected a generator such as random\(1\), got 1/, () => compare((x: core.Tensor) => x, tensor(1), { random: 1 })],
  ["GradientError", /^compareGradients: expected a scalar output/, () => compare((x: core.Tensor) => x, tensor([1, 2]), { random: random(1) })],
  ["DTypeError", /^compareGradients: expected float64, got float32 at "w".*astype/, () => compare(() => 1, { w: tensor([1], { dtype: "float32" }) }, { random: random(1) })],
])("%s %s", (type, says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
}); // prettier-ignore

describe("what ends at the first await is refused where it returns a promise", () => {
  const x = tensor([1]);
  const cases: [string, (f: () => unknown) => unknown][] = [
    ["noGrad", (f) => core.noGrad(f)],
    ["withBackend", (f) => core.withBackend("reference", f)],
    ["withDefaultDtype", (f) => core.withDefaultDtype("float32", f)],
    ["withLines", (f) => core.withLines(f)],
    ["detectAnomaly", (f) => core.detectAnomaly(f)],
    ["graphOf", (f) => core.graphOf(f as never)],
    ["explain", (f) => core.explain(f as never)],
    ["checkValues", (f) => void core.checkValues(x, f as never)],
    ["checkValues", (f) => core.compile((y: core.Tensor) => (core.checkValues(y, f as never), y))(x)],
  ];
  test.each(cases)("%s", async (name, run) => {
    const says = new RegExp(`^${name}: expected a synchronous function, got one that returns a promise; call ${name} `);
    const { defaultDtype, recording, backend, observer } = context;
    // What becomes of the promise is nobody's business any more: a test run fails of rejections that nobody handles.
    for (const f of [async () => Promise.reject(new Error("later")), () => ({ then: () => undefined })])
      expect(() => run(f)).toThrow(says);
    await new Promise((done) => setTimeout(done));
    expect(context).toMatchObject({ defaultDtype, recording, backend, observer });
  });
});

test("the gradient of a long list that is joined costs as much as the list is long", () => {
  const count = 20_000;
  const parts = Array.from({ length: count }, (_, i) => core.variable(i));
  const gradients = core.stack(parts).square().sum().backward();
  expect(parts.every((part, i) => gradients.get(part).item() === 2 * i)).toBe(true);
});
