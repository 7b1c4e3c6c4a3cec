/**
 * Reverse mode: one sweep over the recorded graph.
 * @module
 */
import { context, underRule, withContext } from "./context.js";
import type { DType } from "./dtype.js";
import { ArgumentError, checkOptions, describe, GradientError, GraphError, ShapeError } from "./errors.js";
import { untracked } from "./leaf.js";
import { add } from "./ops/arithmetic.js";
import { booleanOption } from "./ops/lines.js";
import { stretch, zerosOf } from "./ops/linear.js";
import { embedPieces, slicedRanges, wholePiece, type Piece } from "./ops/pieces.js";
import type { Node } from "./node.js";
import { evaluateMap } from "./primitive.js";
import { ruleMapOf, type RuleMap } from "./ruleMaps.js";
import { asTensor } from "./operand.js";
import { Reached } from "./reached.js";
import { Reach } from "./tape.js";
import { TapeSweep } from "./tapeSweep.js";
import { sameShape, scalarLayout, showShape } from "./shape.js";
import { scalarTensor, Tensor } from "./tensor.js";

/** Options of `backward`. */
export interface BackwardOptions {
  /** The derivative of what follows by the output; of the output's shape. Default: 1, for a scalar output. */
  readonly cotangent?: Tensor | undefined;
  /** Record the sweep itself, so that gradients can be differentiated again. Default: false. */
  readonly createGraph?: boolean | undefined;
}

/** What is known of a cotangent: nothing, a scalar's number, a tensor. */
const enum Known {
  nothing,
  number,
  tensor,
}

/** The cotangents of one backward sweep, by tensor. Immutable; the tensors themselves know nothing of it. */
export class Gradients {
  readonly #reached: Reached;
  /** By index of `Reached`: what is known, and where. A graph of scalars would drown in tensors, so numbers stay numbers. */
  readonly #tape: TapeSweep | null;
  readonly #known: Known[];
  readonly #numbers: number[];
  #tensors: Tensor[] | null = null;
  /** What slices have given to a tensor and is not added up yet. */
  readonly #pieces = new Map<number, Piece[]>();

  /** @internal */
  constructor(root: Tensor, seed: Tensor) {
    const plain = !context.recording && context.observer === null && context.evaluate === null;
    const tape = plain ? new TapeSweep() : null;
    this.#tape = tape;
    const reached = new Reached(root, tape);
    const { tensors, results } = reached;
    // Plain arrays, as typed ones of more than 64 bytes cost more than a small graph.
    const known = new Array<Known>(tensors.length).fill(Known.nothing);
    this.#reached = reached;
    this.#known = known;
    this.#numbers = new Array<number>(tensors.length);
    const watched = context.observer?.applyRule !== undefined;
    this.#receiveAt(root, seed, plain);
    for (let i = 0; i < results.length; i++) {
      const at = results[i]!;
      if (known[at] === Known.nothing) continue;
      const output = tensors[at]!;
      const node = output.node!;
      tape?.run(this, node);
      const { primitive, count } = node;
      const ranges = watched ? null : slicedRanges(node);
      if (ranges !== null) {
        this.#receivePiece(reached.placeOf(node.first!.node!), { x: this.#at(at), ranges });
        continue;
      }
      // One handle for all inputs, by which a rule may know that it is asked again.
      let ct: Tensor | null = null;
      for (let j = 0; j < count; j++) {
        const input = node.input(j)!;
        if (input.origin === null) continue;
        const map = plain ? ruleMapOf(node, j, output.dtype) : null;
        if (map !== null && !(input.origin instanceof Reach)) {
          this.#receiveMap(reached.placeOf(input.node!), map, at);
          continue;
        }
        ct ??= this.#at(at);
        const contribution = watched
          ? watchedVjp(node, j, ct, output)
          : primitive.vjp!(j, ct, node.inputs, output, node.params as never);
        if (contribution === null) continue;
        checkContribution(primitive.name, input, j, contribution);
        this.#receiveAt(input, contribution, plain);
      }
    }
    tape?.run(this, null);
    // Now, as later nothing would be recorded.
    for (const place of this.#pieces.keys()) this.#join(place);
  }

  /** @internal */
  totalOf(leaf: Tensor): number | undefined {
    const place = this.#reached.placeOf(leaf.node!);
    return place < 0 || this.#known[place] === Known.nothing ? undefined : this.#at(place).item();
  }

  /** @internal */
  setTotal(leaf: Tensor, total: number): void {
    const place = this.#reached.leafPlace(leaf);
    this.#numbers[place] = total;
    this.#known[place] = Known.number;
  }

  /** Whether this was a sweep over numbers alone that met no other variables. @internal */
  reachesOnly(own: ReadonlySet<Node | null>): boolean {
    return this.#tape?.reachesOnly(own, this) === true;
  }

  #receiveAt(x: Tensor, contribution: Tensor, plain: boolean): void {
    const { origin } = x;
    if (plain && origin instanceof Reach) this.#tape!.receive(origin, x.offset, contribution.item());
    else this.#receive(this.#reached.placeOf(x.node!), contribution, plain);
  }

  #receive(place: number, contribution: Tensor, plain: boolean): void {
    const known = this.#known[place];
    if (plain && typeof contribution.data === "number" && known !== Known.tensor)
      this.#receiveNumber(place, contribution.data, contribution.dtype);
    else {
      this.#tensors ??= new Array<Tensor>(this.#known.length);
      this.#tensors[place] = known === Known.nothing ? contribution : add(this.#at(place), contribution);
      this.#known[place] = Known.tensor;
    }
  }

  /** What a rule that is a map gives, from the cotangent at `from`. */
  #receiveMap(place: number, { kernel, operands }: RuleMap, from: number): void {
    const { length } = operands;
    if (length === 0) return;
    const output = this.#reached.tensors[from]!;
    const { dtype } = output;
    if (this.#known[from] === Known.number && this.#known[place] !== Known.tensor && length < 4) {
      let value = this.#operandNumber(operands[0]!, output, from);
      if (kernel !== null) {
        const f = context.backend.number(kernel, dtype as "float64");
        if (length === 1) value = f(value);
        else {
          const second = this.#operandNumber(operands[1]!, output, from);
          value = length === 2 ? f(value, second) : f(value, second, this.#operandNumber(operands[2]!, output, from));
        }
      }
      return this.#receiveNumber(place, value, dtype);
    }
    if (kernel === null) return this.#receive(place, this.#operand(operands[0]!, output, from), true);
    const tensors = new Array<Tensor>(length);
    for (let i = 0; i < length; i++) tensors[i] = this.#operand(operands[i]!, output, from);
    this.#receive(place, evaluateMap(output.node!.primitive.name, kernel, tensors, undefined, dtype), true);
  }

  /** An operand of a rule: the cotangent, an input of `output`, or `output` itself. */
  #operand(operand: number, output: Tensor, from: number): Tensor {
    if (operand === 0) return this.#at(from);
    return output.node!.input(operand - 1) ?? output;
  }

  #operandNumber(operand: number, output: Tensor, from: number): number {
    if (operand === 0) return this.#numbers[from]!;
    return (output.node!.input(operand - 1) ?? output).item();
  }

  #receiveNumber(place: number, value: number, dtype: DType): void {
    const total = this.#known[place] === Known.nothing ? value : this.#numbers[place]! + value;
    this.#numbers[place] = dtype === "float32" ? Math.fround(total) : total;
    this.#known[place] = Known.number;
  }

  #receivePiece(place: number, piece: Piece): void {
    const pieces = this.#pieces.get(place);
    if (pieces !== undefined) return void pieces.push(piece);
    this.#pieces.set(place, this.#known[place] === Known.nothing ? [piece] : [wholePiece(this.#at(place)), piece]);
    this.#known[place] = Known.tensor;
  }

  /** Adds up what slices have given. */
  #join(place: number): void {
    const pieces = this.#pieces.get(place);
    if (pieces === undefined) return;
    this.#pieces.delete(place);
    this.#tensors ??= new Array<Tensor>(this.#known.length);
    this.#tensors[place] = embedPieces(pieces, this.#reached.tensors[place]!.layout.shape);
  }

  #at(place: number): Tensor {
    if (this.#pieces.size > 0) this.#join(place);
    return this.#known[place] === Known.number
      ? scalarTensor(scalarLayout, this.#reached.tensors[place]!.dtype, this.#numbers[place]!)
      : this.#tensors![place]!;
  }

  #find(operator: string, t: Tensor): Tensor | undefined {
    if (!(t instanceof Tensor)) throw new GraphError(`${operator}: expected a tensor, got ${describe(t)}`);
    const { origin } = t;
    if (origin === null)
      throw new GraphError(
        `${operator}: expected a variable or a result computed from one, got an untracked tensor of shape ${showShape(t.layout.shape)}; make it with variable(…) or tensor(…, { requiresGrad: true }) before computing the output`,
      );
    const number = this.#tape?.find(origin, t.offset);
    // An entry of the tape that has no node is in no sweep by nodes.
    const node = origin instanceof Reach ? origin.knownNode(t.offset) : (origin as Node);
    const place = node === null ? -1 : this.#reached.placeOf(node);
    const found = place < 0 || this.#known[place] === Known.nothing ? undefined : this.#at(place);
    if (number === undefined) return found;
    // Where recorded gradients went in, an entry of the tape may be reached as a node as well, by other ways.
    return scalarTensor(scalarLayout, t.dtype, found === undefined ? number : found.item() + number);
  }

  /**
   * The derivative of the output by `t`, of the shape of `t`: for a variable or any tensor on the way. Zeros where the output
   * does not depend on it.
   *
   * @throws {@link GraphError} if `t` is not tracked
   */
  get(t: Tensor): Tensor {
    return this.#find("Gradients.get", t) ?? zerosOf(t.layout.shape, t.dtype);
  }

  /**
   * Whether the output depends on `t`.
   *
   * @throws {@link GraphError} if `t` is not tracked
   */
  has(t: Tensor): boolean {
    return this.#find("Gradients.has", t) !== undefined;
  }
}

/** A rule of reverse mode, applied where an observer sees it. Apart, as closures would slow the sweep that nobody watches. */
function watchedVjp({ primitive, inputs, params }: Node, index: number, ct: Tensor, output: Tensor): Tensor | null {
  return underRule(context.observer, { mode: "vjp", primitive, inputs, output, index, given: [ct] }, () =>
    primitive.vjp!(index, ct, inputs, output, params as never),
  );
}

function checkContribution(operator: string, input: Tensor, index: number, ct: Tensor): void {
  const { layout, dtype } = input;
  if (ct.layout === layout && ct.dtype === dtype) return;
  if (!(ct instanceof Tensor) || ct.dtype !== dtype || !sameShape(ct.layout.shape, layout.shape))
    throw new GradientError(
      `${operator}: expected its vjp to return a ${dtype} tensor of shape ${showShape(layout.shape)} for input ${index}, got ${ct instanceof Tensor ? `${ct.dtype} of shape ${showShape(ct.layout.shape)}` : describe(ct)}`,
    );
}

/** The sweep, recorded or not. */
export function sweep(root: Tensor, seed: Tensor, createGraph: boolean): Gradients {
  return withContext({ recording: createGraph }, () => new Gradients(root, createGraph ? seed : untracked(seed)));
}

/** A cotangent for `output`: the one given, checked, or 1 for a scalar. */
export function seedFor(operator: string, output: Tensor, cotangent: Tensor | undefined): Tensor {
  const { shape } = output.layout;
  if (cotangent === undefined) {
    if (shape.length !== 0)
      throw new GradientError(
        `${operator}: expected a scalar output, got shape ${showShape(shape)}; reduce it, for example with sum() or mean()${operator === "backward" || operator === "vjp" ? ", or pass a cotangent" : ""}`,
      );
    return onesLike(output);
  }
  if (!(cotangent instanceof Tensor) && typeof cotangent !== "number")
    throw new ArgumentError(
      `${operator}: expected a cotangent that is a tensor or a number, got ${describe(cotangent)}`,
    );
  const ct = asTensor(operator, cotangent);
  if (!sameShape(ct.layout.shape, shape))
    throw new ShapeError(
      `${operator}: expected a cotangent of the output's shape ${showShape(shape)}, got ${showShape(ct.layout.shape)}`,
    );
  if (ct.dtype !== output.dtype)
    throw new GradientError(
      `${operator}: expected a cotangent of dtype ${output.dtype}, got ${ct.dtype}; convert it with astype`,
    );
  return ct;
}

function onesLike(output: Tensor): Tensor {
  return stretch(scalarTensor(scalarLayout, output.dtype, 1), output.layout.shape);
}

/**
 * Reverse mode: the derivatives of `output` by everything it was computed from. Pure: the result is returned, no
 * tensor changes, and it can be called again.
 *
 * @param output a scalar, or any shape if a cotangent is given
 * @throws {@link GraphError} if no variable went into `output`
 * @throws {@link GradientError} if `output` is not a scalar and no cotangent is given
 * @throws {@link ShapeError} if the cotangent has another shape
 * @example
 * ```ts
 * import { backward, tensor } from "@cotangent/core";
 * const w = tensor([1, 2, 3], { requiresGrad: true });
 * const loss = w.square().sum();
 * backward(loss).get(w).toArray(); // → [2,4,6]
 * ```
 * @see Griewank, Walther: Evaluating Derivatives (2008), chapter 3
 */
export function backward(output: Tensor, options?: BackwardOptions): Gradients {
  if (!(output instanceof Tensor)) throw new GraphError(`backward: expected a tensor, got ${describe(output)}`);
  checkOptions("backward", options, ["cotangent", "createGraph"]);
  if (output.origin === null)
    throw new GraphError(
      "backward: expected an output computed from a variable, got one without history; make inputs with variable(…) or tensor(…, { requiresGrad: true }), outside of noGrad, and not only through flat operators such as round or argmax",
    );
  return sweep(
    output,
    seedFor("backward", output, options?.cotangent),
    booleanOption("backward", "createGraph", options?.createGraph ?? false),
  );
}
