/** Runs one of the examples: `npm run example -- NAME`. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ArgumentError } from "@cotangent/core";
import { htmlReport } from "@cotangent/viz";
import { runCommand } from "./command.js";
import { lessons } from "./lessons/index.js";
import { integer } from "./options.js";
import { checkWritable, textTable, writeWhole } from "./output.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const help = `Runs one of the examples, prints a table and what to learn from it.

Usage: npm run example -- NAME [options]

${Object.entries(lessons)
  .map(([name, { title }]) => `  ${name.padEnd(22)}${title}`)
  .join("\n")}

  --seed N     seed of all random numbers (default: 1)
  --small      a size of seconds, as the tests run it
  --out FILE   where the page with table and plots goes (default: none is written, but for those with plots: report/NAME.html)
  --help       this text
`;

interface Request {
  readonly name: string;
  readonly seed: number;
  readonly small: boolean;
  readonly out: string | null;
}

function readRequest(args: string[]): Request | null {
  const options = {
    seed: { type: "string" },
    small: { type: "boolean" },
    out: { type: "string" },
    help: { type: "boolean" },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ArgumentError(`${(error as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, "")}; see --help`, {
      cause: error,
    });
  }
  const { values, positionals } = parsed;
  if (values.help === true || args.length === 0) return null;
  const [name = "", ...more] = positionals;
  if (!Object.hasOwn(lessons, name) || more.length > 0)
    throw new ArgumentError(
      `example: expected one of ${Object.keys(lessons).join(", ")}, got "${positionals.join(" ")}"; see --help`,
    );
  return {
    name,
    seed: integer("seed", values.seed ?? "1", 0),
    small: values.small ?? false,
    out: values.out ?? null,
  };
}

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (request === null) return say(help);
  const { name, seed, small, out } = request;
  const { title, run } = lessons[name]!;
  const given = out === null ? null : checkWritable(resolve(out));
  say(`${title}${small ? " (small)" : ""}, seed ${seed}`);
  const { columns, rows, lesson, figures = [] } = await run({ seed, small, say });
  say(`\n${textTable(columns, rows, 1)}\n\n${lesson}`);
  const path = given ?? (figures.length > 0 ? checkWritable(resolve(`report/${name}.html`)) : null);
  if (path === null) return;
  const table = { columns, rows };
  writeWhole(path, htmlReport({ title, intro: lesson, sections: [{ title: "Results", table, figures }] }));
  say(`Page: ${path}`);
}

await runCommand(main);
