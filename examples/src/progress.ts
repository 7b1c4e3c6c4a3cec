/** How far a training is: a bar on a terminal, plain lines elsewhere. */
import type { FitCallback } from "@cotangent/optim";
import { progressBar } from "@cotangent/optim/node";

/** Four lines a run. */
function lines(write: (line: string) => void): FitCallback {
  let total = 1;
  return (event) => {
    if (event.type === "start") total = event.epochs;
    if (event.type !== "epoch") return;
    const { epoch, state } = event;
    if (epoch % Math.ceil(total / 4) === 0 || epoch === total)
      write(`  ${epoch}/${total}  cost ${state.cost!.toFixed(6)}`);
  };
}

export function progress(write: (line: string) => void): FitCallback {
  return process.stderr.isTTY ? progressBar() : lines(write);
}
