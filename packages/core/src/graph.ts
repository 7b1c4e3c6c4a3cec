/**
 * The computation graph as plain data, for printing and drawing.
 * @module
 */
import type { Gradients } from "./backward.js";
import { seedFor, sweep } from "./backward.js";
import { checkOptions, describe, GraphError } from "./errors.js";
import type { Node } from "./primitive.js";
import { showNumber } from "./print.js";
import { showShape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** One tensor of the graph: a variable, a constant, or the result of an operator. */
export interface GraphNode {
  readonly id: number;
  /** The operator; `variable` or `constant` for what was not computed. */
  readonly name: string;
  /** A name given by the caller. */
  readonly label?: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The value in short. */
  readonly value: string;
  /** The derivative of the output by this tensor, in short; absent for constants. */
  readonly cotangent?: string;
  readonly variable: boolean;
}

/** The graph of an output: nodes in the order of computation, edges from operands to results. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  /** One line a node: name, operands, shape, value, derivative. */
  toString(): string;
}

/** Options of `graphOf`. */
export interface GraphOptions {
  /** Names for tensors, shown beside the operator. */
  readonly labels?: ReadonlyMap<Tensor, string> | Readonly<Record<string, Tensor>> | undefined;
}

function summary(x: Tensor): string {
  const values = x.toTypedArray();
  if (values.length <= 4) {
    const shown = Array.from(values, (v) => showNumber(v, 4)).join(", ");
    return x.rank === 0 ? shown : `[${shown}]`;
  }
  let [low, high, total] = [Infinity, -Infinity, 0];
  for (const v of values) [low, high, total] = [Math.min(low, v), Math.max(high, v), total + v];
  return `${showNumber(low, 3)} … ${showNumber(high, 3)}, mean ${showNumber(total / values.length, 3)}`;
}

/** Every tensor from which `output` was computed, operands before results. */
function tensorsOf(output: Tensor): Tensor[] {
  const found = new Set<Tensor>();
  const stack: { x: Tensor; next: number }[] = [{ x: output, next: 0 }];
  const entered = new Set<Tensor>([output]);
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const input = top.x.node?.inputs[top.next++];
    if (input === undefined) {
      found.add(top.x);
      stack.pop();
    } else if (!entered.has(input)) {
      entered.add(input);
      stack.push({ x: input, next: 0 });
    }
  }
  return [...found];
}

/**
 * The graph that computed `output`, as plain data with values and, for a scalar output, derivatives.
 *
 * @param options `labels` names tensors
 * @throws {@link GraphError} if `output` was not computed from a variable
 * @example
 * ```ts
 * import { graphOf, variable } from "@cotangent/core";
 * const [a, b] = [variable(2), variable(-3)];
 * const graph = graphOf(a.mul(b).add(10), { labels: { a, b } });
 * graph.nodes.map(({ label, name, value, cotangent }) => `${label ?? name} ${value} ${cotangent ?? ""}`.trim());
 * // → ["a 2 -3","b -3 2","mul -6 1","constant 10","add 4 1"]
 * ```
 */
export function graphOf(output: Tensor, options?: GraphOptions): Graph {
  checkOptions("graphOf", options, ["labels"]);
  if (!(output instanceof Tensor) || output.node === null)
    throw new GraphError(
      `graphOf: expected a tensor computed from a variable, got ${output instanceof Tensor ? "one without history" : describe(output)}`,
    );
  const { labels = {} } = options ?? {};
  const entries =
    labels instanceof Map
      ? [...(labels as ReadonlyMap<Tensor, string>)]
      : Object.entries(labels).map(([k, x]) => [x, k] as const);
  const names = new Map<Tensor | Node, string>(entries);
  for (const [x, label] of entries) if (x.node !== null) names.set(x.node, label);
  const gradients: Gradients | null =
    output.layout.shape.length === 0 ? sweep(output, seedFor("graphOf", output, undefined), false) : null;
  const list = tensorsOf(output);
  const ids = new Map(list.map((x, id) => [x, id]));
  const nodes = list.map((x, id): GraphNode => {
    const { node } = x;
    const label = names.get(x) ?? (node === null ? undefined : names.get(node));
    return {
      id,
      name: node === null ? "constant" : node.primitive.name,
      ...(label === undefined ? {} : { label }),
      shape: x.shape,
      dtype: x.dtype,
      value: summary(x),
      ...(gradients === null || node === null ? {} : { cotangent: summary(gradients.get(x)) }),
      variable: node !== null && node.isLeaf,
    };
  });
  const edges = list.flatMap((x, to) => (x.node?.inputs ?? []).map((input) => ({ from: ids.get(input)!, to })));
  return { nodes, edges, toString: () => dump(nodes, edges) };
}

function dump(nodes: Graph["nodes"], edges: Graph["edges"]): string {
  const operands = new Map<number, number[]>();
  for (const { from, to } of edges) operands.set(to, [...(operands.get(to) ?? []), from]);
  return nodes
    .map(({ id, name, label, shape, value, cotangent }) => {
      const of = operands.get(id);
      const call = of === undefined ? name : `${name}(${of.map((from) => `#${from}`).join(", ")})`;
      return `#${id} ${label === undefined ? "" : `${label} = `}${call} ${showShape(shape)} value ${value}${cotangent === undefined ? "" : ` derivative ${cotangent}`}`;
    })
    .join("\n");
}
