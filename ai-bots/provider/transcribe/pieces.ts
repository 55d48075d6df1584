/** A long sound in pieces that are cut where it is most quiet, so that no word is torn. */
import { RECOGNISER_RATE_HZ } from './wav.ts';

const PIECE_MAX = 60 * RECOGNISER_RATE_HZ;
/** Before the longest end of a piece, where the quiet place is looked for. */
const SEARCH = 20 * RECOGNISER_RATE_HZ;
const FRAME = RECOGNISER_RATE_HZ / 10;

export interface Piece {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export function piecesOf(samples: Int16Array): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  while (samples.length - from > PIECE_MAX) {
    const to = quietest(samples, from + PIECE_MAX - SEARCH, from + PIECE_MAX);
    pieces.push({ from, to });
    from = to;
  }
  return [...pieces, { from, to: samples.length }];
}

/** The middle of the tenth of a second with the least sound in it. */
function quietest(samples: Int16Array, from: number, to: number): number {
  let [best, least] = [to, Infinity];
  for (let at = from; at + FRAME <= to; at += FRAME) {
    let sum = 0;
    for (let i = at; i < at + FRAME; i += 1) sum += Math.abs(samples[i] ?? 0);
    if (sum < least) [best, least] = [at + FRAME / 2, sum];
  }
  return best;
}
