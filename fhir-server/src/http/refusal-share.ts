/**
 * Which share of new work is to be refused so that a queue's delay stays about a target: the drop probability of PIE, of the
 * delay and its change. It needs no knowledge of how much work the queue can take. https://www.rfc-editor.org/rfc/rfc8033#section-4
 */

/** Of the RFC, as are those below. */
const STEP_MS = 15;
const BURST_MS = 150;
/** For each second that the delay is above the target, and that it has grown. */
const ALPHA = 0.125;
const BETA = 1.25;
const CHANGE_MAX = 0.02;
const DECAY = 0.98;
/** The smaller the share, the smaller its steps. */
const SCALES = [
  [0.000001, 2048],
  [0.00001, 512],
  [0.0001, 128],
  [0.001, 32],
  [0.01, 8],
  [0.1, 2],
] as const;

/** One late update stands for no more than so many, so that a single long pause is no overload. */
const STEPS_MAX = 5;

export class RefusalShare {
  readonly #targetMs: number;
  #share = 0;
  #lastMs = 0;
  #burstMs = BURST_MS;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** From 0 to 1. A burst that is over at once is let through. */
  get share(): number {
    const isSlight = this.#lastMs < this.#targetMs / 2 && this.#share < 0.2;
    return this.#burstMs > 0 || isSlight ? 0 : this.#share;
  }

  /** The delay of the queue now, and the time since the last update. */
  update(delayMs: number, elapsedMs: number): void {
    const steps = Math.min(STEPS_MAX, Math.max(1, Math.round(elapsedMs / STEP_MS)));
    for (let i = 0; i < steps; i += 1) this.#step(delayMs);
  }

  #step(delayMs: number): void {
    const change = (ALPHA * (delayMs - this.#targetMs) + BETA * (delayMs - this.#lastMs)) / 1_000;
    const scale = SCALES.find(([below]) => this.#share < below)?.[1] ?? 1;
    const step = this.#share < 0.1 ? change / scale : Math.min(change, CHANGE_MAX);
    this.#share = Math.min(1, Math.max(0, this.#share + step));
    if (delayMs === 0 && this.#lastMs === 0) this.#share *= DECAY;
    this.#lastMs = delayMs;
    if (this.#share === 0 && delayMs < this.#targetMs / 2) this.#burstMs = BURST_MS;
    else this.#burstMs = Math.max(0, this.#burstMs - STEP_MS);
  }
}
