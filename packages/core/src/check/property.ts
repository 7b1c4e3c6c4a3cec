/**
 * Gradients as a property over random inputs, with counterexamples that shrink.
 * @module
 */
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore fast-check is optional: where it is not installed, declarations must compile all the same. */
import type { Arbitrary, RunDetails } from "fast-check";
import { ArgumentError, checkFunction, checkOptions, describe, GradientError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { Tensor } from "../tensor.js";
import { fastCheck, isArbitrary } from "./fastCheck.js";
import { checkGradients, type GradcheckOptions } from "./gradcheck.js";
import type { GradientReport } from "./report.js";

/** Options of `gradientProperty`. */
export interface GradientPropertyOptions extends Omit<GradcheckOptions, "seed"> {
  /** Random inputs tried. Default: 100. */
  readonly numRuns?: number | undefined;
  /** Seeds the inputs; a failure tells it. */
  readonly seed?: number | undefined;
  /** Where in the tree of shrunk inputs to begin; a failure tells it. */
  readonly path?: string | undefined;
}

/** Runs fast-check, which says of some paths that lead nowhere that all is well, and of others that it cannot replay. */
function explored<T>(run: () => RunDetails<T>): RunDetails<T> {
  try {
    const details = run();
    if (details.failed || details.numRuns > 0) return details;
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("Unable to replay"))) throw error;
  }
  throw new ArgumentError(
    "gradientProperty: expected a path that belongs to the seed and the arbitraries, got one that leads nowhere; leave it out",
  );
}

/** An argument as source; JSON would lose NaN, infinities and the sign of -0. */
function asSource(value: unknown): string {
  if (value instanceof Tensor) {
    const data = asSource(value.toArray());
    const options = [
      ...(value.size === 0 ? [`shape: ${JSON.stringify(value.shape)}`] : []),
      ...(value.dtype === "float64" || value.dtype === "bool" ? [] : [`dtype: "${value.dtype}"`]),
    ];
    return `tensor(${value.size === 0 ? "[]" : data}${options.length === 0 ? "" : `, { ${options.join(", ")} }`})`;
  }
  if (Array.isArray(value)) return `[${value.map(asSource).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, part]) => `${JSON.stringify(key)}: ${asSource(part)}`)
      .join(", ")} }`;
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * Runs `gradcheck` on random inputs, and shrinks what fails to the smallest shape and the roundest values.
 *
 * @param arbitraries one for each argument of `f`, such as `tensors()`
 * @returns how many inputs passed
 * @throws `GradientError` if a gradient is wrong: with the shrunk inputs, lines to copy that reproduce it, and the
 * report (also as its property `report`; the inputs as `counterexample`)
 * @throws `ArgumentError` for arguments that make no sense, or if fast-check is not installed
 * @example
 * ```ts
 * import { gradientProperty, tensors } from "@cotangent/core/check";
 * gradientProperty((x, y) => x.mul(y.tanh()), [tensors({ shape: [3] }), tensors({ shape: [2, 3] })], { numRuns: 10 }); // → 10
 * ```
 */
export function gradientProperty<A extends Arguments = Tensor[]>(
  f: (...args: A) => Tensor,
  arbitraries: readonly Arbitrary<unknown>[],
  options: GradientPropertyOptions = {},
): number {
  checkFunction("gradientProperty", f);
  checkOptions("gradientProperty", options, [
    "mode", "order", "projections", "numRuns", "seed", "path",
  ]); // prettier-ignore
  if (!Array.isArray(arbitraries) || arbitraries.length === 0)
    throw new ArgumentError(
      `gradientProperty: expected a list of arbitraries, one for each argument, got ${describe(arbitraries)}`,
    );
  arbitraries.forEach((each, i) => {
    if (!isArbitrary(each))
      throw new ArgumentError(
        `gradientProperty: expected arbitraries such as tensors(), got ${describe(each)} for argument ${i}`,
      );
  });
  const fc = fastCheck("gradientProperty");
  const { numRuns = 100, seed, path, ...how } = options;
  if (!Number.isInteger(numRuns) || numRuns < 1)
    throw new ArgumentError(`gradientProperty: expected numRuns to be an integer from 1, got ${describe(numRuns)}`);
  if (seed !== undefined && !Number.isInteger(seed))
    throw new ArgumentError(`gradientProperty: expected a seed that is an integer, got ${describe(seed)}`);
  if (path !== undefined && !(typeof path === "string" && /^(\d+(:\d+)*)?$/.test(path)))
    throw new ArgumentError(
      `gradientProperty: expected a path such as "3:0:1", as a failure tells it, got ${describe(path)}`,
    );
  // The last failure is that of the smallest inputs.
  let thrown: unknown = null;
  const check = (inputs: readonly unknown[], search: boolean): GradientReport =>
    checkGradients("gradientProperty", f as never, inputs, how, search);
  const holds = (inputs: readonly unknown[]): boolean => {
    try {
      return check(inputs, false).ok;
    } catch (error) {
      thrown = error;
      return false;
    }
  };
  const property = fc.property(fc.tuple(...(arbitraries as Arbitrary<unknown>[])), holds);
  const details = explored(() =>
    fc.check(property, {
      numRuns,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path }),
    }),
  );
  if (!details.failed) return details.numRuns;
  // It is about what the caller asks for, not about the inputs found.
  if (thrown instanceof ArgumentError && thrown.message.startsWith("gradientProperty: ")) throw thrown;
  const inputs = details.counterexample?.[0] as readonly unknown[];
  const report = thrown === null ? check(inputs, true) : null;
  const message = [
    `gradientProperty: wrong after ${details.numRuns} ${details.numRuns === 1 ? "run" : "runs"} and ${details.numShrinks} shrinks; the smallest inputs found:`,
    `  gradcheck(f, [${inputs.map(asSource).join(", ")}]${howSource(how)})`,
    `  gradientProperty(f, arbitraries, { seed: ${details.seed}, path: "${details.counterexamplePath ?? ""}"${rest(how)} })`,
    ...(thrown instanceof Error ? [`${thrown.name}: ${thrown.message}`] : []),
    ...(report === null ? [] : [report.toString()]),
  ].join("\n");
  throw Object.assign(new GradientError(message, { cause: thrown }), { report, counterexample: inputs });
}

function rest(how: Omit<GradcheckOptions, "seed">): string {
  return Object.entries(how)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `, ${key}: ${JSON.stringify(value)}`)
    .join("");
}

function howSource(how: Omit<GradcheckOptions, "seed">): string {
  const text = rest(how);
  return text === "" ? "" : `, { ${text.slice(2)} }`;
}
