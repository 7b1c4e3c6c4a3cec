/**
 * What operators run under: the backend, the way of evaluation, whether the graph grows, who looks on.
 * One mutable record, changed only through functions that restore it.
 * @module
 */
import type { Backend } from "./backend.js";
import { auto, bestBackend } from "./backends/auto.js";
import { blas, type Blas } from "./backends/blasSlot.js";
import { reference } from "./backends/reference.js";
import { source } from "./backends/source.js";
import { wasmCode } from "#wasm";
import { checkDtype, type DType } from "./dtype.js";
import { ArgumentError, checkFunction, describe, DTypeError, synchronous } from "./errors.js";
import type { Primitive } from "./primitive.js";
import type { Random } from "./random.js";
import type { Draw } from "./distributions.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Sees every application of an operator, after it ran: forward mode, branch decisions, creation lines. */
export interface Observer {
  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void;
  /** Runs a rule of differentiation; an observer without it just lets it run. Operators inside are observed as always. */
  readonly applyRule?: ((call: RuleCall, run: () => Tensor | null) => Tensor | null) | undefined;
}

/** A rule about to be applied: to the cotangent of `output`, for input number `index`, or to the tangents of `inputs`. */
export interface RuleCall {
  readonly mode: "vjp" | "jvp";
  readonly primitive: Primitive<never>;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly index: number | null;
  /** The cotangent, or the tangents. */
  readonly given: readonly (Tensor | null)[];
}

/** Runs a rule where `observer` can see it. */
export function underRule(observer: Observer | null, call: RuleCall, run: () => Tensor | null): Tensor | null {
  return observer?.applyRule === undefined ? run() : observer.applyRule(call, run);
}

/** Carries an application out: now, on a backend, or later, as an equation of a program. */
export type Evaluate = <P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P) => Tensor;

/** Who writes down what is drawn while a function is recorded. */
export interface Recorder {
  /** What the program will draw from a generator that comes with every call; `null`: the generator is none of these. */
  draw(from: Random, name: string, shape: Shape, dtype: DType, draw: Draw): Tensor | null;
  /** Another generator, made of one that comes with every call; `null`: it is none of these. */
  branch(from: Random, how: (from: Random) => Random): Random | null;
  /** Whether a generator comes with every call. */
  knows(generator: Random): boolean;
}

/** Who stands for values that are not there: those of a program that is being recorded, or of one example of many. */
export interface Absence {
  /** Whether the values of `x` cannot be read now. */
  isOpen(x: Tensor): boolean;
  /** Looks at the values of `x` where they are: whenever the program runs, or example by example. */
  check(x: Tensor, look: (x: Tensor) => void): void;
  /** Where this is a recording, who writes down random numbers. */
  readonly recorder: Recorder | null;
}

export interface Context {
  backend: Backend;
  /** `null`: at once. */
  evaluate: Evaluate | null;
  observer: Observer | null;
  recording: boolean;
  /** `null`: all values are there. */
  absence: Absence | null;
  defaultDtype: "float64" | "float32";
}

export const context: Context = {
  backend: bestBackend(),
  evaluate: null,
  observer: null,
  recording: true,
  absence: null,
  defaultDtype: "float64",
};

/** Runs `run` with parts of the context replaced. */
export function withContext<R>(change: Partial<Context>, run: () => R): R {
  const { backend, evaluate, observer, recording, absence, defaultDtype } = context;
  Object.assign(context, change);
  try {
    return run();
  } finally {
    context.backend = backend;
    context.evaluate = evaluate;
    context.observer = observer;
    context.recording = recording;
    context.absence = absence;
    context.defaultDtype = defaultDtype;
  }
}

/** Runs `run` with the graph growing, or not: the one change that every sweep and every transformation makes. */
export function withRecording<R>(recording: boolean, run: () => R): R {
  const before = context.recording;
  context.recording = recording;
  try {
    return run();
  } finally {
    context.recording = before;
  }
}

const backends: Readonly<Record<string, () => Backend>> = {
  auto: () => auto,
  reference: () => reference,
  source: () => source,
  wasm: wasmBackend,
};

/** @throws {@link ArgumentError} where there is none, or not yet */
function wasmBackend(): Backend {
  const code = wasmCode();
  if (code === null)
    throw new ArgumentError(
      'withBackend: expected the code of "wasm" to be here, got a bundle whose chunk with it has not come (yet); await startThreads(1) first, or leave the choice to "auto"',
    );
  if (code.wasmEngine() === null)
    throw new ArgumentError(
      'withBackend: expected an engine with WebAssembly and 128-bit lanes for "wasm", got one without, or a policy that forbids it; leave the choice to "auto"',
    );
  return code.wasm;
}

/** The names of the backends that exist. */
export type BackendName = "auto" | "reference" | "source" | "wasm";

/**
 * Runs `run` on another backend: `"auto"` (the default: generated loops for small work, WebAssembly for large work),
 * `"reference"` (plain loops), `"source"` (generated loops) or `"wasm"` (WebAssembly with 128-bit lanes for every map,
 * sum, extreme and matrix product of floats, however small). The bits are the same, but for products on `"auto"` after
 * `useBlas`. In a bundle for browsers `"wasm"` is code of its own, which `await startThreads(1)` waits for.
 *
 * @param run synchronous, as the choice ends with it
 * @throws {@link ArgumentError} if there is no backend of that name, or no WebAssembly here (yet), or `run` returns a promise;
 * {@link ShapeError} inside
 * `"wasm"`, if operands are more than its memory can hold (where `"auto"` goes on with ordinary arrays)
 * @example
 * ```ts
 * import { tensor, withBackend } from "@cotangent/core";
 * withBackend("reference", () => tensor([1, 2]).exp().sum().item()) === tensor([1, 2]).exp().sum().item(); // → true
 * ```
 */
export function withBackend<R>(name: BackendName, run: () => R): R {
  const found = typeof name === "string" && Object.hasOwn(backends, name) ? backends[name] : undefined;
  if (found === undefined)
    throw new ArgumentError(`withBackend: expected ${Object.keys(backends).join(" or ")}, got ${describe(name)}`);
  checkFunction("withBackend", run);
  return synchronous("withBackend", withContext({ backend: found() }, run));
}

/** The library that `useBlas` has found, if products run on it now: backends chosen by name know none. */
export function blasInUse(): Blas | null {
  return context.backend === auto ? blas : null;
}

/**
 * Runs `run` without growing the graph: its results want no derivatives in reverse mode. Tangents of `jvp` flow on;
 * `stopGradient` stops both.
 *
 * @param run synchronous: after an `await` the graph would grow again
 * @throws {@link ArgumentError} if `run` is not a function or returns a promise
 * @example
 * ```ts
 * import { noGrad, variable } from "@cotangent/core";
 * const w = variable(2);
 * noGrad(() => w.mul(3)).requiresGrad; // → false
 * ```
 */
export function noGrad<R>(run: () => R): R {
  checkFunction("noGrad", run);
  return synchronous("noGrad", withRecording(false, run));
}

/**
 * Sets the dtype of tensors constructed from plain numbers from now on; operators are not affected.
 *
 * @throws {@link DTypeError} if it is not `"float64"` or `"float32"`
 * @example
 * ```ts
 * import { setDefaultDtype, tensor } from "@cotangent/core";
 * setDefaultDtype("float32");
 * tensor([1]).dtype; // → float32
 * setDefaultDtype("float64");
 * ```
 */
export function setDefaultDtype(dtype: DType): void {
  context.defaultDtype = defaultable("setDefaultDtype", dtype);
}

/**
 * Runs `run` with another default dtype for tensors constructed from plain numbers.
 *
 * @param run synchronous: after an `await` the default would be the one from before
 * @throws {@link DTypeError} if it is not `"float64"` or `"float32"`
 * @throws {@link ArgumentError} if `run` is not a function or returns a promise
 * @example
 * ```ts
 * import { tensor, withDefaultDtype } from "@cotangent/core";
 * withDefaultDtype("float32", () => tensor([1])).dtype; // → float32
 * ```
 */
export function withDefaultDtype<R>(dtype: DType, run: () => R): R {
  const defaultDtype = defaultable("withDefaultDtype", dtype);
  checkFunction("withDefaultDtype", run);
  return synchronous("withDefaultDtype", withContext({ defaultDtype }, run));
}

function defaultable(operator: string, dtype: DType): "float64" | "float32" {
  const known = checkDtype(operator, dtype);
  if (known === "float64" || known === "float32") return known;
  throw new DTypeError(`${operator}: expected "float64" or "float32" as the default, got "${known}"`);
}
