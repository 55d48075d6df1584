/** Takes identifiers out of texts and puts them back: a map from placeholders to words that lives as long as one call. */
import { PATTERNS } from './patterns.ts';
import type { Finder } from './finder.ts';

export interface Redaction {
  /** The same words get the same placeholder, e.g. "[NAME-1]". */
  readonly redact: (text: string) => string;
  /** Placeholders that were never given out stay as they are. */
  readonly restore: (text: string) => string;
  /** Whether a known identifier is still in a text that was redacted. Logical ids are no secret within references. */
  readonly leaks: (text: string, isLink: boolean) => boolean;
}

/** Also what only looks like a placeholder is replaced, so that restoring gives the very text back. */
const LOOKALIKE = /\[[a-z]+-\d+\]/gi;
const PLACEHOLDER = /\[(?:NAME|DATE|PHONE|EMAIL|ADDRESS|ID|URL|TEXT)-\d+\]/gi;

interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** @param known what finds the identifiers of the people of the visit */
export function createRedaction(known: readonly Finder[]): Redaction {
  const finders = [...known, ...PATTERNS];
  const placeholders = new Map<string, string>();
  const originals = new Map<string, string>();
  const counts = new Map<string, number>();

  function placeholderFor(kind: string, words: string): string {
    const given = placeholders.get(words);
    if (given !== undefined) return given;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const placeholder = `[${kind}-${count}]`;
    placeholders.set(words, placeholder);
    originals.set(placeholder, words);
    return placeholder;
  }

  /** What is left between two identifiers is looked at again: it may have hidden behind what it touched. */
  function redact(text: string): string {
    const spans = merged(spansIn(text, finders));
    if (spans.length === 0) return text;
    let redacted = '';
    let from = 0;
    for (const { start, end, kind } of spans) {
      redacted += redact(text.slice(from, start)) + placeholderFor(kind, text.slice(start, end));
      from = end;
    }
    return redacted + redact(text.slice(from));
  }

  return {
    redact,
    restore: (text) =>
      text.replace(PLACEHOLDER, (placeholder) => originals.get(placeholder.toUpperCase()) ?? placeholder),
    leaks(text, isLink) {
      const rest = text.replace(PLACEHOLDER, '\n');
      return known.some(({ kind, pattern }) => {
        pattern.lastIndex = 0;
        return !(isLink && kind === 'ID') && pattern.test(rest);
      });
    },
  };
}

function spansIn(text: string, finders: readonly Finder[]): Span[] {
  const found = finders.flatMap(({ kind, pattern }) =>
    [...text.matchAll(pattern)].flatMap((match): Span[] => {
      const [start, end] = match.indices?.[1] ?? match.indices?.[0] ?? [0, 0];
      return end > start ? [{ start, end, kind }] : [];
    }),
  );
  const lookalikes = [...text.matchAll(LOOKALIKE)].map((m) => ({
    start: m.index,
    end: m.index + m[0].length,
    kind: 'TEXT',
  }));
  return [...found, ...lookalikes].toSorted((a, b) => a.start - b.start || b.end - a.end);
}

/** Spans that overlap become one, so that no part of either is left. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last === undefined || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end };
  }
  return result;
}
