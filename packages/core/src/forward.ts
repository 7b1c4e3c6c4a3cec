/**
 * Forward mode: tangents follow the operators as they run. It never calls a `vjp`.
 * @module
 */
import { precisionOf } from "./backend.js";
import { context, underRule, withContext, type Observer, type RuleCall } from "./context.js";
import { isFloat } from "./dtype.js";
import { zerosOf } from "./ops/linear.js";
import { apply, type Primitive } from "./primitive.js";
import { dual, type Dual } from "./readings/dual.js";
import { tensors } from "./readings/tensors.js";
import type { Tensor } from "./tensor.js";

/**
 * One level of forward mode. Levels nest: what a rule computes at this level is seen by the levels outside of it, never
 * by itself, so perturbations cannot be confused.
 */
export class ForwardLevel implements Observer {
  readonly #tangents = new WeakMap<Tensor, Tensor>();
  readonly #outer = context.observer;

  tangentOf(x: Tensor): Tensor | null {
    return this.#tangents.get(x) ?? null;
  }

  seed(x: Tensor, tangent: Tensor): void {
    this.#tangents.set(x, tangent);
  }

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    if (primitive.vjp === null) return;
    const tangents = inputs.map((x) => this.tangentOf(x));
    if (tangents.every((t) => t === null)) return;
    const run = (): Tensor | null =>
      withContext({ observer: this.#outer }, () => push(primitive, tangents, inputs, params, output));
    const call: RuleCall = { mode: "jvp", primitive: primitive as never, inputs, output, index: null, given: tangents };
    const tangent = underRule(this.#outer, call, run);
    if (tangent !== null) this.seed(output, tangent);
  }

  /** Those outside who watch rules see a rule's result, and then the tangent of that. */
  readonly applyRule =
    this.#outer?.applyRule === undefined
      ? undefined
      : (call: RuleCall, run: () => Tensor | null): Tensor | null => {
          const result = underRule(this.#outer, call, run);
          const tangent = result === null ? null : this.tangentOf(result);
          if (tangent !== null) underRule(this.#outer, { ...call, mode: "jvp" }, () => tangent);
          return result;
        };
}

const readings = { float64: dual(tensors("float64")), float32: dual(tensors("float32")) };

function push<P>(
  primitive: Primitive<P>,
  tangents: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  params: P,
  output: Tensor,
): Tensor | null {
  if (primitive.vjp === null) return null;
  const { jvp, kernel } = primitive;
  if (typeof jvp === "function") return jvp(tangents, inputs, output, params);
  if (jvp === "linear")
    return apply(
      primitive,
      tangents.map((t, i) => t ?? zerosOf(inputs[i]!.layout.shape, inputs[i]!.dtype)),
      params,
    );
  if (kernel.kind !== "map") return null;
  const s = readings[precisionOf(inputs.filter((x) => isFloat(x.dtype)))];
  const parameters = (kernel.parameters?.(params) ?? []).map((value) => s.constant(value));
  const pairs = inputs.map((x, i): Dual<Tensor> => ({ x, t: tangents[i]! }));
  return kernel.scalar(s, ...pairs, ...parameters).t;
}
