/**
 * Plain loops, no cleverness, always right: what the other backends are compared with.
 * @module
 */
import { arithmeticOf, type Backend, type NumberFunction, type Operand } from "../backend.js";
import { castNumber, newArray, type DType, type TypedArray } from "../dtype.js";
import type { AssembleKernel, MapKernel, Monoid, RoutineKernel } from "../kernel.js";
import { numbers } from "../readings/numbers.js";
import type { Arithmetic } from "../scalar.js";
import { contiguousLayout, forEachPosition, type Layout, type Shape } from "../shape.js";
import { checkIndex } from "./indices.js";
import { combineInOrder } from "./order.js";

/** The elements in row-major order, in an array of their own. */
export function dense({ data, offset, layout, dtype }: Operand): TypedArray {
  const flat = newArray(dtype, layout.size);
  forEachPosition(layout, (position, index) => {
    flat[index] = data[offset + position]!;
  });
  return flat;
}

function map<P>(kernel: MapKernel<P>, inputs: readonly Operand[], params: P, output: Operand): void {
  const s = numbers(arithmeticOf(inputs));
  const columns = inputs.map(dense);
  const parameters = (kernel.parameters?.(params) ?? []).map((value) => s.constant(value));
  for (let i = 0; i < output.layout.size; i++)
    output.data[output.offset + i] = kernel.scalar(s, ...columns.map((column) => column[i]!), ...parameters);
}

/** How sums and products combine two numbers, rounded to the dtype. */
export function combiner(
  monoid: "sum" | "product",
  dtype: DType,
): { identity: number; combine: (a: number, b: number) => number } {
  const integer = dtype === "int32";
  if (monoid === "sum") return { identity: 0, combine: (a, b) => castNumber(a + b, dtype) };
  return { identity: 1, combine: (a, b) => (integer ? Math.imul(a, b) : castNumber(a * b, dtype)) };
}

function reduceElements(element: (i: number) => number, n: number, monoid: Monoid, dtype: DType): number {
  if (monoid === "sum" || monoid === "product") {
    const { identity, combine } = combiner(monoid, dtype);
    return combineInOrder(element, 0, n, identity, combine);
  }
  let best = monoid === "max" ? -Infinity : Infinity;
  if (monoid === "max" || monoid === "min") {
    for (let i = 0; i < n; i++) best = monoid === "max" ? Math.max(best, element(i)) : Math.min(best, element(i));
    return best;
  }
  let at = 0;
  for (let i = 1; i < n; i++) {
    const [x, y] = [element(i), element(at)];
    if (!Number.isNaN(y) && (Number.isNaN(x) || (monoid === "argmax" ? x > y : x < y))) at = i;
  }
  return at;
}

/** The layout of some of the axes alone. */
export function axesOf(layout: Layout, axes: readonly number[]): Layout {
  const shape = axes.map((axis) => layout.shape[axis]!);
  return {
    ...contiguousLayout(shape),
    strides: axes.map((axis) => layout.strides[axis]!),
    contiguous: false,
    reordered: null,
  };
}

function reduce(monoid: Monoid, axes: readonly number[], x: Operand, output: Operand): void {
  const kept = x.layout.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const inner = axesOf(x.layout, axes);
  const offsets: number[] = [];
  forEachPosition(inner, (position) => offsets.push(position));
  forEachPosition(axesOf(x.layout, kept), (start, index) => {
    output.data[output.offset + index] = reduceElements(
      (i) => x.data[x.offset + start + offsets[i]!]!,
      inner.size,
      monoid,
      output.dtype,
    );
  });
}

function assemble<P>(kernel: AssembleKernel<P>, inputs: readonly Operand[], params: P, output: Operand): void {
  const fill = castNumber(kernel.fill(params), output.dtype);
  if (fill !== 0) output.data.fill(fill, output.offset, output.offset + output.layout.size);
  const { strides } = output.layout;
  const shapes = inputs.map((x) => x.layout.shape);
  const regions = kernel.regions(shapes, params);
  inputs.forEach((x, i) => {
    const { start, step } = regions[i]!;
    const first = strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, output.offset);
    const targets: number[] = [];
    forEachPosition({ ...x.layout, strides: strides.map((stride, axis) => stride * step[axis]!) }, (position) =>
      targets.push(position),
    );
    forEachPosition(x.layout, (position, index) => {
      output.data[first + targets[index]!] = x.data[x.offset + position]!;
    });
  });
}

function contract(x: Operand, y: Operand, output: Operand): void {
  const [a, b] = [dense(x), dense(y)];
  const [m, k] = x.layout.shape.slice(-2) as [number, number];
  const n = y.layout.shape.at(-1)!;
  const sum = combiner("sum", output.dtype);
  const { combine: times } = combiner("product", output.dtype);
  for (let element = 0; element < output.layout.size; element++) {
    const [batch, i, j] = [Math.floor(element / (m * n)), Math.floor(element / n) % m, element % n];
    const term = (p: number): number => times(a[(batch * m + i) * k + p]!, b[(batch * k + p) * n + j]!);
    let total = 0;
    if (n === 1) total = combineInOrder(term, 0, k, 0, sum.combine);
    else for (let p = 0; p < k; p++) total = sum.combine(total, term(p));
    output.data[output.offset + element] = total;
  }
}

/** Calls `visit` with the positions in `x` and in the row-major `indices` that belong together. */
function alongIndices(
  operator: string,
  shape: Shape,
  indices: Operand,
  axis: number,
  visit: (position: number, index: number) => void,
): void {
  const { strides } = contiguousLayout(shape);
  const picked = dense(indices);
  const rest = strides.map((stride, a) => (a === axis ? 0 : stride));
  forEachPosition({ ...indices.layout, strides: rest }, (position, index) => {
    visit(position + strides[axis]! * checkIndex(operator, picked[index]!, shape[axis]!), index);
  });
}

function scan(monoid: "sum" | "product", axis: number, x: Operand, output: Operand): void {
  const { identity, combine } = combiner(monoid, output.dtype);
  const flat = dense(x);
  const { shape } = x.layout;
  const stride = contiguousLayout(shape).strides[axis]!;
  for (let i = 0; i < flat.length; i++) {
    const first = Math.floor(i / stride) % shape[axis]! === 0;
    output.data[output.offset + i] = combine(first ? identity : output.data[output.offset + i - stride]!, flat[i]!);
  }
}

/** Runs a kernel that is a function of row-major arrays, of which `elements` makes some. */
export function routine<P>(
  kernel: RoutineKernel<P>,
  inputs: readonly Operand[],
  params: P,
  output: Operand,
  elements: (x: Operand) => TypedArray,
): void {
  kernel.run(
    inputs.map(elements),
    inputs.map((x) => x.layout.shape),
    params,
    output.data.subarray(output.offset, output.offset + output.layout.size),
  );
}

export const reference: Backend = {
  name: "reference",
  execute(kernel, inputs, params, output) {
    const [x, y, z] = inputs as readonly [Operand, Operand, Operand];
    switch (kernel.kind) {
      case "map":
        return map(kernel, inputs, params, output);
      case "reduce":
        return reduce(kernel.monoid, kernel.axes(params), x, output);
      case "assemble":
        return assemble(kernel, inputs, params, output);
      case "contract":
        return contract(x, y, output);
      case "gather": {
        const flat = dense(x);
        return alongIndices(kernel.name, x.layout.shape, y, kernel.axis(params), (position, index) => {
          output.data[output.offset + index] = flat[position]!;
        });
      }
      case "scatter": {
        output.data.set(dense(x), output.offset);
        const updates = dense(z);
        const { combine } = combiner("sum", output.dtype);
        return alongIndices(kernel.name, x.layout.shape, y, kernel.axis(params), (position, index) => {
          output.data[output.offset + position] = combine(output.data[output.offset + position]!, updates[index]!);
        });
      }
      case "scan":
        return scan(kernel.monoid, kernel.axis(params), x, output);
      case "routine":
        return routine(kernel, inputs, params, output, dense);
    }
  },
  number: numberOf,
  entry(kernel) {
    const f = numberOf(kernel, "float64");
    return (values, x, y, to) => void (values[to] = f(values[x]!, values[y]!));
  },
  pullback(rules) {
    const back = rules.map(
      (rule) => rule && { operands: rule.operands, f: rule.kernel && numberOf(rule.kernel, "float64") },
    );
    return (values, cotangents, known, x, y, from) => {
      const ct = cotangents[from]!;
      // What a rule may ask for, by its numbers.
      const given = [ct, values[x]!, ...(rules.length === 2 ? [values[y]!] : []), values[from]!];
      back.forEach((rule, i) => {
        if (rule === null || rule.operands.length === 0) return;
        const to = i === 0 ? x : y;
        cotangents[to]! += rule.f === null ? ct : rule.f(...rule.operands.map((operand) => given[operand]!));
        known[to] = 1;
      });
    };
  },
};

function numberOf<P>({ scalar }: MapKernel<P>, precision: Arithmetic): NumberFunction {
  const s = numbers(precision);
  return (...xs) => scalar(s, ...xs);
}
