/**
 * The reverse sweep itself, and the gradients that come of it.
 * @module
 */
import { context, underRule } from "./context.js";
import type { DType } from "./dtype.js";
import { describe, GradientError, GraphError } from "./errors.js";
import type { Node } from "./node.js";
import { add } from "./ops/arithmetic.js";
import { zerosOf } from "./ops/linear.js";
import { embedPieces, slicedRanges, wholePiece, type Piece } from "./ops/pieces.js";
import { evaluateMap } from "./primitive.js";
import { Reached } from "./reached.js";
import { addingOf, ruleMapOf, type RuleMap } from "./ruleMaps.js";
import { sameShape, scalarLayout, showShape } from "./shape.js";
import { Reach } from "./tape.js";
import { TapeSweep } from "./tapeSweep.js";
import { scalarTensor, Tensor } from "./tensor.js";

/** What is known of a cotangent: nothing yet, a scalar's number, a tensor. */
const unknown = 0;
const knownNumber = 1;
const knownTensor = 2;

/** The cotangents of one backward sweep, by tensor. Immutable; the tensors themselves know nothing of it. */
export class Gradients {
  readonly #reached: Reached;
  /** By index of `Reached`: what is known, and where. A graph of scalars would drown in tensors, so numbers stay numbers. */
  readonly #tape: TapeSweep | null;
  readonly #known: number[];
  readonly #numbers: number[];
  #tensors: Tensor[] | null = null;
  /** What slices have given to a tensor and is not added up yet. */
  #pieces: Map<number, Piece[]> | null = null;

  /** @internal */
  constructor(root: Tensor, seed: Tensor) {
    const plain = !context.recording && context.observer === null && context.evaluate === null;
    const sweep = plain ? new TapeSweep() : null;
    const reached = new Reached(root, sweep);
    const tape = sweep?.isIdle === false ? sweep : null;
    this.#tape = tape;
    const { tensors, nodes, results } = reached;
    // Plain arrays, as typed ones of more than 64 bytes cost more than a small graph.
    const known = new Array<number>(tensors.length).fill(unknown);
    this.#reached = reached;
    this.#known = known;
    this.#numbers = new Array<number>(tensors.length);
    const watched = context.observer?.applyRule !== undefined;
    this.#receiveAt(root, seed, plain);
    for (let i = 0; i < results.length; i++) {
      const at = results[i]!;
      if (known[at] === unknown) continue;
      const output = tensors[at]!;
      const node = nodes[at]!;
      if (tape !== null) tape.run(this, node);
      const { primitive, first, rest, count } = node;
      const ranges = watched ? null : slicedRanges(node);
      if (ranges !== null) {
        this.#receivePiece(reached.placeOf(first!.node!), { x: this.#at(at), ranges });
        continue;
      }
      // One handle for all inputs, by which a rule may know that it is asked again.
      let ct: Tensor | null = null;
      for (let j = 0; j < count; j++) {
        const input = j === 0 ? first! : rest instanceof Tensor ? rest : rest![j - 1]!;
        const { origin } = input;
        if (origin === null) continue;
        const map = plain && !(origin instanceof Reach) ? ruleMapOf(node, j, output.dtype) : null;
        if (map !== null) {
          this.#receiveMap(reached.placeOf(origin as Node), map, at);
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
    if (tape !== null) tape.run(this, null);
    // Now, as later nothing would be recorded.
    if (this.#pieces !== null) for (const place of this.#pieces.keys()) this.#join(place);
  }

  /** @internal */
  totalOf(leaf: Tensor): number | undefined {
    return this.#found(leaf.node!)?.item();
  }

  /** @internal */
  setTotal(leaf: Tensor, total: number): void {
    const place = this.#reached.leafPlace(leaf);
    this.#numbers[place] = total;
    this.#known[place] = knownNumber;
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
    if (plain && typeof contribution.data === "number" && known !== knownTensor)
      this.#receiveNumber(place, contribution.data, contribution.dtype);
    else this.#put(place, known === unknown ? contribution : add(this.#at(place), contribution));
  }

  #put(place: number, total: Tensor): void {
    this.#tensors ??= new Array<Tensor>(this.#known.length);
    this.#tensors[place] = total;
    this.#known[place] = knownTensor;
  }

  /** What a rule that is a map gives, from the cotangent at `from`. */
  #receiveMap(place: number, map: RuleMap, from: number): void {
    const { kernel, operands } = map;
    const { length } = operands;
    if (length === 0) return;
    const output = this.#reached.tensors[from]!;
    const { dtype } = output;
    if (this.#known[from] === knownNumber && this.#known[place] !== knownTensor && length < 4) {
      const x = this.#operandNumber(operands[0]!, output, from);
      const y = length > 1 ? this.#operandNumber(operands[1]!, output, from) : 0;
      const z = length > 2 ? this.#operandNumber(operands[2]!, output, from) : 0;
      const value = kernel === null ? x : context.backend.number(kernel, dtype as "float64")(x, y, z);
      return this.#receiveNumber(place, value, dtype);
    }
    const total = this.#known[place] === unknown ? null : this.#at(place);
    if (kernel === null && total === null) return this.#receive(place, this.#operand(operands[0]!, output, from), true);
    // One more in front where there is a total.
    const shift = total === null ? 0 : 1;
    const tensors = new Array<Tensor>(shift + length);
    if (total !== null) tensors[0] = total;
    for (let i = 0; i < length; i++) tensors[shift + i] = this.#operand(operands[i]!, output, from);
    const { name } = this.#reached.nodes[from]!.primitive;
    this.#put(place, evaluateMap(name, total === null ? kernel! : addingOf(map), tensors, undefined, dtype));
  }

  /** An operand of a rule: the cotangent, an input of `output`, or `output` itself. */
  #operand(operand: number, output: Tensor, from: number): Tensor {
    if (operand === 0) return this.#at(from);
    return this.#reached.nodes[from]!.input(operand - 1) ?? output;
  }

  #operandNumber(operand: number, output: Tensor, from: number): number {
    if (operand === 0) return this.#numbers[from]!;
    return (this.#reached.nodes[from]!.input(operand - 1) ?? output).item();
  }

  #receiveNumber(place: number, value: number, dtype: DType): void {
    const total = this.#known[place] === unknown ? value : this.#numbers[place]! + value;
    this.#numbers[place] = dtype === "float32" ? Math.fround(total) : total;
    this.#known[place] = knownNumber;
  }

  #receivePiece(place: number, piece: Piece): void {
    const all = (this.#pieces ??= new Map<number, Piece[]>());
    const pieces = all.get(place);
    if (pieces !== undefined) return void pieces.push(piece);
    all.set(place, this.#known[place] === unknown ? [piece] : [wholePiece(this.#at(place)), piece]);
    this.#known[place] = knownTensor;
  }

  /** Adds up what slices have given. */
  #join(place: number): void {
    const pieces = this.#pieces?.get(place);
    if (pieces === undefined) return;
    this.#pieces!.delete(place);
    this.#put(place, embedPieces(pieces, this.#reached.tensors[place]!.layout.shape));
  }

  #at(place: number): Tensor {
    if (this.#pieces !== null) this.#join(place);
    return this.#known[place] === knownNumber
      ? scalarTensor(scalarLayout, this.#reached.tensors[place]!.dtype, this.#numbers[place]!)
      : this.#tensors![place]!;
  }

  #found(node: Node): Tensor | undefined {
    const place = this.#reached.placeOf(node);
    return place < 0 || this.#known[place] === unknown ? undefined : this.#at(place);
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
    const found = node === null ? undefined : this.#found(node);
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
