/** Misuse of everything that differentiates, checks or explains: refused by name, with what came and what to do. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as core from "@cotangent/core";
import * as check from "@cotangent/core/check";

const { backward, checkpoint, CotangentError, defineOp, detectAnomaly, explain, grad, graphOf, hessian, hvp, jacobian, jvp, noGrad, perSampleGradients, stopGradient, tensor, valueAndGrad, variable, vjp, vmap, zeros } = core; // prettier-ignore
type Tensor = core.Tensor;
type Loose = Readonly<Record<string, (...args: unknown[]) => unknown>>;
const loose = { ...core, ...check } as unknown as Loose;

const square = (x: Tensor): Tensor => x.square();
const total = (x: Tensor): Tensor => x.square().sum();
const x = tensor([1, 2]);
const n = tensor([1, 2], { dtype: "int32" });
const odd = (change: object): core.CustomOp =>
  defineOp({ name: "odd", forward: (t: Tensor) => t.mul(1), vjp: (ct: Tensor) => [ct], jvp: ([t]: Tensor[]) => t!, ...change } as never); // prettier-ignore
const scalar = "reduce it, for example with sum\\(\\) or mean\\(\\)";

type Row = readonly [type: string, says: RegExp, run: () => unknown];

const outputs: readonly Row[] = [
  ["GradientError", new RegExp(`^grad: expected a scalar output, got shape \\[2\\]; ${scalar}$`), () => grad(square)(x)],
  ["GradientError", new RegExp(`^valueAndGrad: expected a scalar output, got shape \\[2\\]; ${scalar}$`), () => valueAndGrad(square)(x)],
  ["GradientError", new RegExp(`^hessian: expected a scalar output, got shape \\[2\\]; ${scalar}$`), () => hessian(square)(x)],
  ["GradientError", new RegExp(`^hvp: expected a scalar output, got shape \\[2\\]; ${scalar}$`), () => hvp(square)(x, x)],
  ["GradientError", new RegExp(`^backward: expected a scalar output, got shape \\[2\\]; ${scalar}, or pass a cotangent$`), () => backward(variable([1, 2]).square())],
  ["GradientError", new RegExp(`^vjp: expected a scalar output, got shape \\[2\\]; ${scalar}, or pass a cotangent$`), () => vjp(square, x)[1](undefined as never)],
  ["GradientError", /^perSampleGradients: expected a scalar output, got shape \[2\]/, () => perSampleGradients((w: Tensor, t: Tensor) => w.mul(t))(x, x)],
  ["GradientError", /^grad: expected the function to return a tensor, got 3; item\(\) leaves the graph/, () => grad((_t: Tensor) => 3 as never)(x)],
  ["GradientError", /^valueAndGrad: expected the function to return \[value, auxiliary\] with hasAux, got a Tensor/, () => valueAndGrad(total, { hasAux: true })(x)],
  ["GradientError", /^valueAndGrad: expected the function to return a tensor, got null/, () => valueAndGrad((_t: Tensor) => [null, 1], { hasAux: true })(x)],
  ["GradientError", /^vjp: expected the function to return a tensor, got undefined/, () => vjp((_t: Tensor) => undefined as never, x)],
  ["GradientError", /^jvp: expected the function to return a tensor, got an array of length 1/, () => jvp((t) => [t] as never, [x], [x])],
  ["GradientError", /^jacobian: expected the function to return a tensor, got an object/, () => jacobian((t) => ({ t }) as never)(x)],
  ["GradientError", /^checkpoint: expected the function to return a tensor, got a Promise/, () => checkpoint((t: Tensor) => Promise.resolve(t) as never)(x)],
  ["GradientError", /^grad: expected a float output, got bool, which has no derivatives/, () => grad((t) => t.greater(0))(x)],
  ["ArgumentError", /^detectAnomaly: expected a synchronous function/, () => detectAnomaly(async () => Promise.resolve(1))],
]; // prettier-ignore

const inputs: readonly Row[] = [
  ["GradientError", /^variable: expected a float tensor for derivatives, got int32; convert it with astype\("float64"\) first/, () => variable(n)],
  ["GradientError", /^tensor: expected a float tensor for derivatives, got bool/, () => tensor([true], { requiresGrad: true })],
  ["GradientError", /^grad: expected float leaves to differentiate by, got int32 at the argument; convert it with astype/, () => grad(total)(n)],
  ["GradientError", /^grad: expected float leaves .*, got bool at "mask"/, () => grad((p: { mask: Tensor }) => p.mask.sum())({ mask: tensor([true]) })],
  ["GradientError", /^jacobian: expected float leaves .*, got int32 at "w\[0\]"/, () => jacobian((p: { w: Tensor[] }) => p.w[0]!)({ w: [n] })],
  ["GradientError", /^hessian: expected float leaves .*, got int32/, () => hessian(total)(n)],
  ["GradientError", /^vjp: expected float leaves .*, got int32/, () => vjp(square, n)],
  ["GradientError", /^jvp: expected a float primal and a tangent of its shape and dtype at "\[0\]", got int32 \[2\]/, () => jvp(square, [n], [n])],
  ["GradientError", /^hvp: expected a float primal and a tangent .*got float64 \[2\] and float64 \[3\]/, () => hvp(total)(x, zeros([3]))],
  ["GradientError", /^jvp: .*got float64 \[2\] and float32 \[2\]/, () => jvp(square, [x], [x.astype("float32")])],
  ["ArgumentError", /^variable: expected numbers or booleans, got null/, () => variable(null as never)],
  ["ArgumentError", /^variable: expected numbers or booleans, got undefined/, () => loose["variable"]!()],
  ["GradientError", /^grad: expected a tensor, a number, a plain object or an array at the tree itself, got null/, () => grad(total)(null as never)],
  ["GradientError", /^valueAndGrad: expected .* at "w", got the string "a"/, () => valueAndGrad((p: { w: Tensor }) => p.w.sum())({ w: "a" } as never)],
  ["GradientError", /^jacobian: expected a tensor, a number.*got undefined/, () => (jacobian(square) as () => unknown)()],
  ["GradientError", /^hessian: expected a tensor, a number.*got a Date/, () => hessian(total)(new Date(0) as never)],
  ["ArgumentError", /^grad: expected an argument to differentiate by, got none; what grad\(f\) returns takes the arguments of f/, () => (grad(total) as () => unknown)()],
  ["ArgumentError", /^valueAndGrad: expected an argument to differentiate by, got none/, () => (valueAndGrad(total) as () => unknown)()],
  ["ArgumentError", /^grad: expected argnums from 0 to 0, as there is 1 argument, got 1/, () => grad(total, { argnums: 1 })(x)],
  ["ArgumentError", /^grad: expected argnums from 0 to 1, as there are 2 arguments, got -1/, () => grad((a: Tensor, b: Tensor) => a.mul(b), { argnums: -1 })(tensor(1), tensor(2))],
  ["ArgumentError", /^grad: expected argnums to be the number of an argument or a list of them, got the string "0"/, () => grad(total, { argnums: "0" as never })],
  ["ArgumentError", /^valueAndGrad: expected argnums to be .*, got \[0, null\]/, () => valueAndGrad(total, { argnums: [0, null as never] })],
  ["ArgumentError", /^grad: expected argnums to be .*, got 0.5/, () => grad(total, { argnums: 0.5 })],
  ["ArgumentError", /^valueAndGrad: expected hasAux to be true or false, got 1/, () => valueAndGrad(total, { hasAux: 1 as never })],
  ["ArgumentError", /^hvp: expected a direction beside the point, got none; call hvp\(f\)\(x, v\)/, () => (hvp(total) as (x: Tensor) => unknown)(x)],
  ["ArgumentError", /^hvp: expected trees of one structure, got a Tensor where the first tree has an object with w/, () => hvp((p: { w: Tensor }) => p.w.sum())({ w: x }, x as never)],
  ["ArgumentError", /^jvp: expected lists of primals and of tangents, such as \[x\] and \[v\], got a Tensor/, () => jvp(square, x as never, x as never)],
  ["ArgumentError", /^jvp: expected trees of one structure, got an array of length 0 where the first tree has an array of length 1/, () => jvp(square, [x], [] as never)],
  ["ArgumentError", /^vmap: expected arguments with an axis of examples, got none; what vmap\(f\) returns takes the arguments of f/, () => (vmap(square) as () => unknown)()],
  ["ArgumentError", /^perSampleGradients: expected a tensor.*"arguments\[1\]", got undefined/, () => (perSampleGradients(square) as (w: Tensor) => unknown)(x)],
  ["ArgumentError", /^perSampleGradients: expected tensors of examples, got the number 3 in "arguments\[1\]"; make it a tensor/, () => perSampleGradients((w: Tensor, t: Tensor) => w.mul(t))(tensor(1), 3 as never)],
  ["ShapeError", /^perSampleGradients: expected an axis of examples 0, got shape \[\] in "arguments\[1\]"; take what is the same for all from the closure/, () => perSampleGradients((w: Tensor, t: Tensor) => w.mul(t))(tensor(1), tensor(3))],
  ["ArgumentError", /^stopGradient: expected a tensor or a number, got an array of length 1; make it a tensor/, () => stopGradient([3] as never)],
]; // prettier-ignore

const graphs: readonly Row[] = [
  ["GraphError", /^backward: expected an output computed from a variable, got one without history; make inputs with variable/, () => backward(x.sum())],
  ["GraphError", /^backward: .*outside of noGrad/, () => backward(noGrad(() => variable(2).square()))],
  ["GraphError", /^backward: expected a tensor, got null/, () => backward(null as never)],
  ["GraphError", /^Gradients.get: expected a variable or a result computed from one, got an untracked tensor of shape \[2\]/, () => backward(variable(1).square()).get(x)],
  ["GraphError", /^Gradients.has: expected a tensor, got 3/, () => backward(variable(1).square()).has(3 as never)],
  ["GraphError", /^explain: expected a tensor computed from a variable, got one without history; make its parameters variables/, () => explain(x.sum())],
  ["GraphError", /^explain: expected a tensor computed from a variable, got null/, () => explain(null as never)],
  ["GraphError", /^graphOf: expected a tensor computed from a variable, got one without history/, () => graphOf(() => x)],
  ["GraphError", /^graphOf: expected a tensor computed from a variable, got undefined/, () => loose["graphOf"]!()],
  ["ArgumentError", /^graphOf: expected a tensor, a number.* at "w", got the string "a"/, () => graphOf(variable(1).square(), { labels: { w: "a" } })],
  ["ArgumentError", /^explain: expected infinities to be true or false, got 3/, () => explain(variable(1).square(), { infinities: 3 as never })],
  ["ArgumentError", /^detectAnomaly: expected infinities to be true or false, got null|^detectAnomaly: expected an options object, got null/, () => detectAnomaly(() => 1, null as never)],
  ["ShapeError", /^backward: expected a cotangent of the output's shape \[2\], got \[3\]/, () => backward(variable([1, 2]).square(), { cotangent: zeros([3]) })],
  ["ShapeError", /^vjp: expected a cotangent of the output's shape \[2\], got \[\]/, () => vjp(square, x)[1](tensor(1))],
  ["GradientError", /^vjp: expected a cotangent of dtype float64, got int32; convert it with astype/, () => vjp(square, x)[1](n)],
  ["ArgumentError", /^vjp: expected a cotangent that is a tensor or a number, got null/, () => vjp(square, x)[1](null as never)],
  ["ArgumentError", /^backward: expected a cotangent that is a tensor or a number, got an array of length 2/, () => variable([1, 2]).backward({ cotangent: [1, 1] as never })],
  ["ArgumentError", /^backward: expected createGraph to be true or false, got 1/, () => variable(1).backward({ createGraph: 1 as never })],
  ["ArgumentError", /^backward: expected an options object, got a Tensor|^backward: unknown option/, () => variable([1, 2]).backward(x as never)],
]; // prettier-ignore

const rules: readonly Row[] = [
  ["GradientError", /^odd: expected its vjp to return a list of 1 cotangents, one an input, got 2/, () => grad(odd({ vjp: (ct: Tensor) => [ct, ct] }))(1)],
  ["GradientError", /^odd: expected its vjp to return a list of 1 cotangents, one an input, got null/, () => vjp(odd({ vjp: () => null }), x)[1](x)],
  ["GradientError", /^odd: expected its vjp .* for input 0 of its shape \[2\] and dtype float64, got shape \[\]/, () => backward(odd({ vjp: (ct: Tensor) => [ct.sum()] })(variable([1, 2])).sum())],
  ["GradientError", /^odd: expected its vjp .*, got the string "a"/, () => hessian(odd({ vjp: () => ["a"] }))(tensor(1))],
  ["GradientError", /^odd: expected its jvp to return a tangent for the output .*, got 3/, () => jvp(odd({ jvp: () => 3 }), [1], [1])],
  ["GradientError", /^odd: expected a rule for forward mode \(jvp, hvp\), got an operator without one; give defineOp a jvp/, () => hvp(odd({ jvp: undefined }) as never)(tensor(1), tensor(1))],
  ["ArgumentError", /^odd: expected forward to return a tensor, got null/, () => odd({ forward: () => null })(1)],
  ["ArgumentError", /^odd: expected a tensor or a number, got null/, () => odd({})(null as never)],
  ["GraphError", /^vmap: expected operators that can be batched, got an operator odd that reads values/, () => vmap(odd({ forward: (t: Tensor) => tensor(t.item()) }) as never)(x)],
]; // prettier-ignore

test.each([...outputs, ...inputs, ...graphs, ...rules])("%s %s", (type, says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(expect.objectContaining({ name: type }));
  expect(run).toThrow(says);
});

/** What somebody may pass by mistake. */
const anything: readonly unknown[] = [
  undefined, null, 3, NaN, 1n, "a", Symbol("s"), true, [3], [null], {}, { labels: 3 }, Object.create(null), new Date(0),
  new Float64Array(2), () => 3, () => undefined, () => tensor([1, 2]), tensor([1, 2]), tensor(2), n, variable([1, 2]),
  variable(1).square().backward(), graphOf(variable(2).square()), fc.integer(), new Map([[1, 2]]),
]; // prettier-ignore

const some = anything.filter((_, i) => i % 3 === 0);

/** Whether it is an error that says who refused. */
function isTyped(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error;
    expect(error.message).toMatch(/^[A-Za-z]+(\.[a-z]+)?: /);
  }
}

describe("whatever is passed, nothing but typed errors", () => {
  const names = ["grad", "valueAndGrad", "vjp", "jvp", "jacobian", "hessian", "hvp", "vmap", "perSampleGradients", "checkpoint", "stopGradient", "noGrad", "variable", "backward", "defineOp", "explain", "detectAnomaly", "graphOf", "gradcheck", "assertGradients", "gradientProperty", "checkOp", "compareGradients", "shapes", "tensors", "broadcastableShapes", "broadcastableTensors"]; // prettier-ignore

  test.each(names)("%s", (name) => {
    const f = loose[name]!;
    isTyped(() => f());
    for (const a of anything)
      for (const b of some) {
        isTyped(() => f(a, b));
        isTyped(() => f((t: Tensor) => core.sum(t), a, b));
      }
  });

  test.each(["grad", "valueAndGrad", "jacobian", "hessian", "hvp", "vmap", "perSampleGradients", "checkpoint"])("%s(f)", (name) => {
    for (const f of [(t: Tensor) => core.sum(t), (t: Tensor) => core.mul(t, t), () => 3, () => tensor(1)]) {
      const made = loose[name]!(f) as (...args: unknown[]) => unknown;
      isTyped(() => made());
      for (const a of anything) for (const b of some) isTyped(() => made(a, b));
    }
  }); // prettier-ignore

  test.each<[string, readonly string[], (options: object) => unknown]>([
    ["grad", ["argnums"], (options) => grad(total, options)(x)],
    ["valueAndGrad", ["argnums", "hasAux"], (options) => valueAndGrad(total, options)(x)],
    ["vmap", ["inAxes", "outAxes"], (options) => vmap(square, options)(x)],
    ["backward", ["cotangent", "createGraph"], (options) => backward(variable(1).square(), options)],
    ["explain", ["labels", "infinities"], (options) => explain(variable(1).square(), options)],
    ["detectAnomaly", ["infinities"], (options) => detectAnomaly(() => 1, options)],
    ["graphOf", ["labels"], (options) => graphOf(variable(1).square(), options)],
    ["defineOp", ["name", "forward", "vjp", "jvp", "domain"], (options) => {
      const op = odd(options);
      return [op(1), grad(op)(1), jvp(op, [1], [1])];
    }],
    ["gradcheck", ["mode", "order", "seed", "projections"], (options) => check.gradcheck(square, [x], options)],
    ["gradientProperty", ["mode", "order", "projections", "numRuns", "seed", "path"], (options) =>
      check.gradientProperty(square, [check.tensors({ shape: [1] })], { numRuns: 1, ...options })],
    ["checkOp", ["arity", "shapes", "domain", "order", "numRuns", "seed"], (options) =>
      check.checkOp(core.tanh, { numRuns: 1, shapes: [[[2]]], ...options })],
    ["tensors", ["shape", "dtype", "min", "max", "step", "avoid", "gap", "distinct"], (options) => check.tensors(options)],
    ["shapes", ["minRank", "maxRank", "minSize", "maxSize"], (options) => check.shapes(options)],
    ["broadcastableTensors", ["shapes", "min"], (options) => check.broadcastableTensors(options)],
  ])("options of %s", (_name, names, run) => {
    for (const name of names)
      for (const value of anything) {
        if (name === "argnums" && value === undefined) continue;
        isTyped(() => run({ [name]: value }));
        isTyped(() => run({ [name]: [value] }));
      }
  }); // prettier-ignore
});
