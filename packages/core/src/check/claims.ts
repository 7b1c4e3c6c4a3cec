/**
 * What reverse and forward mode claim at a point.
 * @module
 */
import { withBranches, type Branches } from "./branches.js";
import { slack, type Claim } from "./judge.js";
import { spreadOf, withNoise } from "./noise.js";
import { outside } from "./probe.js";
import { evaluate, forward, innerProduct, reverse, type Numbers, type Reverse, type Subject } from "./subject.js";

/** Derivatives of one mode along lines. */
export interface Claims {
  /** Along a part of one leaf. */
  within(leaf: number, along: ReadonlyMap<number, number>): Claim;
  /** Along numbers for every leaf. */
  along(along: Numbers): Claim;
}

/** The inner product over all leaves. */
function totalProduct(a: Numbers, b: Numbers): { value: number; magnitude: number } {
  let [value, magnitude] = [0, 0];
  a.forEach((part, i) => {
    const product = innerProduct(part, b[i]!);
    value += product.value;
    magnitude += product.magnitude;
  });
  return { value, magnitude };
}

/** Runs of `run` with random rounding that decide as the exact one did, at most three. */
export function noisy<R>(subject: Subject, branches: Branches, run: () => R): readonly R[] {
  const found: R[] = [];
  for (let seed = 1; found.length < 3 && seed <= 6; seed++) {
    const same = outside(
      () => withNoise(seed, () => withBranches(() => evaluate(subject, subject.leaves))).branches.equals(branches),
      false,
    );
    const sample = same ? outside(() => withNoise(seed, run), null) : null;
    if (sample !== null) found.push(sample);
  }
  return found;
}

/** What reverse mode claims. */
export class ReverseClaims implements Claims {
  readonly #subject: Subject;
  readonly #cotangent: Float64Array;
  readonly #branches: Branches;
  readonly gradients: Numbers;
  #samples: readonly Numbers[] | null = null;

  constructor(subject: Subject, cotangent: Float64Array, branches: Branches, { gradients }: Reverse) {
    this.#subject = subject;
    this.#cotangent = cotangent;
    this.#branches = branches;
    this.gradients = gradients;
  }

  /** Gradients rounded at random. */
  #noisy(): readonly Numbers[] {
    this.#samples ??= noisy(this.#subject, this.#branches, () => reverse(this.#subject, this.#cotangent).gradients);
    return this.#samples;
  }

  within(leaf: number, along: ReadonlyMap<number, number>): Claim {
    const at = (gradients: Numbers): { value: number; magnitude: number } => {
      let [value, magnitude] = [0, 0];
      for (const [i, v] of along) {
        const term = gradients[leaf]![i]! * v;
        value += term;
        magnitude += Math.abs(term);
      }
      return { value, magnitude };
    };
    return this.#claim(at);
  }

  along(along: Numbers): Claim {
    return this.#claim((gradients) => totalProduct(gradients, along));
  }

  #claim(at: (gradients: Numbers) => { value: number; magnitude: number }): Claim {
    const { value, magnitude } = at(this.gradients);
    return {
      value,
      rounding: slack * this.#subject.epsilon * magnitude,
      noise: () => spreadOf(value, this.#noisy().map((sample) => at(sample).value)),
      beside: (leaves) => at(reverse({ ...this.#subject, leaves }, this.#cotangent).gradients).value,
    }; // prettier-ignore
  }
}

/** What forward mode claims. */
export class ForwardClaims implements Claims {
  readonly #subject: Subject;
  readonly #cotangent: Float64Array;
  readonly #branches: Branches;

  constructor(subject: Subject, cotangent: Float64Array, branches: Branches) {
    this.#subject = subject;
    this.#cotangent = cotangent;
    this.#branches = branches;
  }

  within(leaf: number, along: ReadonlyMap<number, number>): Claim {
    const tangents = this.#subject.leaves.map((y) => new Float64Array(y.size));
    for (const [i, v] of along) tangents[leaf]![i] = v;
    return this.along(tangents);
  }

  along(along: Numbers): Claim {
    return this.claim(forward(this.#subject, along), along);
  }

  /** @param tangent what forward mode gave along `along` */
  claim(tangent: Float64Array, along: Numbers): Claim {
    const { value, magnitude } = innerProduct(tangent, this.#cotangent);
    const at = (subject: Subject): number => innerProduct(forward(subject, along), this.#cotangent).value;
    const again = (): number => at(this.#subject);
    return {
      value,
      rounding: slack * this.#subject.epsilon * magnitude,
      noise: () => spreadOf(value, noisy(this.#subject, this.#branches, again)),
      beside: (leaves) => at({ ...this.#subject, leaves }),
    };
  }
}
