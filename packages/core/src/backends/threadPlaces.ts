/**
 * Where the numbers stand that threads share.
 * @module
 */

/** Places in the shared counters. */
export const counter = {
  /** Goes up with every job; threads without work wait for that. */
  signal: 0,
  /**
   * Parts of the present job that nobody has taken yet, from the first one (times `firstPart`) to before the last one.
   * The main thread takes the first, others the last, so that threads mostly find what they made themselves before.
   */
  left: 1,
  /** Parts that threads other than the main one have finished. */
  done: 2,
  /** Goes up whenever a thread has something to say; the main thread waits for that. */
  event: 3,
  /** Characters of the message of a thread that failed; 0: none did. */
  failed: 4,
  /** Not 0 when threads are to end. */
  stop: 5,
  /** The first thread's sign of life; the others follow in cache lines of their own. */
  life: 16,
} as const;
export const firstPart = 65536;
/** Counters from one thread's sign of life to the next. */
export const lifeStep = 16;

/** Places in a job's numbers: the main thread's room, the next one's distance, how many parts, and where they begin. */
export const jobStart = { room: 0, step: 1, count: 2, parts: 3 } as const;
