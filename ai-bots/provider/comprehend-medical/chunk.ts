/** Texts cut into pieces that the service takes, and its offsets traced back to the segment. It counts in code points. */

export interface Piece {
  /** Of the segment. */
  readonly id: string;
  /** Code points from the start of the chunk; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface Chunk {
  readonly text: string;
  readonly characters: number;
  readonly pieces: readonly Piece[];
}

interface Line {
  readonly id: string;
  readonly text: string;
}

/** One segment a line. A segment is never torn, unless it alone is larger than `bytesMax` (UTF-8): then between words. */
export function chunksOf(segments: readonly Line[], bytesMax: number): Chunk[] {
  const lines = segments.flatMap(({ id, text }) => torn(text, bytesMax).map((part) => ({ id, text: part })));
  const groups: Line[][] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line.text) + 1;
    const last = groups.at(-1);
    // The line break before the first line of a chunk is not sent.
    if (last === undefined || size + bytes > bytesMax + 1) {
      groups.push([line]);
      size = bytes;
    } else {
      last.push(line);
      size += bytes;
    }
  }
  return groups.map(toChunk);
}

function toChunk(lines: readonly Line[]): Chunk {
  let at = 0;
  const pieces = lines.map(({ id, text }) => {
    const start = at;
    const end = start + length(text);
    at = end + 1;
    return { id, start, end };
  });
  const text = lines.map((l) => l.text).join('\n');
  return { text, characters: length(text), pieces };
}

function torn(text: string, bytesMax: number): string[] {
  if (Buffer.byteLength(text) <= bytesMax) return [text];
  const parts: string[] = [];
  let part = '';
  // A word that is larger than the limit is cut between characters.
  for (const word of text
    .match(/\s*\S+/g)
    ?.flatMap((w) => (Buffer.byteLength(w) > bytesMax ? [...w] : [w])) ?? []) {
    if (Buffer.byteLength(part + word) > bytesMax) {
      parts.push(part);
      part = word.trimStart();
    } else part += word;
  }
  return [...parts, part].filter((p) => p !== '');
}

const length = (text: string): number => [...text].length;
