/** The same bits on every backend, on two threads, compiled or not, and in every engine that this runs in. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, startThreads, stopThreads, withBackend } from "@cotangent/core";
import { cutFinely } from "../packages/core/test/cutFinely.js";
import { golden, train, trainings } from "./golden.js";

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

describe.each(Object.keys(golden))("%s", (name) => {
  test.each(["reference", "source", "wasm"] as const)("%s", (backend) => {
    expect(withBackend(backend, () => hash(train(trainings[name]!())))).toBe(golden[name]);
  });

  test("compiled", () => {
    const training = trainings[name]!();
    expect(hash(train({ ...training, step: compile(training.step) }))).toBe(golden[name]);
  });
});

describe("two threads", () => {
  beforeAll(async () => void (await startThreads(2)));
  afterAll(stopThreads);
  cutFinely();

  test.each(Object.keys(golden))("%s", (name) => {
    const training = trainings[name]!();
    expect(withBackend("wasm", () => hash(train(training)))).toBe(golden[name]);
    expect(hash(train({ ...training, step: compile(training.step) }))).toBe(golden[name]);
  });
});
