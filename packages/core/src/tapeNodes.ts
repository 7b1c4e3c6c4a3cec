/**
 * What was written down on the tape before an entry: its chunks, its variables, and nodes made of it.
 * @module
 */
import { Node } from "./node.js";
import type { Primitive } from "./primitive.js";
import { scalarLayout } from "./shape.js";
import type { Chunk, Reach } from "./tape.js";
import { codeOf, constantCode, firstOperator, importedCode, leftOf, operators, rightOf } from "./tapeOperators.js";
import { scalarTensor, type Tensor } from "./tensor.js";

/** A node made of an entry. It names the chunk by number, lest nodes that are kept hold chunks. */
export class TapeNode extends Node {
  readonly serial: number;
  readonly index: number;

  constructor(primitive: Primitive<never>, inputs: readonly Tensor[], chunk: Chunk, index: number) {
    super(primitive, inputs, undefined, chunk.idOf(index));
    this.serial = chunk.serial;
    this.index = index;
  }
}

/** The chunks of some histories, from the latest to the first. */
export function chunksOf(reaches: ReadonlySet<Reach>): Chunk[] {
  const [only] = reaches;
  if (reaches.size === 1 && only!.older.length === 0) return [only!.chunk];
  const seen = new Set(reaches);
  const chunks = new Set<Chunk>();
  for (const reach of seen) {
    chunks.add(reach.chunk);
    for (const older of reach.older) seen.add(older);
  }
  return [...chunks].sort((a, b) => b.serial - a.serial);
}

/** Entries of a chunk that are marked; no results outside of the bounds. */
class Marked {
  readonly marks: Uint8Array;
  first: number;
  last = -1;

  constructor(readonly chunk: Chunk) {
    this.first = chunk.count;
    this.marks = new Uint8Array(chunk.count);
  }

  mark(entry: number): void {
    this.marks[entry] = 1;
    this.first = Math.min(this.first, entry);
    this.last = Math.max(this.last, entry);
  }
}

/** The entries from which one was computed, itself included, from the latest chunk to the first. */
function ancestorsOf(root: Reach, entry: number): Marked[] {
  const parts = chunksOf(new Set([root])).map((chunk) => new Marked(chunk));
  parts[0]!.mark(entry);
  for (const part of parts) {
    const { chunk, marks } = part;
    const { rows } = chunk;
    let { first } = part;
    const mark = (i: number): void => {
      marks[i] = 1;
      if (i < first && codeOf(rows[i]!) >= firstOperator) first = i;
    };
    for (let i = part.last; i >= first; i--) {
      const code = codeOf(rows[i]!);
      if (marks[i] === 0 || code < firstOperator) continue;
      mark(leftOf(rows[i]!));
      mark(rightOf(rows[i]!));
    }
    part.first = first;
    if (parts.length > 1)
      for (const { entry: here, leaf, serial, index } of chunk.imports)
        if (marks[here] === 1 && leaf === null) partOf(parts, serial).mark(index);
  }
  return parts;
}

function partOf(parts: readonly Marked[], serial: number): Marked {
  return parts.find(({ chunk }) => chunk.serial === serial)!;
}

/** The variables from which an entry was computed. */
export function leavesOf(root: Reach, entry: number): Tensor[] {
  return ancestorsOf(root, entry).flatMap(({ chunk, marks }) =>
    chunk.imports.flatMap(({ entry: here, leaf }) => (marks[here] === 1 && leaf !== null ? [leaf] : [])),
  );
}

/** Makes the nodes of an entry and of what it was computed from, as far as they do not exist. */
export function makeNodes(root: Reach, entry: number): void {
  const parts = ancestorsOf(root, entry);
  for (const { chunk, marks, first, last } of parts.toReversed()) {
    const { rows, values } = chunk;
    const handles = (chunk.nodes ??= new Map<number, Tensor>());
    const handleOf = (i: number): Tensor => {
      const code = codeOf(rows[i]!);
      if (code === constantCode) return scalarTensor(scalarLayout, "float64", values[i]!);
      if (code !== importedCode) return handles.get(i)!;
      const { leaf, serial, index } = chunk.imports[leftOf(rows[i]!)]!;
      return leaf ?? partOf(parts, serial).chunk.nodes!.get(index)!;
    };
    for (let i = first; i <= last; i++) {
      const code = codeOf(rows[i]!);
      if (marks[i] === 0 || code < firstOperator || handles.has(i)) continue;
      const { primitive, arity } = operators[code]!.operator;
      const inputs = [handleOf(leftOf(rows[i]!))];
      if (arity === 2) inputs.push(handleOf(rightOf(rows[i]!)));
      const handle = scalarTensor(scalarLayout, "float64", values[i]!);
      handle.origin = new TapeNode(primitive as Primitive<never>, inputs, chunk, i);
      handles.set(i, handle);
    }
  }
}
