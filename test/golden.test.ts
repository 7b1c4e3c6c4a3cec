/** The same bits on every backend, compiled or not, and in every engine that this runs in. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { compile, withBackend } from "@cotangent/core";
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
