/** Every road of the FHIR endpoint is in a table; each that leads to a resource is tried by an app of another patient. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { allowedMethods, parseTarget } from '../../src/interaction/index.ts';
import { OPERATIONS } from '../../src/operation/index.ts';
import { type Cast, MARK, type Named, observation, put, send, startCast, to } from './cast.ts';
import { BY_OPERATION, KINDS } from './road-table.ts';

const source = resolve(import.meta.dirname, '../../src');
const read = (path: string): string => readFileSync(join(source, path), 'utf8');

let cast: Cast;
beforeAll(async () => {
  cast = await startCast();
  const item = [{ item: to('Observation/o2') }];
  await put(
    cast.server,
    {
      resourceType: 'List',
      id: 'l2',
      ...{ status: 'current', mode: 'working', subject: to('Patient/p2'), entry: item },
    },
    {
      resourceType: 'Group',
      id: 'g2',
      ...{ type: 'person', actual: true, member: [{ entity: to('Patient/p2') }] },
    },
    {
      resourceType: 'Binary',
      id: 'b2',
      ...{ contentType: 'text/plain', data: btoa(MARK), securityContext: to('Patient/p2') },
    },
    {
      resourceType: 'Binary',
      id: 'b3',
      ...{ contentType: 'text/plain', data: btoa(MARK), securityContext: to('Observation/o2') },
    },
    {
      resourceType: 'Schedule',
      id: 'times',
      ...{ active: true, actor: [to('Practitioner/doc')] },
    },
    slot('held', '2031-05-05T09:00:00Z'),
    slot('free', '2031-05-05T09:20:00Z'),
    {
      resourceType: 'Appointment',
      id: 'a2',
      ...{ status: 'pending', comment: MARK, slot: [to('Slot/held')] },
      ...{ start: '2031-05-05T09:00:00Z', end: '2031-05-05T09:20:00Z' },
      ...{ participant: [{ actor: to('Patient/p2'), status: 'accepted' }] },
    },
    observation('t2', 'p2', { meta: { tag: [{ system: 'urn:hostile', code: MARK }] } }),
  );
}, 40_000);
afterAll(() => cast.server.close());

const slot = (id: string, start: string): Named => ({
  resourceType: 'Slot',
  id,
  ...{ schedule: to('Schedule/times'), status: 'free', start },
  ...{ end: new Date(Date.parse(start) + 1_200_000).toISOString() },
});

const levelsOf = (at: readonly { level: string; resourceType?: string | undefined }[]): string =>
  [...Map.groupBy(at, ({ level }) => level)]
    .flatMap(([level, all]) =>
      level === 'system'
        ? ['system']
        : all.length > 100
          ? [`${level} *`]
          : all.map((a) => `${level} ${a.resourceType}`),
    )
    .sort()
    .join(', ');

describe('The roads of FHIR are those of the table', () => {
  test('by kind of target.', () => {
    const kinds = new Set(
      [...read('interaction/target.ts').matchAll(/kind: '([a-z-]+)'/g)].map(([, kind]) => kind),
    );
    expect([...kinds].sort()).toEqual(Object.keys(KINDS).sort());
  });

  test.each(Object.entries(KINDS))('by the methods of %s.', (kind, [path, methods]) => {
    const target = parseTarget(path);
    expect(target.kind).toBe(kind);
    const found = allowedMethods(target).filter((method) => method !== 'HEAD');
    expect([...new Set(found)].sort().join(' ')).toBe(methods);
  });

  test('by operation, with its levels.', () => {
    const found = [...OPERATIONS.values()].map(({ name, at, affectsState }) => [
      name,
      levelsOf(at),
      affectsState ? 'POST' : 'GET POST',
    ]);
    expect(found.sort()).toEqual(
      Object.entries(BY_OPERATION)
        .map(([name, [at, methods]]) => [name, at, methods])
        .sort(),
    );
  });

  test('and only what is listed as public needs no token.', async () => {
    for (const [name, [, , decided, ...attempts]] of [
      ...Object.entries(KINDS),
      ...Object.entries(BY_OPERATION),
    ])
      for (const [method, path, body, headers] of attempts) {
        const response = await cast.server.fhir(method, path, {
          token: null,
          ...(body === undefined ? {} : { body }),
          ...(headers === undefined ? {} : { headers }),
        });
        await response.text();
        expect([name, response.status === 401]).toEqual([name, !decided.startsWith('public: ')]);
      }
    const open = [...OPERATIONS.values()].filter(({ isPublic }) => isPublic === true).map(({ name }) => name);
    expect(open).toEqual(['$versions']);
  });
});

const ATTEMPTS = [...Object.entries(KINDS), ...Object.entries(BY_OPERATION)].flatMap(
  ([name, [, , , ...attempts]]) =>
    attempts.map((attempt) => [`${name}: ${attempt[0]} ${attempt[1]}`, attempt] as const),
);

describe('An app for another patient gets nothing', () => {
  test('and each operation and each kind of target is tried.', () => {
    const untried = [...Object.entries(KINDS), ...Object.entries(BY_OPERATION)].filter(
      ([name, road]) => !name.startsWith('operation-') && road.length < 4,
    );
    expect(untried.map(([name]) => name)).toEqual([]);
  });

  test.each(ATTEMPTS)('by %s', async (_name, [method, path, body, headers]) => {
    for (const [, token] of cast.all) {
      const answer = await send(cast, token, method, path, {
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
      });
      expect([answer.status < 500, answer.text.includes(MARK), answer.text.includes(btoa(MARK))]).toEqual([
        true,
        false,
        false,
      ]);
      const names = ['etag', 'location', 'content-range'].map((name) => answer.headers.get(name) ?? '');
      if (path.includes('2') && answer.status >= 400) expect(names.join('')).toBe('');
    }
  });

  test('and nothing of the other is changed.', async () => {
    const all = await cast.server.token('system/*.rs');
    for (const name of [
      'Patient/p2',
      'Observation/o2',
      'Observation/t2',
      'Binary/b2',
      'List/l2',
      'Group/g2',
      'Appointment/a2',
      'Slot/free',
    ]) {
      const { status, text } = await send(cast, all, 'GET', `${name}/_history`);
      expect([name, status, text.includes('/_history/2')]).toEqual([name, 200, false]);
    }
  });
});
