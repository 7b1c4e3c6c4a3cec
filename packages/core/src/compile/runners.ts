/**
 * The steps of a program as functions over its memory.
 * @module
 */
import type { Operand } from "../backend.js";
import { products } from "../backends/blasSlot.js";
import { bind, roomOf } from "../backends/jobs.js";
import { whole } from "../backends/parts.js";
import { sourceAvailable } from "../backends/source.js";
import { groupModule, wasmEngine } from "../backends/wasmEngine.js";
import type { GroupName } from "../backends/wasmGroups.js";
import { NoRoom } from "../backends/wasmHeap.js";
import { instantiate, type WasmFunctions } from "../backends/wasmModule.js";
import { context } from "../context.js";
import type { TypedArray } from "../dtype.js";
import type { Precision } from "../scalar.js";
import type { Step } from "./fuse.js";
import { loopOf } from "./loop.js";
import { Memory, type MemoryPlan } from "./memory.js";
import { shortestTape, tapeOf } from "./tape.js";
import { thinProduct } from "./thinProduct.js";
import { isTiled, tileOf } from "./tile.js";
import type { Buffer, Equation, Place } from "./trace.js";
import { runsOnBlas, wasmKernel, type Surroundings, type WasmKernel } from "./wasmKernel.js";
import { Loops, readAhead, wasmLoop } from "./wasmLoop.js";

/** The memory of a program, and the steps that WebAssembly runs in it. */
interface Runners {
  readonly memory: Memory;
  readonly runners: readonly ((() => void) | null)[];
}

/** Over memory that threads share, if there is room in it: memory of its own has all addresses. */
export function runnersOf(steps: readonly Step[], plan: MemoryPlan): Runners {
  try {
    return runnersIn(steps, plan, true);
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error;
    return runnersIn(steps, plan, false);
  }
}

function runnersIn(steps: readonly Step[], plan: MemoryPlan, shared: boolean): Runners {
  const addressOf = (buffer: Buffer): number => plan.addresses.get(buffer)!;
  const made = new Loops((shared ? wasmEngine()?.cut : null) ?? whole);
  // Where there are such steps the memory begins at address 0.
  const tiles = steps.map((step, i) => (isTiled(step) ? tileOf(made, `step${i}`, step, addressOf, plan.bytes) : null));
  const memory = new Memory(plan.bytes + Math.max(0, ...tiles.map((tile) => tile?.scratch ?? 0)) + readAhead, shared);
  const { wasm, base } = memory;
  if (wasm === null) return { memory, runners: [] };
  const placeOf = (buffer: Buffer): number => base + addressOf(buffer);
  const kernels = steps.map((step, i): WasmKernel | null => {
    if (tiles[i] !== null) return tiles[i]!.kernel;
    if (step.equations[0]!.kernel.kind === "map") return wasmLoop(made, `step${i}`, step, placeOf);
    if (step.equations.length > 1) return null;
    const [equation] = step.equations as [Equation];
    return thinProduct(made, `step${i}`, equation, placeOf) ?? wasmKernel(equation);
  });
  try {
    return { memory, runners: boundTo(memory, kernels, made, placeOf) };
  } catch (error) {
    memory.release();
    throw error;
  }
}

/** The kernels as functions over the memory. @throws `NoRoom` or {@link ShapeError} if there is no room for their work */
function boundTo(
  memory: Memory,
  kernels: readonly (WasmKernel | null)[],
  made: Loops,
  addressOf: (buffer: Buffer) => number,
): readonly ((() => void) | null)[] {
  const { engine } = memory;
  const wasm = memory.wasm!;
  const loops = made.functions.length > 0 ? memory.functions(made.functions) : {};
  const groups = new Map<object, WasmFunctions>();
  const functions = (group: GroupName, precision: Precision): WasmFunctions => {
    const module = groupModule(group, precision, engine !== null);
    let made = groups.get(module);
    if (made === undefined) groups.set(module, (made = instantiate(module, wasm)));
    return made;
  };
  const partials = engine?.partials ?? null;
  const around: Surroundings = { addressOf, functions, loops, cut: made.cut, partials };
  const works = kernels.map((kernel) => (kernel?.kind === "work" ? kernel.make(around) : null));
  const bytes = works.map((work) => (work === null ? 0 : (engine?.roomFor(work) ?? roomOf(work, 1))));
  const room = memory.room(Math.max(0, ...bytes));
  const all = { ...around, view: memory.view.bind(memory) };
  return kernels.map((kernel, i) => {
    const work = works[i]!;
    if (work !== null) return bind(work, room, engine?.crew ?? null);
    return kernel?.kind === "run" ? kernel.make(all) : null;
  });
}

/** A step that WebAssembly does not run. */
export function runnerOf(
  { equations, stored }: Step,
  viewOf: (buffer: Buffer) => TypedArray,
  operandOf: (place: Place) => Operand,
): () => void {
  const [equation] = equations;
  const { kernel, inputs, params, output } = equation!;
  if (kernel.kind === "map" && sourceAvailable())
    return equations.length >= shortestTape && output.layout.shape.length === 0
      ? tapeOf({ equations, stored }, viewOf)
      : loopOf({ equations, stored }, viewOf);
  const operands = inputs.map(operandOf);
  const result = operandOf(output);
  if (runsOnBlas(equation!)) {
    const { run } = products!;
    return () => run(operands[0]!, operands[1]!, result);
  }
  const { backend } = context;
  // These count on memory that is all zero.
  if (kernel.kind === "assemble" || kernel.kind === "routine")
    return () => {
      result.data.fill(0);
      backend.execute(kernel, operands, params, result);
    };
  return () => backend.execute(kernel, operands, params, result);
}
