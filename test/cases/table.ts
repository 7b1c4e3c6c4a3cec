/** What a row of the operator test table is, and how rows are made. */
import fc from "fast-check";
import { tensor, zeros, type Tensor } from "@cotangent/core";
import type * as ops from "../../packages/core/src/ops/index.js";

/** How one operator is exercised. */
export interface OperatorCase {
  /** Float inputs by which derivatives are taken. */
  readonly inputs: readonly fc.Arbitrary<Tensor>[];
  readonly call: (...inputs: Tensor[]) => Tensor;
  /** Up to which order the operator is smooth at the inputs drawn; 0: flat. */
  readonly order: 0 | 1 | 2;
  /** Whether it is elementwise in two inputs, of which the second one broadcasts. */
  readonly broadcasts?: true;
  /** What must be said, and the call that must be refused so; beside the misuse that is tried with every operator. */
  readonly misuse?: readonly (readonly [says: RegExp, run: () => unknown])[];
}

export interface Domain {
  readonly min: number;
  readonly max: number;
  /** Values are kept this far from 0. */
  readonly gap?: number;
}

export const real: Domain = { min: -2, max: 2 };
export const positive: Domain = { min: 0.25, max: 3 };
/** Away from the singularities at ±1 of arc functions. */
export const central: Domain = { min: -0.5, max: 0.5 };
export const kinked: Domain = { min: -2, max: 2, gap: 0.125 };

/** Values on a grid of 1/64, so that counterexamples shrink to readable numbers. */
export function tensors(shape: readonly number[], { min, max, gap = 0 }: Domain = real): fc.Arbitrary<Tensor> {
  const size = shape.reduce((a, b) => a * b, 1);
  const value = fc
    .integer({ min: Math.ceil(min * 64), max: Math.floor(max * 64) })
    .map((i) => (Math.abs(i / 64) < gap ? Math.sign(i || 1) * gap : i / 64));
  return fc.array(value, { minLength: size, maxLength: size }).map((data) => tensor(data, { shape, dtype: "float64" }));
}

/** Values of which no two are closer than 1/8: nothing is tied. */
export function distinct(shape: readonly number[]): fc.Arbitrary<Tensor> {
  const size = shape.reduce((a, b) => a * b, 1);
  const order = Array.from({ length: size }, (_, i) => i);
  return fc.shuffledSubarray(order, { minLength: size }).map((data) =>
    tensor(
      data.map((i) => i / 4 - 1),
      { shape },
    ),
  );
}

/** Halfway between integers. */
export function midway(shape: readonly number[]): fc.Arbitrary<Tensor> {
  const size = shape.reduce((a, b) => a * b, 1);
  const half = fc.integer({ min: -3, max: 2 }).map((i) => i + 0.5);
  return fc.array(half, { minLength: size, maxLength: size }).map((data) => tensor(data, { shape }));
}

type OneTensor = (x: Tensor) => Tensor;
type TwoTensors = (x: Tensor, y: Tensor) => Tensor;

export const unary = (call: OneTensor, domain: Domain = real, order: OperatorCase["order"] = 2): OperatorCase => ({
  inputs: [tensors([2, 3], domain)],
  call: call as OperatorCase["call"],
  order,
});
/** The second operand broadcasts. */
export const binary = (
  call: TwoTensors,
  x: Domain = real,
  y: Domain = real,
  order: OperatorCase["order"] = 2,
): OperatorCase => ({
  inputs: [tensors([2, 3], x), tensors([3], y)],
  call: call as OperatorCase["call"],
  order,
  broadcasts: true,
});
/** A row with a call that is refused for its shapes. */
export const refusing = (row: OperatorCase, call: TwoTensors): OperatorCase => ({
  ...row,
  misuse: [[/broadcast/, () => call(zeros([2]), zeros([3]))]],
});
export const flat = (call: OneTensor): OperatorCase => unary(call, kinked, 0);
export const comparison = (call: TwoTensors): OperatorCase => binary(call, real, real, 0);
export const indices = tensor([[2, 0, 2], [1, 1, 0]], { dtype: "int32" }); // prettier-ignore

/** Two operands that are at least 1/8 apart everywhere. */
export function apart(call: TwoTensors): OperatorCase {
  return {
    inputs: [distinct([2, 3]), tensors([], { min: 0.0625, max: 0.0625 })],
    call: call as OperatorCase["call"],
    order: 1,
  };
}

/** The rows of one family. */
export type Cases = { readonly [K in keyof typeof ops]?: OperatorCase };
