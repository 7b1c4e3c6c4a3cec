/**
 * What slices of one tensor give back to it, added up at once: part by part, each would cost as much as the whole.
 * @module
 */
import type { TypedArray } from "../dtype.js";
import type { Node } from "../node.js";
import { apply, type Primitive } from "../primitive.js";
import { contiguousLayout, forEachPosition, stridedLayout, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { embed, slicePrimitive, sliceRanges, wholeAxis, type Range } from "./regions.js";

/** Elements, and where they belong. */
export interface Piece {
  readonly x: Tensor;
  readonly ranges: readonly Range[];
}

/** Where the cotangent of a slice belongs in that of its input; `null` for results of other operators. */
export function slicedRanges({ primitive, params }: Node): readonly Range[] | null {
  if (primitive !== (slicePrimitive as Primitive<never>)) return null;
  return (params as { readonly ranges: readonly Range[] }).ranges;
}

/** All of a tensor as a piece. */
export function wholePiece(x: Tensor): Piece {
  return { x, ranges: x.layout.shape.map(wholeAxis) };
}

/** Zeros of `shape` to which the pieces are added, one after the other. */
export function embedPieces(pieces: readonly Piece[], shape: Shape): Tensor {
  const [first] = pieces;
  if (pieces.length === 1) return embed(first!.x, first!.ranges, shape);
  const inputs = pieces.map(({ x }) => x);
  return apply(piecesPrimitive, inputs, { shape, ranges: pieces.map(({ ranges }) => ranges) });
}

const piecesPrimitive: Primitive<{ readonly ranges: readonly (readonly Range[])[]; readonly shape: Shape }> = {
  name: "embed",
  kernel: {
    kind: "routine",
    run: (inputs, _, { ranges, shape }, output) => {
      output.fill(0);
      const { strides } = contiguousLayout(shape);
      inputs.forEach((x, i) => addPiece(x, ranges[i]!, strides, output));
    },
  },
  shape: (_, { shape }) => shape,
  dtype: null,
  vjp: (index, ct, _x, _y, { ranges }) => sliceRanges(ct, ranges[index]!),
  jvp: "linear",
};

/** Adds row-major elements to the places that `ranges` pick in `output`. */
function addPiece(x: TypedArray, ranges: readonly Range[], strides: readonly number[], output: TypedArray): void {
  const last = ranges.length - 1;
  const { step, count } = ranges[last]!;
  const rows = stridedLayout(
    ranges.map((range, axis) => (axis === last ? 1 : range.count)),
    ranges.map((range, axis) => range.step * strides[axis]!),
  );
  const first = ranges.reduce((sum, { start }, axis) => sum + start * strides[axis]!, 0);
  if (x.length === 0) return;
  forEachPosition(rows, (position, row) => {
    for (let i = 0, p = row * count, q = first + position; i < count; i++, p++, q += step) output[q]! += x[p]!;
  });
}
