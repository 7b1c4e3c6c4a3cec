/** A picture of one's own, judged by the networks that were trained on cats. */
import type { Tensor } from "@cotangent/core";
import { readImage } from "@cotangent/data/node";
import type { Section } from "@cotangent/viz";
import type { Outcome } from "./training.js";

/** As the course's pictures are: 64 × 64 pixels, stretched, one row of numbers. */
export async function readPicture(path: string): Promise<Tensor> {
  return (await readImage(path, { width: 64, height: 64, channels: 3, dtype: "float64" })).reshape([1, -1]);
}

/** What one network says. */
export interface Verdict {
  readonly title: string;
  /** That it is a cat, from 0 to 1. */
  readonly probability: number;
}

export function judge(outcomes: readonly Outcome[], picture: Tensor): readonly Verdict[] {
  return outcomes
    .filter(({ problem }) => problem.dataSet === "cats")
    .map(({ problem: { title, model }, params }) => ({
      title,
      probability: model.apply(params, picture).sigmoid().item(),
    }));
}

const words = ({ probability }: Verdict): string =>
  `${probability > 0.5 ? "a cat" : "no cat"} (probability of a cat: ${(100 * probability).toFixed(1)} %)`;

export const verdictLine = (verdict: Verdict): string => `  ${verdict.title}: ${words(verdict)}`;

export function pictureSection(path: string, verdicts: readonly Verdict[]): Section {
  return {
    title: "Your picture",
    text: `What the networks trained on the course's cats say of ${path}.`,
    table: { columns: ["model", "verdict"], rows: verdicts.map((verdict) => [verdict.title, words(verdict)]) },
  };
}
