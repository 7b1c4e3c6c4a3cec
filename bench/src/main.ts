/** `npm run bench`: measures, prints, and with `--report` writes tables and plots. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg, release, type } from "node:os";
import { ArgumentError, CotangentError } from "@cotangent/core";
import type { Effort } from "./measure.js";
import { help, readOptions, type Options } from "./options.js";
import { casesInReport, freshCases, freshPeers } from "./summary/plan.js";
import { stepOf } from "./summary/targets.js";
import { writeReport } from "./summary/write.js";
import { stepsOfGrowth, type Results } from "./results.js";
import { measureFirstCalls, measureHeap, measureRounds } from "./rounds.js";
import { figures, ratios } from "./table.js";

const say = (text: string): void => console.log(text);

/** A report measures more cases, each for a shorter time. */
function effortOf({ quick, report, processorTime }: Options): Effort {
  if (quick) return { warmUp: 0.25, batch: report ? 0.02 : 0.03, batches: 3, processorTime };
  return { warmUp: report ? 0.5 : 1, batch: report ? 0.06 : 0.3, batches: 5, processorTime };
}

async function measured(options: Options): Promise<Results> {
  const before = loadavg()[0]!;
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const processor = cpus()[0]?.model.trim() ?? "an unknown processor";
  say(
    `Node ${process.version} on ${processor}, ${cpus().length} cores${options.processorTime ? ", seconds of the processor" : ""}`,
  );
  const effort = effortOf(options);
  const rounds = options.rounds ?? (options.quick ? 1 : 3);
  const casesOf = (peer: string): readonly string[] => (options.report ? casesInReport(peer) : options.cases);
  const threaded =
    options.report && options.processorTime ? options.peers.filter((peer) => /-(2t|blas)$/.test(peer)) : [];
  const peers = options.peers.filter((peer) => !threaded.includes(peer));
  const speed = await measureRounds({ peers, casesOf, effort, rounds, together: options.quick, say });
  const known = freshPeers.filter((peer) => peer in speed.peers);
  const calls = { fresh: options.quick ? 0.25 : 1, processorTime: options.processorTime };
  const fresh = options.report ? await measureFirstCalls(known, freshCases, calls, say) : {};
  const growth =
    options.report && "compiled-f32" in speed.peers
      ? await measureHeap("compiled-f32", stepOf("e"), { growth: stepsOfGrowth, processorTime: false }, say)
      : null;
  return {
    date,
    processor,
    cores: cpus().length,
    system: `${type()} ${release().split("-")[0]!}`,
    node: process.version,
    load: [before, loadavg()[0]!],
    rounds,
    processorTime: options.processorTime,
    ...speed,
    leftOut: {
      ...Object.fromEntries(threaded.map((peer) => [peer, "seconds of the processor add up over threads"])),
      ...speed.leftOut,
    },
    growth,
    fresh,
  };
}

async function readResults(file: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Results;
  } catch (error) {
    throw new ArgumentError(`--from: expected results that --report has written, got ${file}`, { cause: error });
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(help);
  const results = options.from === null ? await measured(options) : await readResults(options.from);
  if (options.json !== null) await writeFile(options.json, JSON.stringify(results, null, 2));
  if (options.report) for (const file of await writeReport(results)) say(`wrote ${file}`);
  else {
    say(`\nMedians\n${figures(results)}`);
    for (const own of ["cotangent", "compiled"] as const) {
      const table = ratios(results, own);
      if (table !== "") say(`\nSpeed of ${own}-f64 and -f32 over the others'\n${table}`);
    }
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CotangentError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
