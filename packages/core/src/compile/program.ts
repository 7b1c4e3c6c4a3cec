/**
 * A recorded function, ready to be run: its steps over one block of memory.
 * @module
 */
import type { Operand } from "../backend.js";
import { wasmEngine, type Engine } from "../backends/wasmEngine.js";
import { newArray, type TypedArray } from "../dtype.js";
import type { Random } from "../random.js";
import { contiguousLayout, type Layout } from "../shape.js";
import { allocate, allocatedOffset } from "../storage.js";
import { expectElements, scalarTensor, Tensor } from "../tensor.js";
import { drawAgain, type Operation } from "./draws.js";
import { fuse, isWhole, type Step } from "./fuse.js";
import { bytesOf, planMemory, type Memory, type MemoryPlan } from "./memory.js";
import { runnerOf, runnersOf } from "./runners.js";
import { withoutShortProduct } from "./shortProduct.js";
import { tiled } from "./tile.js";
import type { Buffer, Check, Place, Trace } from "./trace.js";

/** What a program consists of, for `toString`. */
export interface ProgramPlan {
  readonly steps: readonly Step[];
  readonly memory: MemoryPlan;
  readonly draws: readonly Operation[];
}

/** A result, and the layout of its copy. */
interface Result extends Operand {
  readonly dense: Layout;
}

/** The result, and whether its copy shares room with others. */
interface Output extends Result {
  readonly shared: boolean;
}

/** Results of up to so many bytes share room with others. */
const sharedBytes = 16384;

/** Gives back what programs that nobody can reach any more take up of the memory that threads share. */
const unused = new FinalizationRegistry<Memory>((memory) => memory.release());

/** A program for arguments of fixed shapes and dtypes. */
export class Replay {
  readonly plan: ProgramPlan;
  readonly #inputs: readonly (TypedArray | null)[];
  /** The argument whose elements stand in the place of each input. */
  readonly #present: (Tensor | null)[];
  /** Where random numbers go. */
  readonly #rooms: readonly (TypedArray | null)[];
  readonly #outputs: readonly Output[];
  readonly #apart: readonly boolean[];
  /** Looks at arguments, by their numbers, and at what was computed. */
  readonly #argumentChecks: readonly (readonly ((x: Tensor) => void)[])[];
  readonly #resultChecks: readonly {
    readonly operand: Operand & { readonly dense: Layout };
    readonly look: (x: Tensor) => void;
  }[];
  readonly #steps: readonly (() => void)[];
  /** Whose state stands in the memory between steps. */
  #tenant: { leave(): void } | null = null;
  /** Whether steps are under way: a function that looks at values may call whatever it likes. */
  running = false;
  /** What computed when it was made: another one may have other threads, or none. */
  readonly #engine: Engine | null = wasmEngine();
  readonly #memory: Memory;
  #disposed = false;

  /** @throws {@link ShapeError} if it does not fit into memory */
  constructor(trace: Trace, inputs: readonly Buffer[], outputs: readonly Place[]) {
    // A look at an argument as it came is a look at the caller's tensor.
    const ofArgument = ({ place }: Check, buffer: Buffer): boolean => place.buffer === buffer && isWhole(place);
    const computed = trace.checks.filter((check) => !inputs.some((buffer) => ofArgument(check, buffer)));
    const returned = new Set([...outputs, ...computed.map(({ place }) => place)].map(({ buffer }) => buffer));
    const steps = tiled(fuse(trace.equations.map(withoutShortProduct), [...returned]), returned);
    const kept = new Set<Buffer>();
    const keep = (buffer: Buffer): void => {
      if (buffer.origin.kind !== "equation") kept.add(buffer);
    };
    for (const { equations } of steps)
      for (const { inputs } of equations) for (const place of inputs) keep(place.buffer);
    returned.forEach(keep);
    const plan = planMemory(steps, [...kept], returned);
    const { memory, runners } = runnersOf(steps, plan);
    this.#memory = memory;
    // Memory of its own goes with the program; here it would be held until the loop that makes programs comes to its end.
    if (memory.engine !== null) unused.register(this, memory, this);
    const views = new Map<Buffer, TypedArray>();
    const viewOf = (buffer: Buffer): TypedArray => {
      let view = views.get(buffer);
      if (view === undefined)
        views.set(buffer, (view = memory.view(buffer.dtype, memory.base + plan.addresses.get(buffer)!, buffer.size)));
      return view;
    };
    for (const buffer of kept)
      if (buffer.origin.kind === "constant") {
        const { data, offset } = buffer.origin;
        viewOf(buffer).set(data.subarray(offset, offset + buffer.size));
      }
    const operandOf = ({ buffer, offset, layout, dtype }: Place): Operand => ({
      data: viewOf(buffer),
      offset,
      layout,
      dtype,
    });
    this.plan = { steps, memory: plan, draws: trace.recorder.operations };
    const roomOf = (buffer: Buffer): TypedArray | null => (kept.has(buffer) ? viewOf(buffer) : null);
    this.#inputs = inputs.map(roomOf);
    this.#rooms = trace.drawn.map(roomOf);
    this.#present = inputs.map(() => null);
    this.#outputs = outputs.map((place) => {
      const { size, shape } = place.layout;
      const dense = contiguousLayout(shape);
      const shared = shape.length > 0 && size * bytesOf[place.dtype] <= sharedBytes;
      return { ...operandOf(place), dense, shared };
    });
    this.#apart = outputs.map(({ buffer }) => buffer.origin.kind !== "input");
    this.#argumentChecks = inputs.map((buffer) =>
      trace.checks.filter((check) => ofArgument(check, buffer)).map(({ look }) => look),
    );
    this.#resultChecks = computed.map(({ place, look }) => ({
      operand: { ...operandOf(place), dense: contiguousLayout(place.layout.shape) },
      look,
    }));
    this.#steps = steps.map((step, i) => runners[i] ?? runnerOf(step, viewOf, operandOf));
  }

  /** Whether the function is to be recorded again: threads are others now, or the memory is no longer there. */
  get outdated(): boolean {
    return this.#disposed || this.#engine !== wasmEngine();
  }

  /** Gives the memory back, unless it is in use now. */
  dispose(): void {
    if (this.running || this.#disposed) return;
    this.enter(null);
    this.#disposed = true;
    unused.unregister(this);
    this.#memory.release();
  }

  /** Takes the memory over for a state that is to stay, or for one call; who was there copies its state out. */
  enter(tenant: { leave(): void } | null): void {
    if (this.#tenant !== null && this.#tenant !== tenant) this.#tenant.leave();
    this.#tenant = tenant;
  }

  /** Copies arguments in, from number `first` on, but those that are there already. */
  #load(inputs: readonly Tensor[], first: number): void {
    for (let i = first; i < inputs.length; i++) {
      const x = inputs[i]!;
      if (this.#present[i] === x) continue;
      const looks = this.#argumentChecks[i]!;
      for (let j = 0; j < looks.length; j++) looks[j]!(x);
      const target = this.#inputs[i]!;
      if (target === null) continue;
      const { data, offset, layout } = x;
      if (typeof data === "number") target[0] = data;
      else {
        expectElements(x);
        if (!layout.contiguous) target.set(x.toTypedArray());
        else if (layout.size > small) target.set(data.subarray(offset, offset + layout.size));
        else for (let j = 0; j < layout.size; j++) target[j] = data[offset + j]!;
      }
      this.#present[i] = x;
    }
  }

  /**
   * Runs all steps once, on arguments, those before number `first` where they stand, and on numbers drawn from
   * `generators`; returns these and those made of them.
   */
  run(inputs: readonly Tensor[], first: number, generators: readonly Random[]): readonly Random[] {
    const steps = this.#steps;
    const { draws } = this.plan;
    this.running = true;
    try {
      this.#load(inputs, first);
      const all = draws.length === 0 ? generators : drawAgain(draws, this.#rooms, generators);
      for (let i = 0; i < steps.length; i++) steps[i]!();
      for (let i = 0; i < this.#resultChecks.length; i++) {
        const { operand, look } = this.#resultChecks[i]!;
        look(taken(operand));
      }
      return all;
    } finally {
      this.running = false;
    }
  }

  /** Puts results in the places of arguments, for another step; `feeds` says which result, or that the argument stays. */
  feed(feeds: readonly (number | "stays")[]): void {
    for (let i = 0; i < feeds.length; i++) {
      const target = this.#inputs[i]!;
      const from = feeds[i]!;
      if (target === null || from === "stays") continue;
      this.#present[i] = null;
      copyInto(this.#outputs[from]!, target, 0);
    }
  }

  /** Whether a result stands apart from all arguments, so that these can be overwritten before it is read. */
  isApart(output: number): boolean {
    return this.#apart[output]!;
  }

  /** Copies of the results. */
  results(): Tensor[] {
    const outputs = this.#outputs;
    const results = new Array<Tensor>(outputs.length);
    for (let i = 0; i < outputs.length; i++) {
      const output = outputs[i]!;
      if (!output.shared) results[i] = taken(output);
      else {
        const room = allocate(output.dtype, output.dense.size);
        results[i] = copied(output, room, allocatedOffset);
      }
    }
    return results;
  }
}

/** Fewer elements than this are copied faster one by one than by `set`. */
const small = 16;

function copyInto({ data, offset, layout, dtype }: Operand, target: TypedArray, start: number): void {
  if (layout.size <= small && layout.contiguous)
    for (let j = 0; j < layout.size; j++) target[start + j] = data[offset + j]!;
  else if (layout.contiguous) target.set(data.subarray(offset, offset + layout.size), start);
  else target.set(new Tensor(layout, dtype, data, offset).toTypedArray(), start);
}

function copied(output: Result, room: TypedArray, start: number): Tensor {
  copyInto(output, room, start);
  return new Tensor(output.dense, output.dtype, room, start);
}

/** A copy in room of its own; a single number needs none. */
function taken(output: Result): Tensor {
  const { dense, dtype, data, offset } = output;
  if (dense.shape.length === 0) return scalarTensor(dense, dtype, data[offset]!);
  return copied(output, newArray(dtype, dense.size), 0);
}
