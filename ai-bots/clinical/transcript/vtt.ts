/** WebVTT in and out. https://www.w3.org/TR/webvtt1/ */
import type { Segment, Transcript } from '../types.ts';
import { splitLabel } from './speaker.ts';

const TIME = String.raw`(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})`;
const TIMING = new RegExp(String.raw`^\s*${TIME}\s+-->\s+${TIME}`);
const UNTIMED = 'NOTE The times are not known: every cue is given one second.';
const ID = /^[\w.-]{1,40}$/;

interface Cue {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly payload: string;
}

/** Blocks that are no cue (header, NOTE, STYLE, REGION) are passed over; ids are kept when all of them can be. */
export function parseVtt(text: string): Segment[] {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const untimed = source.includes(UNTIMED);
  const cues = source.split(/\n{2,}/).flatMap((block) => parseCue(block) ?? []);
  const turns = cues.flatMap((cue) =>
    voices(cue.payload).map(({ speaker, text: said }) => ({
      id: cue.id,
      ...(speaker === undefined ? {} : { speaker }),
      ...(untimed ? {} : { startMs: cue.startMs, endMs: cue.endMs }),
      text: said,
    })),
  );
  const ids = new Set(turns.map((turn) => turn.id));
  const keep = ids.size === turns.length && [...ids].every((id) => ID.test(id));
  return keep ? turns : turns.map((turn, i) => ({ ...turn, id: `c${i + 1}` }));
}

function parseCue(block: string): Cue | undefined {
  const lines = block.split('\n').filter((line) => line.trim() !== '');
  if (/^(NOTE|STYLE|REGION)(\s|$)/.test(lines[0] ?? '')) return undefined;
  const at = lines.findIndex((line) => TIMING.test(line));
  const timing = TIMING.exec(lines[at] ?? '');
  if (timing === null) return undefined;
  return {
    id: at > 0 ? (lines[at - 1] ?? '').trim() : '',
    startMs: milliseconds(timing.slice(1, 5)),
    endMs: milliseconds(timing.slice(5, 9)),
    payload: lines.slice(at + 1).join(' '),
  };
}

function milliseconds([hours, minutes, seconds, fraction]: readonly (string | undefined)[]): number {
  return (Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + Number(fraction);
}

/** A cue's voice spans; text without one may still open with a label. */
function voices(payload: string): { speaker?: string; text: string }[] {
  return payload.split(/(?=<v[\s.])/).flatMap((span) => {
    const voice = /^<v(?:\.[^\s>]+)*\s+([^>]+)>/.exec(span);
    const text = unescape(span.replace(/<[^>]*>/g, ''))
      .replace(/\s+/g, ' ')
      .trim();
    if (!/[\p{L}\p{N}]/u.test(text)) return [];
    return [voice === null ? splitLabel(text) : { speaker: unescape(voice[1] ?? '').trim(), text }];
  });
}

/** Cues with ids and voices. Unknown times are written as one second a cue, and a NOTE says so. */
export function toVtt(transcript: Transcript): string {
  const untimed = transcript.segments.some((s) => s.startMs === undefined || s.endMs === undefined);
  const cues = transcript.segments.map((segment, i) => {
    const [start, end] = untimed ? [i * 1000, (i + 1) * 1000] : [segment.startMs ?? 0, segment.endMs ?? 0];
    const voice = segment.speaker === undefined ? '' : `<v ${escape(segment.speaker)}>`;
    return `${segment.id}\n${timestamp(start)} --> ${timestamp(end)}\n${voice}${escape(segment.text)}\n`;
  });
  return ['WEBVTT\n', ...(untimed ? [`${UNTIMED}\n`] : []), ...cues].join('\n');
}

function timestamp(ms: number): string {
  const part = (value: number, width = 2): string => String(Math.floor(value)).padStart(width, '0');
  return `${part(ms / 3_600_000)}:${part((ms / 60_000) % 60)}:${part((ms / 1000) % 60)}.${part(ms % 1000, 3)}`;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&nbsp;': ' ',
  '&lrm;': '',
  '&rlm;': '',
};

const unescape = (text: string): string => text.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
