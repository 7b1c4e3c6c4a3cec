/**
 * What training needs Node for: a progress bar on the terminal.
 * @module @cotangent/optim/node
 */
export { progressBar, type ProgressBarOptions } from "./progressBar.js";
