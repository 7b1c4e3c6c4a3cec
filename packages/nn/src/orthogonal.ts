/**
 * Orthogonal first values.
 * @module
 */
import { checkOptions, checkRandom, tensor, zeros, type Random, type Shape, type Tensor } from "@cotangent/core";
import { checkPositive } from "./checks.js";
import type { InitOptions } from "./initialisers.js";
import { checkWeight } from "./scaledInitialisers.js";

/** Options of `orthogonal`. */
export interface OrthogonalOptions extends InitOptions {
  /** The length of the vectors. Default: 1. */
  readonly gain?: number | undefined;
}

/**
 * A random orthogonal matrix, $W W^\top = g^2 I$ or, where there are more rows than columns, $W^\top W = g^2 I$, with
 * the gain g: normal vectors made orthonormal by Gram and Schmidt's method, twice for accuracy. Axes after the first
 * count as columns.
 *
 * @throws `ArgumentError` if the shape has fewer than two axes, or the gain is not above 0
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { orthogonal } from "@cotangent/nn";
 * const w = orthogonal(random(1), [2, 3]);
 * w.matmul(w.transpose()).mul(1e6).round().div(1e6).abs().toArray(); // → [[1,0],[0,1]]
 * ```
 * @see Saxe, McClelland, Ganguli: Exact solutions to the nonlinear dynamics of learning in deep linear neural networks (2014)
 */
export const orthogonal: (random: Random, shape: Shape, options?: OrthogonalOptions) => Tensor = (
  random,
  shape,
  options,
) => {
  checkOptions("orthogonal", options, ["gain", "dtype"]);
  checkWeight("orthogonal", shape);
  const gain = options?.gain ?? 1;
  checkPositive("orthogonal", "gain", gain);
  const drawn = checkRandom("orthogonal", random).normal(shape, { dtype: "float64" });
  const rows = shape[0]!;
  const columns = rows === 0 ? 0 : drawn.size / rows;
  const values = drawn.toTypedArray() as Float64Array;
  // Vector i, element k: the shorter side counts vectors.
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  const at = (i: number, k: number): number => (rows <= columns ? i * columns + k : k * columns + i);
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += values[at(i, k)]! * values[at(j, k)]!;
    return sum;
  };
  for (let i = 0; i < count; i++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const share = dot(i, j);
        for (let k = 0; k < length; k++) values[at(i, k)]! -= share * values[at(j, k)]!;
      }
      const scale = 1 / Math.sqrt(dot(i, i));
      for (let k = 0; k < length; k++) values[at(i, k)]! *= scale;
    }
  }
  return tensor(values, { shape, dtype: "float64" })
    .mul(gain)
    .astype(options?.dtype ?? zeros([]).dtype);
};
