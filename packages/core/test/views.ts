/** Views of views, beside a model of each: its shape, and for every element the one that it is of the original. */
import fc from "fast-check";
import type { Tensor } from "@cotangent/core";

type Slice = NonNullable<Parameters<Tensor["slice"]>[0]>[number];

/** A shape and, in row-major order, positions in the original. */
export interface Model {
  readonly shape: readonly number[];
  readonly positions: readonly number[];
}

/** A view operator and what it does to a model. */
interface Step {
  readonly call: (x: Tensor) => Tensor;
  readonly shape: readonly number[];
  /** From an index of the result to the index of the operand. */
  readonly from: (index: readonly number[]) => readonly number[];
  readonly text: string;
}

/** All indices of a shape in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (list, n) => list.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

function ravel(index: readonly number[], shape: readonly number[]): number {
  return index.reduce((position, i, axis) => position * shape[axis]! + i, 0);
}

/** Indices that `[start, stop, step]` picks of n, as Python's `range(n)[start:stop:step]`. */
export function picked(n: number, [start, stop, by]: readonly (number | null | undefined)[]): number[] {
  const step = by ?? 1;
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const clamped = (v: number): number => Math.min(high, Math.max(low, v < 0 ? v + n : v));
  const end = stop == null ? (step > 0 ? n : -1) : clamped(stop);
  const list: number[] = [];
  for (let i = start == null ? (step > 0 ? 0 : n - 1) : clamped(start); step > 0 ? i < end : i > end; i += step)
    list.push(i);
  return list;
}

type Choose = (n: number) => number;

/** Order of axes: axis `i` of the result is axis `axes[i]` of the operand. */
function reordered(shape: readonly number[], axes: readonly number[], text: string, call: (x: Tensor) => Tensor): Step {
  const from = (index: readonly number[]): number[] => shape.map((_, axis) => index[axes.indexOf(axis)]!);
  return { call, shape: axes.map((axis) => shape[axis]!), from, text };
}

/** The same elements in row-major order. */
function reshaped(shape: readonly number[], to: readonly number[], text: string, call: (x: Tensor) => Tensor): Step {
  const places = indices(shape);
  return { call, shape: to, from: (index) => places[ravel(index, to)]!, text };
}

const plainAxes = (shape: readonly number[]): number[] => shape.map((_, axis) => axis);

/** One kind of view each; `choose(n)` draws a number below n. `null` where the shape does not allow it. */
const kinds: readonly ((shape: readonly number[], choose: Choose) => Step | null)[] = [
  (shape) => {
    const axes = plainAxes(shape);
    if (axes.length < 2) return null;
    return reordered(shape, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!], "transpose", (x) => x.transpose());
  },
  (shape, choose) => {
    const axes = plainAxes(shape);
    for (let i = axes.length - 1; i > 0; i--) {
      const j = choose(i + 1);
      [axes[i], axes[j]] = [axes[j]!, axes[i]!];
    }
    const given = axes.map((axis) => (choose(2) === 0 ? axis : axis - shape.length));
    return reordered(shape, axes, `permute ${given.join()}`, (x) => x.permute(given));
  },
  (shape, choose) => {
    if (shape.length === 0) return null;
    const [a, b, axes] = [choose(shape.length), choose(shape.length), plainAxes(shape)];
    [axes[a], axes[b]] = [b, a];
    return reordered(shape, axes, `swapAxes ${a} ${b}`, (x) => x.swapAxes(a, b - shape.length));
  },
  (shape, choose) => {
    if (shape.length === 0) return null;
    const [a, b] = [choose(shape.length), choose(shape.length)];
    const axes = plainAxes(shape).filter((axis) => axis !== a);
    axes.splice(b, 0, a);
    return reordered(shape, axes, `moveAxis ${a} ${b}`, (x) => x.moveAxis(a - shape.length, b));
  },
  (shape, choose) => {
    // An axis split in two, or two merged, or all of them.
    if (shape.length === 0) return reshaped(shape, [1, 1], "reshape 1,1", (x) => x.reshape([1, 1]));
    const at = choose(shape.length);
    const n = shape[at]!;
    const divisor = [2, 3, 1].find((d) => n % d === 0 && d <= Math.max(n, 1))!;
    const to =
      choose(3) > 0
        ? [...shape.slice(0, at), n / divisor, divisor, ...shape.slice(at + 1)]
        : [shape.reduce((p, q) => p * q, 1)];
    const open = choose(to.length);
    const others = to.reduce((p, q, axis) => (axis === open ? p : p * q), 1);
    const given = others > 0 && choose(2) === 0 ? to.map((q, axis) => (axis === open ? -1 : q)) : to;
    return reshaped(shape, to, `reshape ${given.join()}`, (x) => x.reshape(given));
  },
  (shape, choose) => {
    if (shape.length === 0) return reshaped(shape, [1], "flatten", (x) => x.flatten());
    const start = choose(shape.length);
    const end = start + choose(shape.length - start);
    const merged = shape.slice(start, end + 1).reduce((p, q) => p * q, 1);
    const to = [...shape.slice(0, start), merged, ...shape.slice(end + 1)];
    return reshaped(shape, to, `flatten ${start} ${end}`, (x) => x.flatten({ start, end: end - shape.length }));
  },
  (shape) => reshaped(shape, shape.filter((n) => n !== 1), "squeeze", (x) => x.squeeze()), // prettier-ignore
  (shape, choose) => {
    const at = choose(shape.length + 1);
    return reshaped(shape, shape.toSpliced(at, 0, 1), `unsqueeze ${at}`, (x) => x.unsqueeze(at - shape.length - 1));
  },
  (shape, choose) => {
    const to = [...(choose(2) === 0 ? [] : [1 + choose(3)]), ...shape.map((n) => (n === 1 ? choose(4) : n))];
    if (to.reduce((p, q) => p * q, 1) > 2000) return null;
    const lead = to.length - shape.length;
    const from = (index: readonly number[]): number[] => shape.map((n, axis) => (n === 1 ? 0 : index[axis + lead]!));
    return { call: (x) => x.broadcastTo(to), shape: to, from, text: `broadcastTo ${to.join()}` };
  },
  (shape, choose) => {
    const ranges = shape.slice(0, choose(shape.length + 1)).map((n): Slice => {
      const bound = (): number | null => (choose(3) === 0 ? null : choose(2 * n + 5) - n - 2);
      const kind = choose(4);
      if (kind === 0) return null;
      if (kind === 1 && n > 0) return choose(2 * n) - n;
      return [bound(), bound(), [1, 1, 2, 3, -1, -1, -2, -3][choose(8)]!];
    });
    const lists = shape.map((n, axis) => {
      const range = ranges[axis] ?? null;
      return typeof range === "number" ? [range < 0 ? range + n : range] : picked(n, range ?? []);
    });
    const kept = plainAxes(shape).filter((axis) => typeof ranges[axis] !== "number");
    const from = (index: readonly number[]): number[] =>
      lists.map((list, axis) => (kept.includes(axis) ? list[index[kept.indexOf(axis)]!]! : list[0]!));
    const to = kept.map((axis) => lists[axis]!.length);
    return { call: (x) => x.slice(ranges), shape: to, from, text: `slice ${JSON.stringify(ranges)}` };
  },
];

/** A view of a tensor of shape `base`, ready to be taken of any such tensor. */
export interface DrawnView {
  readonly base: readonly number[];
  readonly model: Model;
  readonly take: (x: Tensor) => Tensor;
  readonly toString: () => string;
}

/** Chains of up to `maxSteps` views of a tensor with sizes from `size`. */
export function views(maxSteps: number, size: fc.Arbitrary<number>, maxRank = 4): fc.Arbitrary<DrawnView> {
  const base = fc.array(size, { maxLength: maxRank }).filter((shape) => shape.reduce((a, b) => a * b, 1) <= 2000);
  const step = fc.tuple(fc.nat(kinds.length - 1), fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }));
  return fc.tuple(base, fc.array(step, { maxLength: maxSteps })).map(([shape, drawn]): DrawnView => {
    let model: Model = { shape, positions: indices(shape).map((_, i) => i) };
    const steps: Step[] = [];
    for (const [kind, numbers] of drawn) {
      let next = 0;
      const made = kinds[kind]!(model.shape, (n) => numbers[next++ % numbers.length]! % n);
      if (made === null) continue;
      const { shape: operand, positions } = model;
      const moved = indices(made.shape).map((index) => positions[ravel(made.from(index), operand)]!);
      model = { shape: made.shape, positions: moved };
      steps.push(made);
    }
    const text = `[${shape.join()}] ${steps.map((s) => s.text).join(" | ")}`;
    return { base: shape, model, take: (x) => steps.reduce((y, s) => s.call(y), x), toString: () => text };
  });
}
