/**
 * The default backend: generated loops for small work, WebAssembly for large work. The bits are the same.
 * @module
 */
import type { Backend, Operand, Work } from "../backend.js";
import type { MapKernel } from "../kernel.js";
import { operandNames, sourceOf } from "../readings/source.js";
import { alone, beside, warn } from "./beside.js";
import { products } from "./blasSlot.js";
import { reference } from "./reference.js";
import { sourceAvailable } from "./source.js";
import { wasmCode } from "#wasm";

/**
 * Work below `least` (elements, or multiplications) is done before WebAssembly has copied it. And a module takes some
 * twenty milliseconds until it is fast, so that a kernel has to have done `patience` of work (instructions of a map,
 * elements, or multiplications) before it gets one: generated loops have lost about as much by then.
 */
const thresholds = {
  map: { least: 256, patience: 2 ** 25 },
  reduce: { least: 2048, patience: 2 ** 23 },
  contract: { least: 4096, patience: 2 ** 24 },
} as const;
type Kind = keyof typeof thresholds;

/** Where operand and output both have fewer elements than this, no product can reach its threshold. */
const small = 64;

/** Without generated loops everything else is slow. */
const eager = !sourceAvailable();

/** What a kernel has done so far, maps by their slots. */
const mapsDone: number[] = [];
const done = { reduce: 0, contract: 0 };

/** Whether work on so many elements, each of some instructions, deserves WebAssembly; and counts it. */
function deserves(kind: Kind, slot: number, elements: number, instructions = 1): boolean {
  const { least, patience } = thresholds[kind];
  if (elements < least) return false;
  if (eager) return true;
  const sum = (kind === "map" ? (mapsDone[slot] ?? 0) : done[kind]) + elements * instructions;
  if (kind === "map") mapsDone[slot] = sum;
  else done[kind] = sum;
  return sum >= patience;
}

/** What an element of a map takes at least, as it has to be read and written; and so long does a wrong guess at a choice. */
const leastInstructions = 8;

/** By slots, how many instructions a map has. */
const instructions: number[] = [];

function instructionsOf<P>({ slot, scalar }: MapKernel<P>): number {
  return (instructions[slot] ??= sourceOf(scalar, operandNames(scalar), "float64").statements.reduce(
    (sum, text) => sum + (text.includes("?") ? leastInstructions : 1),
    0,
  ));
}

/** Elements apart have to be gathered for WebAssembly one by one: then a single instruction is done sooner on the spot. */
function isApart({ layout: { shape, strides } }: Operand): boolean {
  const last = shape.length - 1;
  return last >= 0 && shape[last]! > 1 && strides[last] !== 0 && strides[last] !== 1;
}

function large<P>(kernel: Work<P>, inputs: readonly Operand[], { layout: { size } }: Operand): boolean {
  switch (kernel.kind) {
    case "map": {
      const each = instructionsOf(kernel);
      if (!eager && kernel.parameters === null && each <= 1 && inputs.some(isApart)) return false;
      return deserves("map", kernel.slot, size, Math.max(leastInstructions, each));
    }
    case "reduce":
      return deserves("reduce", 0, inputs[0]!.layout.size);
    case "contract":
      return deserves("contract", 0, size * inputs[0]!.layout.shape.at(-1)!);
    default:
      return false;
  }
}

export const auto: Backend = {
  name: "auto",
  execute(kernel, inputs, params, output) {
    if (products !== null && kernel.kind === "contract" && products.takes(inputs[0]!, inputs[1]!, output))
      return products.run(inputs[0]!, inputs[1]!, output);
    if (output.layout.size < small && (inputs.length === 0 || inputs[0]!.layout.size < small))
      return beside.execute(kernel, inputs, params, output);
    if (large(kernel, inputs, output) && wasmCode()?.runLarge(kernel, inputs, params, output) === true) return;
    beside.execute(kernel, inputs, params, output);
  },
  number: beside.number,
  entry: beside.entry,
  pullback: beside.pullback,
};

/** The fastest backend that works here. */
export function bestBackend(): Backend {
  if (beside !== reference) return auto;
  const rest = alone
    ? "and WebAssembly with 128-bit lanes is missing or forbidden too, so the slow reference backend does everything"
    : "so WebAssembly does large work, and the slower reference backend all other";
  warn(`functions cannot be made from text here (a content security policy forbids it), ${rest}.`);
  return auto;
}
