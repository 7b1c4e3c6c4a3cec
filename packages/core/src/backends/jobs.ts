/**
 * Work made ready to be run: as bound functions for this thread, and as numbers for those beside it.
 * @module
 */
import { InRoom, type Call, type Part, type Work } from "./parts.js";
import { jobNumbers, type Pool } from "./threadPool.js";
import { jobStart } from "./threadPlaces.js";
import { originOf, type WasmModule } from "./wasmModule.js";

/** Threads, and where they find modules. */
export interface Crew {
  readonly pool: Pool;
  /** Where the bytes of a module stand in the memory. */
  addressOf(module: WasmModule): number;
}

const roomStep = 64;

/** Bytes from the room of one thread to that of the next one. */
const stepOf = ({ room }: Work): number => Math.ceil(room / roomStep) * roomStep;

/** Bytes of room for so many threads. */
export const roomOf = (work: Work, threads: number): number => threads * stepOf(work);

/** The same numbers that tell modules apart in every thread. */
const ids = new WeakMap<WasmModule, number>();
let nextId = 0;

function idOf(module: WasmModule): number {
  let id = ids.get(module);
  if (id === undefined) ids.set(module, (id = nextId++));
  return id;
}

/** What this thread does for a part, in the room at `room`. */
function own(part: Part, room: number): () => void {
  const calls = part.map(({ run, args }) =>
    args.length === 0
      ? (run as () => void)
      : run.bind(null, ...args.map((arg) => (arg instanceof InRoom ? room + arg.offset : arg))),
  );
  if (calls.length === 1) return calls[0]!;
  return () => {
    for (let i = 0; i < calls.length; i++) calls[i]!();
  };
}

/** A call in numbers; `null` where the function cannot run in other threads. */
function numbersOf({ run, args }: Call, crew: Crew): readonly number[] | null {
  const origin = originOf(run);
  if (origin === undefined) return null;
  const { module, index } = origin;
  const inRoom = args.reduce<number>((bits, arg, i) => (arg instanceof InRoom ? bits | (1 << i) : bits), 0);
  const head = [idOf(module), crew.addressOf(module), module.bytes.length, index, args.length, inRoom];
  return [...head, ...args.map((arg) => (arg instanceof InRoom ? arg.offset : arg))];
}

/** The numbers of a part; `null` where others cannot do it. */
function partNumbers(part: Part, crew: Crew): readonly number[] | null {
  const numbers = [part.length];
  for (const call of part) {
    const list = numbersOf(call, crew);
    if (list === null) return null;
    numbers.push(...list);
  }
  return numbers;
}

/** So many parts in a row as one job has room for. */
function jobOf(parts: readonly (readonly number[])[], base: number, step: number): Float64Array {
  const numbers = [base, step, parts.length];
  let at = jobStart.parts + parts.length;
  for (const part of parts) {
    numbers.push(at);
    at += part.length;
  }
  return Float64Array.from(numbers.concat(...parts));
}

/** The parts as functions, one after the other, of which some put up a job for all threads. */
function stepsOf(parts: readonly Part[], room: number, step: number, crew: Crew | null): readonly (() => void)[] {
  const mine = parts.map((part) => own(part, room));
  if (crew === null || parts.length < 2) return mine;
  const list = parts.map((part) => partNumbers(part, crew));
  if (list.some((part) => part === null || part.length + jobStart.parts + 1 > jobNumbers)) return mine;
  const steps: (() => void)[] = [];
  for (let from = 0, to = 0; from < parts.length; from = to) {
    let length: number = jobStart.parts;
    while (to < parts.length && length + 1 + list[to]!.length <= jobNumbers) length += 1 + list[to++]!.length;
    const job = jobOf(list.slice(from, to) as number[][], room, step);
    const some = mine.slice(from, to);
    steps.push(() => crew.pool.run(job, some));
  }
  return steps;
}

/** A function that does the work, with the room of all threads at `room`; threads of the crew help if there is one. */
export function bind(work: Work, room: number, crew: Crew | null): () => void {
  const steps = [...stepsOf(work.parts, room, stepOf(work), crew)];
  if (work.finish !== undefined) steps.push(work.finish);
  if (steps.length === 1) return steps[0]!;
  return () => {
    for (let i = 0; i < steps.length; i++) steps[i]!();
  };
}
