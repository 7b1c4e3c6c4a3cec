import { fileURLToPath } from "node:url";
import { tensor } from "@cotangent/core";
import { dataset, fromRows, type Dataset, type DatasetOptions } from "../dataset.js";
import { readCsv } from "./csv.js";

const table = (file: string): ReturnType<typeof readCsv> =>
  readCsv(fileURLToPath(new URL(`../../data/${file}`, import.meta.url)));

function bundled(file: string, options: DatasetOptions): Dataset {
  const { columns, rows } = table(file);
  return fromRows(rows, columns, options);
}

/**
 * Breast cancer Wisconsin (diagnostic): 569 tumours, 30 measurements of cell nuclei; 0 malignant, 1 benign.
 *
 * @example
 * ```ts
 * import { breastCancer } from "@cotangent/data/node";
 * breastCancer().features.shape; // → [569,30]
 * ```
 * @see Street, Wolberg, Mangasarian: Nuclear feature extraction for breast tumor diagnosis (1993); UCI, CC BY 4.0
 */
export function breastCancer(): Dataset {
  return bundled("breast_cancer.csv", { name: "breast cancer", classNames: ["malignant", "benign"] });
}

/**
 * The planar flower: 400 points in the plane, two interleaved classes.
 *
 * @example
 * ```ts
 * import { planarFlower } from "@cotangent/data/node";
 * planarFlower().labels.sum().item(); // → 200
 * ```
 */
export function planarFlower(): Dataset {
  return bundled("planar_flower.csv", { name: "planar flower", classNames: ["red", "blue"] });
}

/**
 * Handwritten digits: 1797 images of 8 × 8 pixels from 0 to 16, row by row; classes 0 to 9.
 *
 * @example
 * ```ts
 * import { digits } from "@cotangent/data/node";
 * digits().features.shape; // → [1797,64]
 * ```
 * @see Alpaydin, Kaynak: Optical recognition of handwritten digits (1998); UCI, CC BY 4.0
 */
export function digits(): Dataset {
  return bundled("digits8x8.csv", { name: "digits", classNames: Array.from("0123456789") });
}

/**
 * Diabetes: 442 patients, 10 measurements each (age in years, sex as 1 or 2, body mass index, mean blood pressure, six
 * blood serum values); labels measure how far the disease went on in a year, from 25 to 346, float64.
 *
 * @example
 * ```ts
 * import { diabetes } from "@cotangent/data/node";
 * diabetes().features.shape; // → [442,10]
 * diabetes().labels.mean().item(); // → 152.133484
 * ```
 * @see Efron, Hastie, Johnstone, Tibshirani: Least angle regression (2004)
 */
export function diabetes(): Dataset {
  const { columns, rows } = table("diabetes.csv");
  const features = tensor(
    rows.map((row) => row.slice(0, -1)),
    { dtype: "float64" },
  );
  const targets = tensor(Float64Array.from(rows, (row) => row.at(-1)!));
  return dataset(features, targets, { name: "diabetes", featureNames: columns.slice(0, -1) });
}
