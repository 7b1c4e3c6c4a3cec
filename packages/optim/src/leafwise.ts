/**
 * From a rule for one parameter to an optimiser of whole trees.
 * @module
 */
import { mapTree, scalar, type DType, type Tensor, type TensorLike, type Tree } from "@cotangent/core";
import {
  beginState,
  beginUpdate,
  latestRate,
  type LearningRate,
  type Optimizer,
  type OptimizerState,
} from "./optimizer.js";
import { mapLeaves, named } from "./trees.js";

/** Numbers of a step that all parameters share. */
type Scalars = Readonly<Record<string, TensorLike>>;

/** What makes one optimiser differ from another. */
export interface Rule<Slot extends string, Carried extends string, S extends Scalars> {
  readonly name: string;
  readonly learningRate: LearningRate;
  /** Added to the gradient times the parameter: the derivative of a penalty of half its square. */
  readonly weightDecay?: number;
  /** What is kept for every parameter, and its start. */
  readonly slots: Readonly<Record<Slot, (p: Tensor) => Tensor>>;
  /** Numbers kept for all parameters together, with their start; `scalars` gives the next ones. */
  readonly carried?: Readonly<Record<Carried, number>>;
  /** Numbers or float64 tensors of step `t` (int32, from 1), which the leaves receive in their own dtype. */
  readonly scalars: (t: Tensor, rate: TensorLike, carried: Readonly<Record<Carried, Tensor>>) => S;
  /** The next parameter and slots from the present ones and the gradient. */
  readonly leaf: (
    p: Tensor,
    g: Tensor,
    slots: Readonly<Record<Slot, Tensor>>,
    scalars: S,
  ) => { readonly p: Tensor } & Readonly<Record<Slot, Tensor>>;
}

/** The state that a rule keeps. */
export type StateOf<Slot extends string, Carried extends string> = OptimizerState<Slot> & {
  readonly [Name in Carried]: Tensor;
};

/** An optimiser that treats every parameter by itself. */
export function leafwise<Slot extends string, Carried extends string = never, S extends Scalars = Scalars>(
  rule: Rule<Slot, Carried, S>,
): Optimizer<StateOf<Slot, Carried>> {
  const { name, learningRate, weightDecay = 0 } = rule;
  const slotNames = Object.keys(rule.slots) as Slot[];
  const results = ["p", ...slotNames] as const;
  const operator = `${name}.update`;
  const starts = Object.entries<number>(rule.carried ?? {});
  const kept = [...starts.map(([key]) => key), ...slotNames];
  return {
    init: (params) => {
      const slotOf = (slot: Slot): unknown => named(`${name}.init`, () => mapTree(rule.slots[slot], params));
      return {
        ...beginState(name, learningRate),
        ...Object.fromEntries(starts.map(([key, start]) => [key, scalar(start, { dtype: "float64" })])),
        ...Object.fromEntries(slotNames.map((slot) => [slot, slotOf(slot)])),
      } as never;
    },
    update: (gradients, state, params, options) => {
      const { progress, rate } = beginUpdate(name, learningRate, state, options, kept);
      const scalars = rule.scalars(progress.step, rate, state);
      const inDtype = castOnce(scalars);
      const beside: Record<string, unknown> = { gradients };
      for (const slot of slotNames) beside[slot] = state[slot] as Tree;
      const made = mapLeaves(operator, params, beside, results, (p, [g, ...before]) => {
        const slots = {} as Record<Slot, Tensor>;
        for (let i = 0; i < slotNames.length; i++) slots[slotNames[i]!] = before[i]!;
        return rule.leaf(p, weightDecay === 0 ? g! : g!.add(p.mul(weightDecay)), slots, inDtype(p.dtype));
      });
      const { p, ...slots } = made;
      const next: Record<string, unknown> = { ...progress };
      for (const [key] of starts) next[key] = scalars[key];
      return { params: p as typeof params, state: Object.assign(next, slots) as never };
    },
    rateAt: latestRate,
  };
}

/** Tensors of shape `[]` promote like any other, so float32 parameters need the scalars as float32. */
function castOnce<S extends Scalars>(scalars: S): (dtype: DType) => S {
  const made = new Map<DType, S>([["float64", scalars]]);
  return (dtype) => {
    const known = made.get(dtype);
    if (known !== undefined) return known;
    const cast = (x: TensorLike): TensorLike => (typeof x === "number" ? x : x.astype(dtype));
    const fresh = Object.fromEntries(Object.entries(scalars).map(([key, x]) => [key, cast(x)])) as S;
    made.set(dtype, fresh);
    return fresh;
  };
}

/** What is left of the start after `t` steps of a running mean is $\beta^t$; this is the rest, $1 - \beta^t$. */
export function correction(beta: number, t: Tensor): Tensor {
  return scalar(beta, { dtype: "float64" }).pow(t).rsub(1);
}

/** A running mean's next value, $\beta m + (1 - \beta) x$. */
export function runningMean(mean: Tensor, x: Tensor, beta: number): Tensor {
  return mean.mul(beta).add(x.mul(1 - beta));
}

/** The smallest normal number, whose root vanishes beside any epsilon. */
const smallest: Partial<Record<DType, number>> = { float64: 2 ** -1022, float32: 2 ** -126 };

/**
 * Square root of a mean of squares. Below the smallest normal number it is flat, so that a parameter whose gradients are
 * all 0 has a derivative of second order (0), where the root's own slope would be infinite.
 */
export function rootOf(x: Tensor): Tensor {
  return x.clamp({ min: smallest[x.dtype]! }).sqrt();
}
