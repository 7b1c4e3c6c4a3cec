/**
 * Operators that users define: a value, and a rule that counts whatever the value is made of.
 * @module
 */
import { withContext, type Context } from "./context.js";
import { isFloat } from "./dtype.js";
import { ArgumentError, checkFunction, checkOptions, describe, GradientError } from "./errors.js";
import { leafPrimitive } from "./leaf.js";
import { adopt, asTensor } from "./operand.js";
import { zerosOf } from "./ops/linear.js";
import { apply, type Primitive } from "./primitive.js";
import { sameShape, showShape } from "./shape.js";
import { Tensor, type TensorLike } from "./tensor.js";

/** Values at which an operator may be tried: numbers from `min` to `max`, at least `gap` away from 0. */
export interface OpDomain {
  readonly min: number;
  readonly max: number;
  /** Default: 0. */
  readonly gap?: number | undefined;
}

/** What an operator of the inputs `A` computes and how it differentiates. */
export interface OpDefinition<A extends Tensor[] = Tensor[]> {
  /** For error messages and graphs. */
  readonly name: string;
  /** From the inputs to the result, by operators, or from `toTypedArray()` to `tensor(…)`. It is not differentiated. */
  readonly forward: (...inputs: A) => Tensor;
  /**
   * Reverse mode: from the cotangent of the output to a list of those of the inputs, each of its input's shape and dtype,
   * or `null` where the derivative is zero.
   */
  readonly vjp: (cotangent: Tensor, inputs: A, output: Tensor) => readonly (Tensor | null)[];
  /**
   * Forward mode: from the tangents of the inputs, each of its input's shape and dtype, to that of the output, or `null`
   * for zero.
   */
  readonly jvp?: ((tangents: A, inputs: A, output: Tensor) => Tensor | null) | undefined;
  /** For `checkOp`: where each input may lie, one domain for all or a list. Default: from -2 to 2. */
  readonly domain?: OpDomain | readonly OpDomain[] | undefined;
}

/** An operator of one's own: a function of tensors and numbers, with what it was made of. */
export interface CustomOp<A extends Tensor[] = Tensor[]> {
  (...inputs: { [I in keyof A]: TensorLike }): Tensor;
  readonly definition: OpDefinition<A>;
}

/** Forward mode met an operator that has no `jvp`, which is no fault of its other rule. */
export class NoForwardRule extends GradientError {}

/** The cotangents of all inputs, in the sweep that asks for them one by one. */
type Found = WeakMap<Tensor, readonly (Tensor | null)[]>;

/**
 * An operator of one's own. `forward` computes; what it is made of is not differentiated, only the rules count. They are
 * recorded like any operators, so a `vjp` written in operators gives derivatives of every order. Tensors in the closure of
 * `forward` are constants.
 *
 * `forward` may be written in operators, or as a raw kernel that reads `toTypedArray()` and returns `tensor(…)`. With
 * forward and rules in operators, the operator works under `vmap` too. Forward mode (`jvp`, `hvp`) needs the rule `jvp`: it
 * is never derived from `forward`, which may deliberately have another derivative.
 *
 * @returns a function of tensors and numbers; a number adopts the dtype of the first tensor
 * @throws {@link ArgumentError} if the name is empty, a rule is no function, or an option is unknown or missing
 * @throws {@link GradientError} in use, if `vjp` or `jvp` gives something of another number, shape or dtype, or if forward
 * mode comes without `jvp`; the message names the operator and the input
 * @example
 * ```ts
 * import { defineOp, grad, tensor, type Tensor } from "@cotangent/core";
 * const cube = defineOp({
 *   name: "cube",
 *   forward: (x: Tensor) => tensor(x.toTypedArray().map((v) => v ** 3), { shape: x.shape, dtype: x.dtype }),
 *   vjp: (ct, [x]) => [ct.mul(x.square()).mul(3)],
 *   jvp: ([t], [x]) => t.mul(x.square()).mul(3),
 * });
 * cube(tensor([1, 2])).toArray(); // → [1,8]
 * grad(cube)(2).item(); // → 12
 * grad(grad(cube))(2).item(); // → 12
 * ```
 */
export function defineOp<A extends Tensor[]>(definition: OpDefinition<A>): CustomOp<A> {
  checkOptions("defineOp", definition, ["name", "forward", "vjp", "jvp", "domain"], ["name", "forward", "vjp"]);
  const { name, forward, vjp, jvp } = definition;
  if (typeof name !== "string" || name === "")
    throw new ArgumentError(`defineOp: expected a name, got ${describe(name)}`);
  checkFunction("defineOp", forward, "forward to be a function of tensors");
  checkFunction("defineOp", vjp, "vjp to be a function of cotangent, inputs and output");
  if (jvp !== undefined) checkFunction("defineOp", jvp, "jvp to be a function of tangents, inputs and output");
  if (definition.domain !== undefined) checkDomains("defineOp", definition.domain);
  const primitive = primitiveOf(definition as unknown as OpDefinition);
  const operator = (...operands: TensorLike[]): Tensor => {
    if (operands.length === 0) throw new ArgumentError(`${name}: expected tensors or numbers, got nothing`);
    const partner = operands.find((x) => x instanceof Tensor);
    const inputs = operands.map((x) =>
      typeof x === "number" && partner ? adopt(x, partner.dtype) : asTensor(name, x),
    );
    const output = apply(primitive, inputs, new WeakMap());
    if (!isFloat(output.dtype)) output.origin = null;
    return output;
  };
  return Object.defineProperties(operator, {
    name: { value: name },
    definition: { value: Object.freeze({ ...definition }), enumerable: true },
  }) as never;
}

/**
 * Refuses what is no domain, nor a list of some.
 *
 * @throws {@link ArgumentError} also for a domain without any value
 */
export function checkDomains(operator: string, domain: unknown): void {
  for (const each of Array.isArray(domain) ? (domain as readonly OpDomain[]) : [domain as OpDomain]) {
    checkOptions(operator, each, ["min", "max", "gap"], ["min", "max"]);
    const { min, max, gap = 0 } = each;
    if (!(Number.isFinite(max - min) && min <= max && gap >= 0))
      throw new ArgumentError(
        `${operator}: expected a domain with min <= max, both finite, and gap >= 0, got min ${describe(min)}, max ${describe(max)}, gap ${describe(gap)}`,
      );
    if (min > -gap && max < gap)
      throw new ArgumentError(
        `${operator}: expected a domain with values at least gap away from 0, got min ${min}, max ${max}, gap ${gap}`,
      );
  }
}

function primitiveOf({ name, forward, vjp, jvp }: OpDefinition): Primitive<Found> {
  return {
    name,
    kernel: { kind: "call", run: (inputs) => valueOf(name, forward, inputs) },
    shape: null,
    dtype: null,
    vjp: (index, ct, inputs, output, found) => {
      const tracked = inputs.map(({ origin }) => origin !== null);
      // A sweep asks for the first tracked input first; what an interrupted one has left behind does not count.
      const kept = index === tracked.indexOf(true) ? undefined : found.get(ct);
      const cotangents = kept ?? checkCotangents(name, vjp(ct, inputs as Tensor[], output), inputs);
      if (index === tracked.lastIndexOf(true)) found.delete(ct);
      else found.set(ct, cotangents);
      return cotangents[index]!;
    },
    jvp: (tangents, inputs, output) => {
      if (jvp === undefined)
        throw new NoForwardRule(
          `${name}: expected a rule for forward mode (jvp, hvp), got an operator without one; give defineOp a jvp(tangents, inputs, output)`,
        );
      const filled = tangents.map((t, i) => t ?? zerosOf(inputs[i]!.layout.shape, inputs[i]!.dtype));
      const tangent = jvp(filled, inputs as Tensor[], output);
      if (tangent !== null) checkLike(name, "its jvp to return a tangent", "the output", tangent, output);
      return tangent;
    },
  };
}

/** Runs `forward` unseen: not recorded, and not followed by forward mode. */
function valueOf(name: string, forward: OpDefinition["forward"], inputs: readonly Tensor[]): Tensor {
  const unseen: Partial<Context> = { recording: false, observer: null };
  return withContext(unseen, () => {
    const output: unknown = forward(...inputs);
    if (!(output instanceof Tensor))
      throw new ArgumentError(
        `${name}: expected forward to return a tensor, got ${describe(output)}; make it with tensor(…)`,
      );
    // A handle of its own, since the node belongs to it: forward may return an input or something that it keeps.
    return apply(leafPrimitive, [output], undefined);
  });
}

function checkCotangents(name: string, list: unknown, inputs: readonly Tensor[]): readonly (Tensor | null)[] {
  const wanted = `its vjp to return a list of ${inputs.length} cotangents, one an input`;
  if (!Array.isArray(list)) throw new GradientError(`${name}: expected ${wanted}, got ${describe(list)}`);
  if (list.length !== inputs.length) throw new GradientError(`${name}: expected ${wanted}, got ${list.length}`);
  return (list as readonly unknown[]).map((ct, i) => {
    if (ct === null) return null;
    const input = inputs[i]!;
    if (!isFloat(input.dtype))
      throw new GradientError(
        `${name}: expected its vjp to return null for input ${i}, which is ${input.dtype}, got ${describe(ct)}`,
      );
    return checkLike(name, "its vjp to return a cotangent (or null)", `input ${i}`, ct, input);
  });
}

function checkLike(name: string, wanted: string, of: string, got: unknown, like: Tensor): Tensor {
  const { layout, dtype } = like;
  const expected = `${name}: expected ${wanted} for ${of} of its shape ${showShape(layout.shape)} and dtype ${dtype}`;
  if (!(got instanceof Tensor)) throw new GradientError(`${expected}, got ${describe(got)}`);
  if (!sameShape(got.layout.shape, layout.shape) || got.dtype !== dtype)
    throw new GradientError(`${expected}, got shape ${showShape(got.layout.shape)} and dtype ${got.dtype}`);
  return got;
}
