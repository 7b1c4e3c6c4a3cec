/** The built command line, run as its users run it. `npm test` builds it first; otherwise: `npm run build`. */
import { execFile, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeHdf5 } from "../../packages/data/test/hdf5.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "cotangent-main-"));
const at = (...names: string[]): string => join(folder, ...names);

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Promise<Run> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [main, ...args], { cwd: folder, timeout: 100_000 }, (_error, out, err) =>
      done({ code: child.exitCode, out, err }),
    );
  });
}

const short = (...args: string[]): Promise<Run> => run("--only", "breast-cancer", "--epochs", "20", ...args);

/** The cells of the table's rows, without the seconds. */
function rowsIn({ out }: Run): string[][] {
  const lines = out.split("\n");
  const first = lines.findIndex((line) => line.startsWith("─")) + 1;
  const rows = lines.slice(first, lines.indexOf("", first)).map((line) => line.split(/ {2,}/).slice(0, -1));
  expect(first).toBeGreaterThan(0);
  return rows;
}

/** What two runs of one seed must agree on: everything but times and where the report went. */
const numbersIn = (result: Run): unknown => [
  rowsIn(result),
  result.out.split("\n").filter((line) => /gradient check|cost \d/.test(line)),
];

/** Cats in the course's layout: dark pictures are none, bright ones are. */
function writeCats(into: string): void {
  mkdirSync(into);
  const labels = [0, 1, 0, 1];
  const data = Uint8Array.from({ length: 4 * 12288 }, (_, i) => 150 * labels[Math.floor(i / 12288)]! + (i % 90));
  for (const kind of ["train", "test"])
    writeHdf5(join(into, `${kind}_catvnoncat.h5`), {
      [`${kind}_set_x`]: { data, shape: [4, 64, 64, 3] },
      [`${kind}_set_y`]: { data: BigInt64Array.from(labels, BigInt), shape: [4] },
    });
}

let first: Run;
beforeAll(async () => {
  expect(existsSync(main), `${main} is built`).toBe(true);
  writeFileSync(at("file"), "a file");
  mkdirSync(at("broken"));
  for (const part of ["train", "test"]) writeFileSync(at("broken", `${part}_catvnoncat.h5`), "this is not HDF5");
  first = await short("--out", "new/deep/report.html");
}, 30000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a run", () => {
  test("ends well, with a table, and says where the report is", () => {
    expect(first).toMatchObject({ code: 0, err: "" });
    const [row, ...others] = rowsIn(first);
    expect(others).toEqual([]);
    expect(row!.slice(0, 4)).toEqual(["breast-cancer", "logistic regression", "31", "0.6931"]);
    const [, , , before, after, onTrain, onTest] = row!;
    expect(Number(after)).toBeLessThan(Number(before) / 2);
    for (const accuracy of [onTrain, onTest]) expect(parseFloat(accuracy!)).toBeGreaterThan(90);
    const worst = /worst relative error (\S+) /.exec(first.out)?.[1];
    expect(Number(worst)).toBeLessThan(1e-7);
    expect(first.out).toContain("20/20  cost ");
    expect(first.out).toContain(`Report: ${at("new/deep/report.html")}`);
  });

  test("writes a report that stands by itself, and leaves nothing else behind", () => {
    const html = readFileSync(at("new/deep/report.html"), "utf8");
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(html).toContain(">breast-cancer</td>");
    expect(html.replace(/ xmlns(:\w+)?="[^"]*"/g, "")).not.toMatch(/https?:|<script/);
    expect(readdirSync(at("new/deep"))).toEqual(["report.html"]);
  });

  test("of the same seed writes the same numbers, of another one others", async () => {
    const runs = ["1", "2"].map((seed) => short("--seed", seed, "--out", `seed${seed}.html`));
    const [same, other] = (await Promise.all(runs)) as [Run, Run];
    expect(numbersIn(same)).toEqual(numbersIn(first));
    expect(numbersIn(other)).not.toEqual(numbersIn(first));
  });

  test("takes all data sets, in one order", async () => {
    const all = await run("--epochs", "1", "--only", "digits, planar-flower,breast-cancer", "--out", "all.html");
    expect(all).toMatchObject({ code: 0, err: "" });
    expect(rowsIn(all).map(([dataSet]) => dataSet)).toEqual(["breast-cancer", "planar-flower", "planar-flower", "digits"]); // prettier-ignore
    const html = readFileSync(at("all.html"), "utf8");
    for (const title of ["Cost curves", "Decision boundaries", "Learning rates", "The networks", "computation graph"])
      expect(html).toContain(title);
  });

  test("judges a picture of one's own by the networks trained on cats", { timeout: 120_000 }, async () => {
    writeCats(at("cats"));
    const pink =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="5"><rect width="9" height="5" fill="pink"/></svg>';
    writeFileSync(at("pink.svg"), pink);
    const judged = await run("--only", "breast-cancer", "--epochs", "40", "--cat", "cats", "--picture", "pink.svg", "--out", "cats.html"); // prettier-ignore
    expect(judged).toMatchObject({ code: 0, err: "" });
    // Bright pictures are the cats.
    expect(judged.out).toMatch(
      /pink.svg shows\n {2}logistic regression: a cat \(probability of a cat: \d+\.\d %\)\n {2}deep network/,
    );
    expect(readFileSync(at("cats.html"), "utf8")).toContain("Your picture");
  });

  test.each([[["--help"]], [["--nonsense", "--epochs", "0", "--help"]]])("%j says every option", async (args) => {
    const { code, out, err } = await run(...args);
    expect([code, err]).toEqual([0, ""]);
    for (const option of ["--only", "--epochs", "--seed", "--out", "--cat", "--picture", "--help"])
      expect(out).toContain(option);
    expect(out).not.toContain("cost");
  });
});

/** Ends with an error code and one line that says what was expected, and no stack trace. */
function expectRefusal({ code, err }: Run, message: RegExp): void {
  expect(err).not.toContain("    at ");
  expect(code).not.toBe(0);
  expect(code, "ended by itself").not.toBeNull();
  expect(err).toMatch(message);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
}

describe.concurrent("what makes no sense is refused before anything is trained", () => {
  test.each<[string[], RegExp]>([
    [["--nonsense"], /ArgumentError: Unknown option '--nonsense'; see --help/],
    [["extra"], /ArgumentError: Unexpected argument 'extra'/],
    [["--epochs", "abc"], /--epochs: expected an integer from 1, got "abc"/],
    [["--epochs", "0"], /--epochs: expected an integer from 1, got "0"/],
    [["--epochs=-1"], /--epochs: expected an integer from 1, got "-1"/],
    [["--epochs", "1.5"], /--epochs: expected an integer from 1, got "1.5"/],
    [["--epochs", ""], /--epochs: expected an integer from 1, got ""/],
    [["--epochs"], /--epochs/],
    // Node says this one in three lines.
    [["--epochs", "-1"], /'--epochs' argument is ambiguous.*a dash use '--epochs=/],
    [["--seed", "abc"], /--seed: expected an integer from 0, got "abc"/],
    [["--seed=-1"], /--seed: expected an integer from 0, got "-1"/],
    [["--seed", "1e30"], /--seed: expected an integer from 0, got "1e30"/],
    [["--only", "nonsense"], /--only: expected names out of breast-cancer, planar-flower, digits, got "nonsense"/],
    [["--only", "digits,"], /--only: expected names out of .*, got ""/],
    [["--cat", "missing"], /DataError: .*expected train_catvnoncat.h5 and test_catvnoncat.h5 in missing.*no such file/],
    [["--cat", "file"], /DataError: .*expected train_catvnoncat.h5 and test_catvnoncat.h5 in file/],
    // The HDF5 library would say it in 42 lines of its own.
    [["--picture", "file"], /--picture: expected --cat as well/],
    [["--cat", "broken"], /DataError: .*expected an HDF5 file at .*train_catvnoncat.h5/],
  ])("%j", async (args, message) => {
    const result = await run(...args);
    expectRefusal(result, message);
    expect(result.out).toBe("");
  }); // prettier-ignore
});

describe("a report that cannot be written", () => {
  test("because its path is a folder", async () => {
    expectRefusal(
      await short("--out", "broken"),
      /DataError: --out: expected a path that can be written, got .*broken/,
    );
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("because its path leads through a file", async () => {
    expectRefusal(await short("--out", "file/report.html"), /--out: expected a path that can be written, got .*file/);
    expect(readFileSync(at("file"), "utf8")).toBe("a file");
  });

  test("because it is a device, which stays", async () => {
    expectRefusal(await short("--out", "/dev/null"), /--out: .* got \/dev\/null \(it is no regular file\)/);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  test.runIf(process.platform === "linux")("because no folder can be made there", async () => {
    expectRefusal(await short("--out", "/proc/none/report.html"), /--out: .* got \/proc\/none\/report.html/);
  });

  test("is noticed before the training", async () => {
    expect((await short("--out", "broken")).out).toBe("");
  });
});

test("a link to a report stays a link", async () => {
  writeFileSync(at("linked.html"), "the report before");
  symlinkSync(at("linked.html"), at("link.html"));
  expect((await short("--out", "link.html")).code).toBe(0);
  expect(lstatSync(at("link.html")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("linked.html"), "utf8")).toContain("</html>");
});

test("a reader that leaves ends the job without ado", async () => {
  const child = spawn(process.execPath, [main, "--only", "breast-cancer", "--epochs", "200", "--out", "early.html"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect([code, err]).toEqual([0, ""]);
});

test("a run that fails leaves the report before it as it was", async () => {
  writeFileSync(at("kept.html"), "the report before");
  const failing = [["--cat", "missing"], ["--epochs", "abc"]].map((args) => short("--out", "kept.html", ...args)); // prettier-ignore
  expect((await Promise.all(failing)).map(({ code }) => code)).toEqual([1, 1]);
  expect(readFileSync(at("kept.html"), "utf8")).toBe("the report before");
  expect((await short("--out", "kept.html")).code).toBe(0);
  expect(readFileSync(at("kept.html"), "utf8")).toContain("</html>");
});
