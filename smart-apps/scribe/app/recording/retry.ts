/** When a failed upload is tried again. */

const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;

/** @param attempt 1 after the first failure; @param random 0 to 1, so that a clinic's browsers do not come all at once */
export function retryDelayMs(attempt: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.round(whole * (0.75 + random / 4));
}

/** Whether the same may succeed later: no answer, too many requests, or a fault of the server. */
export const isPassing = (status: number): boolean => status === 0 || status === 429 || status >= 500;
