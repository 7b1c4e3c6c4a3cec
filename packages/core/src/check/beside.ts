/**
 * Points close to the point.
 * @module
 */
import type { Random } from "../random.js";
import type { Tensor } from "../tensor.js";
import { tensorOf, type Subject } from "./subject.js";

/** Leaves moved at random by between half and all of `share`, relative to their size; zeros to that of their leaf. */
export function beside({ leaves }: Subject, random: Random, share: number): readonly Tensor[] {
  return leaves.map((x, k) => {
    const by = random.fork(`leaf ${k}`).uniform([x.size], { low: -1, high: 1, dtype: "float64" }).toTypedArray();
    const values = Float64Array.from(x.toTypedArray());
    let most = 0;
    for (const v of values) most = Math.max(most, Math.abs(v));
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      const size = v === 0 ? (most > 0 ? most : 1) : Math.abs(v);
      values[i] = v + (share / 2) * size * (by[i]! + Math.sign(by[i]!));
    }
    return tensorOf(values, x.shape, x.dtype);
  });
}
