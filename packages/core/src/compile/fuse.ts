/**
 * Equations gathered into steps: elementwise ones that can run in one loop become one step, the others stand alone.
 * @module
 */
import { sourceAvailable } from "../backends/source.js";
import { sameShape, type Shape } from "../shape.js";
import type { Buffer, Equation, Place } from "./trace.js";

/** Equations that run together, in order; several are elementwise over one shape, or reduce what these make (`tile.ts`). */
export interface Step {
  readonly equations: readonly Equation[];
  /** What the step leaves behind: results that later steps or the caller read. */
  readonly stored: readonly Buffer[];
}

/** A loop with more equations than this gains nothing and is compiled slowly; of single numbers, a tape takes any number. */
const most = 60;

class Group {
  readonly members: Equation[] = [];
  /** Groups whose results are read. */
  readonly reads = new Set<Group>();
  /** Of these, groups that must have run before, as their elements are read elsewhere than they stand. */
  readonly readsAway = new Set<Group>();
  /** The group that has taken this one over. */
  into: Group | null = null;

  constructor(readonly shape: Shape | null) {}
}

function current(group: Group): Group {
  let at = group;
  while (at.into !== null) at = at.into;
  return at;
}

/** Whether each element is read where it stands. */
export function isWhole({ buffer, offset, layout }: Place): boolean {
  return offset === 0 && layout.contiguous && layout.size === buffer.size;
}

class Fusion {
  /** Where no loops can be generated, every equation is a step of its own. */
  readonly #loops = sourceAvailable();
  readonly #groups: Group[] = [];
  readonly #of = new Map<Buffer, Group>();
  /** The latest group of single numbers, which others may join without reading from it. */
  #numbers: Group | null = null;

  add(equation: Equation): void {
    const { kernel, output, inputs } = equation;
    const shape = kernel.kind === "map" ? output.layout.shape : null;
    const own = new Group(shape);
    own.members.push(equation);
    for (const input of inputs) {
      const made = this.#of.get(input.buffer);
      if (made === undefined) continue;
      own.reads.add(current(made));
      if (!isWhole(input)) own.readsAway.add(current(made));
    }
    this.#groups.push(own);
    let group = own;
    if (shape !== null && this.#loops) {
      for (const input of inputs) {
        const made = this.#of.get(input.buffer);
        if (made !== undefined && isWhole(input)) group = this.#join(current(made), group);
      }
      if (shape.length === 0) {
        if (this.#numbers !== null) group = this.#join(current(this.#numbers), group);
        this.#numbers = group;
      }
    }
    this.#of.set(output.buffer, group);
  }

  /** One group of both, where that makes no cycle; else the second. */
  #join(a: Group, b: Group): Group {
    if (a === b) return b;
    if (a.shape === null || b.shape === null || !sameShape(a.shape, b.shape)) return b;
    if (a.shape.length > 0 && a.members.length + b.members.length > most) return b;
    if ([...b.readsAway].some((x) => current(x) === a) || [...a.readsAway].some((x) => current(x) === b)) return b;
    const around = (from: Group, to: Group): boolean =>
      this.#readsOf(from).some((x) => x !== to && this.#reaches(x, to));
    if (around(a, b) || around(b, a)) return b;
    a.members.push(...b.members);
    for (const read of b.reads) a.reads.add(read);
    for (const read of b.readsAway) a.readsAway.add(read);
    b.into = a;
    return a;
  }

  #readsOf(group: Group): Group[] {
    const reads = new Set<Group>();
    for (const read of group.reads) {
      const now = current(read);
      if (now !== group) reads.add(now);
    }
    return [...reads];
  }

  #reaches(from: Group, to: Group): boolean {
    const seen = new Set<Group>([from]);
    for (const group of seen) {
      if (group === to) return true;
      for (const read of this.#readsOf(group)) seen.add(read);
    }
    return false;
  }

  /** The groups, each after those whose results it reads. */
  sorted(): Group[] {
    const done = new Set<Group>();
    const order: Group[] = [];
    for (const start of this.#groups) {
      const stack = [current(start)];
      while (stack.length > 0) {
        const group = stack.at(-1)!;
        const open = done.has(group) ? [] : this.#readsOf(group).filter((read) => !done.has(read));
        if (open.length > 0) stack.push(...open);
        else {
          stack.pop();
          if (!done.has(group)) order.push(group);
          done.add(group);
        }
      }
    }
    return order;
  }
}

/** The steps that compute `wanted`; what nothing wants is left out. */
export function fuse(equations: readonly Equation[], wanted: readonly Buffer[]): Step[] {
  const needed = new Set<Buffer>(wanted);
  const live: Equation[] = [];
  for (const equation of equations.toReversed()) {
    if (!needed.has(equation.output.buffer)) continue;
    live.push(equation);
    for (const { buffer } of equation.inputs) needed.add(buffer);
  }
  const fusion = new Fusion();
  for (const equation of live.reverse()) fusion.add(equation);
  const groups = fusion.sorted();
  const readers = new Map<Buffer, Set<Group>>();
  for (const group of groups)
    for (const { inputs } of group.members)
      for (const { buffer } of inputs) readers.set(buffer, (readers.get(buffer) ?? new Set<Group>()).add(group));
  const returned = new Set(wanted);
  return groups.map((group) => {
    const outside = ({ output: { buffer } }: Equation): boolean =>
      returned.has(buffer) || [...(readers.get(buffer) ?? [])].some((reader) => reader !== group);
    const equations = group.members.toSorted((a, b) => indexOf(a) - indexOf(b));
    return { equations, stored: equations.filter(outside).map(({ output }) => output.buffer) };
  });
}

function indexOf({ output: { buffer } }: Equation): number {
  return (buffer.origin as { readonly index: number }).index;
}
