/**
 * Stops at the first NaN or infinity.
 * @module
 */
import { anomalyAt, headline, rangeLines, type AnomalyPhase, type Site } from "./anomaly.js";
import { context, underRule, withContext, type Observer, type RuleCall } from "./context.js";
import { checkFunction, checkOptions, NumericError, synchronous } from "./errors.js";
import { withLines } from "./lines.js";
import { booleanOption } from "./ops/options.js";
import { plainData } from "./print.js";
import { computes, type Primitive } from "./primitive.js";
import { allFinite } from "./range.js";
import { Tensor } from "./tensor.js";

/** Options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Whether infinities count as well as NaN. Default: true; false for models that mask with infinities on purpose. */
  readonly infinities?: boolean | undefined;
}

class Watcher implements Observer {
  readonly #outer = context.observer;
  readonly #infinities: boolean;
  /** How many rules are being applied around what is observed. */
  #depth = 0;

  constructor(infinities: boolean) {
    this.#infinities = infinities;
  }

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    // What a rule computes on the way may be masked before it comes out; its result decides.
    if (this.#depth > 0 || !computes(primitive) || this.#fine(output)) return;
    const { name } = primitive;
    const source = this.#isNew(output, inputs) ? undefined : inputs.find((x) => !this.#fine(x));
    if (source === undefined)
      this.#refuse({ phase: "forward", name, inputs, output, given: [], input: null, result: output });
    else this.#refuse(this.#data(source, name));
  }

  applyRule(call: RuleCall, run: () => Tensor | null): Tensor | null {
    this.#depth += 1;
    let result: Tensor | null;
    try {
      result = underRule(this.#outer, call, run);
    } finally {
      this.#depth -= 1;
    }
    // A rule may be wrong in what it returns; the sweep says so.
    if (this.#depth > 0 || !(result instanceof Tensor) || this.#fine(result)) return result;
    const { primitive, inputs, output, index, given } = call;
    const phase: AnomalyPhase = call.mode === "vjp" ? "backward" : "tangent";
    const known = [...given.filter((x) => x !== null), ...inputs];
    const source = this.#isNew(result, [...known, output]) ? undefined : known.find((x) => !this.#fine(x));
    if (source !== undefined) return this.#refuse(this.#data(source, primitive.name));
    return this.#refuse({ phase, name: primitive.name, inputs, output, given, input: index, result });
  }

  #fine(x: Tensor): boolean {
    return allFinite(x, this.#infinities);
  }

  /** Whether operands explain nothing: NaN comes of no NaN, an infinity of finite numbers. */
  #isNew(output: Tensor, inputs: readonly Tensor[]): boolean {
    const noNaN = inputs.every((x) => allFinite(x, false));
    return noNaN && (!allFinite(output, false) || inputs.every((x) => allFinite(x, true)));
  }

  #data(source: Tensor, by: string): Site & { readonly by: string } {
    return { phase: "data", name: by, by, inputs: [], output: source, given: [], input: null, result: source };
  }

  #refuse(site: Site & { readonly by?: string }): never {
    const anomaly = anomalyAt(site, () => undefined, this.#infinities, { reaches: true, flowsTo: [] });
    const met = site.by === undefined ? "" : `, met by ${site.by}`;
    const details = rangeLines(anomaly).map((line) => `\n  ${line}`);
    throw new NumericError(
      `detectAnomaly: expected finite values, got ${headline(anomaly)}${met}; ${anomaly.remedy}${details.join("")}`,
      // Not enumerable, so that the cause is plain data and nothing else.
      { cause: Object.defineProperty(anomaly, "toJSON", { value: () => plainData({ ...anomaly }) }) },
    );
  }
}

/**
 * Runs `fn` and returns what it returns, unless an operator in it gives a NaN or an infinity, in the forward pass, in a
 * rule of `backward` or `grad`, or in one of `jvp`: then it throws at once, naming the operator, the line that applied
 * it, the first such element and the ranges of what went in. A rule is judged by what it returns, so that infinities
 * which it masks itself do not count; an operator under `where` in `fn` does.
 *
 * Every operator is looked at and its line recorded: a few times slower, meant for finding a fault.
 *
 * @param fn synchronous, without arguments
 * @returns what `fn` returns
 * @throws {@link NumericError} at the first NaN or infinity; its `cause` is the `Anomaly`
 * @throws {@link ArgumentError} if `fn` is not a function or returns a promise
 * @example
 * ```ts
 * import { detectAnomaly, tensor, variable } from "@cotangent/core";
 * const x = variable([1, 0]);
 * detectAnomaly(() => x.square().sum().backward()).get(x).toArray(); // → [2,0]
 * let message = "";
 * try {
 *   detectAnomaly(() => x.sqrt().sum().backward());
 * } catch (error) {
 *   message = error.message.replace(/ at .*?(?=, first)/, "").split(";")[0];
 * }
 * message; // → detectAnomaly: expected finite values, got infinity from the backward rule of sqrt, first at [1], where it computed sqrt(0)
 * ```
 */
export function detectAnomaly<R>(fn: () => R, options?: AnomalyOptions): R {
  checkFunction("detectAnomaly", fn);
  checkOptions("detectAnomaly", options, ["infinities"]);
  const infinities = booleanOption("detectAnomaly", "infinities", options?.infinities ?? true);
  return withLines(() => synchronous("detectAnomaly", withContext({ observer: new Watcher(infinities) }, fn))).result;
}
