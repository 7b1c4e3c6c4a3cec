/**
 * Scaling of features, fitted on the training part only.
 * @module
 */
import { DataError, expectTensor, ShapeError, where, type Tensor } from "@cotangent/core";
import { checkFinite } from "./dataset.js";

/** A fitted scaling $y = (x - c) / s$ of each column. */
export interface Scaler {
  /** What is subtracted, shape `[features]`. */
  readonly centre: Tensor;
  /** What is divided by, shape `[features]`; 1 for a constant column. */
  readonly scale: Tensor;
  /** Shape `[…, features]` to the same. */
  transform(features: Tensor): Tensor;
  /** Undoes `transform`. */
  inverse(scaled: Tensor): Tensor;
}

function scaler(
  operator: string,
  features: Tensor,
  centreOf: (x: Tensor) => Tensor,
  spreadOf: (x: Tensor) => Tensor,
): Scaler {
  expectTensor(operator, features, "features in a tensor");
  if (features.rank !== 2 || features.size === 0)
    throw new DataError(
      `${operator}: expected features of shape [samples, features] with at least one of each, got [${features.shape.join(", ")}]`,
    );
  checkFinite(operator, features);
  const lowest = features.min({ axis: 0 });
  const constant = lowest.equal(features.max({ axis: 0 }));
  // Not by the spread: the mean of equal numbers may be off by a rounding.
  const centre = where(constant, lowest, centreOf(features));
  const scale = where(constant, 1, spreadOf(features));
  const checked = (x: Tensor): Tensor => {
    expectTensor(operator, x, "features in a tensor");
    if (x.rank > 0 && x.shape.at(-1) === centre.size) return x;
    throw new ShapeError(
      `${operator}: expected rows of ${centre.size} features, as it was fitted on, got shape [${x.shape.join(", ")}]`,
    );
  };
  return {
    centre,
    scale,
    transform: (x) => checked(x).sub(centre).div(scale),
    inverse: (x) => checked(x).mul(scale).add(centre),
  };
}

/**
 * Standardisation: every column of the fitted features gets mean 0 and standard deviation 1 (divisor n). A constant
 * column is only centred.
 *
 * @throws `DataError` if there are no samples, or a feature is not finite (row and column are named)
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { standardScaler } from "@cotangent/data";
 * const scaler = standardScaler(tensor([[1], [3]]));
 * scaler.transform(tensor([[1], [3], [5]])).toArray(); // → [[-1],[1],[3]]
 * ```
 */
export function standardScaler(features: Tensor): Scaler {
  return scaler(
    "standardScaler",
    features,
    (x) => x.mean({ axis: 0 }),
    (x) => x.std({ axis: 0, correction: 0 }),
  );
}

/**
 * Min-max scaling: every column of the fitted features goes to [0, 1]. A constant column becomes 0.
 *
 * @throws `DataError` if there are no samples, or a feature is not finite (row and column are named)
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { minMaxScaler } from "@cotangent/data";
 * minMaxScaler(tensor([[2], [6]])).transform(tensor([[3]])).toArray(); // → [[0.25]]
 * ```
 */
export function minMaxScaler(features: Tensor): Scaler {
  return scaler(
    "minMaxScaler",
    features,
    (x) => x.min({ axis: 0 }),
    (x) => x.max({ axis: 0 }).sub(x.min({ axis: 0 })),
  );
}
