/**
 * The computation graph as plain data, for printing and drawing.
 * @module
 */
import type { Gradients } from "./gradients.js";
import { seedFor, sweep } from "./backward.js";
import { checkOptions } from "./errors.js";
import { ancestorsOf, computed, type Computed } from "./history.js";
import { labelling, moduleOf, type Labels } from "./labels.js";
import { lineOf } from "./lines.js";
import { summary } from "./range.js";
import { showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** One tensor of the graph: a variable, a constant, or the result of an operator. */
export interface GraphNode {
  readonly id: number;
  /** The operator; `variable` or `constant` for what was not computed. */
  readonly name: string;
  /** A name given by the caller. */
  readonly label?: string;
  /** The part of the model: of a parameter `layers[0].weight` it is `layers[0]`, of a result the latest of its operands'. */
  readonly module?: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The value in short. */
  readonly value: string;
  /** The derivative of the output by this tensor, in short; absent for constants. */
  readonly cotangent?: string;
  readonly variable: boolean;
  /** `file:line:column` of the source that made it, where creation lines were recorded. */
  readonly line?: string;
}

/** From an operand to a result. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
}

/** The graph of an output: nodes in the order of computation, edges from operands to results. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** One line a node: name, operands, shape, value, derivative, source. */
  toString(): string;
  /** Nodes and edges alone. */
  toJSON(): { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] };
}

/** Options of `graphOf`. */
export interface GraphOptions {
  /** Names for tensors, shown beside the operator: a map, or a tree such as a model's parameters, whose paths are the names. */
  readonly labels?: Labels | undefined;
}

/** The latest module among the operands', in the order in which modules come up. */
class Modules {
  readonly #order = new Map<string, number>();
  readonly #of = new Map<Tensor, string>();

  add(x: Tensor, label: string | undefined): string | undefined {
    let module = label === undefined ? undefined : moduleOf(label);
    if (module === undefined)
      for (const input of x.node?.inputs ?? []) {
        const other = this.#of.get(input);
        if (other !== undefined && (module === undefined || this.#order.get(other)! > this.#order.get(module)!))
          module = other;
      }
    if (module === undefined) return undefined;
    if (!this.#order.has(module)) this.#order.set(module, this.#order.size);
    this.#of.set(x, module);
    return module;
  }
}

/**
 * The graph that computed `output`, as plain data with values and, for a scalar output, derivatives. Its text has one
 * line a node; `JSON.stringify` takes it as it is; `graphToDot`, `computationGraph` and `graphView` of `@cotangent/viz`
 * draw it.
 *
 * @param output a tensor, or a function that computes it: then every node has the line of source that made it
 * @param options `labels` names tensors
 * @throws {@link GraphError} if `output` was not computed from a variable
 * @throws {@link ArgumentError} if `labels` holds something else than tensors
 * @example
 * ```ts
 * import { graphOf, variable } from "@cotangent/core";
 * const [a, b] = [variable(2), variable(-3)];
 * const graph = graphOf(a.mul(b).add(10), { labels: { a, b } });
 * graph.nodes.map(({ label, name, value, cotangent }) => `${label ?? name} ${value} ${cotangent ?? ""}`.trim());
 * // → ["a 2 -3","b -3 2","mul -6 1","constant 10","add 4 1"]
 * ```
 */
export function graphOf(output: Computed, options?: GraphOptions): Graph {
  checkOptions("graphOf", options, ["labels"]);
  const { y } = computed("graphOf", output);
  const labelOf = labelling("graphOf", options?.labels);
  const gradients: Gradients | null =
    y.layout.shape.length === 0 ? sweep(y, seedFor("graphOf", y, undefined), false) : null;
  const list = ancestorsOf(y);
  const ids = new Map(list.map((x, id) => [x, id]));
  const modules = new Modules();
  const nodes = list.map((x, id): GraphNode => {
    const { node } = x;
    const label = labelOf(x);
    const module = modules.add(x, label);
    const line = lineOf(x);
    return {
      id,
      name: node === null ? "constant" : node.primitive.name,
      ...(label === undefined ? {} : { label }),
      ...(module === undefined ? {} : { module }),
      shape: x.shape,
      dtype: x.dtype,
      value: summary(x),
      ...(gradients === null || node === null ? {} : { cotangent: summary(gradients.get(x)) }),
      variable: node !== null && node.isLeaf,
      ...(line === null ? {} : { line }),
    };
  });
  const edges = list.flatMap((x, to) => (x.node?.inputs ?? []).map((input) => ({ from: ids.get(input)!, to })));
  return { nodes, edges, toString: () => dump(nodes, edges), toJSON: () => ({ nodes, edges }) };
}

function dump(nodes: Graph["nodes"], edges: Graph["edges"]): string {
  const operands: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) operands[to]!.push(from);
  return nodes
    .map(({ id, name, label, shape, value, cotangent, line }) => {
      const of = operands[id]!;
      const call = of.length === 0 ? name : `${name}(${of.map((from) => `#${from}`).join(", ")})`;
      return `#${id} ${label === undefined ? "" : `${label} = `}${call} ${showShape(shape)} value ${value}${cotangent === undefined ? "" : ` derivative ${cotangent}`}${line === undefined ? "" : ` at ${line}`}`;
    })
    .join("\n");
}
