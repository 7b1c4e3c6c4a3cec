/**
 * Whether a function still computes what was recorded: it is written down again, and compared.
 * @module
 */
import { Random } from "../random.js";
import { sameShape, showShape } from "../shape.js";
import { Tensor } from "../tensor.js";
import type { Operation } from "./draws.js";
import type { Source } from "./record.js";
import type { Buffer, Check, Equation, Place } from "./trace.js";
import { difference, type Pattern } from "./trees.js";

/** What a run of a function has written down, as far as something needs it. */
export interface Written {
  readonly equations: readonly Equation[];
  readonly checks: readonly Check[];
  readonly draws: readonly Operation[];
  readonly outputs: readonly Place[];
  readonly sources: readonly Source[];
  readonly streams: readonly number[];
  readonly result: Pattern;
}

/** The equations that outputs and looks at values need. */
export function neededOf(equations: readonly Equation[], roots: readonly Place[]): readonly Equation[] {
  const needed = new Uint8Array(equations.length);
  const need = ({ buffer: { origin } }: Place): void => {
    if (origin.kind === "equation") needed[origin.index] = 1;
  };
  roots.forEach(need);
  for (let i = equations.length - 1; i >= 0; i--) if (needed[i] === 1) equations[i]!.inputs.forEach(need);
  return equations.filter((_, i) => needed[i] === 1);
}

/** The first difference, in words; `null` if there is none. */
export function changeBetween(before: Written, now: Written): string | null {
  const returned = difference(before.result, now.result);
  if (returned !== null) return `it returns ${returned.split(";")[0]!}`;
  const compared = new Comparison();
  return (
    drawsChange(before.draws, now.draws) ??
    compared.equations(before.equations, now.equations) ??
    compared.places(before.checks, now.checks) ??
    compared.results(before, now) ??
    (before.streams.join() === now.streams.join() ? null : "it returns another generator")
  );
}

class Comparison {
  /** By the numbers of buffers before, what they are now. */
  readonly #partners: Buffer[] = [];

  equations(before: readonly Equation[], now: readonly Equation[]): string | null {
    for (let i = 0; i < Math.min(before.length, now.length); i++) {
      const [a, b] = [before[i]!, now[i]!];
      const change = this.#equation(a, b);
      if (change !== null) return change;
      this.#partners[a.output.buffer.id] = b.output.buffer;
    }
    return before.length === now.length ? null : `it had ${before.length} operators and has ${now.length}`;
  }

  #equation(a: Equation, b: Equation): string | null {
    const shapes = sameShape(a.output.layout.shape, b.output.layout.shape) && a.output.dtype === b.output.dtype;
    if (a.name !== b.name || a.inputs.length !== b.inputs.length || !isSameKernel(a.kernel, b.kernel))
      return a.name === b.name ? `${a.name} works in another way` : `${a.name} has become ${b.name}`;
    if (!shapes)
      return `the result of ${a.name} was ${a.output.dtype} ${showShape(a.output.layout.shape)} and is ${b.output.dtype} ${showShape(b.output.layout.shape)}`;
    for (let i = 0; i < a.inputs.length; i++) {
      const change = this.#place(a.inputs[i]!, b.inputs[i]!, `in ${a.name}`);
      if (change !== null) return change;
    }
    return isAlike(a.params, b.params) ? null : `${a.name} has other options`;
  }

  places(before: readonly Check[], now: readonly Check[]): string | null {
    if (before.length !== now.length) return `it looked at ${before.length} tensors and looks at ${now.length}`;
    for (let i = 0; i < before.length; i++) {
      const change = this.#place(before[i]!.place, now[i]!.place, "in checkValues");
      if (change !== null) return change;
    }
    return null;
  }

  results(before: Written, now: Written): string | null {
    const where = "in the result";
    for (let i = 0; i < before.sources.length; i++) {
      const [a, b] = [before.sources[i]!, now.sources[i]!];
      let change: string | null = null;
      if (a.kind === "constant" && b.kind === "constant")
        change = constantChange(a.value.toTypedArray(), 0, b.value.toTypedArray(), 0, a.value.size, where);
      else if (a.kind === "output" && b.kind === "output")
        change = this.#place(before.outputs[a.index]!, now.outputs[b.index]!, where);
      else if (a.kind !== b.kind || (a as { index: number }).index !== (b as { index: number }).index)
        change = `${sources[a.kind]} ${where} has become ${sources[b.kind]}`;
      if (change !== null) return change;
    }
    return null;
  }

  #place(a: Place, b: Place, where: string): string | null {
    const [from, to] = [a.buffer.origin, b.buffer.origin];
    if (from.kind === "constant" && to.kind === "constant" && a.buffer.size === b.buffer.size) {
      const change = constantChange(from.data, from.offset, to.data, to.offset, a.buffer.size, where);
      if (change !== null) return change;
    } else if (from.kind !== to.kind || !this.#isPartner(a.buffer, b.buffer))
      return `an operand ${where} comes from elsewhere`;
    const same =
      a.dtype === b.dtype &&
      a.offset === b.offset &&
      sameShape(a.layout.shape, b.layout.shape) &&
      sameShape(a.layout.strides, b.layout.strides);
    return same ? null : `another part of an operand is read ${where}`;
  }

  #isPartner(a: Buffer, b: Buffer): boolean {
    const [from, to] = [a.origin, b.origin];
    if (from.kind === "equation") return this.#partners[a.id] === b;
    return from.kind !== "constant" && to.kind === from.kind && to.index === from.index;
  }
}

const sources: Readonly<Record<Source["kind"], string>> = {
  output: "what is computed",
  argument: "an argument",
  constant: "a constant",
};

type Numbers = Readonly<ArrayLike<number>>;

function constantChange(
  a: Numbers,
  start: number,
  b: Numbers,
  from: number,
  size: number,
  where: string,
): string | null {
  if (a === b && start === from) return null;
  for (let i = 0; i < size; i++)
    if (!Object.is(a[start + i], b[from + i]))
      return `${size === 1 ? "the number" : `number ${i + 1} of ${size} in a constant`} ${where} was ${shown(a[start + i]!)} and is ${shown(b[from + i]!)}`;
  return null;
}

function shown(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

/** A generator that forks and splits are tried on: what they are asked for shows in what they give. */
const trial = (): Random => new Random("trial", true);

function drawsChange(before: readonly Operation[], now: readonly Operation[]): string | null {
  for (let i = 0; i < Math.min(before.length, now.length); i++) {
    const [a, b] = [before[i]!, now[i]!];
    if (a.kind === "draw" && b.kind === "draw") {
      if (a.name !== b.name) return `${a.name} has become ${b.name}`;
      const same = a.from === b.from && a.dtype === b.dtype && sameShape(a.shape, b.shape);
      if (!same || !isAlike(a.draw.parameters, b.draw.parameters)) return `${a.name} draws other numbers`;
    } else {
      const made = (x: Operation): unknown => (x.kind === "branch" ? [x.from, x.how(trial()).state()] : null);
      if (!isAlike(made(a), made(b))) return "another generator is made by fork or split";
    }
  }
  return before.length === now.length ? null : `it had ${before.length} draws and has ${now.length}`;
}

/** Maps that are made anew have other slots. */
function isSameKernel(a: Equation["kernel"], b: Equation["kernel"]): boolean {
  return a === b || isAlike({ ...a, slot: 0 }, { ...b, slot: 0 });
}

/** Whether two values say the same; functions that are made at every call do if their texts are equal. */
function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === "function" && typeof b === "function") return String(a) === String(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Tensor || a instanceof Random) return false;
  if (a instanceof Map || a instanceof Set) return isAlike([...a], [...(b as Iterable<unknown>)]);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isAlike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
