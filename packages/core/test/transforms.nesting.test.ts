/** Derivatives inside of derivatives, in every mixture of modes, and over variables outside. */
import { describe, expect, test } from "vitest";
import { backward, grad, hvp, jacobian, jvp, tensor, valueAndGrad, variable, vjp, type Tensor } from "@cotangent/core";

type Scalar = (x: Tensor) => Tensor;
/** From a function of a scalar to its derivative. */
type Derive = (f: Scalar) => (x: Tensor | number) => Tensor;

const one = tensor(1);
/** Every way in which the package can differentiate a scalar function. */
const modes: Readonly<Record<string, Derive>> = {
  grad: (f) => grad(f),
  vjp: (f) => (x) => vjp(f, x)[1](one)[0],
  jvp: (f) => (x) => jvp(f, [x], [1])[1],
};
const pairs = Object.keys(modes).flatMap((outer) => Object.keys(modes).map((inner) => [outer, inner] as const));
const triples = pairs.flatMap(([a, b]) => Object.keys(modes).map((c) => [a, b, c] as const));

describe.each(pairs)("%s over %s", (outer, inner) => {
  const [D, d] = [modes[outer]!, modes[inner]!];

  test("perturbations are not confused: d/dx (x · d/dy (x + y)) at 1 is 1", () => {
    expect(D((x) => x.mul(d((y) => x.add(y))(1)))(1).item()).toBe(1);
    expect(D((x) => x.mul(d((y) => x.add(y))(x)))(1).item()).toBe(1);
  });

  test.each([
    ["d/dx (x · d/dy (x y) at 2)", (x: Tensor) => x.mul(d((y) => x.mul(y))(2)), 6],
    ["d/dx (x · d/dy (x y²) at y = x)", (x: Tensor) => x.mul(d((y) => x.mul(y.square()))(x)), 54],
    ["d/dx (d/dy (x y²) at y = x²)", (x: Tensor) => d((y) => x.mul(y.square()))(x.square()), 54],
    ["d/dx (d/dy y³ at y = 2x)", (x: Tensor) => d((y) => y.pow(3))(x.mul(2)), 72],
    ["the inner function ignores y", (x: Tensor) => d((_y) => x.square())(x), 0],
    ["the inner function ignores x", (x: Tensor) => x.mul(d((y) => y.square())(5)), 10],
    ["two inner derivatives share x", (x: Tensor) => d((y) => x.mul(y))(x).mul(d((y) => y.square())(x)), 12],
  ])("%s", (_name, f, slope) => {
    expect(D(f)(3).item()).toBe(slope);
  });

  test("second derivative of a composition: tanh(x)² ", () => {
    const x = 0.5;
    const t = Math.tanh(x);
    const exact = 2 * (1 - t * t) ** 2 - 4 * t * t * (1 - t * t);
    const value = D(d((y) => y.tanh().square()))(x).item();
    // Some ten operations on numbers below 2.
    expect(Math.abs(value - exact)).toBeLessThan(20 * 2 ** -52);
  });
});

test.each(triples)("%s over %s over %s: d/dx (x d/dy (y d/dz (x y z)))", (a, b, c) => {
  const [D1, D2, D3] = [modes[a]!, modes[b]!, modes[c]!];
  // At z = y, y = x: the innermost is x y, the middle one d/dy (x y²) = 2 x y = 2 x², times x: 2 x³.
  const f: Scalar = (x) => x.mul(D2((y) => y.mul(D3((z) => x.mul(y).mul(z))(y)))(x));
  expect(D1(f)(2).item()).toBe(24);
});

describe("values that a transformation gives beside the derivative", () => {
  const square: Scalar = (x) => x.square();
  const values: Readonly<Record<string, Scalar>> = {
    valueAndGrad: (x) => valueAndGrad(square)(x)[0],
    "valueAndGrad's auxiliary": (x) => valueAndGrad((y: Tensor) => [y, y.square()] as [Tensor, Tensor], { hasAux: true })(x)[0][1],
    vjp: (x) => vjp(square, x)[0],
    jvp: (x) => jvp(square, [x], [1])[0],
  }; // prettier-ignore
  test.each(Object.keys(values))("%s: the derivative of the value in reverse mode", (name) => {
    expect(grad(values[name]!)(3).item()).toBe(6);
  });

  // The handle given out is a new one; it must have the tangent of the old one.
  test.each(Object.keys(values))("%s: the derivative of the value in forward mode", (name) => {
    expect(jvp(values[name]!, [3], [1])[1].item()).toBe(6);
  });

  test("the jacobian of a gradient beside its value", () => {
    const f: Scalar = (x) => valueAndGrad((y: Tensor) => y.pow(3).sum())(x)[1];
    expect(jacobian(f)(tensor([1, 2])).toArray()).toEqual([[6, 0], [0, 12]]); // prettier-ignore
  });
});

describe("closures over variables", () => {
  test("a gradient depends on the variable, and can be differentiated by it", () => {
    const w = variable(5);
    const [value, slope] = valueAndGrad((x: Tensor) => x.square().mul(w))(3);
    expect([value.item(), slope.item()]).toEqual([45, 30]);
    expect(backward(value).get(w).item()).toBe(9);
    expect(backward(slope).get(w).item()).toBe(6);
  });

  test("a tracked argument: the gradient flows on to it, to second order", () => {
    const x = variable(2);
    const gradients = backward(grad((y: Tensor) => y.pow(3))(x));
    expect(gradients.get(x).item()).toBe(12);
  });

  test("an unrolled descent: derivative of the end by the rate and by the start", () => {
    // x ← x - r f'(x) with f = x²/2 gives x (1 - r)^n.
    const [rate, start] = [variable(0.5), variable(3)];
    let x = start;
    for (let i = 0; i < 4; i++) x = x.sub(rate.mul(grad((z: Tensor) => z.square().mul(0.5))(x)));
    const gradients = backward(x);
    expect([x, gradients.get(start), gradients.get(rate)].map((t) => t.item())).toEqual([3 / 16, 1 / 16, -3 / 2]);
  });

  test("vjp, jvp and hvp see the variable as a constant that may be differentiated later", () => {
    const w = variable(5);
    const f = (x: Tensor): Tensor => x.square().mul(w);
    const [, pullback] = vjp(f, tensor(3));
    expect(
      backward(pullback(tensor(1))[0])
        .get(w)
        .item(),
    ).toBe(6);
    expect(
      backward(jvp(f, [3], [1])[1])
        .get(w)
        .item(),
    ).toBe(6);
    expect(backward(hvp(f)(3, 1)).get(w).item()).toBe(2);
  });
});
