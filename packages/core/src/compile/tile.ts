/**
 * Sums and extremes over what an elementwise step makes, part by part while it is in the cache. What nothing else reads
 * never leaves it. Parts end where the canonical order of sums cuts (`order.ts`), so the bits are the same.
 * @module
 */
import { block } from "../backends/order.js";
import { wasmEngine } from "../backends/wasmEngine.js";
import { functionOf } from "../backends/wasmModule.js";
import type { ReduceKernel } from "../kernel.js";
import type { Tokens } from "../readings/lanes.js";
import { isWhole, type Step } from "./fuse.js";
import { bytesOf } from "./memory.js";
import type { Buffer, Equation } from "./trace.js";
import type { Surroundings, Views, WasmKernel } from "./wasmKernel.js";
import { planLoop, textOfLoop, type Loops } from "./wasmLoop.js";

/** Elements of a part: a power of two of blocks. */
const part = 16 * block;
/** Fewer elements stay in the cache anyway. */
const fewest = 16 * part;

type Monoid = "sum" | "max" | "min";

/** How many neighbouring elements go into each result; `null` if it is not a sum or extreme of that kind. */
function lengthOf({ kernel, inputs, params }: Equation): number | null {
  if (kernel.kind !== "reduce" || !["sum", "max", "min"].includes(kernel.monoid)) return null;
  const { shape } = inputs[0]!.layout;
  const axes = kernel.axes(params);
  if (axes.length === 0 || !axes.every((axis, i) => axis === shape.length - axes.length + i)) return null;
  return axes.reduce((n, axis) => n * shape[axis]!, 1);
}

/** The elementwise equations of a step, and the sums and extremes over their results. */
function partsOf({ equations, stored }: Step): { maps: Step; reductions: readonly Equation[] } {
  const reductions = equations.filter(({ kernel }) => kernel.kind === "reduce");
  const reduced = reductions.map(({ inputs }) => inputs[0]!.buffer);
  const maps = equations.filter(({ kernel }) => kernel.kind === "map");
  return { maps: { equations: maps, stored: [...new Set([...stored, ...reduced])] }, reductions };
}

/** Whether sums or extremes are part of an elementwise step. */
export function isTiled({ equations }: Step): boolean {
  return equations.length > 1 && equations.at(-1)!.kernel.kind === "reduce";
}

/** The same steps, sums and extremes joined to the elementwise steps whose results they read, where that pays. */
export function tiled(steps: readonly Step[], returned: ReadonlySet<Buffer>): readonly Step[] {
  const engine = wasmEngine();
  // Threads share loops, and sums, but not such steps.
  if (engine === null || engine.shared) return steps;
  const joined = new Set<Step>();
  const all = steps.map((step): Step => {
    const [first] = step.equations as [Equation];
    if (first.kernel.kind !== "map" || first.output.layout.size < fewest) return step;
    const made = new Set(step.stored);
    const reductions = steps.filter(({ equations: [equation, ...more] }) => {
      const [x] = equation!.inputs as Equation["inputs"];
      return more.length === 0 && lengthOf(equation!) !== null && made.has(x!.buffer) && isWhole(x!)
        && x!.dtype === equation!.output.dtype && x!.dtype !== "int32" && x!.dtype !== "bool"; // prettier-ignore
    });
    if (reductions.length === 0) return step;
    const length = lengthOf(reductions[0]!.equations[0]!);
    const alike = reductions.filter(({ equations }) => lengthOf(equations[0]!) === length);
    const others = steps.filter((other) => other !== step && !alike.includes(other));
    const kept = (buffer: Buffer): boolean =>
      returned.has(buffer) ||
      others.some(({ equations }) => equations.some(({ inputs }) => inputs.some((x) => x.buffer === buffer)));
    const tile = {
      equations: [...step.equations, ...alike.flatMap(({ equations }) => equations)],
      stored: [...step.stored.filter(kept), ...alike.flatMap(({ stored }) => stored)],
    };
    const plan = planLoop(partsOf(tile).maps);
    if (plan === null || plan.axes.length > 2) return step;
    for (const each of alike) joined.add(each);
    return tile;
  });
  return all.filter((step) => !joined.has(step));
}

/**
 * Adds functions of which `name` makes the elements of a part, and says how the step is run; what passes by stands in the
 * scratch, from `scratch` on.
 */
export function tileOf(
  loops: Loops,
  name: string,
  step: Step,
  addressOf: (buffer: Buffer) => number,
  scratch: number,
): { readonly scratch: number; readonly kernel: WasmKernel } {
  const { maps, reductions } = partsOf(step);
  const plan = planLoop(maps)!;
  const { precision, writes, reads, rows, columns } = plan;
  const size = bytesOf[precision];
  const passing = writes.map(({ buffer }) => buffer).filter((buffer) => !step.stored.includes(buffer));
  const passed = new Map(passing.map((buffer, i) => [buffer, scratch + i * room(part * size)]));
  loops.functions.push(functionOf(name, [["param", "i32", "i32", "i32", "i32", "i32"], ...[...writes, ...reads].reduce(
    (tokens: Tokens, { buffer, dtype, offset }, i): Tokens => {
      const [row, column] = [rows, columns].map(({ strides }) => strides[i]! * bytesOf[dtype]) as [number, number];
      const place: Tokens = passed.has(buffer)
        ? ["local.get", 4, "i32.const", bytesOf[dtype], "i32.mul"]
        : ["local.get", 2, "i32.const", row, "i32.mul", "local.get", 3, "i32.const", column, "i32.mul", "i32.add"];
      const start = passed.get(buffer) ?? addressOf(buffer) + offset * bytesOf[dtype];
      return [...tokens, ...place, "i32.const", start, "i32.add", "i32.const", row];
    },
    ["local.get", 0, "local.get", 1],
  ), "call", `$${loops.nameOf(textOfLoop(maps, plan).text)}`])); // prettier-ignore
  const total = rows.n * columns.n;
  const n = lengthOf(reductions[0]!)!;
  const count = Math.ceil(n / part);
  const partials = scratch + passing.length * room(part * size);
  const make = ({ functions, loops, view }: Surroundings & Views): (() => void) => {
    const loop = loops[name]!;
    /** The elementwise equations from one element to another, by whole rows and what is left of others. */
    const make = (from: number, to: number): void => {
      for (let at = from; at < to;) {
        const row = Math.floor(at / columns.n);
        const column = at - row * columns.n;
        const whole = column === 0 ? Math.floor((to - at) / columns.n) : 0;
        const length = whole > 0 ? columns.n : Math.min(columns.n - column, to - at);
        loop(whole > 0 ? whole : 1, length, row, column, at - from);
        at += whole > 0 ? whole * length : length;
      }
    };
    const sums = reductions.map(({ kernel, inputs: [x], output }, i) => {
      const { monoid } = kernel as ReduceKernel<unknown> & { readonly monoid: Monoid };
      const [start, stride] = passed.has(x!.buffer) ? [passed.get(x!.buffer)!, 0] : [addressOf(x!.buffer), size];
      return {
        reduce: functions(monoid === "sum" ? "sum" : "extreme", precision)[`${monoid}Rows`]!,
        combine: combinations[monoid],
        start,
        stride,
        partials: partials + i * room(count * size),
        partial: view(precision, partials + i * room(count * size), count),
        out: addressOf(output.buffer),
        result: view(precision, addressOf(output.buffer), total / n),
      };
    });
    const lines = Math.floor(part / n);
    if (lines > 0)
      return () => {
        for (let line = 0; line * n < total; line += lines) {
          const now = Math.min(lines, total / n - line);
          make(line * n, (line + now) * n);
          for (const { reduce, start, stride, out } of sums)
            reduce(now, n, start + line * n * stride, n * size, out + line * size);
        }
      };
    return () => {
      for (let line = 0; line * n < total; line++) {
        for (let i = 0; i < count; i++) {
          const [at, now] = [line * n + i * part, Math.min(part, n - i * part)];
          make(at, at + now);
          for (const { reduce, start, stride, partials } of sums)
            reduce(1, now, start + at * stride, 0, partials + i * size);
        }
        for (const { partial, result, combine } of sums) {
          for (let width = 1; width < count; width *= 2)
            for (let i = 0; i + width < count; i += 2 * width) partial[i] = combine(partial[i]!, partial[i + width]!);
          result[line] = partial[0]!;
        }
      }
    };
  };
  return {
    scratch: passing.length * room(part * size) + reductions.length * room(count * size),
    kernel: { kind: "run", make },
  };
}

/** Parts of sums in pairs; the array that takes them rounds. */
const combinations: Readonly<Record<Monoid, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

/** Loops read and write past the end. */
const room = (bytes: number): number => Math.ceil(bytes / 64) * 64 + 64;
