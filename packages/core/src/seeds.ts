/**
 * Where streams of random numbers come from.
 * @module
 */
import { ArgumentError, describe } from "./errors.js";
import { Random, type RandomState } from "./random.js";

/**
 * Refuses what is no generator.
 *
 * @throws {@link ArgumentError} saying what came
 * @example
 * ```ts
 * import { checkRandom, random } from "@cotangent/core";
 * checkRandom("shuffle", random(1)).permutation(3).size; // → 3
 * ```
 */
export function checkRandom(operator: string, value: unknown): Random {
  if (value instanceof Random) return value;
  throw new ArgumentError(`${operator}: expected a generator such as random(1), got ${describe(value)}`);
}

function fromState(state: RandomState): Random {
  const { seed, generator } = (state ?? {}) as Partial<RandomState>;
  const wellFormed =
    typeof seed === "string" &&
    typeof generator === "object" &&
    generator !== null &&
    [generator.c, generator.s0, generator.s1, generator.s2].every((v) => typeof v === "number" && Number.isFinite(v));
  if (!wellFormed)
    throw new ArgumentError(`random.fromState: expected what Random.state() returned, got ${describe(state)}`);
  return new Random(seed, { ...generator });
}

/**
 * A stream of random numbers from a seed: the same seed, the same bits. `random.fromState(state)` goes on where
 * another stream stood.
 *
 * @throws {@link ArgumentError} if the seed is neither a string nor a finite number
 * @example
 * ```ts
 * import { random } from "@cotangent/core";
 * const a = random(42);
 * a.uniform([10]);
 * const b = random.fromState(a.state());
 * a.uniform([]).item() === b.uniform([]).item(); // → true
 * ```
 */
export const random: { (seed: number | string): Random; fromState(state: RandomState): Random } = Object.assign(
  function random(seed: number | string): Random {
    if (typeof seed === "string") return new Random(JSON.stringify(seed), true);
    if (typeof seed === "number" && Number.isFinite(seed)) return new Random(String(seed), true);
    throw new ArgumentError(`random: expected a seed that is a string or a finite number, got ${describe(seed)}`);
  },
  { fromState },
);
