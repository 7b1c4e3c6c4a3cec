/** `pnpm bench`: all peers in turn, in rounds, so that a slow moment of the machine hits none alone. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CotangentError } from "@cotangent/core";
import type { Task } from "./child.js";
import { median } from "./measure.js";
import { help, readOptions } from "./options.js";
import { figures, ratios } from "./table.js";

interface Line {
  readonly about?: string;
  readonly name?: string;
  readonly seconds?: number;
  readonly unavailable?: string;
}

/** What a peer's process said; its chatter on standard output that is no JSON is passed over. */
async function linesOf(task: Task): Promise<readonly Line[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("child.js", import.meta.url)), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout }))
    if (text.startsWith("{")) lines.push(JSON.parse(text) as Line);
  const code = await ended;
  if (code !== 0) console.log(`  ${task.peer}: its process ended with ${code}; its remaining cases are missing`);
  return lines;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(help);
  const rounds = options.quick ? 1 : 3;
  const { processorTime } = options;
  const effort = options.quick
    ? { warmUp: 0.25, batch: 0.03, batches: 3, processorTime }
    : { warmUp: 1, batch: 0.3, batches: 5, processorTime };
  console.log(
    `Node ${process.version} on ${cpus()[0]?.model.trim() ?? "an unknown processor"}, ${cpus().length} cores${processorTime ? ", seconds of the processor" : ""}`,
  );
  const samples = new Map<string, Map<string, number[]>>();
  let peers = options.peers;
  for (let round = 1; round <= rounds; round++)
    for (const peer of peers) {
      console.log(`round ${round} of ${rounds}: ${peer}`);
      for (const { about, name, seconds, unavailable } of await linesOf({ peer, cases: options.cases, effort })) {
        if (about !== undefined && round === 1) console.log(`  ${about}`);
        if (unavailable !== undefined) {
          console.log(`  left out: ${unavailable}`);
          peers = peers.filter((other) => other !== peer);
        }
        if (name === undefined || seconds === undefined) continue;
        const row = samples.get(name) ?? new Map<string, number[]>();
        samples.set(name, row.set(peer, [...(row.get(peer) ?? []), seconds]));
      }
    }
  const seconds = new Map(
    [...samples].map(([name, row]) => [name, new Map([...row].map(([peer, times]) => [peer, median(times)]))]),
  );
  console.log(`\nMedians\n${figures(seconds, peers)}`);
  console.log(`\nCotangent's speed over theirs\n${ratios(seconds, peers)}`);
  if (options.json !== null)
    await writeFile(
      options.json,
      JSON.stringify(Object.fromEntries([...seconds].map(([name, row]) => [name, Object.fromEntries(row)])), null, 2),
    );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof CotangentError)) throw error;
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
