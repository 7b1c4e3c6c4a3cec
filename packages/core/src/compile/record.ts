/**
 * One recording of a function: for arguments of one pattern.
 * @module
 */
import type { Blas } from "../backends/blas.js";
import { blasInUse, context } from "../context.js";
import { ArgumentError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { untracked } from "../leaf.js";
import type { Random } from "../random.js";
import type { Tensor } from "../tensor.js";
import { Replay } from "./program.js";
import { Trace, type Place } from "./trace.js";
import { fill, noLeaves, patternOf, type Leaves, type Pattern } from "./trees.js";

/** What was recorded, ready to run. */
export interface Recorded {
  readonly args: Pattern;
  readonly result: Pattern;
  readonly defaultDtype: string;
  /** The library that products ran on when it was recorded: constants are computed then. */
  readonly blas: Blas | null;
  /** For every tensor of the result, in order. */
  readonly sources: readonly Source[];
  /** For every generator of the result, its number among those of the program. */
  readonly streams: readonly number[];
  readonly replay: Replay;
}

/** Where a tensor of the result comes from: computed, an argument as it came, or a constant. */
type Source =
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "constant"; readonly value: Tensor };

/** Runs `f` once on handles. @throws {@link GraphError}, {@link ArgumentError} or {@link ShapeError} if that cannot be */
export function record(f: (...args: Arguments) => unknown, pattern: Pattern, leaves: Leaves): Recorded {
  const trace = new Trace();
  const handles = leaves.tensors.map(({ dtype, layout }, i) => trace.input(i, dtype, layout.shape));
  const generators = leaves.generators.map(() => trace.recorder.generator());
  const value = trace.run(() => f(...(fill(pattern, { tensors: handles, generators }) as Arguments)));
  const results = noLeaves();
  const result = patternOf("a function whose result is", value, results);
  const outputs: Place[] = [];
  const placed = new Map<Tensor, Source>();
  const sources = results.tensors.map((x): Source => {
    const argument = handles.indexOf(x);
    if (argument >= 0) return { kind: "argument", index: argument };
    if (!trace.isOpen(x)) return { kind: "constant", value: untracked(x) };
    const known = placed.get(x);
    if (known !== undefined) return known;
    const source: Source = { kind: "output", index: outputs.push(trace.placeOf(x)) - 1 };
    placed.set(x, source);
    return source;
  });
  const streams = results.generators.map((generator) => {
    const number = trace.recorder.numberOf(generator);
    if (number === undefined)
      throw new ArgumentError(
        "compile: expected generators in the result that are arguments or made of them by fork and split, got another one",
      );
    return number;
  });
  const inputs = handles.map((x) => trace.placeOf(x).buffer);
  const replay = new Replay(trace, inputs, outputs);
  const { defaultDtype } = context;
  return { args: pattern, result, defaultDtype, blas: blasInUse(), sources, streams, replay };
}

/** The result, of what was computed and of the program's generators. */
export function resultOf(
  { result, sources, streams }: Recorded,
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  generators: readonly Random[],
): Leaves & { readonly value: unknown } {
  const leaves = {
    tensors: sources.map((source) =>
      source.kind === "output"
        ? outputs[source.index]!
        : source.kind === "argument"
          ? args[source.index]!
          : source.value,
    ),
    generators: streams.map((number) => generators[number]!),
  };
  return { ...leaves, value: fill(result, leaves) };
}

/** Whether derivatives by one of them are wanted, which a program does not hand on. */
export function isTracked(tensors: readonly Tensor[]): boolean {
  if (context.recording) for (let i = 0; i < tensors.length; i++) if (tensors[i]!.node !== null) return true;
  return false;
}
