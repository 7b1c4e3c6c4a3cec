import { fileURLToPath } from "node:url";
import { fromRows, type Dataset, type DatasetOptions } from "../dataset.js";
import { readCsv } from "./csv.js";

function bundled(file: string, options: DatasetOptions): Dataset {
  const { columns, rows } = readCsv(fileURLToPath(new URL(`../../data/${file}`, import.meta.url)));
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
