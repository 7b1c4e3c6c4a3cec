/** The main job: three networks on real data, gradients checked, and a report. See `--help`. */
import { resolve } from "node:path";
import { random } from "@cotangent/core";
import { htmlReport } from "@cotangent/viz";
import { runCommand } from "./command.js";
import { loopOrVectors } from "./loopOrVectors.js";
import { help, readOptions } from "./options.js";
import { checkWritable, textTable, writeWhole } from "./output.js";
import { judge, pictureSection, readPicture, verdictLine } from "./picture.js";
import { catProblems, problemsFor, type Problem } from "./problem.js";
import { progress } from "./progress.js";
import { columns, rowOf, sectionsFor } from "./report.js";
import { checkGradient, train, type Outcome } from "./training.js";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return say(help);
  const options = readOptions(args);
  const path = checkWritable(resolve(options.out));
  const started = performance.now();
  const cats = options.cat === null ? [] : await catProblems(options.cat);
  const picture = options.picture === null ? null : await readPicture(options.picture);
  const problems: readonly Problem[] = [...problemsFor(options.only, options.seed), ...cats];
  const worst: string[][] = [];
  const outcomes: Outcome[] = [];
  for (const problem of problems) {
    const { dataSet, title } = problem;
    const seed = random(options.seed).fork(`${dataSet} ${title}`);
    say(`${dataSet}: ${title}`);
    const comparisons = checkGradient(problem, seed);
    const bad = comparisons.reduce((a, b) => (b.relativeError > a.relativeError ? b : a));
    const elements = comparisons.reduce((n, { sampled }) => n + sampled, 0);
    say(
      `  gradient check: worst relative error ${bad.relativeError.toExponential(1)} (${bad.path}; ${elements} elements in ${comparisons.length} tensors)`,
    );
    worst.push([dataSet, title, bad.path, bad.relativeError.toExponential(1), String(elements)]);
    const epochs = options.epochs ?? problem.epochs;
    outcomes.push(await train(problem, epochs, seed, progress(say)));
  }
  const cancer = problems.find(({ dataSet }) => dataSet === "breast-cancer");
  const comparison = cancer === undefined ? null : loopOrVectors(cancer.train);
  say(`\n${textTable(columns, outcomes.map(rowOf))}\n`);
  if (comparison !== null) {
    const { loopSeconds, vectorSeconds } = comparison;
    say(
      `One loop over samples ${(1000 * loopSeconds).toFixed(2)} ms, vectorised ${(1000 * vectorSeconds).toFixed(3)} ms: ${(loopSeconds / vectorSeconds).toFixed(0)} times as fast.`,
    );
  }
  const sections = await sectionsFor(outcomes, worst, comparison, options.seed);
  if (picture !== null) {
    const verdicts = judge(outcomes, picture);
    say([`${options.picture!} shows`, ...verdicts.map(verdictLine)].join("\n"));
    sections.push(pictureSection(options.picture!, verdicts));
  }
  const html = htmlReport({
    title: "Cotangent: networks trained on real data",
    intro: `Seed ${options.seed}. Every gradient was checked against central differences before training.`,
    sections,
    footer:
      "Written by Cotangent. Data: UCI Breast Cancer Wisconsin (Diagnostic) and Optical Recognition of Handwritten Digits, CC BY 4.0; the planar flower is generated.",
  });
  writeWhole(path, html);
  say(`Report: ${path}  (${((performance.now() - started) / 1000).toFixed(1)} s in all)`);
}

await runCommand(main);
