/**
 * The identity that marks a leaf: a variable has no inputs, a leaf lifted by a transformation has the original.
 * @module
 */
import { context, withRecording } from "./context.js";
import { apply, type Primitive } from "./primitive.js";
import { Reach } from "./tape.js";
import { scalarTensor, Tensor } from "./tensor.js";

export const leafPrimitive: Primitive = {
  name: "variable",
  kernel: { kind: "view", view: (layout) => ({ layout, shift: 0 }) },
  shape: null,
  dtype: null,
  vjp: (_, ct) => ct,
  jvp: "linear",
};

/** Another handle of the value, without history. Values never change, so a buffer is shared; but not a chunk of the tape. */
export function sameValue(x: Tensor): Tensor {
  return x.origin instanceof Reach
    ? scalarTensor(x.layout, x.dtype, x.item())
    : new Tensor(x.layout, x.dtype, x.data, x.offset);
}

/** The value without its history; forward mode and recorded programs still see where it comes from. */
export function untracked(x: Tensor): Tensor {
  if (x.origin === null) return x;
  return context.observer === null && context.evaluate === null
    ? sameValue(x)
    : withRecording(false, () => apply(leafPrimitive, [x], undefined));
}
