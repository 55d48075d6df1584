/** The transcript file of Transcribe Medical as turns. https://docs.aws.amazon.com/transcribe/latest/dg/diarization-output-batch.html */
import { Ajv } from 'ajv';
import type { Segment } from '../transcribe/recording.ts';

interface Item {
  readonly type: 'pronunciation' | 'punctuation';
  readonly start_time?: string;
  readonly end_time?: string;
  readonly speaker_label?: string;
  readonly alternatives: readonly { readonly content: string }[];
}

interface TranscriptFile {
  readonly results: {
    readonly items: readonly Item[];
    readonly speaker_labels?: {
      readonly segments: readonly {
        readonly speaker_label: string;
        readonly items: readonly { readonly start_time: string; readonly speaker_label?: string }[];
      }[];
    };
  };
}

const text = { type: 'string' };
const time = { type: 'string', pattern: '^\\d+(\\.\\d+)?$' };
const object = (properties: object, required: readonly string[]): object => ({
  type: 'object',
  properties,
  required,
});
const list = (items: object): object => ({ type: 'array', items });

const isTranscript = new Ajv({ strict: true }).compile<TranscriptFile>(
  object(
    {
      results: object(
        {
          items: list(
            object(
              {
                type: { type: 'string', enum: ['pronunciation', 'punctuation'] },
                start_time: time,
                end_time: time,
                speaker_label: text,
                alternatives: list(object({ content: text }, ['content'])),
              },
              ['type', 'alternatives'],
            ),
          ),
          speaker_labels: object(
            {
              segments: list(
                object(
                  {
                    speaker_label: text,
                    items: list(object({ start_time: time, speaker_label: text }, ['start_time'])),
                  },
                  ['speaker_label', 'items'],
                ),
              ),
            },
            ['segments'],
          ),
        },
        ['items'],
      ),
    },
    ['results'],
  ),
);

/** A long turn is cut at the end of a sentence, so that a sentence of the note points to few words. */
const LONG_TURN = 160;

/** Undefined when the file is in another form. */
export function parseMedicalTranscript(file: unknown): Segment[] | undefined {
  if (!isTranscript(file)) return undefined;
  const { items, speaker_labels: labels } = file.results;
  const speakers = new Map(
    labels?.segments.flatMap((s) => s.items.map((i) => [i.start_time, i.speaker_label ?? s.speaker_label])),
  );
  const turns: {
    startMs: number;
    endMs: number;
    text: string;
    speaker: string | undefined;
    isOver: boolean;
  }[] = [];
  for (const item of items) {
    const word = item.alternatives[0]?.content ?? '';
    const last = turns.at(-1);
    if (item.type === 'punctuation') {
      if (last === undefined) continue;
      last.text += word;
      last.isOver = /[.?!]/.test(word) && last.text.length >= LONG_TURN;
      continue;
    }
    const speaker = item.speaker_label ?? speakers.get(item.start_time ?? '');
    const [startMs, endMs] = [milliseconds(item.start_time), milliseconds(item.end_time)];
    if (last === undefined || last.isOver || last.speaker !== speaker)
      turns.push({ startMs, endMs, text: word, speaker, isOver: false });
    else {
      last.text += ` ${word}`;
      last.endMs = Math.max(last.endMs, endMs);
    }
  }
  return turns
    .filter((turn) => turn.text.trim() !== '')
    .map(({ startMs, endMs, text: said, speaker }) => {
      return { startMs, endMs, text: said, ...(speaker === undefined ? {} : { speaker: nameOf(speaker) }) };
    });
}

const milliseconds = (seconds: string | undefined): number => Math.round(Number(seconds ?? 0) * 1000);

/** `spk_0` is the first voice. */
const nameOf = (label: string): string => `Speaker ${Number(/\d+$/.exec(label)?.[0] ?? 0) + 1}`;
