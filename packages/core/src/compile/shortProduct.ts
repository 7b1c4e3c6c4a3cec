/**
 * Matrix products with a short inner axis as elementwise equations, which run in one loop with their neighbours: an
 * element is a sum of few products of elements that stand in both operands' rows and columns.
 * @module
 */
import { mapKernel, type MapKernel } from "../kernel.js";
import { stridedLayout } from "../shape.js";
import type { ScalarExpression } from "../scalar.js";
import type { Equation, Place } from "./trace.js";
import { ofLength } from "../ruleMaps.js";
import { runsOnBlas } from "./wasmKernel.js";

/** Terms of a sum at most. */
const mostTerms = 4;
/** A right operand whose columns stand apart is read lane by lane, which pays for few rows, or few columns. */
const fewLines = 4;
/** With more products than this side by side, loops would be many. */
const mostBatches = 16;

/**
 * The sum of `terms` products, of operands x0, y0, x1, y1, …: one after another from +0, as products accumulate, or in
 * the order of sums, in which a product with a single column adds up.
 */
function expressionOf(terms: number, single: boolean): ScalarExpression {
  return (s, ...operands) => {
    const product = (i: number): (typeof operands)[number] => s.mul(operands[2 * i]!, operands[2 * i + 1]!);
    // Lanes 0, 2, 1, 3 of `order.ts`: the first pair, then the second one; whatever is added to +0 is never -0.
    const order = single ? [0, 2, 1, 3].filter((i) => i < terms) : Array.from({ length: terms }, (_, i) => i);
    const first = s.add(s.constant(0), product(0));
    if (!single || terms < 4) return order.slice(1).reduce((sum, i) => s.add(sum, product(i)), first);
    return s.add(s.add(first, product(2)), s.add(product(1), product(3)));
  };
}

const kernels = new Map<string, MapKernel<unknown>>();

function kernelOf(terms: number, single: boolean): MapKernel<unknown> {
  const key = `${terms} ${single}`;
  let kernel = kernels.get(key);
  if (kernel === undefined) kernels.set(key, (kernel = mapKernel(ofLength(expressionOf(terms, single), 2 * terms))));
  return kernel;
}

/** A product with a short inner axis as an elementwise equation; other equations as they are. */
export function withoutShortProduct(equation: Equation): Equation {
  const { kernel, inputs, output } = equation;
  if (kernel.kind !== "contract" || runsOnBlas(equation)) return equation;
  const [x, y] = inputs as readonly [Place, Place];
  const { shape, size } = output.layout;
  const terms = x.layout.shape.at(-1)!;
  const [m, n] = shape.slice(-2) as [number, number];
  const apart = y.layout.strides.at(-1)! > 1;
  const batches = shape.slice(0, -2).reduce((n, m) => n * m, 1);
  const floats = output.dtype === "float64" || output.dtype === "float32";
  if (!floats || x.dtype !== output.dtype || y.dtype !== output.dtype) return equation;
  if (size === 0 || terms === 0 || terms > mostTerms || batches > mostBatches) return equation;
  if (apart && m > fewLines && n > fewLines) return equation;
  /** Column `i` of x or row `i` of y, for every column or row of the product. */
  const line = ({ layout, ...place }: Place, axis: -1 | -2, i: number): Place => {
    const strides = [...layout.strides];
    const [step] = strides.splice(axis, 1, 0) as [number];
    return { ...place, offset: place.offset + i * step, layout: stridedLayout(shape, strides) };
  };
  const places = Array.from({ length: terms }, (_, i) => [line(x, -1, i), line(y, -2, i)]).flat();
  return { ...equation, kernel: kernelOf(terms, n === 1), inputs: places, recorded: equation };
}
