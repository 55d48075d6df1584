/** The hand-made annotations of `test/clinical/gold`, joined with the sentences that they are about. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { placedEntities, type PlacedEntity } from '../clinical/extract/extract-entities.ts';
import { sentencesOf } from '../clinical/extract/sentences.ts';
import { parseTranscript, type ClinicalEntity } from '../clinical/index.ts';

/** `fresh` was drawn and annotated for denials, later than the others. */
export type Split = 'development' | 'fresh' | 'held-out';
/** Condition, medication, test or treatment, allergy. */
export type Category = 'C' | 'M' | 'T' | 'A';

export interface GoldEntity {
  readonly start: number;
  readonly end: number;
  readonly category: Category;
  /** ICD-10-CM; a code with `?` may be given or left out. */
  readonly codes: readonly string[];
  /** n negated, f family or somebody else, p past, h hypothetical or uncertain, q only asked, o debatable. */
  readonly flags: string;
}

export interface GoldSentence {
  readonly text: string;
  readonly gold: readonly GoldEntity[];
  /** What the extraction found there; vital signs are left out. */
  readonly found: readonly (ClinicalEntity & { readonly start: number; readonly end: number })[];
}

/** Throws when a sentence is no longer where it was annotated. */
export function readGold(split: Split, dialogues: string): GoldSentence[] {
  const path = join(import.meta.dirname, '../test/clinical/gold', `${split}.tsv`);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  const texts = new Map<string, ReadonlyMap<string, string>>();
  const visits = new Map<string, Visit>();
  return lines.map((line) => {
    const [file = '', row = '', turn = '', hash = '', entities = ''] = line.split('\t');
    if (!texts.has(file)) texts.set(file, dialoguesOf(join(dialogues, file)));
    const key = `${file} ${row}`;
    const visit = visits.get(key) ?? visitOf(texts.get(file)?.get(row) ?? '');
    visits.set(key, visit);
    const place = placeOf(visit.turns, Number(turn), hash);
    if (place === undefined) throw new Error(`${key}, turn ${turn}: the annotated sentence is not there`);
    const { segment, at, text } = place;
    return { text, gold: goldOf(entities), found: foundIn(visit.entities, segment, at) };
  });
}

interface Place {
  readonly segment: number;
  /** Of the sentence in its segment. */
  readonly at: number;
  readonly text: string;
}

/** The sentence with the hash that is closest to the turn: how lines are divided into turns may change. */
function placeOf(turns: readonly string[], turn: number, hash: string): Place | undefined {
  const places = turns.flatMap((words, segment) =>
    sentencesOf(words).flatMap((text, at): Place[] =>
      createHash('sha256').update(text).digest('hex').startsWith(hash) ? [{ segment, at, text }] : [],
    ),
  );
  return places.toSorted((a, b) => Math.abs(a.segment - turn) - Math.abs(b.segment - turn))[0];
}

interface Visit {
  readonly turns: readonly string[];
  readonly entities: readonly PlacedEntity[];
}

function visitOf(dialogue: string): Visit {
  const transcript = parseTranscript(dialogue, 'text/plain');
  return { turns: transcript.segments.map(({ text }) => text), entities: placedEntities(transcript) };
}

function dialoguesOf(path: string): ReadonlyMap<string, string> {
  const options = { columns: true, bom: true, relax_column_count: true } as const;
  const rows = parse<Readonly<Record<string, string>>>(readFileSync(path), options);
  return new Map(rows.map((r) => [r['ID'] ?? r['encounter_id'] ?? '', r['dialogue'] ?? '']));
}

/** `4-8 C R05.9 n; 10-14 M - +` */
function goldOf(text: string): GoldEntity[] {
  if (text === '') return [];
  return text.split('; ').map((part) => {
    const [span = '', category = '', codes = '-', flags = '+'] = part.split(' ');
    const [start = 0, end = 0] = span.split('-').map(Number);
    return {
      start,
      end,
      category: category as Category,
      codes: codes === '-' ? [] : codes.split(','),
      flags: flags === '+' ? '' : flags,
    };
  });
}

const foundIn = (
  entities: readonly PlacedEntity[],
  segment: number,
  sentence: number,
): GoldSentence['found'] =>
  entities.flatMap(({ entity, start, end, ...at }) =>
    at.segment === segment && at.sentence === sentence && start !== undefined && end !== undefined
      ? [{ ...entity, start, end }]
      : [],
  );
