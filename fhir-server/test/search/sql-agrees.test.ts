import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Observation, Resource } from '@medplum/fhirtypes';
import pg from 'pg';
import {
  type Candidate,
  type Expression,
  extractIndex,
  matches,
  parseSearch,
  type SortKey,
} from '../../src/search/index.ts';
import { createPool, withTransaction } from '../../src/db/index.ts';
import { createResourceTables, writeVersions } from '../../src/storage/index.ts';
import {
  afterCursor,
  compileExpression,
  compileSort,
  selected,
  type SortValue,
} from '../../src/storage/search-sql/index.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { registry } from './standard-registry.ts';

const baseUrl = 'http://localhost:8103/fhir/R4';
const TYPE = 'Observation';

// Deterministic, so that a failure can be repeated.
let seed = 42;
const random = (n: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;

const DATES = ['2019', '2020', '2020-02', '2020-02-29', '2020-02-29T10:00:00Z', '2020-02-29T10:00:00.500+02:00', '2021-06-30', '2022']; // prettier-ignore
const NUMBERS = [-3, 0, 4.95, 5, 5.04, 5.4, 99.5, 100, 100.4, 110];
const UCUM = 'http://unitsofmeasure.org';
const UNITS = [{ system: 'http://u', code: 'mg', unit: 'mg' }, { unit: 'mg' }, { system: 'http://u', code: 'g' }, {},
  { system: UCUM, code: 'mg' }, { system: UCUM, code: 'g', unit: 'Gramm' }, { system: UCUM, code: 'kg' }]; // prettier-ignore
const TEXTS = ['Äpfel', 'apfelmus', 'Zebra', 'ap', '\u{10ffff}x', 'a_b%'];

const quantity = () => ({ value: pick(NUMBERS), ...pick(UNITS) });

function observation(i: number): Observation {
  const effective = pick<object>([
    { effectiveDateTime: pick(DATES) },
    { effectivePeriod: { start: '2019-05' } },
    { effectivePeriod: { start: '2020-02-01', end: pick(['2020-02', '2021']) } },
    { effectiveTiming: { event: [pick(DATES), pick(DATES), '2018'] } },
    {},
  ]);
  const value = pick<object>([{ valueQuantity: quantity() }, { valueString: pick(TEXTS) }, {}]);
  return {
    resourceType: TYPE,
    id: `o${i}`,
    status: pick(['final', 'preliminary']),
    code: { coding: [{ system: 'http://loinc.org', code: pick(['1', '2', '3']), display: pick(TEXTS) }] },
    ...pick<object>([
      { subject: { reference: `Patient/${random(4)}` } },
      { subject: { reference: `Group/${random(2)}` } },
      {},
    ]),
    component: Array.from({ length: random(4) }, () => ({
      code: { coding: [{ system: 'http://c', code: pick(['a', 'b']) }] },
      valueQuantity: quantity(),
    })),
    ...effective,
    ...value,
  };
}

const resources = Array.from({ length: 300 }, (_, i) => observation(i));
const candidates: Candidate[] = resources.map((resource, i) => ({
  id: `o${i}`,
  lastUpdated: Date.parse('2024-01-01') + i * 1000,
  index: extractIndex(resource as Resource, { registry, baseUrl }),
}));

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 30_000 });
  await createResourceTables(pool, registry).ensure([TYPE]);
  await withTransaction(pool, (writer) =>
    writeVersions(
      writer,
      registry,
      candidates.map((candidate, i) => ({
        ...candidate,
        interaction: 'create',
        resourceType: TYPE,
        versionId: 1,
        content: JSON.stringify(resources[i]),
        replaces: false,
      })),
    ),
  );
  await pool.end();
});

afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const parse = (query: string): Expression =>
  parseSearch(TYPE, new URLSearchParams(query), {
    registry, baseUrl, pageSize: 10, pageSizeMax: 100, handling: 'strict', now: new Date('2024-01-01'),
  }).filter; // prettier-ignore

/** In all forms: ranges looked up by their indexes, or looked at in rows that something else leads to; tables distributed or not. */
async function agree(expression: Expression): Promise<number> {
  const expected = candidates.filter((c) => matches(expression, c)).map((c) => c.id);
  for (const [byRange, isDistributed] of [
    [true, false],
    [false, false],
    [true, true],
  ] as const) {
    // prettier-ignore
    const values: unknown[] = [];
    const where = compileExpression(expression, {
      resourceType: TYPE,
      registry,
      alias: 'r',
      values,
      byRange,
      isDistributed,
    });
    const { rows } = await client.query<{ id: string }>(
      `select r.id from fhir."${TYPE}" r where ${where}`,
      values,
    );
    expect(rows.map((r) => r.id).sort()).toEqual(expected.sort());
  }
  return expected.length;
}

const PREFIXES = ['', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

describe('SQL and memory give the same answer', () => {
  test.each(PREFIXES)('for dates with prefix "%s", and for their negation', async (prefix) => {
    let found = 0;
    for (const date of [...DATES, '2018', '2020-02-29T10:00'])
      for (const param of ['date', '_lastUpdated']) {
        const expression = parse(`${param}=${prefix}${encodeURIComponent(date)}`);
        found += await agree(expression);
        await agree({ kind: 'not', of: expression });
      }
    expect(found).toBeGreaterThan(0);
  });

  test.each(PREFIXES)('for dates with prefix "%s" together with the opposite end', async (prefix) => {
    let found = 0;
    for (const date of DATES)
      for (const other of ['lt2021', 'le2020-06-30', 'eb2020-03', 'ge2019', 'gt2020-01-31', 'sa2018-12'])
        found += await agree(parse(`date=${prefix}${encodeURIComponent(date)}&date=${other}`));
    expect(found).toBeGreaterThan(0);
  });

  test.each(PREFIXES)('for quantities with prefix "%s", and for their negation', async (prefix) => {
    let found = 0;
    for (const number of ['5', '5.0', '100', '0', '-3', '1e2'])
      for (const unit of [
        '',
        '||mg',
        '|http://u|mg',
        '||g',
        '|http://other|mg',
        `|${UCUM}|mg`,
        `|${UCUM}|kg`,
      ])
        for (const param of ['value-quantity', 'component-value-quantity']) {
          const expression = parse(`${param}=${prefix}${number}${unit}`);
          found += await agree(expression);
          await agree({ kind: 'not', of: expression });
        }
    expect(found).toBeGreaterThan(0);
  });

  test('for strings, with wildcards and the last code point taken literally', async () => {
    for (const text of ['ap', 'apfel', 'ÄPFEL', 'z', 'a_', 'a%', '\u{10ffff}', '\ud7ff', 'nothing'])
      await agree(parse(`value-string=${encodeURIComponent(text)}`));
    expect(await agree(parse('value-string=apfel'))).toBeGreaterThan(0);
  });

  test('for keys, ids, combinations and constants', async () => {
    for (const query of [
      'code=1', 'code=http://loinc.org|1,2', 'code=|1', 'code:not=1,2', 'subject:Patient=1', 'code=http://loinc.org|', 'subject=Patient/1', 'subject=1',
      'subject=Patient/1&code=1&status=final', 'subject=Patient/1&date=gt2020&value-quantity=gt5', '_id=o1,o2,nope',
      'code:missing=true', 'subject:missing=true', 'subject:missing=false', 'patient:missing=true', 'value-string:missing=true', 'date:missing=false',
      'value-quantity:missing=false', 'code:text=ap', 'code:text=zebra', 'value-string:exact=Äpfel', 'value-string:contains=PF', 'value-string:contains=_',
      'subject=Group/1', 'patient=Patient/1,Patient/2', 'combo-value-quantity=gt5', 'combo-value-quantity:missing=true', 'code-value-quantity=1$gt5',
      `component-code-value-quantity=a$gt5`, `component-code-value-quantity=http://c|b$0.1|${UCUM}|kg`, `combo-code-value-quantity=b$lt5||mg,1$5`,
      '_filter=code eq 1 and (value-string co "pf" or not(date ge 2020))', '_filter=value-string ew "el"', '_filter=date po 2020-02', '_filter=code ne 1',
      '_filter=value-string eq "ÄPFEL" or value-quantity pr false',
      'date=2020,2022&value-string=ap,z', '_lastUpdated=2024-01-01T00:01',
    ]) {
      const expression = parse(query);
      await agree(expression);
      await agree({ kind: 'not', of: expression });
    } // prettier-ignore
    for (const kind of ['and', 'or'] as const) await agree({ kind, of: [] });
    await agree({ kind: 'key', keys: [] });
    await agree({
      kind: 'or',
      of: [parse('date=gt2021'), { kind: 'not', of: parse('subject=1&date=lt2020') }],
    });
    await agree({ kind: 'none' });
    expect(await agree({ kind: 'all' })).toBe(candidates.length);
  });

  test('hostile values are only data', async () => {
    for (const value of [`'; drop table fhir."Observation"; --`, '$1', '\\', '"', '{a,b}', '}'])
      for (const param of ['code', 'subject', 'value-string', '_id'])
        await agree(parse(`${param}=${encodeURIComponent(value)}`));
  });
});

describe('pages by cursor', () => {
  const keys: readonly SortKey[][] = [
    [],
    [{ param: '_id', type: 'id', descending: true }],
    [{ param: '_lastUpdated', type: 'lastUpdated', descending: true }],
    [{ param: 'date', type: 'range', descending: false }],
    [{ param: 'date', type: 'range', descending: true }],
    [{ param: 'value-string', type: 'string', descending: true }, { param: 'value-quantity', type: 'range', descending: false }],
    [{ param: 'code', type: 'path', paths: ['$."code"'], descending: false }],
    [{ param: 'component-code', type: 'path', paths: ['$."component"[*]."code"', '$."status"'], descending: true }, { param: 'value-string', type: 'string', descending: false }],
    [{ param: 'value-quantity', type: 'range', descending: true }, { param: 'value-string', type: 'string', descending: false }],
  ]; // prettier-ignore

  test.each(
    keys.map(
      (sort) => [sort.map((k) => `${k.descending ? '-' : ''}${k.param}`).join(',') || '(id)', sort] as const,
    ),
  )('sorted by %s every row comes once, those without a value last', async (_name, sort) => {
    const seen = await walk(sort, false);
    // Values joined to the rows, and looked up for each: the same order.
    expect(await walk(sort, true)).toEqual(seen);
    expect(new Set(seen).size).toBe(candidates.length);
    const range = sort[0]?.type === 'range' ? sort[0].param : undefined;
    const lastRow = candidates.find((c) => c.id === seen.at(-1));
    if (range) expect(lastRow?.index.ranges[range]).toBeUndefined();
  });

  async function walk(sort: readonly SortKey[], isDistributed: boolean): Promise<string[]> {
    const context = { resourceType: TYPE, alias: 'r', isDistributed };
    const compiled = compileSort(sort, context);
    const { expressions, orderBy } = compiled;
    const from = (after?: string): string =>
      selected(`fhir."${TYPE}" r`, { matches: 'not r.deleted', after }, compiled);
    const select = expressions.map((e, i) => `${e} as c${i}`).join(', ');
    const all = await client.query<{ id: string }>(`select r.id from ${from()} order by ${orderBy}`);
    const seen: string[] = [];
    let last: SortValue[] | undefined;
    for (;;) {
      const values: unknown[] = [];
      const after = last ? afterCursor(sort, last, { ...context, values }) : undefined;
      const { rows } = await client.query<SortValue[]>({
        text: `select ${select} from ${from(after)} order by ${orderBy} limit 37`,
        values,
        rowMode: 'array',
      });
      last = rows.at(-1);
      if (!last) break;
      seen.push(...rows.map((r) => String(r.at(-1))));
    }
    expect(seen).toEqual(all.rows.map((r) => r.id));
    return seen;
  }
});
