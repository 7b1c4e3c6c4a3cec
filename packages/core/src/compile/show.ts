/**
 * Programs as text.
 * @module
 */
import { showShape } from "../shape.js";
import { isWhole } from "./fuse.js";
import type { ProgramPlan } from "./program.js";
import { constantOf, type Equation, type Place } from "./trace.js";
import type { Pattern } from "./trees.js";

const short = { float64: "f64", float32: "f32", int32: "i32", bool: "bool" } as const;

function showPattern(pattern: Pattern): string {
  switch (pattern.kind) {
    case "tensor":
      return `${short[pattern.dtype]}${showShape(pattern.shape)}`;
    case "generator":
      return "random";
    case "fixed":
      return JSON.stringify(pattern.value) ?? String(pattern.value);
    case "list":
      return `[${pattern.items.map(showPattern).join(", ")}]`;
    case "record":
      return `{ ${pattern.keys.map((key, i) => `${key}: ${showPattern(pattern.items[i]!)}`).join(", ")} }`;
  }
}

function nameOf(place: Place): string {
  const { origin, id } = place.buffer;
  if (origin.kind === "input") return `in${origin.index}`;
  if (origin.kind === "drawn") return `random${origin.index}`;
  if (origin.kind === "equation") return `v${origin.index}`;
  const value = constantOf(place);
  return value === null ? `c${id}` : String(value);
}

/** Additions and multiplications of an equation, roughly: one an element, two a term of a product. */
function operationsOf(equation: Equation): number {
  const { kernel, inputs, output } = equation.recorded ?? equation;
  if (kernel.kind === "contract") return 2 * output.layout.size * (inputs[0]!.layout.shape.at(-1) ?? 1);
  if (kernel.kind === "reduce" || kernel.kind === "scan") return inputs[0]!.layout.size;
  return kernel.kind === "assemble" || kernel.kind === "gather" ? 0 : output.layout.size;
}

function showEquation(equation: Equation): string {
  const { name, inputs, output } = equation.recorded ?? equation;
  const operands = inputs.map(
    (place) =>
      `${nameOf(place)}${isWhole(place) || constantOf(place) !== null ? "" : `:${showShape(place.layout.shape)}`}`,
  );
  return `${nameOf(output)}: ${short[output.dtype]}${showShape(output.layout.shape)} = ${name}(${operands.join(", ")})`;
}

function summary(equations: readonly Equation[]): string {
  const maps = equations.filter(({ kernel }) => kernel.kind === "map").length;
  const reductions = equations.length - maps;
  const loop = `${maps} elementwise equation${maps === 1 ? "" : "s"} in one loop`;
  return reductions === 0 ? loop : `${loop}, reduced part by part`;
}

const megabytes = (bytes: number): string => (bytes < 1e5 ? `${bytes} B` : `${(bytes / 1e6).toPrecision(3)} MB`);

/** Steps with their equations, memory and arithmetic. */
export function show(name: string, args: Pattern, { steps, memory, draws }: ProgramPlan): string {
  const equations = steps.flatMap((step) => step.equations);
  const operations = equations.reduce((sum, equation) => sum + operationsOf(equation), 0);
  const head = `program ${name === "" ? "f" : name}(${(args as Extract<Pattern, { kind: "list" }>).items.map(showPattern).join(", ")})`;
  const lines = steps.flatMap(({ equations, stored }, i) =>
    equations.length === 1
      ? [`  ${i + 1}. ${showEquation(equations[0]!)}`]
      : [
          `  ${i + 1}. ${summary(equations)}, ${stored.length} stored`,
          ...equations.map((equation) => `       ${showEquation(equation)}${stored.includes(equation.output.buffer) ? "" : "  (not stored)"}`),
        ]); // prettier-ignore
  const drawn = draws.filter((operation) => operation.kind === "draw");
  return [
    head,
    ...drawn.map(({ name, shape, dtype }, i) => `  random${i}: ${short[dtype]}${showShape(shape)} = ${name}()`),
    ...lines,
    `  ${equations.length} equations in ${steps.length} steps, ${operations} operations, ${megabytes(memory.bytes)} of memory (${megabytes(memory.unshared)} without sharing)`,
  ].join("\n");
}
