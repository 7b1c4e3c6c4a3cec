/** What a library must say to be measured. @module */

/** One run of a case. A promise is waited for; whatever it returns otherwise is ignored. */
export type Run = () => unknown;

export interface Peer {
  readonly about: string;
  /** Makes the run of a case ready; only what is measured is made. */
  readonly cases: Readonly<Record<string, () => Run>>;
}

/** Thrown by a peer that is not installed here. */
export class Unavailable extends Error {}
