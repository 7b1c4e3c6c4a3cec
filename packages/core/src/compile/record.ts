/**
 * One recording of a function: for arguments of one pattern.
 * @module
 */
import type { Blas } from "../backends/blasSlot.js";
import { blasInUse, context } from "../context.js";
import type { DType } from "../dtype.js";
import { ArgumentError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { leafPrimitive, untracked } from "../leaf.js";
import { Node } from "../node.js";
import type { Random } from "../random.js";
import { scalarLayout, type Shape } from "../shape.js";
import { scalarTensor, type Tensor } from "../tensor.js";
import { Replay } from "./program.js";
import { changeBetween, neededOf, type Written } from "./purity.js";
import { Trace, type Buffer, type Place } from "./trace.js";
import { fill, matches, noLeaves, patternOf, type Leaves, type Pattern } from "./trees.js";
import { fillerOf, matcherOf, type Filler, type Matcher } from "./treeText.js";

/** What was recorded, ready to run. */
export interface Recorded {
  readonly args: Pattern;
  /** Whether arguments have that pattern. */
  readonly matches: Matcher;
  readonly result: Pattern;
  /** The result of its leaves. */
  readonly fill: Filler;
  readonly defaultDtype: string;
  /** Whether the result depends on variables of the closure. */
  readonly tracked: boolean;
  /** The library that products ran on when it was recorded: constants are computed then. */
  readonly blas: Blas | null;
  /** For every tensor of the result, in order. */
  readonly sources: readonly Source[];
  /** For every generator of the result, its number among those of the program. */
  readonly streams: readonly number[];
  readonly replay: Replay;
  /** What the function was given, and what it wrote down. */
  readonly given: Given;
  readonly written: Written;
}

/** Where a tensor of the result comes from: computed, an argument as it came, or a constant. */
export type Source =
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "constant"; readonly value: Tensor };

/** What a function is given while it is recorded. */
interface Given {
  readonly pattern: Pattern;
  readonly tensors: readonly { readonly dtype: DType; readonly shape: Shape }[];
  readonly generators: number;
}

/** Runs `f` once on handles. @throws {@link GraphError}, {@link ArgumentError} or {@link ShapeError} if that cannot be */
export function record(f: (...args: Arguments) => unknown, pattern: Pattern, leaves: Leaves): Recorded {
  const tensors = leaves.tensors.map(({ dtype, layout: { shape } }) => ({ dtype, shape }));
  const given: Given = { pattern, tensors, generators: leaves.generators.length };
  const { trace, inputs, tracked, ...written } = write(f, given);
  const { result, sources, streams, outputs } = written;
  const replay = new Replay(trace, inputs, outputs);
  const { defaultDtype } = context;
  return {
    args: pattern,
    matches: matcherOf(pattern),
    result,
    fill: fillerOf(result),
    ...{ defaultDtype, tracked, blas: blasInUse(), sources, streams, replay, given, written },
  };
}

/** What another run of `f` would write down that is not what was recorded, in words; `null` if nothing. */
export function changeSince({ given, written }: Recorded, f: (...args: Arguments) => unknown): string | null {
  return changeBetween(written, write(f, given));
}

/** What a run of `f` writes down. */
function write(
  f: (...args: Arguments) => unknown,
  { pattern, tensors, generators: count }: Given,
): Written & { readonly trace: Trace; readonly inputs: readonly Buffer[]; readonly tracked: boolean } {
  const trace = new Trace();
  const handles = tensors.map(({ dtype, shape }, i) => trace.input(i, dtype, shape));
  const generators = Array.from({ length: count }, () => trace.recorder.generator());
  const args = fill(pattern, { tensors: handles, generators }) as Arguments;
  const { id: start } = new Node(leafPrimitive as never, [], undefined);
  const value = trace.run(() => f(...args));
  expectUntouched(pattern, args, { tensors: handles, generators });
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
  const { checks, recorder } = trace;
  return {
    trace,
    inputs: handles.map((x) => trace.placeOf(x).buffer),
    tracked: isOlder(results.tensors, start),
    equations: neededOf(trace.equations, [...outputs, ...checks.map(({ place }) => place)]),
    checks,
    draws: recorder.operations,
    outputs,
    sources,
    streams,
    result,
  };
}

/** Refuses a function that writes to its arguments, which are not those of the caller. */
function expectUntouched(pattern: Pattern, args: Arguments, { tensors, generators }: Leaves): void {
  const now = noLeaves();
  const kept =
    matches(pattern, args, now) &&
    now.tensors.every((x, i) => x === tensors[i]) &&
    now.generators.every((x, i) => x === generators[i]);
  const own = new Set(Object.keys(scalarTensor(scalarLayout, "float64", 0)));
  const written = tensors.flatMap((x) => Object.keys(x).filter((key) => !own.has(key)));
  if (!kept || written.length > 0)
    throw new ArgumentError(
      `compile: expected a function that leaves its arguments as they are, got one that ${kept ? `writes "${written[0]!}" to a tensor` : "puts others in their places"}; return what is new`,
    );
}

/** Whether there is a way through the graph from one of these to a node made before number `start`. */
function isOlder(results: readonly Tensor[], start: number): boolean {
  const nodes = new Set<Node>();
  const add = (x: Tensor): unknown => x.node !== null && nodes.add(x.node);
  results.forEach(add);
  for (const node of nodes) {
    if (node.id < start) return true;
    node.inputs.forEach(add);
  }
  return false;
}

/** The leaves of the result, of what was computed and of the program's generators. */
export function resultsOf(
  { sources, streams }: Recorded,
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  generators: readonly Random[],
): Leaves {
  const leaves = noLeaves();
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    if (source.kind === "output") leaves.tensors.push(outputs[source.index]!);
    else leaves.tensors.push(source.kind === "argument" ? args[source.index]! : source.value);
  }
  for (let i = 0; i < streams.length; i++) leaves.generators.push(generators[streams[i]!]!);
  return leaves;
}

/** Whether the function would be recorded the same way now. */
export function isCurrent({ defaultDtype, blas }: Recorded): boolean {
  return defaultDtype === context.defaultDtype && blas === blasInUse();
}

/** Whether derivatives by one of them are wanted, which a program does not hand on. */
export function isTracked(tensors: readonly Tensor[]): boolean {
  if (context.recording) for (let i = 0; i < tensors.length; i++) if (tensors[i]!.origin !== null) return true;
  return false;
}
