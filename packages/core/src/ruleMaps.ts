/**
 * Rules of reverse mode, each read as one map. The rule of an elementwise operator is made of elementwise operators;
 * where nobody records or watches them, they run together: the same numbers, without a result for each in between.
 * @module
 */
import { withContext, type Absence, type Evaluate } from "./context.js";
import { dtypeRank, isFloat, type DType } from "./dtype.js";
import { mapKernel, type MapKernel } from "./kernel.js";
import type { Node } from "./node.js";
import type { Vjp } from "./primitive.js";
import { literal } from "./readings/source.js";
import type { ScalarExpression } from "./scalar.js";
import { contiguousLayout } from "./shape.js";
import { materialize, Tensor } from "./tensor.js";

/** What a rule gives: a map of the cotangent (number 0) and some of inputs (from 1) and output (last), in this order. */
export interface RuleMap {
  /** `null`: the cotangent itself, or nothing at all where there are no operands. */
  readonly kernel: MapKernel<undefined> | null;
  readonly operands: readonly number[];
  /** What is computed, with numbers for operators: equal for equal maps. */
  readonly text: string;
  /** See `addingOf`. */
  adding?: MapKernel<undefined>;
}

/** A rule's map added to a total, which comes first: in one trip over the elements, with the bits of a sum of its own. */
export function addingOf(map: RuleMap): MapKernel<undefined> {
  return (map.adding ??= adding(map));
}

function adding({ kernel, operands }: RuleMap): MapKernel<undefined> {
  const scalar: ScalarExpression = (s, total, ...xs) =>
    s.add(total!, kernel === null ? xs[0]! : kernel.scalar(s, ...xs));
  return mapKernel(ofLength(scalar, 1 + operands.length));
}

/** By its length backends know how many operands an expression has. */
export function ofLength(scalar: ScalarExpression, operands: number): ScalarExpression {
  return Object.defineProperty(scalar, "length", { value: 1 + operands });
}

/** The maps of one rule, by what it is asked; `null`: it is more than a map. */
interface RuleMaps {
  readonly vjp: Vjp<never> | null;
  readonly byKey: (RuleMap | null | undefined)[];
}

const bySlot: RuleMaps[] = [];

/** The rule of a node for input `index` as a map; `null` where it is none. */
export function ruleMapOf(node: Node, index: number, dtype: DType): RuleMap | null {
  const { primitive, first, rest, params } = node;
  if (params !== undefined || primitive.kernel.kind !== "map") return null;
  const { vjp } = primitive;
  const { slot } = primitive.kernel;
  // Mostly everything is of one dtype, which the first keys are for.
  let key = 2 * index + (dtype === "float32" ? 1 : 0);
  if (first!.dtype !== dtype || (rest !== null && !(rest instanceof Tensor && rest.dtype === dtype)))
    key = mixedKey(node, index, dtype);
  let maps = bySlot[slot];
  // Several operators may share a kernel.
  if (maps?.vjp !== vjp) bySlot[slot] = maps = { vjp, byKey: [] };
  let map = maps!.byKey[key];
  if (map === undefined) maps!.byKey[key] = map = ruleMap(vjp!, index, node.inputs.map((x) => x.dtype), dtype); // prettier-ignore
  return map;
}

function mixedKey({ inputs }: Node, index: number, dtype: DType): number {
  let key = (1 + index) * 4 + dtypeRank[dtype];
  for (const x of inputs) key = key * 4 + dtypeRank[x.dtype];
  return key;
}

/** The rule of an operator without parameters for input `index`, by dtypes of the inputs and of the output. */
export function ruleMap(vjp: Vjp<never>, index: number, inputs: readonly DType[], output: DType): RuleMap | null {
  if (!isFloat(output)) return null;
  const [map, again] = [new Reading(output), new Reading(output)].map((reading) => reading.rule(vjp, index, inputs));
  // A rule that is not the same every time has to be asked every time.
  return map !== null && again !== null && map!.text === again!.text ? map! : null;
}

/** A rule does something else than to apply maps to its operands. */
class NoMap extends Error {}

/** What stands in operands for elements. */
const elements = new Proxy(new Float64Array(0), {
  get() {
    throw new NoMap();
  },
});

/** Of no size that a rule could make by itself. */
const layout = contiguousLayout([3, 5]);

interface Equation {
  readonly slot: number;
  readonly scalar: ScalarExpression;
  /** Numbers of earlier values, or constants. */
  readonly operands: readonly (number | { readonly constant: number })[];
}

class Reading implements Absence {
  readonly #values = new Map<Tensor, number>();
  readonly #equations: Equation[] = [];
  readonly #dtype: DType;
  readonly recorder = null;

  constructor(dtype: DType) {
    this.#dtype = dtype;
  }

  isOpen(x: Tensor): boolean {
    return this.#values.has(x);
  }

  check(): never {
    throw new NoMap();
  }

  #value(dtype: DType): Tensor {
    if (dtype !== this.#dtype && dtype !== "bool") throw new NoMap();
    const x = new Tensor(layout, dtype, elements, 0);
    this.#values.set(x, this.#values.size);
    return x;
  }

  rule(vjp: Vjp<never>, index: number, inputs: readonly DType[]): RuleMap | null {
    try {
      const ct = this.#value(this.#dtype);
      const xs = inputs.map((dtype) => this.#value(dtype));
      const y = this.#value(this.#dtype);
      const result = withContext({ evaluate: this.#evaluate, recording: false, observer: null, absence: this }, () =>
        vjp(index, ct, xs, y, undefined as never),
      );
      return result === null ? { kernel: null, operands: [], text: "" } : this.#map(result);
    } catch {
      // Applied to tensors, the rule says itself what is wrong.
      return null;
    }
  }

  readonly #evaluate: Evaluate = ({ kernel, dtype }, inputs, params) => {
    if (kernel.kind === "view" && !inputs.some((x) => this.isOpen(x))) {
      const x = inputs[0]!;
      materialize(x);
      const { layout: seen, shift } = kernel.view(x.layout, params)!;
      return new Tensor(seen, x.dtype, x.data, x.offset + shift);
    }
    if (kernel.kind !== "map") throw new NoMap();
    const dtypes = inputs.map((x) => x.dtype);
    const y = this.#value(dtype === null ? dtypes[0]! : dtype(dtypes, params));
    const parameters = kernel.parameters === null ? [] : kernel.parameters(params);
    const operands = inputs.map((x) => this.#values.get(x) ?? { constant: repeated(x) });
    this.#equations.push({
      slot: kernel.slot,
      scalar: kernel.scalar,
      operands: [...operands, ...parameters.map((constant) => ({ constant }))],
    });
    return y;
  };

  #map(result: Tensor): RuleMap | null {
    const last = this.#values.get(result);
    if (last === undefined) return null;
    const given = this.#values.size - this.#equations.length;
    if (last === 0) return { kernel: null, operands: [0], text: "" };
    if (last < given) return null;
    const used = new Set([last]);
    for (let i = last; i >= given; i--)
      if (used.has(i)) for (const x of this.#equations[i - given]!.operands) if (typeof x === "number") used.add(x);
    if (!used.has(0)) return null;
    const operands = Array.from({ length: given }, (_, i) => i).filter((i) => used.has(i));
    const equations = this.#equations.map((equation, i) => (used.has(given + i) ? equation : null));
    const scalar: ScalarExpression = (s, ...xs) => {
      type T = (typeof xs)[number];
      const values = new Array<T>(given + equations.length);
      operands.forEach((value, i) => (values[value] = xs[i]!));
      equations.forEach((equation, i) => {
        if (equation === null) return;
        const args = equation.operands.map((x) => (typeof x === "number" ? values[x]! : s.constant(x.constant)));
        values[given + i] = equation.scalar(s, ...args);
      });
      return values[last]!;
    };
    const text = equations
      .map(
        (each) =>
          `${each?.slot} ${each?.operands.map((x) => (typeof x === "number" ? x : `c${literal(x.constant)}`)).join()}`,
      )
      .join(";");
    return { kernel: mapKernel(ofLength(scalar, operands.length)), operands, text };
  }
}

/** The number that a constant holds throughout. */
function repeated({ data, layout: { strides, shape, size }, offset }: Tensor): number {
  if (typeof data === "number") return data;
  if (size === 0 || strides.some((step, axis) => step !== 0 && shape[axis] !== 1)) throw new NoMap();
  return data[offset]!;
}
