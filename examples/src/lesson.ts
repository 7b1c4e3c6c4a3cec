/** What every example is: something to run at a size, with a table, and with what it teaches. */
import type { Figure } from "@cotangent/viz";

export interface Size {
  /** Of all random numbers. */
  readonly seed: number;
  /** Small enough for a test: seconds rather than minutes. */
  readonly small: boolean;
  /** Tells of progress. */
  readonly say: (line: string) => void;
}

export interface Findings<F> {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What to learn from the table, in a sentence or two. */
  readonly lesson: string;
  readonly figures?: readonly Figure[];
  /** The numbers that the lesson speaks of, for tests. */
  readonly found: F;
}

export interface Lesson<F> {
  readonly title: string;
  readonly run: (size: Size) => Findings<F> | Promise<Findings<F>>;
}

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
