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
  /** By the numbers of equations. */
  readonly #of: Group[] = [];
  /** The latest group of single numbers, which others may join without reading from it. */
  #numbers: Group | null = null;

  /** The group in which a buffer is made. */
  of({ origin }: Buffer): Group | undefined {
    const made = origin.kind === "equation" ? this.#of[origin.index] : undefined;
    return made === undefined ? undefined : current(made);
  }

  add(equation: Equation): void {
    const { kernel, output, inputs } = equation;
    const shape = kernel.kind === "map" ? output.layout.shape : null;
    if (shape?.length === 0 && this.#loops && this.#readsNumbers(inputs)) {
      this.#numbers!.members.push(equation);
      this.#of[indexOf(equation)] = this.#numbers!;
      return;
    }
    const own = new Group(shape);
    own.members.push(equation);
    for (const input of inputs) {
      const made = this.of(input.buffer);
      if (made === undefined) continue;
      own.reads.add(made);
      if (!isWhole(input)) own.readsAway.add(made);
    }
    this.#groups.push(own);
    let group = own;
    if (shape !== null && this.#loops) {
      for (const input of inputs) {
        const made = this.of(input.buffer);
        if (made !== undefined && isWhole(input)) group = this.#join(made, group);
      }
      if (shape.length === 0) {
        if (this.#numbers !== null) group = this.#join(current(this.#numbers), group);
        this.#numbers = group;
      }
    }
    this.#of[indexOf(equation)] = group;
  }

  /** Whether all inputs are made by the latest group of single numbers, if they are made at all: so it is in graphs of these. */
  #readsNumbers(inputs: readonly Place[]): boolean {
    if (this.#numbers === null) return false;
    this.#numbers = current(this.#numbers);
    for (let i = 0; i < inputs.length; i++) {
      const made = this.of(inputs[i]!.buffer);
      if (made !== undefined && (made !== this.#numbers || !isWhole(inputs[i]!))) return false;
    }
    return true;
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

/** The steps that compute `wanted`; what nothing wants is left out. Equations are numbered by their places. */
export function fuse(equations: readonly Equation[], wanted: readonly Buffer[]): Step[] {
  const needed = new Uint8Array(equations.length);
  const need = ({ origin }: Buffer): void => {
    if (origin.kind === "equation") needed[origin.index] = 1;
  };
  wanted.forEach(need);
  for (let i = equations.length - 1; i >= 0; i--)
    if (needed[i] === 1) for (const { buffer } of equations[i]!.inputs) need(buffer);
  const fusion = new Fusion();
  for (let i = 0; i < equations.length; i++) if (needed[i] === 1) fusion.add(equations[i]!);
  const groups = fusion.sorted();
  /** Results that are read outside of the group that makes them. */
  const outside = new Uint8Array(equations.length);
  const show = (buffer: Buffer, reader: Group | null): void => {
    if (buffer.origin.kind === "equation" && fusion.of(buffer) !== reader) outside[buffer.origin.index] = 1;
  };
  for (const buffer of wanted) show(buffer, null);
  for (const group of groups)
    for (const { inputs } of group.members) for (let i = 0; i < inputs.length; i++) show(inputs[i]!.buffer, group);
  return groups.map(({ members }) => {
    const equations = members.sort((a, b) => indexOf(a) - indexOf(b));
    const stored = equations.filter((equation) => outside[indexOf(equation)] === 1);
    return { equations, stored: stored.map(({ output }) => output.buffer) };
  });
}

function indexOf({ output: { buffer } }: Equation): number {
  return (buffer.origin as { readonly index: number }).index;
}
