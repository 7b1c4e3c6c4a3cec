/** The command line of the main job. */
import { parseArgs } from "node:util";
import { ArgumentError } from "@cotangent/core";

export const dataSets = ["breast-cancer", "planar-flower", "digits"] as const;
export type DataSetName = (typeof dataSets)[number];

export interface Options {
  readonly only: readonly DataSetName[];
  /** Passes over the data, for every network alike; `null`: each one's own. */
  readonly epochs: number | null;
  readonly seed: number;
  readonly out: string;
  readonly cat: string | null;
  readonly picture: string | null;
}

export const help = `Trains three networks on real data, checks their gradients first, and writes a report with pictures.

Usage: npm start -- [options]

  --only NAMES    only these data sets, separated by commas: ${dataSets.join(", ")}
  --epochs N      passes over the data, for every network alike (default: each one's own)
  --seed N        seed of all random numbers (default: 1)
  --out FILE      where the report goes (default: report/report.html)
  --cat FOLDER    also train on the course's cat pictures, train_catvnoncat.h5 and test_catvnoncat.h5 in FOLDER
  --picture FILE  with --cat: is there a cat in this picture?
  --help          this text
`;

export function integer(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < least)
    throw new ArgumentError(`--${name}: expected an integer from ${least}, got "${text}"`);
  return value;
}

function names(text: string): readonly DataSetName[] {
  const list = text.split(",").map((name) => name.trim());
  for (const name of list)
    if (!(dataSets as readonly string[]).includes(name))
      throw new ArgumentError(`--only: expected names out of ${dataSets.join(", ")}, got "${name}"`);
  return dataSets.filter((name) => list.includes(name));
}

/** @throws {@link ArgumentError} for an unknown option or a value that makes no sense */
export function readOptions(args: readonly string[]): Options {
  let values: Readonly<Record<string, string | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        epochs: { type: "string" },
        seed: { type: "string" },
        out: { type: "string" },
        cat: { type: "string" },
        picture: { type: "string" },
      },
    }));
  } catch (error) {
    // What follows the first sentence is of no use here, but for values that begin with a dash.
    const { message, code } = error as NodeJS.ErrnoException;
    const text =
      code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE" ? message.replaceAll("\n", " ") : message.split(/\. |\n/)[0]!;
    throw new ArgumentError(`${text.replace(/\.$/, "")}; see --help`, { cause: error });
  }
  const { only, epochs, seed, out, cat, picture } = values;
  if (picture !== undefined && cat === undefined)
    throw new ArgumentError("--picture: expected --cat as well, with the pictures to learn from");
  return {
    only: names(only ?? dataSets.join(",")),
    epochs: epochs === undefined ? null : integer("epochs", epochs, 1),
    seed: integer("seed", seed ?? "1", 0),
    out: out ?? "report/report.html",
    cat: cat ?? null,
    picture: picture ?? null,
  };
}
