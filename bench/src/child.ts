/** One peer in a process of its own, so that none shares a heap or a compiler's guesses with another. */
import { measure, type Effort } from "./measure.js";
import { Unavailable } from "./peer.js";
import { javascriptPeers, torchPeers } from "./peers/index.js";
import { torchLines } from "./peers/torch.js";

export interface Task {
  readonly peer: string;
  readonly cases: readonly string[];
  readonly effort: Effort;
}

const { peer: name, cases, effort } = JSON.parse(process.argv[2]!) as Task;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  if (name in torchPeers) process.stdout.write(torchLines(torchPeers[name as keyof typeof torchPeers], cases, effort));
  else {
    const peer = await javascriptPeers[name]!();
    say({ about: peer.about });
    for (const wanted of cases) {
      const make = peer.cases[wanted];
      if (make !== undefined) say({ name: wanted, seconds: await measure(make(), effort) });
    }
  }
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  say({ unavailable: error.message });
}
