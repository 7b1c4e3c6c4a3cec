/** One loop over samples against the vectorised form. */
import { random } from "@cotangent/core";
import { breastCancer } from "@cotangent/data/node";
import type { Lesson } from "../lesson.js";
import { loopOrVectors, type Comparison } from "../loopOrVectors.js";
import { prepared } from "../problem.js";

export const loop: Lesson<Comparison> = {
  title: "One loop over samples against the vectorised form",
  run: ({ seed }) => {
    const { train } = prepared(breastCancer(), random(seed));
    const found = loopOrVectors(train);
    const milliseconds = (seconds: number): string => `${(1000 * seconds).toFixed(3)} ms`;
    return {
      columns: ["gradient of all samples", "time"],
      rows: [
        [`${train.labels.size} samples, one by one`, milliseconds(found.loopSeconds)],
        ["as one matrix product", milliseconds(found.vectorSeconds)],
      ],
      lesson: `The same gradient (to ${found.difference.toExponential(1)}) without a loop is ${(found.loopSeconds / found.vectorSeconds).toFixed(0)} times as fast: work on matrices, not on samples.`,
      found,
    };
  },
};
