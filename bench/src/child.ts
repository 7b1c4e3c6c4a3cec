/** Cases of one peer in a process of its own, so that none shares a heap or a compiler's guesses with another. */
import { measureFresh, measureGrowth, watchMemories, type FreshEffort, type GrowthEffort } from "./fresh.js";
import { measure, secondsNow, type Effort } from "./measure.js";
import { Unavailable } from "./peer.js";
import { javascriptPeers, torchPeers } from "./peers/index.js";
import { torchLines } from "./peers/torch.js";

export interface Task {
  readonly peer: string;
  readonly cases: readonly string[];
  /** Of warm runs, of calls from the very first one on, or of what runs leave behind. */
  readonly effort: Effort | FreshEffort | GrowthEffort;
}

const { peer: name, cases, effort } = JSON.parse(process.argv[2]!) as Task;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  if (name in torchPeers) process.stdout.write(torchLines(torchPeers[name]!, cases, effort));
  else {
    const memories = "fresh" in effort ? watchMemories() : () => 0;
    const start = secondsNow(effort.processorTime);
    const peer = await javascriptPeers[name]!();
    const load = secondsNow(effort.processorTime) - start;
    say({ about: peer.about });
    for (const wanted of cases) {
      const make = peer.cases[wanted];
      if (make === undefined) continue;
      if ("fresh" in effort) say({ name: wanted, fresh: await measureFresh(make(), load, effort, memories) });
      else if ("growth" in effort) say({ name: wanted, growth: await measureGrowth(make(), effort.growth) });
      else say({ name: wanted, times: await measure(make(), effort) });
    }
  }
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  say({ unavailable: error.message });
}
