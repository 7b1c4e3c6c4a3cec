/** One peer in a process of its own, so that none shares a heap or a compiler's guesses with another. */
import { measureFresh } from "./fresh.js";
import { measure, type Effort } from "./measure.js";
import { Unavailable } from "./peer.js";
import { javascriptPeers, torchPeers } from "./peers/index.js";
import { torchLines } from "./peers/torch.js";

export interface Task {
  readonly peer: string;
  readonly cases: readonly string[];
  /** Seconds of calls from the very first one on, of the first case only; or the effort of measuring warm runs. */
  readonly effort: Effort | { readonly fresh: number };
}

const { peer: name, cases, effort } = JSON.parse(process.argv[2]!) as Task;
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  if (name in torchPeers) process.stdout.write(torchLines(torchPeers[name]!, cases, effort));
  else {
    const start = performance.now();
    const peer = await javascriptPeers[name]!();
    const load = (performance.now() - start) / 1000;
    say({ about: peer.about });
    for (const wanted of cases) {
      const make = peer.cases[wanted];
      if (make === undefined) continue;
      if ("fresh" in effort) say({ name: wanted, fresh: await measureFresh(make(), load, effort.fresh) });
      else say({ name: wanted, times: await measure(make(), effort) });
    }
  }
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  say({ unavailable: error.message });
}
