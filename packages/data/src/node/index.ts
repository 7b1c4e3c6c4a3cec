/**
 * Data sets from files, for Node.
 * @module @cotangent/data/node
 */
export type { ColumnType, ColumnValues, CsvBatch, CsvColumnOptions } from "../csvColumns.js";
export type { Dataset } from "../dataset.js";
export { readIdx, readNpy, readNpz, readSafetensors, writeNpy, writeNpz, writeSafetensors } from "./arrays.js";
export { breastCancer, diabetes, digits, planarFlower } from "./bundled.js";
export { catImages } from "./cats.js";
export { loadCheckpoint, saveCheckpoint, type LoadOptions } from "./checkpoint.js";
export { latestCheckpoint, saveStep, type Latest, type SaveStepOptions } from "./checkpointFolder.js";
export { readCsv } from "./csv.js";
export { readCsvDataset, streamCsv, type CsvDatasetOptions, type StreamCsvOptions } from "./csvStream.js";
export { readImage, type ImageOptions } from "./image.js";
export { mnist, type MnistOptions } from "./mnist.js";
export { readHdf5, type Hdf5Values } from "./hdf5.js";
