/**
 * Taylor series to order 4, by their recurrences in plain numbers: what a composition's derivatives are, exactly but for
 * roundings, without any rule of the package.
 *
 * @see Griewank, Walther: Evaluating Derivatives (2008), chapter 13
 */

/** $c_0, …, c_4$ of $\sum c_k t^k$. */
export type Taylor = readonly number[];

const terms = 5;
const build = (term: (k: number, known: number[]) => number): Taylor => {
  const known: number[] = [];
  for (let k = 0; k < terms; k++) known.push(term(k, known));
  return known;
};
const sum = (from: number, to: number, term: (i: number) => number): number => {
  let total = 0;
  for (let i = from; i <= to; i++) total += term(i);
  return total;
};

export const constant = (c: number): Taylor => build((k) => (k === 0 ? c : 0));
export const add = (a: Taylor, b: Taylor): Taylor => build((k) => a[k]! + b[k]!);
export const scale = (a: Taylor, c: number): Taylor => build((k) => a[k]! * c);
export const shift = (a: Taylor, c: number): Taylor => build((k) => a[k]! + (k === 0 ? c : 0));
export const mul = (a: Taylor, b: Taylor): Taylor => build((k) => sum(0, k, (i) => a[i]! * b[k - i]!));
export const div = (a: Taylor, b: Taylor): Taylor =>
  build((k, q) => (a[k]! - sum(0, k - 1, (i) => q[i]! * b[k - i]!)) / b[0]!);
export const exp = (a: Taylor): Taylor =>
  build((k, e) => (k === 0 ? Math.exp(a[0]!) : sum(1, k, (i) => i * a[i]! * e[k - i]!) / k));
export const log = (a: Taylor): Taylor =>
  build((k, l) => (k === 0 ? Math.log(a[0]!) : (a[k]! - sum(1, k - 1, (i) => i * l[i]! * a[k - i]!) / k) / a[0]!));
export const sqrt = (a: Taylor): Taylor =>
  build((k, r) => (k === 0 ? Math.sqrt(a[0]!) : (a[k]! - sum(1, k - 1, (i) => r[i]! * r[k - i]!)) / (2 * r[0]!)));
/** From the value and the Taylor series of the slope as a function of `a`. */
const fromSlope = (a: Taylor, value: number, slope: Taylor): Taylor =>
  build((k) => (k === 0 ? value : sum(1, k, (i) => i * a[i]! * slope[k - i]!) / k));
export const atan = (a: Taylor): Taylor => fromSlope(a, Math.atan(a[0]!), div(constant(1), shift(mul(a, a), 1)));
export const tanh = (a: Taylor): Taylor => shift(div(constant(-2), shift(exp(scale(a, 2)), 1)), 1);
export const sigmoid = (a: Taylor): Taylor => div(constant(1), shift(exp(scale(a, -1)), 1));
/** $\Phi$, its value by the series of the error function, for moderate arguments. */
export const normalCdf = (a: Taylor): Taylor => {
  const x = a[0]!;
  let [value, term] = [0, x];
  for (let n = 0; n < 80; n++) {
    value += term / (2 * n + 1);
    term *= -(x * x) / 2 / (n + 1);
  }
  const density = 1 / Math.sqrt(2 * Math.PI);
  return fromSlope(a, 0.5 + density * value, scale(exp(scale(mul(a, a), -0.5)), density));
};

/** Derivatives of orders 1 to 4. */
export type Orders = readonly [(x: number) => number, (x: number) => number, (x: number) => number, (x: number) => number]; // prettier-ignore

/** The derivatives of a function, as functions. */
export function derivatives(f: (x: Taylor) => Taylor): Orders {
  const at = (order: number, factorial: number) => (x: number) => f([x, 1, 0, 0, 0])[order]! * factorial;
  return [at(1, 1), at(2, 2), at(3, 6), at(4, 24)];
}
