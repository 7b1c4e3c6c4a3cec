/**
 * What training says when numbers are no longer finite.
 * @module
 */
import {
  explain,
  GraphError,
  leavesOf,
  mapTree,
  NumericError,
  Tensor,
  variable,
  type Explanation,
} from "@cotangent/core";
import type { TrainState } from "./state.js";

/** A step whose cost, gradients or next parameters are not finite. */
export class NotFiniteError extends NumericError {
  /** The state that went into the step, and is as good as before. */
  readonly state: TrainState<unknown, unknown, unknown>;
  /** What became NaN or infinite, where and from what; `null` if the cost does not depend on the parameters. */
  readonly explanation: Explanation | null;

  constructor(message: string, state: TrainState<unknown, unknown, unknown>, explanation: Explanation | null) {
    super(message);
    this.state = state;
    this.explanation = explanation;
  }
}

/** A finite sum has finite terms; one that overflows says nothing. */
const isFine = (x: Tensor): boolean => Number.isFinite(x.sum().item()) || x.isFinite().all().item() !== 0;

/** Whether all leaves are finite; this runs at every step, so without paths. */
function allFine(tree: unknown): boolean {
  if (tree instanceof Tensor) return isFine(tree);
  for (const key in tree as object) if (!allFine((tree as Record<string, unknown>)[key])) return false;
  return true;
}

/** The path of the first leaf that is not finite; `null`: all are. */
export function firstBad(tree: unknown): string | null {
  return allFine(tree) ? null : leavesOf(tree).find(({ leaf }) => !isFine(leaf as Tensor))!.path;
}

/** The cost once more, with lines and ranges. */
function explained(params: unknown, cost: (params: never) => Tensor): Explanation | null {
  const variables = mapTree(variable, params);
  try {
    return explain(() => cost(variables as never), { labels: variables as object });
  } catch (error) {
    if (error instanceof GraphError) return null;
    throw error;
  }
}

const remedies = {
  cost: "lower the learning rate, or look for infinities in the data",
  gradient: "look for a derivative that is infinite, such as that of sqrt or log at 0",
  parameter: "lower the learning rate, or clip gradients",
} as const;

/**
 * The error of a step.
 *
 * @param kind what should have been finite
 * @param got what came
 * @param cost the cost by parameters, as the step computed it
 */
export function notFinite(
  state: TrainState<unknown, unknown, unknown>,
  kind: keyof typeof remedies,
  got: string,
  cost: (params: never) => Tensor,
): NotFiniteError {
  const explanation = explained(state.params, cost);
  const first = explanation?.first ?? null;
  const rule = first?.phase === "backward" ? "the backward rule of " : "";
  const line = first === null || first.line === null ? "" : ` at ${first.line}`;
  const made = first === null ? "" : ` (${first.made} from ${rule}${first.op}${line})`;
  return new NotFiniteError(
    `train: expected a finite ${kind} at step ${state.step}, got ${got}${made}; ${remedies[kind]}`,
    state,
    explanation,
  );
}
