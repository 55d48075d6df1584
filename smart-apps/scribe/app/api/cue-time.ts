/** Where in the recording something was said. Pure but for the playback that is handed over. */
import type { Cue } from './note-draft.ts';

/** Heard before the first word and after the last one, since cue times are those of whole pieces of speech. */
const MARGIN_MS = 300;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** From the first of the cues that have a time to the end of those that follow it closely; undefined when none has one. */
export function spanOf(cues: readonly Cue[], ids: readonly string[]): Span | undefined {
  const timed = cues.flatMap(({ id, startMs, endMs }) =>
    ids.includes(id) && startMs !== undefined ? { startMs, endMs: endMs ?? startMs } : [],
  );
  const [first, ...others] = timed.toSorted((a, b) => a.startMs - b.startMs);
  if (first === undefined) return undefined;
  const endMs = others.reduce(
    (end, cue) => (cue.startMs <= end + MARGIN_MS ? Math.max(end, cue.endMs) : end),
    first.endMs,
  );
  return { startMs: Math.max(0, first.startMs - MARGIN_MS), endMs: endMs + MARGIN_MS };
}

export function playMarked(
  playback: { play(startMs: number, endMs?: number): void },
  cues: readonly Cue[],
  ids: readonly string[],
): void {
  const span = spanOf(cues, ids);
  if (span !== undefined) playback.play(span.startMs, span.endMs);
}

/** `3:05`, with hours where there are any: `1:03:05`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (n: number): string => String(n % 60).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds)}`
    : `${Math.floor(minutes / 60)}:${two(minutes)}:${two(seconds)}`;
}
