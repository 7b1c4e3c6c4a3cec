/**
 * The search for elements at which a derivative is wrong.
 * @module
 */
import type { Random } from "../random.js";
import type { Branches } from "./branches.js";
import { ForwardClaims, ReverseClaims, type Claims } from "./claims.js";
import type { KinkSeen, Place, UndecidedSeen, WrongElement } from "./examination.js";
import { weigh, type Standing } from "./judge.js";
import { lineWithin } from "./line.js";
import { Probe, type Reading } from "./probe.js";
import type { Slope } from "./slope.js";
import { direction, reverse, type Subject } from "./subject.js";

/** So few elements that each is looked at. */
export const few = 64;

/** The slope that a reading reports. */
export const numericOf = (reading: Reading): Slope =>
  reading.kind === "smooth" ? reading : (reading.right ?? reading.left ?? { value: NaN, bar: Infinity, noise: 0 });

/** How far apart the two numbers are. */
function excess({ analytic, numeric }: WrongElement): number {
  const distance = Math.abs(analytic - numeric);
  return Number.isNaN(distance) ? Infinity : distance;
}

/** What was met on the way, whatever the verdict. */
export class Findings {
  readonly wrong: WrongElement[] = [];
  readonly kinks: KinkSeen[] = [];
  readonly undecided: UndecidedSeen[] = [];
  judged = 0;
  evaluations = 0;

  /** Notes how a derivative stands. */
  take(place: Place, reading: Reading, analytic: number, standing: Standing): void {
    if (standing !== "undecided") this.judged++;
    else if (reading.kind === "smooth" || reading.left === null || reading.right === null) {
      const { value, bar } = numericOf(reading);
      this.undecided.push({ ...place, analytic, numeric: value, bar });
    }
    if (reading.kind === "kink") this.#meet(place, reading, analytic);
  }

  #meet(place: Place, { left, right, decision }: Reading & { kind: "kink" }, analytic: number): void {
    if (left !== null && right !== null && Math.abs(left.value - right.value) <= 10 * (left.bar + right.bar)) return;
    if (left === null && right === null) return;
    this.kinks.push({ ...place, left: left?.value ?? NaN, right: right?.value ?? NaN, analytic, decision });
  }
}

/** Looks at derivatives by single elements. */
export class ElementSearch {
  readonly #subject: Subject;
  readonly #random: Random;
  readonly #findings: Findings;
  /** A kink was met that cannot be judged. */
  tangled = false;

  constructor(subject: Subject, random: Random, findings: Findings) {
    this.#subject = subject;
    this.#random = random;
    this.#findings = findings;
  }

  /** The derivative by one element, compared; `null` where it stands. */
  #element(probe: Probe, claims: Claims, leaf: number, i: number, roundings: number): WrongElement | null {
    const along = new Map([[i, 1]]);
    const claim = claims.within(leaf, along);
    const { reading, standings } = weigh(probe, lineWithin(this.#subject, leaf, along), [claim], roundings);
    const [stands] = standings;
    this.#findings.take({ leaf, element: i }, reading, claim.value, stands!);
    if (stands === "undecided" && reading.kind === "kink") this.tangled = true;
    if (stands !== "differs") return null;
    const { value, bar } = numericOf(reading);
    return { leaf, element: i, analytic: claim.value, numeric: value, bar, output: probe.cotangent.length === 1 ? 0 : null }; // prettier-ignore
  }

  /**
   * Every element, or those that a search by halves leads to.
   *
   * @param first whether one that is wrong is enough
   */
  look(probe: Probe, claims: Claims, roundings: number, which: "every" | "halves", first = false): void {
    for (let leaf = 0; leaf < this.#subject.leaves.length; leaf++) {
      const { size } = this.#subject.leaves[leaf]!;
      let candidates = Array.from({ length: size }, (_, i) => i);
      if (which === "halves") candidates = this.#halves(probe, claims, leaf, candidates, roundings);
      let worst: WrongElement | null = null;
      for (const i of candidates) {
        const found = this.#element(probe, claims, leaf, i, roundings);
        if (found !== null && (worst === null || excess(found) > excess(worst))) worst = found;
        if (first && worst !== null) break;
      }
      if (worst !== null) this.#findings.wrong.push(worst);
      if (first && worst !== null) break;
    }
  }

  /** At most 32 elements, by following the half that is more wrong. */
  #halves(probe: Probe, claims: Claims, leaf: number, all: number[], roundings: number): number[] {
    const signs = direction(this.#random.fork(`halves of ${leaf}`), all.length);
    let candidates = all;
    while (candidates.length > 32) {
      const middle = candidates.length >> 1;
      const parts = [candidates.slice(0, middle), candidates.slice(middle)];
      const errors = parts.map((part) => {
        const along = new Map(part.map((i) => [i, signs[i]!]));
        const reading = probe.along(lineWithin(this.#subject, leaf, along), roundings);
        if (reading.kind === "kink") return 0;
        const distance = Math.abs(claims.within(leaf, along).value - reading.value);
        return Number.isNaN(distance) ? Infinity : distance;
      });
      candidates = parts[errors[1]! > errors[0]! ? 1 : 0]!;
    }
    return candidates;
  }

  /** The element of the output at which a derivative is most wrong, instead of a sum over all of them. */
  sharpen(size: number, base: Branches, forward: boolean): void {
    const { wrong } = this.#findings;
    // What is looked at again has been counted and listed.
    const again = new ElementSearch(this.#subject, this.#random, new Findings());
    wrong.forEach((sum, at) => {
      for (let output = 0; output < size; output++) {
        const unit = new Float64Array(size);
        unit[output] = 1;
        const back = reverse(this.#subject, unit);
        const claims = forward
          ? new ForwardClaims(this.#subject, unit, base)
          : new ReverseClaims(this.#subject, unit, base, back);
        const probe = new Probe(this.#subject, unit, base);
        const found = again.#element(probe, claims, sum.leaf, sum.element, back.roundings);
        this.#findings.evaluations += probe.evaluations + 1;
        const worst = wrong[at]!;
        if (found !== null && (worst.output === null || excess(found) > excess(worst)))
          wrong[at] = { ...found, output };
      }
    });
  }
}
