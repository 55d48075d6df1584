/** Transcripts as plain text: one turn a line, with speaker labels or without. */
import type { Segment } from '../types.ts';
import { roleOf, splitLabel } from './speaker.ts';

/** Below this a line without labels stays one segment. */
const LONG_LINE = 200;

export function parsePlain(text: string): Segment[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '');
  const labelled = lines.map(splitLabel);
  const counts = Map.groupBy(labelled, (l) => l.speaker);
  // A word before a colon that occurs once among many is more likely speech, unless it is a role's word.
  const trusted = (speaker: string): boolean =>
    roleOf(speaker) !== undefined || (counts.get(speaker)?.length ?? 0) > 1 || lines.length <= 4;
  let speaker: string | undefined;
  const turns = lines.flatMap((line, i) => {
    const split = labelled[i];
    if (split?.speaker !== undefined && trusted(split.speaker)) {
      speaker = split.speaker;
      return pieces(split.text, speaker);
    }
    return pieces(line, speaker);
  });
  return turns.map((turn, i) => ({ id: `c${i + 1}`, ...turn }));
}

type Turn = Omit<Segment, 'id'>;

function pieces(text: string, speaker: string | undefined): Turn[] {
  const line = text.replace(/\s+/g, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(line)) return [];
  if (speaker !== undefined) return [{ speaker, text: line }];
  return (line.length > LONG_LINE ? line.split(/(?<=[.?!])\s+/) : [line]).map((piece) => ({ text: piece }));
}
