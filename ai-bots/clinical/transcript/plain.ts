/** Transcripts as plain text: one turn a line, with speaker labels or without; also a whole visit in one line. */
import { trained } from '../model/index.ts';
import type { Segment } from '../types.ts';
import { endsOf } from './boundary.ts';
import { roleOf, splitLabel } from './speaker.ts';

/** Below this a line without labels stays one segment. */
const LONG_LINE = 200;
/** Lines without labels and with fewer marks than one in so many words are divided by the trained model. */
const WORDS_PER_MARK = 40;
/** No stretch without an end is longer, so that a sentence of the note has a place to point to. */
const WORDS_MAX = 60;

/** Roles as they stand before a turn in the middle of a line. */
const INLINE =
  /\s+(?=(?:\[(?:doctor|patient|clinician|nurse|dr)\]|(?:Doctor|Dr|Patient|Clinician|Physician|Nurse|DOCTOR|PATIENT|Guest_family|Guest_clinician)\s?:)\s*\S)/;

export function parsePlain(text: string): Segment[] {
  const written = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '');
  // Who writes a line a turn means the line's end; labels within are looked for where lines are missing.
  const lines = written.length < 3 ? written.flatMap((line) => line.split(INLINE)) : written;
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
  return (line.length > LONG_LINE ? sentencesOfLine(line) : [line]).map((piece) => ({ text: piece }));
}

/** The words stay as they are: a mark that the model hears is not written. */
function sentencesOfLine(line: string): string[] {
  const marks = (line.match(/[.?!](?=\s|$)/g) ?? []).length;
  const words = line.split(' ');
  if (marks > words.length / WORDS_PER_MARK) return line.split(/(?<=[.?!])\s+/);
  const ends = new Set(endsOf(words, trained().models));
  const out: string[] = [];
  let from = 0;
  words.forEach((_word, at) => {
    if (!ends.has(at) && at < words.length - 1 && at - from < WORDS_MAX - 1) return;
    const next = words[at + 1];
    // What tokenisers split ("do n't") stays together.
    if (next !== undefined && /^(?:n't|'\w+|na)$/i.test(next)) return;
    out.push(words.slice(from, at + 1).join(' '));
    from = at + 1;
  });
  return out;
}
