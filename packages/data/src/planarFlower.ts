/**
 * The planar flower: two interleaved classes of petals that no straight line separates.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkRandom,
  concat,
  describe,
  linspace,
  stack,
  tensor,
  type Random,
} from "@cotangent/core";
import { dataset, type Dataset } from "./dataset.js";

/** Options of `generatePlanarFlower`. */
export interface PlanarFlowerOptions {
  readonly random: Random;
  /** Samples in all, an even number. Default: 400. */
  readonly count?: number | undefined;
}

/**
 * Draws a planar flower: class j has the angles $t$ from $3.12 j$ to $3.12 (j + 1)$ with noise of standard deviation 0.2,
 * the radii $r = 4 \sin 4t$ with the same noise, and the points $(r \sin t, r \cos t)$. Angles in radians.
 *
 * @throws `ArgumentError` if the count is not an even integer from 2
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * import { generatePlanarFlower } from "@cotangent/data";
 * generatePlanarFlower({ random: random(1) }).features.shape; // → [400,2]
 * ```
 */
export function generatePlanarFlower(options: PlanarFlowerOptions): Dataset {
  checkOptions("generatePlanarFlower", options, ["random", "count"], ["random"]);
  const { count = 400 } = options;
  const random = checkRandom("generatePlanarFlower", options.random);
  if (!Number.isInteger(count) || count < 2 || count % 2 !== 0)
    throw new ArgumentError(`generatePlanarFlower: expected an even count from 2, got ${describe(count)}`);
  const half = count / 2;
  const petals = [0, 1].map((j) => {
    const t = linspace(j * 3.12, (j + 1) * 3.12, half).add(random.normal([half], { std: 0.2 }));
    const r = t
      .mul(4)
      .sin()
      .mul(4)
      .add(random.normal([half], { std: 0.2 }));
    return stack([r.mul(t.sin()), r.mul(t.cos())], { axis: 1 });
  });
  const labels = tensor(Int32Array.from({ length: count }, (_, i) => (i < half ? 0 : 1)));
  return dataset(concat(petals), labels, {
    name: "planar flower",
    featureNames: ["x1", "x2"],
    classNames: ["red", "blue"],
  });
}
