/** The draft as the bot wrote it: sentences with the cues of the transcript that they came from. */
import type { DocumentReference } from '@medplum/fhirtypes';
import { ApiError } from '@dr-assistant/ui/api-error';
import { fromBase64 } from './text-encoding.ts';

export interface NoteSentence {
  readonly id: string;
  readonly text: string;
  /** Cue ids. */
  readonly source: readonly string[];
  /** Why to look twice: the cues do not say all of it. Gone once a clinician has written the sentence. */
  readonly unsupported?: string;
}

export interface NoteSection {
  /** LOINC. */
  readonly code: string;
  readonly title: string;
  readonly sentences: readonly NoteSentence[];
}

export interface NoteDraft {
  readonly version: 1;
  /** Who answered each stage: `transcribe`, `draft`, `extract`, `code`. */
  readonly provider: Readonly<Record<string, string>>;
  /** A sentence for each stage that another provider answered than was meant to, or nobody. */
  readonly fallbacks?: readonly string[];
  readonly sections: readonly NoteSection[];
}

export interface Cue {
  readonly id: string;
  /** Milliseconds from the start of the recording; a plain text has none. */
  readonly startMs?: number;
  readonly endMs?: number;
  readonly speaker?: string;
  readonly text: string;
}

const attachment = (document: DocumentReference, type: RegExp): string | undefined => {
  const data = document.content?.find((c) => type.test(c.attachment?.contentType ?? ''))?.attachment?.data;
  return data === undefined ? undefined : fromBase64(data);
};

/** Throws ApiError when the document holds no draft. */
export function noteDraftOf(document: DocumentReference): NoteDraft {
  const json = attachment(document, /^application\/json/);
  if (json === undefined) throw new ApiError(0, '', 'draft-none');
  return JSON.parse(json) as NoteDraft;
}

/** Cues of a WebVTT transcript, or lines of a plain one. */
export function cuesOf(document: DocumentReference | undefined): Cue[] {
  if (document === undefined) return [];
  const vtt = attachment(document, /^text\/vtt/);
  if (vtt !== undefined) return parseVtt(vtt);
  const text = attachment(document, /^text\/plain/) ?? '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => ({ id: `c${i + 1}`, text: line }));
}

const ENTITIES: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const plain = (text: string): string =>
  text.replace(/<[^>]*>/g, '').replace(/&(?:lt|gt|amp);/g, (e) => ENTITIES[e] ?? e);

const TIMES = /^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3}) --> (?:(\d+):)?(\d\d):(\d\d)\.(\d{3})/;

/** https://www.w3.org/TR/webvtt1/#webvtt-cue-timings */
function timesOf(line: string): Pick<Cue, 'startMs' | 'endMs'> {
  const parts = TIMES.exec(line)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  if (parts === undefined) return {};
  const msOf = ([hours = 0, minutes = 0, seconds = 0, ms = 0]: number[]): number =>
    ((hours * 60 + minutes) * 60 + seconds) * 1_000 + ms;
  return { startMs: msOf(parts.slice(0, 4)), endMs: msOf(parts.slice(4)) };
}

export function parseVtt(vtt: string): Cue[] {
  return vtt.split(/\r?\n\s*\r?\n/).flatMap((block): Cue[] => {
    const lines = block.trim().split(/\r?\n/);
    const at = lines.findIndex((line) => line.includes('-->'));
    const id = lines[at - 1];
    if (at < 1 || id === undefined) return [];
    const payload = lines.slice(at + 1).join(' ');
    const speaker = /<v(?:\.[^\s>]*)?\s+([^>]+)>/.exec(payload)?.[1];
    return [
      {
        id: id.trim(),
        text: plain(payload).trim(),
        ...timesOf(lines[at] ?? ''),
        ...(speaker === undefined ? {} : { speaker: plain(speaker) }),
      },
    ];
  });
}

/** The whole note as plain text: section titles, then a sentence a line; empty sections are left out. */
export function noteText(sections: readonly NoteSection[]): string {
  return sections
    .filter((section) => section.sentences.length > 0)
    .map((section) => [section.title.toUpperCase(), ...section.sentences.map((s) => s.text)].join('\n'))
    .join('\n\n');
}
