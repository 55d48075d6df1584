/** JSON text → value, with every fault located, and with the text of its decimals. https://hl7.org/fhir/R4/json.html */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { badRequest, FhirError, issue } from '../outcome.ts';
import { keepNumbers } from './number-text.ts';
import { type JsonFault, JsonScanner, type Path } from './scan-json.ts';

/** Arrays and objects in each other; no resource of the standard comes near. */
export const JSON_DEPTH_MAX = 256;

/** A longer text is worked on piece by piece, so that other requests get their turn: some 5 ms each. */
const PIECE = 1_000_000;

const PLACE = 'http.body';

/**
 * Throws FhirError 400: no JSON, with line and column; a member that occurs twice, a depth beyond JSON_DEPTH_MAX or a member
 * `__proto__`, with its place.
 */
export function parseJson(text: string): unknown {
  const value = parsePiece(text, text, 0);
  const scanner = new JsonScanner(text, JSON_DEPTH_MAX);
  scanner.walk();
  return checked(value, scanner);
}

/** The same for text of any length; the entries of a large Bundle are parsed one by one. */
export async function parseJsonInTurns(text: string): Promise<unknown> {
  if (text.length <= PIECE) return parseJson(text);
  const scanner = new JsonScanner(text, JSON_DEPTH_MAX);
  while (!scanner.walk(PIECE)) await nextTurn();
  const value = await parseEntries(text, scanner);
  return checked(value, scanner);
}

/** Entries and what is around them. Commas between entries were seen by the scanner, all else is seen by JSON.parse. */
async function parseEntries(text: string, { entries, fault }: JsonScanner): Promise<unknown> {
  const [first] = entries;
  const last = entries.at(-1);
  const isEmpty = entries.length === 1 && text.slice(first?.start, first?.end).trim() === '';
  if (fault !== undefined || first === undefined || last === undefined || isEmpty)
    return parsePiece(text, text, 0);
  const around = `${text.slice(0, first.start)}${entries.map(() => '0').join(',')}${text.slice(last.end)}`;
  const bundle = parseAround(around, text) as { entry: unknown[] };
  let parsed = 0;
  for (const [i, { start, end }] of entries.entries()) {
    bundle.entry[i] = parsePiece(text.slice(start, end), text, start);
    parsed += end - start;
    if (parsed > PIECE) {
      parsed = 0;
      await nextTurn();
    }
  }
  return bundle;
}

/** The place of a fault in what is around the entries is not that in the text: parsing the whole tells it. */
function parseAround(around: string, text: string): unknown {
  try {
    return JSON.parse(around);
  } catch {
    return parsePiece(text, text, 0);
  }
}

function parsePiece(piece: string, text: string, start: number): unknown {
  try {
    return JSON.parse(piece);
  } catch {
    const place = piece.length > PIECE ? '' : placeOf(text, start + faultAt(piece));
    throw badRequest(`The body is not valid JSON${place}`, PLACE);
  }
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/**
 * V8 tells the position of few faults, and its messages quote the text, which must not get into a log. So the longest part
 * that could still become JSON is sought by halving.
 */
function faultAt(piece: string): number {
  let good = 0;
  let bad = piece.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (mayGoOn(piece.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether only more text could be missing. */
function mayGoOn(part: string): boolean {
  try {
    JSON.parse(part);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (message.includes('end of JSON') || message.startsWith('Unterminated')) return true;
    return Number(/position (\d+)/.exec(message)?.[1]) === part.length;
  }
}

function checked(value: unknown, { fault, numbers }: JsonScanner): unknown {
  if (fault !== undefined) throw refusalOf(fault, value);
  keepNumbers(value, numbers);
  return value;
}

function refusalOf({ kind, path }: JsonFault, value: unknown): FhirError {
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  const root = typeof type === 'string' && /^[A-Za-z]{1,64}$/.test(type) ? type : PLACE;
  const at = expressionOf(root, path);
  switch (kind) {
    case 'duplicate':
      return new FhirError(400, [issue('structure', 'The JSON has this member twice', at)]);
    case 'prototype':
      return new FhirError(400, [issue('structure', 'The JSON has a member that FHIR does not have', at)]);
    case 'depth':
      return new FhirError(400, [
        issue('too-long', `The JSON is nested more than ${JSON_DEPTH_MAX} levels deep`, root),
      ]);
  }
}

/** `['name', 0, '_given']` → `Patient.name[0].given`. */
const expressionOf = (root: string, path: Path): string =>
  path.reduce<string>(
    (at, step) => (typeof step === 'number' ? `${at}[${step}]` : `${at}.${printable(step)}`),
    root,
  );

const printable = (key: string): string =>
  key
    .replace(/^_(?!_)/, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 64);

/** Numbers that JavaScript would write in another way; text that only looks like one costs a closer look, no more. */
const ODD_NUMBER = /[:[,]\s*(?:-?(?:\d+\.\d*0(?!\d)|[\d.]+[eE][-+\d]|[\d.]{16}|0\.000000)|-0[,\]}\s])/;

/** JSON that this server has written: faultless, and mostly without numbers that must be kept. */
export const parseStored = <T>(content: string): T =>
  (ODD_NUMBER.test(content) ? parseJson(content) : JSON.parse(content)) as T;
