/**
 * Where tensors come from: the recorded graph and, within tools that look on, operators whose results nobody tracks.
 * @module
 */
import { context, underRule, withContext, type Observer, type RuleCall } from "./context.js";
import { describe, GraphError, synchronous } from "./errors.js";
import { withLines } from "./lines.js";
import { computes, type Primitive } from "./primitive.js";
import { Tensor } from "./tensor.js";

/** An operator and what it was applied to. */
export interface Made {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** Whether it makes new values, rather than move some. */
  readonly computes: boolean;
}

/** Untracked results, by what made them. */
export type Untracked = ReadonlyMap<Tensor, Made>;

class UntrackedRecorder implements Observer {
  readonly made = new Map<Tensor, Made>();
  readonly #outer = context.observer;

  observe<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
    this.#outer?.observe(primitive, inputs, params, output);
    if (output.node === null) this.made.set(output, { name: primitive.name, inputs, computes: computes(primitive) });
  }

  applyRule(call: RuleCall, run: () => Tensor | null): Tensor | null {
    return underRule(this.#outer, call, run);
  }
}

/** What tools take: a result, or a function that computes it, which they run with creation lines recorded. */
export type Computed = Tensor | (() => Tensor);

/**
 * The tensor, computed where a function is given.
 *
 * @throws {@link GraphError} if it has no history; {@link ArgumentError} if the function returns a promise
 */
export function computed(operator: string, output: Computed): { readonly y: Tensor; readonly untracked: Untracked } {
  let y: unknown = output;
  let untracked: Untracked = new Map();
  if (typeof output === "function")
    y = withLines(() => {
      const recorder = new UntrackedRecorder();
      untracked = recorder.made;
      return synchronous(operator, withContext({ observer: recorder }, output));
    }).result;
  if (!(y instanceof Tensor) || y.node === null)
    throw new GraphError(
      `${operator}: expected a tensor computed from a variable, got ${y instanceof Tensor ? "one without history; make its parameters variables, for example with mapTree(variable, params)" : describe(y)}`,
    );
  return { y, untracked };
}

/** The operator that made `x` and its operands; `null` for variables and data. */
export function madeOf(x: Tensor, untracked: Untracked): Made | null {
  const { node } = x;
  if (node === null) return untracked.get(x) ?? null;
  if (node.isLeaf) return null;
  return { name: node.primitive.name, inputs: node.inputs, computes: computes(node.primitive) };
}

/** Every tensor from which `output` was computed, operands before results. */
export function ancestorsOf(output: Tensor, untracked: Untracked = new Map()): Tensor[] {
  const found: Tensor[] = [];
  const entered = new Set<Tensor>([output]);
  const enter = (x: Tensor): { x: Tensor; inputs: readonly Tensor[]; next: number } => ({
    x,
    inputs: madeOf(x, untracked)?.inputs ?? [],
    next: 0,
  });
  const stack = [enter(output)];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const input = top.inputs[top.next++];
    if (input === undefined) {
      found.push(top.x);
      stack.pop();
    } else if (!entered.has(input)) {
      entered.add(input);
      stack.push(enter(input));
    }
  }
  return found;
}
