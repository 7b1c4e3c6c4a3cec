// Loads the file of 100 MB that it is told, and says by how many MB that raised the most memory it ever had.
// Arguments: "write", "safetensors" or "checkpoint"; the file.
import { tensor } from "@cotangent/core";
import { loadCheckpoint, readSafetensors, saveCheckpoint } from "@cotangent/data/node";

const [what, path] = process.argv.slice(2);
const most = () => process.resourceUsage().maxRSS / 1024;
const before = most();
let state;
if (what === "write") {
  const layer = () => tensor(new Float64Array(2.5 * 2 ** 17).fill(0.1), { shape: [2 ** 9, 640] });
  await saveCheckpoint(path, { layers: Array.from({ length: 40 }, layer) });
} else if (what === "safetensors") state = (await readSafetensors(path)).tensors;
else state = await loadCheckpoint(path);
console.log(most() - before, state === undefined);
