/**
 * The identity that marks a leaf: a variable has no inputs, a leaf lifted by a transformation has the original.
 * @module
 */
import { context, withContext } from "./context.js";
import { apply, type Primitive } from "./primitive.js";
import { Tensor } from "./tensor.js";

export const leafPrimitive: Primitive = {
  name: "variable",
  kernel: { kind: "view", view: (layout) => ({ layout, shift: 0 }) },
  shape: null,
  dtype: null,
  vjp: (_, ct) => ct,
  jvp: "linear",
};

/** The value without its history; forward mode and recorded programs still see where it comes from. */
export function untracked(x: Tensor): Tensor {
  if (x.node === null) return x;
  return context.observer === null && context.evaluate === null
    ? new Tensor(x.layout, x.dtype, x.data, x.offset)
    : withContext({ recording: false }, () => apply(leafPrimitive, [x], undefined));
}
