/**
 * What an operator is tried on: shapes, and values from its domain.
 * @module
 */
import { checkDomains, type OpDomain } from "../customOp.js";
import { ArgumentError, describe } from "../errors.js";
import type { Random } from "../random.js";
import { checkShape, forEachPosition, showShape, sizeOf, stridedLayout, type Shape } from "../shape.js";
import { Tensor } from "../tensor.js";
import { tensorOf } from "./subject.js";

/** Shapes of the operands, one each. */
export interface OpCase {
  readonly shapes: readonly Shape[];
  /** Whether the shapes differ, so that the operator may refuse them. */
  readonly mixed: boolean;
}

const alike: readonly Shape[] = [[], [1], [3], [2, 3], [0]];
const partners: readonly Shape[] = [[], [3], [2, 1]];

/** The same shape for all operands, and one operand smaller than the others, as broadcasting allows. */
export function usualCases(arity: number): readonly OpCase[] {
  const filled = (shape: Shape): Shape[] => Array<Shape>(arity).fill(shape);
  const operands = arity === 1 ? [] : Array.from({ length: arity }, (_, k) => k);
  return [
    ...alike.map((shape) => ({ shapes: filled(shape), mixed: false })),
    ...operands.flatMap((k) => partners.map((small) => ({ shapes: filled([2, 3]).with(k, small), mixed: true }))),
  ];
}

/** The cases that a caller asks for. */
export function givenCases(operator: string, shapes: unknown, arity: number | undefined): readonly OpCase[] {
  const wanted = "shapes to be a list of cases, each a list of one shape an operand, such as [[[2, 3], [3, 4]]]";
  if (!Array.isArray(shapes) || shapes.length === 0)
    throw new ArgumentError(`${operator}: expected ${wanted}, got ${describe(shapes)}`);
  return (shapes as readonly unknown[]).map((each, i) => {
    if (!Array.isArray(each) || each.length === 0 || !each.every(Array.isArray))
      throw new ArgumentError(
        `${operator}: expected ${wanted}, got ${Array.isArray(each) && each.length > 0 ? `[${each.map(String).join(", ")}]` : describe(each)} as case ${i}`,
      );
    if (arity !== undefined && each.length !== arity)
      throw new ArgumentError(
        `${operator}: expected ${arity} shapes a case, one an operand (arity ${arity}), got ${each.length} in case ${i}`,
      );
    return { shapes: each.map((shape) => checkShape(operator, shape)), mixed: false };
  });
}

/** One domain for all operands, or a list with one each. */
export function domainsOf(operator: string, domain: unknown, count: number): readonly OpDomain[] {
  checkDomains(operator, domain as OpDomain);
  if (!Array.isArray(domain)) return Array<OpDomain>(count).fill(domain as OpDomain);
  if (domain.length !== count)
    throw new ArgumentError(
      `${operator}: expected a domain, or a list with one for each of the ${count} operands, got ${describe(domain)}`,
    );
  return domain as readonly OpDomain[];
}

/** Evenly from `min` to `max` without what is nearer to 0 than `gap`; numbers that float32 has, so that it sees the same. */
export function valuesIn({ min, max, gap = 0 }: OpDomain, shape: Shape, random: Random): Tensor {
  const above = Math.max(min, gap);
  const [lengthBelow, lengthAbove] = [Math.max(0, Math.min(max, -gap) - min), Math.max(0, max - above)];
  const drawn = random.uniform([sizeOf(shape)], { low: 0, high: 1, dtype: "float64" }).toTypedArray();
  const values = Float64Array.from(drawn, (u) => {
    const along = u * (lengthBelow + lengthAbove);
    const value = min <= -gap && along <= lengthBelow ? min + along : above + (along - lengthBelow);
    const rounded = Math.fround(value);
    return rounded >= min && rounded <= max && Math.abs(rounded) >= gap ? rounded : value;
  });
  return tensorOf(values, shape);
}

/** The same elements by columns, from the second place on, with a gap after each. */
export function viewOf(x: Tensor): Tensor {
  let step = 2;
  const strides = x.shape.map((n) => {
    const stride = step;
    step *= n;
    return stride;
  });
  const layout = stridedLayout(x.shape, strides);
  // What lies between must not be read.
  const data = new Float64Array(2 * x.size + 2).fill(NaN);
  const values = x.toTypedArray();
  forEachPosition(layout, (position, index) => (data[1 + position] = values[index]!));
  return new Tensor(layout, "float64", data, 1);
}

export const showCase = ({ shapes }: OpCase): string => `inputs of shape ${shapes.map(showShape).join(" and ")}`;
