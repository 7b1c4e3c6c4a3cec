/** The bundled data sets are those that their README describes, byte for byte. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { breastCancer, diabetes, digits, planarFlower, type Dataset } from "@cotangent/data/node";

interface Facts {
  readonly load: () => Dataset;
  readonly file: string;
  readonly sha256: string;
  readonly shape: readonly [number, number];
  /** Samples of each class; none where labels are numbers. */
  readonly counts: readonly number[];
  readonly classNames: readonly string[];
  /** First and last name of a feature. */
  readonly ends: readonly [string, string];
  /** First and last value of the first row. */
  readonly row: readonly [number, number];
}

const facts: Readonly<Record<string, Facts>> = {
  breastCancer: {
    load: breastCancer,
    file: "breast_cancer.csv",
    sha256: "9b9e3a2fe53a2264f7e756aff00ab883450186c47bfb2027b4d90ca51d23347d",
    shape: [569, 30],
    counts: [212, 357],
    classNames: ["malignant", "benign"],
    ends: ["mean_radius", "worst_fractal_dimension"],
    row: [17.99, 0.1189],
  },
  diabetes: {
    load: diabetes,
    file: "diabetes.csv",
    sha256: "426680d9951496ddf9f014ef7b7db03463a026a5d5a6a04bf3afa2f890799172",
    shape: [442, 10],
    counts: [],
    classNames: [],
    ends: ["age", "s6"],
    row: [59, 87],
  },
  digits: {
    load: digits,
    file: "digits8x8.csv",
    sha256: "afb8849456a7438101995e4bdb18bbbc2c0bce60db7dcf872eca854022b20698",
    shape: [1797, 64],
    counts: [178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    ends: ["p00", "p77"],
    row: [0, 0],
  },
  planarFlower: {
    load: planarFlower,
    file: "planar_flower.csv",
    sha256: "84c42d24c284d15247fda107e13df1f8431fd52e8830baf948c7de913446f994",
    shape: [400, 2],
    counts: [200, 200],
    classNames: ["red", "blue"],
    ends: ["x1", "x2"],
    row: [1.2044422922543192, 3.576114148128845],
  },
};

const folder = fileURLToPath(new URL("../data/", import.meta.url));

describe.each(Object.entries(facts))("%s", (_name, { load, file, sha256, shape, counts, classNames, ends, row }) => {
  const data = load();
  const values = data.features.toTypedArray();

  test("the file is the one whose origin is stated", () => {
    expect(createHash("sha256").update(readFileSync(folder + file)).digest("hex")).toBe(sha256); // prettier-ignore
    expect(readFileSync(`${folder}README.md`, "utf8")).toMatch(`\`${file}\` | ${shape[0]} × (${shape[1]} + 1)`);
  });

  test("shapes, dtypes and names", () => {
    expect([data.features.shape, data.labels.shape]).toEqual([shape, [shape[0]]]);
    expect([data.features.dtype, data.labels.dtype]).toEqual(["float64", counts.length > 0 ? "int32" : "float64"]);
    expect(data.featureNames.length).toBe(shape[1]);
    expect([data.featureNames[0], data.featureNames.at(-1)]).toEqual(ends);
    expect(data.classNames).toEqual(classNames);
  });

  test("classes as often as stated", () => {
    const found = classNames.map((_, label) => data.labels.equal(label).sum().item());
    expect(found).toEqual(counts);
    if (counts.length > 0) expect(found.reduce((a, b) => a + b)).toBe(shape[0]);
  });

  test("the first row; all numbers are finite", () => {
    expect([values[0], values[shape[1] - 1]]).toEqual(row);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test("each call gives a value of its own", () => {
    expect(load()).not.toBe(data);
    expect(load().features.toTypedArray()).toEqual(values);
  });
});

test("pixels of digits are integers from 0 to 16", () => {
  const pixels = digits().features.toTypedArray();
  expect(pixels.every((v) => Number.isInteger(v) && v >= 0 && v <= 16)).toBe(true);
  expect(Math.max(...pixels)).toBe(16);
});

test("measurements of tumours: the means of scikit-learn's description", () => {
  const { features, featureNames } = breastCancer();
  const mean = (name: string): number => features.mean({ axis: 0 }).toTypedArray()[featureNames.indexOf(name)]!;
  expect(mean("mean_radius")).toBeCloseTo(14.127, 3);
  expect(mean("mean_area")).toBeCloseTo(654.889, 3);
});

test("how far diabetes went on: numbers, from 25 to 346", () => {
  const { labels, features } = diabetes();
  expect([labels.min().item(), labels.max().item()]).toEqual([25, 346]);
  expect(labels.mean().item()).toBeCloseTo(152.13, 2);
  expect(new Set(features.slice([[0, 442], 1]).toTypedArray())).toEqual(new Set([1, 2]));
});
