/** Tensors with elements that show any difference in the order of operations. */
import { random, tensor, type DType, type Tensor } from "@cotangent/core";

const odd = [NaN, Infinity, -Infinity, 0, -0, 5e-324, 1e300, -1e-300];

const pool = {
  float: random(1)
    .normal([5003])
    .mul(random(2).normal([5003], { std: 8 }).exp())
    .toTypedArray(),
  integer: random(3).integers([5003], { low: -(2 ** 31), high: 2 ** 31 - 1 }).toTypedArray(), // prettier-ignore
};

/** Elements of all magnitudes, so that sums depend on their order; with `special`, zeros, infinities and NaN among them. */
export function elements(shape: readonly number[], dtype: DType, seed: number, special: boolean): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const from = dtype === "int32" ? pool.integer : pool.float;
  const values = Float64Array.from({ length: size }, (_, i) => {
    const place = (seed + i * 7919) % from.length;
    return special && dtype !== "int32" && place % 6 === 0 ? odd[(place / 6) % odd.length]! : from[place]!;
  });
  return tensor(values, { shape, dtype });
}

/** The same elements in a buffer of their own. */
export function denseCopy(x: Tensor): Tensor {
  return tensor(x.toTypedArray(), { shape: x.shape, dtype: x.dtype });
}
