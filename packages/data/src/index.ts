/**
 * Data sets, splitting, batching and scaling.
 * @module @cotangent/data
 */
export { parseCsv, type CsvOptions, type CsvTable } from "./csv.js";
export {
  batches,
  dataset,
  fromRows,
  shuffle,
  split,
  takeRows,
  type BatchOptions,
  type Dataset,
  type DatasetOptions,
  type SplitOptions,
} from "./dataset.js";
export { generatePlanarFlower, type PlanarFlowerOptions } from "./planarFlower.js";
export { minMaxScaler, standardScaler, type Scaler } from "./scaling.js";
