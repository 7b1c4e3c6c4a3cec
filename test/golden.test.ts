/** The same bits on every backend, on two threads, compiled or not, and in every engine that this runs in. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, startThreads, stopThreads, withBackend } from "@cotangent/core";
import { cutFinely } from "../packages/core/test/cutFinely.js";
import { bytesOf, trainings, type Training } from "./golden.js";

const steps = 200;

/** Of the parameters after 200 steps, from Node 20 on x64. */
const golden: Readonly<Record<string, string>> = {
  "logistic regression, sgd": "6a9ca356942abe4a",
  "2-8-8-1 tanh, adam": "83039022cb9e2840",
  "20-12-8-4 gelu in float32, rmsprop": "18f72b1bd2feea6f",
};

function run({ start, step, x, y }: Training): unknown {
  let state = start;
  for (let i = 0; i < steps; i++) state = step(state, x, y);
  return state;
}

const hash = (state: unknown): string =>
  createHash("sha256")
    .update(bytesOf((state as { params: unknown }).params))
    .digest("hex")
    .slice(0, 16);

describe.each(Object.keys(golden))("%s", (name) => {
  test.each(["reference", "source", "wasm"] as const)("%s", (backend) => {
    expect(withBackend(backend, () => hash(run(trainings[name]!())))).toBe(golden[name]);
  });

  test("compiled", () => {
    const training = trainings[name]!();
    expect(hash(run({ ...training, step: compile(training.step) }))).toBe(golden[name]);
  });
});

describe("two threads", () => {
  beforeAll(async () => void (await startThreads(2)));
  afterAll(stopThreads);
  cutFinely();

  test.each(Object.keys(golden))("%s", (name) => {
    const training = trainings[name]!();
    expect(withBackend("wasm", () => hash(run(training)))).toBe(golden[name]);
    expect(hash(run({ ...training, step: compile(training.step) }))).toBe(golden[name]);
  });
});
