/** Random SIGKILLs under load lose no acknowledged write and no event, and each visit is drafted once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Resource, Task } from '@medplum/fhirtypes';
import { createClient, type Client } from './client.ts';
import { CODE, TOGETHER, writeUntil, type Book } from './load.ts';
import { PARTS, startParts, type System } from './parts.ts';
import { startReceiver, type Receiver } from './receiver.ts';

const ROUNDS = process.env['CI'] === 'true' ? 100 : 6;
const PAUSE_MAX_MS = 500;
/** In the other rounds the next part dies while the last one is still on its way up. */
const SHARE_READY = 0.5;
const SETTLE_MS = 180_000;
/** Other bots have Tasks of their own. */
const DRAFTS = 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task';

let system: System;
let client: Client;
let receiver: Receiver;
let book: Book;
let history: readonly { readonly name: string; readonly version: number; readonly mark: string }[];
let tasks: readonly Task[];

beforeAll(async () => {
  system = await startParts();
  client = createClient(system.fhirBase, system.backend);
  receiver = await startReceiver();
  await system.ready();
  await subscribe();
  const stopping = new AbortController();
  const writing = writeUntil(client, stopping.signal);
  writing.catch(() => stopping.abort());
  const killed = new Map<string, number>();
  for (let round = 0; round < ROUNDS && !stopping.signal.aborted; round += 1) {
    await sleep(Math.random() * PAUSE_MAX_MS);
    const part = PARTS[Math.floor(Math.random() * PARTS.length)]!;
    system.kill(part);
    killed.set(part, (killed.get(part) ?? 0) + 1);
    if (Math.random() < SHARE_READY) await system.ready();
  }
  stopping.abort();
  book = await writing;
  await system.ready();
  history = await readHistory();
  tasks = await settled();
  process.stdout.write(
    `killed: ${JSON.stringify(Object.fromEntries(killed))}; ${book.versions.size} writes acknowledged, ` +
      `${book.unanswered} unanswered, ${history.length} versions, ${book.visits.size} visits\n`,
  );
}, 900_000);

afterAll(async () => {
  receiver.close();
  await system.stop();
}, 60_000);

async function subscribe(): Promise<void> {
  const { endpoint, secret } = receiver.subscription;
  await client.attempt('PUT', 'Patient/demo-patient', { resourceType: 'Patient', id: 'demo-patient' });
  const answer = await client.attempt('PUT', 'Subscription/fault', {
    resourceType: 'Subscription',
    id: 'fault',
    extension: [
      {
        url: 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret',
        valueString: secret,
      },
    ],
    status: 'requested',
    reason: 'Each event of the test',
    criteria: `Observation?code=${CODE.system}|${CODE.code}`,
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
  });
  expect(answer?.status).toBe(201);
}

/** Each resource of all the pages of a search or history. */
async function readAll<T extends Resource>(path: string): Promise<NonNullable<Bundle<T>['entry']>> {
  const entries: NonNullable<Bundle<T>['entry']> = [];
  for (let next: string | undefined = path; next !== undefined;) {
    const page: Bundle<T> = await client.get<Bundle<T>>(next);
    entries.push(...(page.entry ?? []));
    next = page.link?.find((link) => link.relation === 'next')?.url;
  }
  return entries;
}

/** Every version with content that the server has, and the mark that it was written with. */
async function readHistory(): Promise<typeof history> {
  const entries = await readAll('Observation/_history?_count=500');
  return entries.flatMap(({ resource }) =>
    resource?.resourceType === 'Observation'
      ? [
          {
            name: `Observation/${resource.id ?? ''}`,
            version: Number(resource.meta?.versionId),
            mark: resource.valueString ?? '',
          },
        ]
      : [],
  );
}

const missing = (): string[] =>
  history
    .filter(({ name, version }) => !(receiver.arrivals.get(name) ?? []).includes(version))
    .map(({ name, version }) => `${name}/_history/${version}`);

/** Waits until nothing is on its way any more; what is still missing then is the tests' business. */
async function settled(): Promise<readonly Task[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const found = (await readAll<Task>(`Task?identifier=${DRAFTS}|&_count=200`)).flatMap(
      (e) => e.resource ?? [],
    );
    const open = book.visits.size - found.filter((t) => t.status === 'completed').length;
    if ((open <= 0 && missing().length === 0) || Date.now() > deadline) return found;
    await sleep(500);
  }
}

describe(`After ${ROUNDS} SIGKILLs under load`, () => {
  test('there was load, and some of it was hit.', () => {
    expect(book.versions.size).toBeGreaterThan(ROUNDS);
    expect(book.unanswered).toBeGreaterThan(0);
    expect(book.visits.size).toBeGreaterThan(ROUNDS / 10);
  });

  test('each acknowledged write is there as it was written.', () => {
    const stored = new Map(history.map(({ name, version, mark }) => [`${name}/_history/${version}`, mark]));
    const lost = [...book.versions].filter(([version, mark]) => stored.get(version) !== mark);
    expect(lost).toEqual([]);
  });

  test('what was deleted stays deleted.', async () => {
    expect(book.deleted.size).toBeGreaterThan(0);
    const answers = await Promise.all([...book.deleted].map((name) => client.attempt('GET', name)));
    expect(new Set(answers.map((a) => a?.status))).toEqual(new Set([410]));
  });

  test('a transaction is there as a whole or not at all.', () => {
    const counts = Map.groupBy(history, ({ mark }) => mark);
    const wrong = [...book.transactions].filter(([mark, isAcknowledged]) => {
      const count = counts.get(mark)?.length ?? 0;
      return isAcknowledged ? count !== TOGETHER : count !== 0 && count !== TOGETHER;
    });
    expect(wrong).toEqual([]);
  });

  test('each event has arrived, signed, and the versions of a resource in order.', () => {
    expect(missing()).toEqual([]);
    expect(receiver.forged()).toBe(0);
    const firsts = [...receiver.arrivals].map(([name, versions]) => ({
      name,
      first: [...new Set(versions)],
    }));
    const mixed = firsts.filter(({ first }) => first.some((v, i) => i > 0 && v < first[i - 1]!));
    expect(mixed).toEqual([]);
  });

  test('each visit has been drafted, and once.', async () => {
    const visits = [...book.visits].map((id) => `Media/${id}`).toSorted();
    const focus = tasks.map((task) => task.focus?.reference ?? '').toSorted();
    expect(focus).toEqual(visits);
    expect(tasks.filter((task) => task.status !== 'completed')).toEqual([]);
    const outputs = tasks.flatMap((task) => task.output ?? []).map((o) => o.valueReference?.reference ?? '');
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const type of ['DocumentReference', 'Composition', 'Condition']) {
      const there = (await readAll(`${type}?_count=200`)).map((e) => `${type}/${e.resource?.id ?? ''}`);
      expect(there.toSorted()).toEqual(outputs.filter((o) => o.startsWith(`${type}/`)).toSorted());
    }
  });
});
