/**
 * One recording of a function: for arguments of one pattern.
 * @module
 */
import type { Blas } from "../backends/blasSlot.js";
import { blasInUse, context } from "../context.js";
import { ArgumentError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { leafPrimitive, untracked } from "../leaf.js";
import { Node } from "../node.js";
import type { Random } from "../random.js";
import { scalarLayout } from "../shape.js";
import { scalarTensor, type Tensor } from "../tensor.js";
import { Replay } from "./program.js";
import { Trace, type Place } from "./trace.js";
import { fill, matches, noLeaves, patternOf, type Leaves, type Pattern } from "./trees.js";

/** What was recorded, ready to run. */
export interface Recorded {
  readonly args: Pattern;
  readonly result: Pattern;
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
  const inputs = handles.map((x) => trace.placeOf(x).buffer);
  const replay = new Replay(trace, inputs, outputs);
  const tracked = isOlder(results.tensors, start);
  const { defaultDtype } = context;
  return { args: pattern, result, defaultDtype, tracked, blas: blasInUse(), sources, streams, replay };
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

/** Whether the function would be recorded the same way now. */
export function isCurrent({ defaultDtype, blas }: Recorded): boolean {
  return defaultDtype === context.defaultDtype && blas === blasInUse();
}

/** Whether derivatives by one of them are wanted, which a program does not hand on. */
export function isTracked(tensors: readonly Tensor[]): boolean {
  if (context.recording) for (let i = 0; i < tensors.length; i++) if (tensors[i]!.origin !== null) return true;
  return false;
}
