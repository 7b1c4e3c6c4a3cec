/** Every example runs at its small size, and what it teaches is so. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { Findings, Lesson } from "../src/lesson.js";
import { customModel } from "../src/lessons/customModel.js";
import { deep } from "../src/lessons/deep.js";
import { lessons } from "../src/lessons/index.js";
import { initialisation } from "../src/lessons/initialisation.js";
import { learningRates } from "../src/lessons/learningRates.js";
import { linearActivation } from "../src/lessons/linearActivation.js";
import { logistic } from "../src/lessons/logistic.js";
import { loop } from "../src/lessons/loop.js";
import { metaLearning } from "../src/lessons/metaLearning.js";
import { mnist } from "../src/lessons/mnist.js";
import { regression } from "../src/lessons/regression.js";
import { sampleGradients } from "../src/lessons/sampleGradients.js";
import { scale } from "../src/lessons/scale.js";
import { search } from "../src/lessons/search.js";
import { shallow } from "../src/lessons/shallow.js";

const patience = { timeout: 120000 };
const tested = new Set<Lesson<unknown>>();

/** Runs an example at its small size; its table and its figures are whole. */
async function run<F>(lesson: Lesson<F>, seed = 1): Promise<F> {
  tested.add(lesson);
  const { columns, rows, lesson: text, figures = [], found } = await findings(lesson, seed);
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(row.length).toBe(columns.length);
  for (const cell of rows.flat()) expect(cell).not.toMatch(/NaN|undefined|Infinity|^$/);
  expect(text.length).toBeGreaterThan(40);
  expect(text).not.toMatch(/NaN|undefined/);
  for (const { svg } of figures) expect(svg).toMatch(/^<svg/);
  return found;
}

const findings = async <F>(lesson: Lesson<F>, seed: number): Promise<Findings<F>> =>
  lesson.run({ seed, small: true, say: () => undefined });

describe("the course in order", () => {
  test("logistic regression: every step lowers the cost, and unseen tumours are told apart", patience, async () => {
    const { costs, testAccuracy } = await run(logistic);
    costs.forEach((cost, i) => expect(cost).toBeLessThan(i === 0 ? 1 : costs[i - 1]!));
    expect(testAccuracy).toBeGreaterThan(0.93);
  });

  test("one loop over samples gives the gradient of the vectorised form", patience, async () => {
    expect((await run(loop)).difference).toBeLessThan(1e-13);
  });

  test("a shallow network follows the flower, logistic regression does not", patience, async () => {
    const accuracies = await run(shallow);
    expect(accuracies.get(0)!).toBeLessThan(0.6);
    expect(accuracies.get(1)!).toBeLessThan(0.8);
    expect(accuracies.get(4)!).toBeGreaterThan(0.85);
  });

  test("hidden units that start equal stay equal, to the bit; random ones learn", patience, async () => {
    const found = await run(initialisation);
    const { zeros, "all equal, 0.1": equal, "He, std √(2/n)": he } = found;
    expect([zeros!.spread, equal!.spread]).toEqual([0, 0]);
    expect(he!.spread).toBeGreaterThan(0.1);
    // Zeros with relu learn the classes' shares and nothing else: a cost of ln 10.
    expect(zeros!.cost).toBeCloseTo(Math.log(10), 2);
    expect(he!.cost).toBeLessThan(0.5);
    expect(he!.testAccuracy).toBeGreaterThan(equal!.testAccuracy + 0.3);
  });

  test("a deep linear network is one linear map, and no better than logistic regression", patience, async () => {
    const { costs, collapse } = await run(linearActivation);
    expect(collapse).toBeLessThan(1e-12);
    expect(costs.linear).toBeGreaterThan(costs.logistic - 1e-3);
    expect(costs.tanh).toBeLessThan(0.6 * costs.logistic);
  });

  test("learning rates: too small crawls, the suggested one learns, too large jumps", patience, async () => {
    const { costs, suggestion } = await run(learningRates);
    const last = (rate: number): number => costs.get(rate)!.at(-1)!;
    const rises = (rate: number): number => costs.get(rate)!.filter((cost, i, all) => i > 0 && cost > all[i - 1]!).length;
    expect(suggestion).toBeGreaterThan(0.1);
    expect(last(suggestion)).toBeLessThan(0.75 * last(0.01));
    expect(last(suggestion)).toBeLessThan(last(20));
    expect(rises(0.01)).toBe(0);
    expect(rises(20)).toBeGreaterThan(50);
  }); // prettier-ignore

  test("hidden layers fit better than none", patience, async () => {
    const [none, some] = await run(deep);
    expect(some!.cost).toBeLessThan(none!.cost / 2);
    expect(some!.testAccuracy).toBeGreaterThan(none!.testAccuracy);
    expect(some!.testAccuracy).toBeGreaterThan(0.9);
  });
});

test(
  "regression: standardised descent reaches least squares, that on raw measurements does not",
  patience,
  async () => {
    const { solved, raw, scaled, network } = await run(regression);
    for (const { cost } of [raw, scaled]) expect(cost).toBeGreaterThan(solved.cost);
    expect(scaled.cost).toBeLessThan(1.01 * solved.cost);
    expect(raw.cost).toBeGreaterThan(1.2 * solved.cost);
    expect(raw.rate!).toBeLessThan(1e-3 * scaled.rate!);
    expect(scaled.testR2).toBeCloseTo(solved.testR2, 1);
    expect(network.cost).toBeLessThan(solved.cost);
  },
);

test("MNIST: a deep network reads digits", patience, async () => {
  const { testAccuracies } = await run(mnist);
  expect(testAccuracies.at(-1)!).toBeGreaterThan(0.7);
  expect(testAccuracies.at(-1)!).toBeGreaterThan(testAccuracies[0]!);
});

test("scale: more data helps every network, a large one most", patience, async () => {
  const found = await run(scale);
  const at = (network: string, samples: number): number =>
    found.find((each) => each.network.startsWith(network) && each.samples === samples)!.testAccuracy;
  for (const network of ["softmax", "small", "medium", "large"])
    expect(at(network, 1400)).toBeGreaterThan(at(network, 50) + 0.03);
  expect(at("large", 1400)).toBeGreaterThan(at("small", 1400) + 0.1);
  expect(at("large", 1400)).toBeGreaterThan(at("softmax", 1400));
});

test("search: draws differ, and the best one does well on what has not chosen it", patience, async () => {
  const { trials, testAccuracy } = await run(search);
  const accuracies = trials.map(({ validationAccuracy }) => validationAccuracy);
  expect(accuracies).toEqual([...accuracies].sort((a, b) => b - a));
  expect(accuracies[0]!).toBeGreaterThan(accuracies.at(-1)! + 0.3);
  expect(testAccuracy).toBeGreaterThan(0.88);
});

test("a custom model with a custom loss: quantiles hold what they promise, and do not cross", patience, async () => {
  const found = await run(customModel);
  expect(found.map(({ level }) => level)).toEqual([0.1, 0.5, 0.9]);
  for (const { level, share } of found) expect(Math.abs(share - level)).toBeLessThan(0.1);
  expect(found[0]!.share).toBeLessThan(found[1]!.share);
  expect(found[1]!.share).toBeLessThan(found[2]!.share);
});

test("per-sample gradients catch labels that were turned over; their mean is the gradient", patience, async () => {
  const { flipped, caught, difference } = await run(sampleGradients);
  expect(flipped).toBe(18);
  expect(caught).toBeGreaterThan(0.6 * flipped);
  expect(difference).toBeLessThan(1e-13);
});

test("meta-learning: one step from the start found does what it does from no other", patience, async () => {
  const { before, after, jointAfter, rate, secondOrderShare } = await run(metaLearning);
  expect(after).toBeLessThan(before / 2);
  expect(after).toBeLessThan(jointAfter / 1.5);
  expect(Math.abs(rate - 0.05)).toBeGreaterThan(0.001);
  expect(secondOrderShare).toBeGreaterThan(0.05);
});

test("all examples are tested, and of one seed say the same", patience, async () => {
  expect(Object.values(lessons).filter((lesson) => !tested.has(lesson)).map(({ title }) => title)).toEqual([]);
  const [first, again, other] = [await findings(logistic, 1), await findings(logistic, 1), await findings(logistic, 2)];
  expect(again).toEqual(first);
  expect(other.rows).not.toEqual(first.rows);
}); // prettier-ignore

describe("the command", () => {
  const program = fileURLToPath(new URL("../dist/example.js", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "cotangent-example-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const command = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((done) => {
      const child = execFile(process.execPath, [program, ...args], { cwd: folder, timeout: 60000 }, (_error, out, err) =>
        done({ code: child.exitCode, out, err }),
      );
    }); // prettier-ignore

  test.each([[[]], [["--help"]]])("with %j lists all examples", patience, async (args) => {
    const { code, out, err } = await command(...args);
    expect([code, err]).toEqual([0, ""]);
    for (const [name, { title }] of Object.entries(lessons)) expect(out).toMatch(new RegExp(`^ +${name} +${title}$`, "m"));
  }); // prettier-ignore

  test("prints the table and the lesson, and writes a page where asked", patience, async () => {
    const { code, out, err } = await command("logistic", "--small", "--seed", "2", "--out", "new/page.html");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Logistic regression \(small\), seed 2\n\niterations +cost +train accuracy/);
    expect(out).toContain("One neuron on standardised measurements");
    expect(readFileSync(join(folder, "new/page.html"), "utf8")).toMatch(/^<!doctype html>[\s\S]*One neuron/);
    expect(readdirSync(join(folder, "new"))).toEqual(["page.html"]);
  });

  test.each([
    [["nonsense"], /^ArgumentError: example: expected one of logistic, .*, got "nonsense"; see --help\n$/],
    [["logistic", "deep"], /^ArgumentError: example: expected one of .*, got "logistic deep"; see --help\n$/],
    [["logistic", "--seed", "x"], /^ArgumentError: --seed: expected an integer from 0, got "x"\n$/],
    [["logistic", "--large"], /^ArgumentError: Unknown option '--large'.*\n$/],
    [["logistic", "--small", "--out", "."], /^DataError: --out: expected a path that can be written, got .*\n$/],
  ])("refuses %j", patience, async (args, says) => {
    const { code, out, err } = await command(...args);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(says);
  });
});
