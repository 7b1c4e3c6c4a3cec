/**
 * Data sets from files, for Node.
 * @module @cotangent/data/node
 */
export type { Dataset } from "../dataset.js";
export { breastCancer, digits, planarFlower } from "./bundled.js";
export { catImages } from "./cats.js";
export { readCsv } from "./files.js";
export { readHdf5, type Hdf5Values } from "./hdf5.js";
