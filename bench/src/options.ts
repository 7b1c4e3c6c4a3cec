/** The command line of the benchmark. @module */
import { parseArgs } from "node:util";
import { ArgumentError } from "@cotangent/core";
import { cases } from "./cases.js";
import { peerNames } from "./peers/index.js";

export interface Options {
  readonly quick: boolean;
  readonly cases: readonly string[];
  readonly peers: readonly string[];
  /** Where the figures go as JSON; `null`: nowhere. */
  readonly json: string | null;
  readonly processorTime: boolean;
  readonly help: boolean;
}

export const help = `Measures Cotangent side by side with its peers, each in a process of its own, and prints ratios.

Usage: pnpm bench [options]

  --quick           one round instead of three, in less than three minutes
  --only TEXTS      only cases whose name contains one of these texts, separated by commas: "step b", matmul, ...
  --peers NAMES     only these: ${peerNames.join(", ")}
  --processor-time  seconds of the processor instead of the clock's: for a machine that is busy with other things
  --json FILE       also write the figures there
  --help            this text
`;

const list = (text: string): readonly string[] => text.split(",").map((part) => part.trim());

function chosenCases(texts: readonly string[]): readonly string[] {
  for (const text of texts)
    if (!cases.some(({ name }) => name.includes(text)))
      throw new ArgumentError(
        `--only: expected a part of a case's name, got "${text}"; the cases are\n  ${cases.map(({ name }) => name).join("\n  ")}`,
      );
  return cases.map(({ name }) => name).filter((name) => texts.some((text) => name.includes(text)));
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
    only: { type: "string" },
    peers: { type: "string" },
    json: { type: "string" },
    "processor-time": { type: "boolean" },
    help: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    return {
      quick: values.quick ?? false,
      cases: chosenCases(list(values.only ?? "")),
      peers: chosenPeers(values.peers === undefined ? peerNames : list(values.peers)),
      json: values.json ?? null,
      processorTime: values["processor-time"] ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    if (error instanceof ArgumentError) throw error;
    throw new ArgumentError(`${(error as Error).message.split(/\. |\n/)[0]!}; see --help`, { cause: error });
  }
}
