/** Exact comparison of tensors. */
import type { Tensor } from "@cotangent/core";

/** Shape, dtype and elements as text that tells 0 from -0 and reads back exactly; any NaN is like another. */
export function bits(x: Tensor): string {
  const elements = Array.from(x.toTypedArray(), (v) => (Object.is(v, -0) ? "-0" : String(v)));
  return `${x.dtype} [${x.shape.join(", ")}] ${elements.join(" ")}`;
}
