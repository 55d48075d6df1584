/** The records of a file one after the other, each with its place; never more than a few of them in memory. */
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { CsvError, parse, type Info } from 'csv-parse';
import { LoadError } from './load-error.ts';
import type { ReleaseFile } from './release.ts';

/** Column → value. */
export type RawRecord = Readonly<Record<string, string>>;

export type RecordFormat =
  /** One column, `line`. */
  | { readonly kind: 'lines' }
  /** With the names of the columns in the first line, of which these have to be there. */
  | { readonly kind: 'headed'; readonly delimiter: string; readonly quoted: boolean; readonly columns: readonly string[] }
  /** Without names: these, in their order. */
  | { readonly kind: 'bare'; readonly delimiter: string; readonly columns: readonly string[] }; // prettier-ignore

export interface PlacedRecord {
  readonly record: RawRecord;
  readonly line: number;
  /** Of the file up to here. */
  readonly bytes: number;
}

/** A longer one is no record of any release. */
const RECORD_BYTES_MAX = 1024 * 1024;

/** Throws LoadError with the place for what does not have the format, and for what is not UTF-8. */
export async function* readRecords(file: ReleaseFile, format: RecordFormat): AsyncGenerator<PlacedRecord> {
  const records = format.kind === 'lines' ? readLines(file) : readDelimited(file, format);
  for await (const placed of records) {
    for (const value of Object.values(placed.record))
      if (value.includes('\uFFFD') || value.includes('\0'))
        throw LoadError.at(file.path, placed.line, 'the text is not UTF-8');
    yield placed;
  }
}

async function* readLines(file: ReleaseFile): AsyncGenerator<PlacedRecord> {
  const input = await file.open();
  let [line, bytes] = [0, 0];
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      bytes += Buffer.byteLength(text) + 1;
      if (text !== '') yield { record: { line: text }, line, bytes };
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: ReleaseFile, error: unknown): LoadError =>
  new LoadError(`${file.path} cannot be read: ${(error as Error).message}`);

async function* readDelimited(
  file: ReleaseFile,
  format: Exclude<RecordFormat, { readonly kind: 'lines' }>,
): AsyncGenerator<PlacedRecord> {
  const parser = parse({
    bom: true,
    delimiter: format.delimiter,
    quote: format.kind === 'headed' && format.quoted ? '"' : null,
    info: true,
    max_record_size: RECORD_BYTES_MAX,
    skip_empty_lines: true,
    columns:
      format.kind === 'bare' ? [...format.columns] : (header: string[]) => checkHeader(file, format, header),
  });
  pipeline(await file.open(), parser, () => undefined);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: RawRecord; info: Info }>)
      yield { record, line: info.lines, bytes: info.bytes };
  } catch (error) {
    if (error instanceof LoadError) throw error;
    if (error instanceof CsvError) throw LoadError.at(file.path, lineOf(error), error.message);
    throw unreadable(file, error);
  }
}

const lineOf = (error: CsvError): number => (error as { lines?: number }).lines ?? 1;

function checkHeader(
  file: ReleaseFile,
  { columns }: { readonly columns: readonly string[] },
  header: readonly string[],
): string[] {
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) throw LoadError.at(file.path, 1, `the header has no column ${missing.join(', ')}`);
  return [...header];
}
