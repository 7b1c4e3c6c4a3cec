/**
 * Data sets, splitting, batching and scaling.
 * @module @cotangent/data
 */
export { parseCsv, type CsvOptions, type CsvTable } from "./csv.js";
export {
  batches,
  dataset,
  fromRows,
  kFold,
  shuffle,
  split,
  takeRows,
  type BatchOptions,
  type Dataset,
  type DatasetOptions,
  type KFoldOptions,
  type SplitOptions,
} from "./dataset.js";
export { decodeIdx, type DecodeIdxOptions } from "./idx.js";
export { decodeNpy, encodeNpy, type DecodeNpyOptions } from "./npy.js";
export { decodeNpz, encodeNpz, type DecodeNpzOptions, type EncodeNpzOptions, type NamedTensors } from "./npz.js";
export { generatePlanarFlower, type PlanarFlowerOptions } from "./planarFlower.js";
export { restoreTree } from "./restore.js";
export { decodeSafetensors, encodeSafetensors, type Safetensors, type SafetensorsOptions } from "./safetensors.js";
export { minMaxScaler, standardScaler, type Scaler } from "./scaling.js";
