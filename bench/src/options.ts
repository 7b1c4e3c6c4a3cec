/** The command line of the benchmark. @module */
import { parseArgs } from "node:util";
import { ArgumentError } from "@cotangent/core";
import { cases, curveCases } from "./cases.js";
import { peerNames } from "./peers/index.js";

export interface Options {
  readonly quick: boolean;
  /** How often all peers have their turn; `null`: three times, or once if it has to be quick. */
  readonly rounds: number | null;
  readonly cases: readonly string[];
  readonly peers: readonly string[];
  /** Where the figures go as JSON; `null`: nowhere. */
  readonly json: string | null;
  readonly processorTime: boolean;
  /** Measures what the report shows, and writes it. */
  readonly report: boolean;
  /** Results of an earlier report, to be written anew without measuring; `null`: measure. */
  readonly from: string | null;
  readonly help: boolean;
}

export const help = `Measures Cotangent side by side with its peers, each case of each in a process of its own, and prints ratios.

Usage: npm run bench -- [options]

  --report          measures what docs/bench shows (first calls, memory and growth too), and writes docs/bench/README.md,
                    its plots, its results as JSON, and the table in README.md; about 30 minutes, or 3 with --quick
  --from FILE       with --report: writes these results (docs/bench/results.json) anew instead of measuring
  --quick           one round instead of three, each case for a shorter time, and all cases of a peer in one process:
                    what the engine has not yet optimised by then, or for other cases, looks slower than it is
  --rounds N        so many rounds
  --only TEXTS      only cases whose name contains one of these texts, separated by commas: "step b", matmul, ...
  --peers NAMES     only these: ${peerNames.join(", ")}
  --processor-time  seconds of the processor instead of the clock's: for a machine that is busy with other things
  --json FILE       also write the figures there
  --help            this text
`;

const list = (text: string): readonly string[] => text.split(",").map((part) => part.trim());

function chosenCases(texts: readonly string[]): readonly string[] {
  const all = [...cases, ...curveCases];
  for (const text of texts)
    if (!all.some(({ name }) => name.includes(text)))
      throw new ArgumentError(
        `--only: expected a part of a case's name, got "${text}"; the cases are\n  ${all.map(({ name }) => name).join("\n  ")}`,
      );
  // Points of curves are many: they are measured if named.
  return (texts.includes("") ? cases : all)
    .map(({ name }) => name)
    .filter((name) => texts.some((text) => name.includes(text)));
}

function chosenRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new ArgumentError(`--rounds: expected a whole number from 1, got "${text}"`);
  return rounds;
}

function chosenPeers(names: readonly string[]): readonly string[] {
  for (const name of names)
    if (!peerNames.includes(name))
      throw new ArgumentError(`--peers: expected names out of ${peerNames.join(", ")}, got "${name}"`);
  return peerNames.filter((name) => names.includes(name));
}

/** @throws {@link ArgumentError} for an unknown option or a value that makes no sense */
export function readOptions(args: readonly string[]): Options {
  const options = {
    quick: { type: "boolean" },
    rounds: { type: "string" },
    only: { type: "string" },
    peers: { type: "string" },
    json: { type: "string" },
    report: { type: "boolean" },
    from: { type: "string" },
    "processor-time": { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.from !== undefined && values.report !== true)
      throw new ArgumentError("--from: expected --report beside it, which says what to do with the results");
    if (values.report === true && values.only !== undefined)
      throw new ArgumentError(
        "--only: expected no --report beside it, which has cases of its own; leave out peers instead",
      );
    return {
      quick: values.quick ?? false,
      rounds: values.rounds === undefined ? null : chosenRounds(values.rounds),
      cases: chosenCases(list(values.only ?? "")),
      peers: chosenPeers(values.peers === undefined ? peerNames : list(values.peers)),
      json: values.json ?? null,
      processorTime: values["processor-time"] ?? false,
      report: values.report ?? false,
      from: values.from ?? null,
      help: values.help ?? false,
    };
  } catch (error) {
    if (error instanceof ArgumentError) throw error;
    throw new ArgumentError(`${(error as Error).message.split(/\. |\n/)[0]!}; see --help`, { cause: error });
  }
}
