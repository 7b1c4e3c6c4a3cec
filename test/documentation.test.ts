/** Every example in the documentation runs, and shows what it says. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "test/.generated");

interface Example {
  readonly name: string;
  readonly code: string;
  readonly mustShow: boolean;
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules") && !file.startsWith("api"))
    .map((file) => join(folder, file));
}

const packages = readdirSync(join(root, "packages"));
const markdown = [
  "README.md",
  "CONTRIBUTING.md",
  ...packages.map((name) => `packages/${name}/README.md`),
  ...filesUnder("docs/guides", ".md"),
];
const sources = packages.flatMap((name) => filesUnder(`packages/${name}/src`, ".ts"));

function examplesIn(file: string, text: string, mustShow: boolean): Example[] {
  return [...text.matchAll(/^[ *]*```ts\n([\s\S]*?)^[ *]*```/gm)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const code = mustShow ? match[1]!.replace(/^ *\* ?/gm, "") : match[1]!;
    return { name: `${relative(root, join(root, file))}:${line}`, code, mustShow };
  });
}

const examples = [
  ...markdown.flatMap((file) => examplesIn(file, readFileSync(join(root, file), "utf8"), false)),
  ...sources.flatMap((file) => examplesIn(file, readFileSync(join(root, file), "utf8"), true)),
];

/** Text of a value as the examples show it. */
function show(value: unknown): string {
  if (Array.isArray(value)) return JSON.stringify(value);
  return String(value);
}

/** Equal up to the digits that the expectation shows. */
function agrees(actual: string, expected: string): boolean {
  const number = /-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi;
  const [a, b] = [actual.match(number) ?? [], expected.match(number) ?? []];
  if (actual.replace(number, "#") !== expected.replace(number, "#") || a.length !== b.length) return false;
  return b.every((text, i) => {
    const digits = /\.(\d*)/.exec(text)?.[1]?.length ?? 0;
    const exponent = Number(/e([+-]?\d+)/i.exec(text)?.[1] ?? 0);
    return Math.abs(Number(a[i]) - Number(text)) <= (digits === 0 ? 1e-15 : 0.5000001 * 10 ** (exponent - digits));
  });
}

/** Replaces "statement; // → value" by a call that records what the statement gave. */
function instrument(code: string): { text: string; expected: string[] } {
  const expected: string[] = [];
  const lines: string[] = [];
  for (const line of code.split("\n")) {
    const shown = /^(.*?)\s*\/\/ → (.*)$/.exec(line);
    if (shown === null) {
      lines.push(line);
      continue;
    }
    const [, before, value] = shown as unknown as [string, string, string];
    if (before.trim() === "") {
      // A line of its own: what the statement before it gave, or printed line by line.
      const previous = lines.findLastIndex((text) => text.trim() !== "" && !text.trim().startsWith("//"));
      if (!lines[previous]!.includes("__show(")) lines[previous] = record(lines[previous]!);
      expected.push(value);
    } else {
      lines.push(record(before));
      expected.push(value);
    }
  }
  return { text: lines.join("\n"), expected };
}

function record(statement: string): string {
  const [, indent, body] = /^(\s*)(.*?);?\s*$/.exec(statement)!;
  const declared = /^(?:const|let) (\w+)/.exec(body!);
  if (declared !== null) return `${indent}${body}; __show(${declared[1]!});`;
  const printed = /^console\.log\((.*)\)$/.exec(body!);
  return `${indent}__show(${printed === null ? body! : printed[1]!});`;
}

afterAll(() => rmSync(generated, { recursive: true, force: true }));

describe("documentation", () => {
  mkdirSync(generated, { recursive: true });

  test("there are examples", () => expect(examples.length).toBeGreaterThan(50));

  test.each(examples.map((example, i) => ({ ...example, i })))("$name", async ({ code, mustShow, i }) => {
    const { text, expected } = instrument(code);
    if (mustShow) expect(expected.length, "an example must show a result").toBeGreaterThan(0);
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const file = join(generated, `example${i}.mjs`);
    writeFileSync(
      file,
      `const __shown = [];\nconst __show = (v) => void __shown.push(v);\n${outputText}\nexport default __shown;`,
    );
    const { default: values } = (await import(/* @vite-ignore */ file)) as { default: unknown[] };
    const actual = values.flatMap((v) => (typeof v === "string" ? v.split("\n") : [show(v)]));
    expect(actual.length).toBe(expected.length);
    expected.forEach((value, at) => {
      if (!agrees(actual[at]!, value)) expect(actual[at]).toBe(value);
    });
  });
});
