/** Searches from a streaming replica: who gets which answer when it lags, pauses, dies and is promoted. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '@medplum/fhirtypes';
import { migrateTemplate } from '../support/global-setup.ts';
import { type ReplicatedPostgres, startReplicatedPostgres } from '../support/replicated-postgres.ts';
import { addRights, userToken } from '../support/rights.ts';
import { startReplicatedApi, type ReplicatedApi } from '../support/replicated-api.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';

let postgres: ReplicatedPostgres;
let server: TestServer;
/** Two processes' worth of api, both with the replica; `server` has none and only gives out tokens. */
let a: ReplicatedApi;
let b: ReplicatedApi;
let everything: string;
let other: string;
let doctor: string;

const PATIENCE_MS = 30_000;

async function until<T>(holds: () => Promise<T>, what: string): Promise<NonNullable<T>> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(25)) {
    const found = await holds();
    if (found) return found;
  }
  throw new Error(`not in time: ${what}`);
}

const observation = (id: string, value: string, patient = 'p1') => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  subject: { reference: `Patient/${patient}` },
  valueString: value,
});

const put = async (
  api: ReplicatedApi,
  token: string,
  resource: { resourceType: string; id: string },
): Promise<void> => {
  const { status, body } = await api.call('PUT', `${resource.resourceType}/${resource.id}`, token, resource);
  if (status >= 300) throw new Error(JSON.stringify(body));
};

interface Found {
  readonly status: number;
  readonly values: readonly (string | undefined)[];
  readonly next: string | undefined;
}

async function search(api: ReplicatedApi, token: string, path: string): Promise<Found> {
  const { status, body } = await api.call<Bundle>('GET', path, token);
  return {
    status,
    values: (body.entry ?? []).map(({ resource }) =>
      resource?.resourceType === 'Observation' ? resource.valueString : resource?.id,
    ),
    next: body.link?.find(({ relation }) => relation === 'next')?.url.replace(/^.*\/fhir\/R4\//, ''),
  };
}

/** Which machine answered a search, by what the api counts. */
async function sourceOf(api: ReplicatedApi, token: string, path: string): Promise<string> {
  const before = await api.reads();
  await search(api, token, path);
  const after = await api.reads();
  const changed = [...after].filter(([what, count]) => count !== (before.get(what) ?? 0));
  return changed.map(([what]) => what).join();
}

/** Resolves when the client's searches go to the replica. */
const settled = (token: string, path = 'Observation?subject=Patient/p1'): Promise<unknown> =>
  until(
    async () =>
      (await sourceOf(a, token, path)) === 'replica' && (await sourceOf(b, token, path)) === 'replica',
    'searches on the replica',
  );

beforeAll(async () => {
  postgres = await startReplicatedPostgres();
  process.env['TEST_POSTGRES_URL'] = postgres.primaryUrl;
  await migrateTemplate(postgres.primaryUrl);
  server = await startTestServer();
  await addRights(server, {
    clients: [{ clientId: 'other', name: 'Other', secret: 'secret-of-the-other', scope: 'system/*.cruds' }],
  });
  const DATABASE_REPLICA_URL = postgres.replicaOf(server.databaseUrl);
  [a, b] = await Promise.all(
    [0, 1].map(() =>
      startReplicatedApi(server, {
        DATABASE_REPLICA_URL,
        DATABASE_REPLICA_STALENESS_MS: '20000',
        DATABASE_REPLICA_POLL_MS: '20',
        DATABASE_REPLICA_TIMEOUT_MS: '2000',
      }),
    ) as [Promise<ReplicatedApi>, Promise<ReplicatedApi>],
  );
  everything = await server.token('system/*.cruds');
  other = await a.clientToken('other', 'secret-of-the-other', 'system/*.cruds');
  for (const id of ['p1', 'p2'])
    await put(a, everything, {
      resourceType: 'Patient',
      id,
      ...{ managingOrganization: { reference: CLINIC }, name: [{ family: `Family-${id}` }] },
    });
  await put(a, everything, observation('o', 'old'));
  await put(a, everything, observation('o2', 'old', 'p2'));
  doctor = await userToken(server, 'doctor');
}, 120_000);
afterAll(async () => {
  await Promise.all([a?.close(), b?.close()]);
  await server?.close();
  await postgres?.stop();
});
beforeEach(async () => {
  await postgres.onReplica('select pg_wal_replay_resume()').catch(() => undefined);
});

/** Runs with a replica that stands still. */
async function paused(work: () => Promise<void>): Promise<void> {
  await postgres.caughtUp();
  await postgres.onReplica('select pg_wal_replay_pause()');
  await until(
    async () =>
      (await postgres.onReplica('select pg_get_wal_replay_pause_state() as s')).rows[0] as { s: string },
    'a pause',
  );
  await until(async () => {
    const { rows } = await postgres.onReplica('select pg_get_wal_replay_pause_state() as s');
    return (rows[0] as { s: string }).s === 'paused';
  }, 'a pause');
  try {
    await work();
  } finally {
    await postgres.onReplica('select pg_wal_replay_resume()');
  }
}

test('Who has written reads his own write from the primary, and another the state before it from the replica, until that has come up.', async () => {
  await put(a, everything, observation('o', 'before'));
  await settled(other);
  await settled(everything);
  await paused(async () => {
    await put(a, everything, observation('o', 'after'));
    for (const api of [a, b]) {
      expect(await search(api, everything, 'Observation?subject=Patient/p1')).toMatchObject({
        values: ['after'],
      });
      expect(await sourceOf(api, everything, 'Observation?subject=Patient/p1')).toBe('written');
      expect(await search(api, other, 'Observation?subject=Patient/p1')).toMatchObject({
        values: ['before'],
      });
      expect(await sourceOf(api, other, 'Observation?subject=Patient/p1')).toBe('replica');
    }
  });
  await settled(everything);
  expect(await search(b, everything, 'Observation?subject=Patient/p1')).toMatchObject({ values: ['after'] });
});

test('Reads by id, histories and what writes depend on are of the primary, whoever asks.', async () => {
  await settled(other);
  await paused(async () => {
    await put(a, everything, { ...observation('fresh', 'fresh'), ...{ identifier: [{ value: 'fresh-1' }] } });
    expect((await b.call('GET', 'Observation/fresh', other)).status).toBe(200);
    expect((await b.call<Bundle>('GET', 'Observation/fresh/_history', other)).body.total).toBe(1);
    const again = await b.call(
      'POST',
      'Observation',
      other,
      { ...observation('x', 'twice'), ...{ id: undefined, identifier: [{ value: 'fresh-1' }] } },
      { 'If-None-Exist': 'identifier=fresh-1' },
    );
    expect(again.status).toBe(200);
    const stale = await b.call('PUT', 'Observation/fresh', other, observation('fresh', 'next'), {
      'If-Match': 'W/"1"',
    });
    expect(stale.status).toBe(200);
  });
});

test('A table that the replica does not have yet is looked for on the primary.', async () => {
  await settled(other);
  await paused(async () => {
    await put(a, everything, { resourceType: 'Flag', id: 'f', ...{ status: 'active', code: { text: 'x' }, subject: { reference: 'Patient/p1' } } }); // prettier-ignore
    expect(await search(b, other, 'Flag?subject=Patient/p1')).toMatchObject({ status: 200, values: ['f'] });
  });
});

test('A search with includes, a count, a search of all types, $everything, $lastn and $graphql are read from the replica, each whole.', async () => {
  await settled(other);
  const paths = [
    'Observation?subject=Patient/p1&_include=Observation:subject',
    'Observation?subject:Patient.family=Family-p1',
    'Observation?_summary=count',
    '?_type=Patient,Observation&_count=2',
    'Patient/p1/$everything',
    'Observation/$lastn?patient=p1',
    '$graphql?query={ObservationList(subject:"Patient/p1"){id subject{resource{... on Patient{name{family}}}}}}',
  ];
  for (const path of paths) expect([path, await sourceOf(b, other, path)]).toEqual([path, 'replica']);
  expect((await search(b, other, paths[0]!)).values).toContain('p1');
});

test('Pages go on where they were when the first came from the primary and the replica lacks what it showed.', async () => {
  for (let n = 0; n < 6; n += 1) await put(a, everything, observation(`page-${n}`, `page-${n}`, 'p2'));
  await settled(other);
  await paused(async () => {
    // On the primary, for the one who wrote; the other's pages are of the state before.
    await put(a, everything, observation('page-3b', 'page-3b', 'p2'));
    const all: (string | undefined)[] = [];
    let path: string | undefined = 'Observation?subject=Patient/p2&_sort=_id&_count=2';
    for (let api = a; path !== undefined; api = api === a ? b : a) {
      const page: Found = await search(api, everything, path);
      all.push(...page.values);
      path = page.next;
    }
    expect(all).toEqual(['old', 'page-0', 'page-1', 'page-2', 'page-3', 'page-3b', 'page-4', 'page-5']);
    // A link from the primary, whose page saw more than the replica has.
    const first = await search(a, other, 'Observation?subject=Patient/p2&_sort=_id&_count=2');
    expect(await sourceOf(b, other, first.next!)).toBe('replica');
  });
});

test('A page link of the primary is not followed on a replica that is behind that page.', async () => {
  await settled(doctor);
  await paused(async () => {
    await put(a, doctor, observation('of-doctor', 'x', 'p2'));
    const first = await search(a, doctor, 'Observation?subject=Patient/p2&_sort=_id&_count=2');
    // As long after that a note has been forgotten.
    await a.onPrimary('truncate replica.client_position');
    await search(b, other, 'Observation?subject=Patient/p2');
    await a.onPrimary(`update replica.client_position set position = '0/1'`);
    expect(await sourceOf(b, doctor, 'Observation?subject=Patient/p2')).toBe('replica');
    expect(await sourceOf(b, doctor, first.next!)).toBe('paged');
  });
});

test('When a crash of the primary has lost the notes, nobody is answered from a replica that may lack his write.', async () => {
  await settled(other);
  await paused(async () => {
    await put(a, everything, observation('o', 'noted'));
    await a.onPrimary('truncate replica.client_position');
    for (const api of [b, a])
      expect(await search(api, everything, 'Observation?subject=Patient/p1')).toMatchObject({
        values: expect.arrayContaining(['noted']) as unknown as string[],
      });
    expect(await sourceOf(b, other, 'Observation?subject=Patient/p1')).toBe('written');
  });
});

test('A denial, a policy and a revoked token count at once, though the replica is behind.', async () => {
  await settled(doctor);
  const path = 'Observation?subject=Patient/p1';
  await paused(async () => {
    expect((await search(b, doctor, path)).values).not.toEqual([]);
    await put(a, everything, {
      resourceType: 'Consent',
      id: 'deny',
      ...{
        status: 'active',
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] }, // prettier-ignore
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient: { reference: 'Patient/p1' },
        policyRule: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
        },
        provision: { type: 'deny' },
      },
    });
    for (const api of [a, b]) expect(await search(api, doctor, path)).toMatchObject({ values: [] });
    expect((await b.call('GET', path, doctor)).status).toBe(200);
    const { rows } = await a.onPrimary(
      `update auth.access_policy set document = jsonb_set(document, '{rules}', '[]') where name = 'doctor' returning name`,
    );
    expect(rows).toHaveLength(1);
    await until(async () => (await b.call('GET', path, doctor)).status === 403, 'the policy at b');
    await a.onPrimary(
      `delete from auth.oidc where model = 'ClientCredentials' and payload->>'clientId' = 'other'`,
    );
    await until(async () => (await b.call('GET', path, other)).status === 401, 'the revocation at b');
  });
  other = await a.clientToken('other', 'secret-of-the-other', 'system/*.cruds');
  expect((await a.call('DELETE', 'Consent/deny', everything)).status).toBe(204);
});

test('Behind a replica that replays late, a client finds each of 200 writes at the other process at once.', async () => {
  await postgres.caughtUp();
  await postgres.delay(100);
  try {
    const before = await b.reads();
    for (let n = 0; n < 200; n += 1) {
      const [writer, reader] = n % 2 === 0 ? [a, b] : [b, a];
      await put(writer, everything, observation('counted', `n-${n}`, 'p2'));
      const { values } = await search(reader, everything, 'Observation?_id=counted');
      expect(values).toEqual([`n-${n}`]);
      if (n % 10 === 0) await search(b, other, 'Observation?_id=counted');
    }
    const after = await b.reads();
    expect(after.get('written') ?? 0).toBeGreaterThan(before.get('written') ?? 0);
    expect(after.get('replica') ?? 0).toBeGreaterThan(before.get('replica') ?? 0);
  } finally {
    await postgres.delay(0);
  }
});

test('A replica that is further behind than permitted is not asked; one of an idle primary never is behind.', async () => {
  const strict = await startReplicatedApi(server, {
    DATABASE_REPLICA_URL: postgres.replicaOf(server.databaseUrl),
    DATABASE_REPLICA_STALENESS_MS: '400',
    DATABASE_REPLICA_POLL_MS: '20',
  });
  try {
    const path = 'Observation?subject=Patient/p1';
    await until(async () => (await sourceOf(strict, other, path)) === 'replica', 'the replica');
    await paused(async () => {
      await put(a, everything, observation('o', 'lagging'));
      await until(async () => (await sourceOf(strict, other, path)) === 'stale', 'a bound');
      expect((await search(strict, other, path)).values).toContain('lagging');
      expect(await strict.lagSeconds()).toBeGreaterThan(0.2);
      expect(await sourceOf(a, other, path)).toBe('replica');
    });
    await until(async () => (await sourceOf(strict, other, path)) === 'replica', 'the replica again');
    await postgres.caughtUp();
    // Nothing is written meanwhile.
    for (let n = 0; n < 20; n += 1) {
      await sleep(50);
      expect(['replica', 'stale']).toContain(await sourceOf(strict, other, path));
    }
    expect(await strict.lagSeconds()).toBeLessThan(10);
  } finally {
    await strict.close();
  }
});

test('A replica that is killed under load, and comes back, fails no read.', async () => {
  await settled(other);
  const answers: number[] = [];
  let isOver = false;
  const load = Array.from({ length: 6 }, async (_, n) => {
    while (!isOver) {
      const path =
        n % 3 === 0 ? 'Observation?subject:Patient.family=Family-p1' : 'Observation?subject=Patient/p1';
      answers.push((await search(n % 2 === 0 ? a : b, other, path)).status);
    }
  });
  await sleep(300);
  postgres.killReplica();
  await until(async () => (await sourceOf(a, other, 'Patient?_id=p1')).includes('down'), 'the loss');
  const served = answers.length;
  await until(() => Promise.resolve(answers.length > served + 20), 'answers of the primary');
  await postgres.startReplica();
  const { length: without } = answers;
  const before = (await a.reads()).get('replica') ?? 0;
  await until(async () => ((await a.reads()).get('replica') ?? 0) > before + 5, 'the replica again');
  isOver = true;
  await Promise.all(load);
  expect(answers.length).toBeGreaterThan(without);
  expect(new Set(answers)).toEqual(new Set([200]));
});

test('A statement that a replay cancels is read again on the primary.', async () => {
  await settled(other);
  await postgres.onReplica(`alter system set max_standby_streaming_delay = '0ms'`);
  await postgres.onReplica('select pg_reload_conf()');
  let isOver = false;
  const answers = new Set<number>();
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver)
      answers.add((await search(a, other, 'Observation?subject:Patient.family=Family-p1')).status);
  });
  for (let n = 0; n < 15; n += 1) {
    await a.onPrimary('begin; lock table fhir."Observation" in access exclusive mode; create table if not exists replica.moved (n int); drop table replica.moved; commit'); // prettier-ignore
    await sleep(20);
  }
  isOver = true;
  await Promise.all(load);
  expect(answers).toEqual(new Set([200]));
});

test('A replica that was promoted is none any more, and is not used.', async () => {
  await settled(other);
  await postgres.onReplica('select pg_promote()');
  await postgres.onReplica('select 1');
  const path = 'Observation?subject=Patient/p1';
  await put(a, everything, observation('o', 'of the primary'));
  expect((await search(b, other, path)).values).toContain('of the primary');
  await until(async () => (await sourceOf(a, other, path)) === 'down', 'its promotion to be seen');
  expect(await sourceOf(b, other, path)).toBe('down');
});
