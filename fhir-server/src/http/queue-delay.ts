/**
 * How long who joins a queue now will wait: its length over the rate at which it is left. Measuring those who have left would tell of
 * the past. https://www.rfc-editor.org/rfc/rfc8033#section-4.3
 */

export interface QueueCounts {
  readonly waiting: number;
  /** How many have left it, of all times. */
  readonly left: number;
}

/** Weight of the latest measurement. */
const WEIGHT = 0.2;

export class QueueDelay {
  readonly #counts: () => QueueCounts;
  #left: number;
  /** Leaving in a millisecond, while there was a queue. */
  #rate: number | undefined;
  /** Since anyone has left. */
  #stillMs = 0;

  constructor(counts: () => QueueCounts) {
    this.#counts = counts;
    this.#left = counts().left;
  }

  /** To be told how the queue moves, some times a second. */
  measure(elapsedMs: number): void {
    const { waiting, left } = this.#counts();
    const gone = left - this.#left;
    this.#left = left;
    if (waiting === 0) {
      this.#rate = undefined;
      this.#stillMs = 0;
      return;
    }
    this.#stillMs += elapsedMs;
    if (gone === 0) return;
    const rate = gone / this.#stillMs;
    this.#rate = this.#rate === undefined ? rate : WEIGHT * rate + (1 - WEIGHT) * this.#rate;
    this.#stillMs = 0;
  }

  /** In milliseconds; 0 for a queue that is new, as a burst is. */
  get delayMs(): number {
    const { waiting } = this.#counts();
    if (waiting === 0) return 0;
    return Math.max(this.#stillMs, this.#rate === undefined ? 0 : waiting / this.#rate);
  }
}
