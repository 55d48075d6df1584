/** Two api, two workers and two bots over one database, under load: nothing is lost, and nothing is there twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Resource, Task } from '@medplum/fhirtypes';
import { connect } from '../support/socket.ts';
import { subscription, topic } from '../support/topic.ts';
import { createClient, type Client } from './client.ts';
import { CODE, writeUntil, type Book } from './load.ts';
import { startParts, type System } from './parts.ts';
import { startReceiver, type Receiver } from './receiver.ts';

const LOAD_MS = 2_000;
const PATIENCE_MS = 120_000;
/** Other bots have Tasks of their own. */
const DRAFTS = 'https://dr-assistant.example/fhir/NamingSystem/visit-scribe-task';

let system: System;
let receiver: Receiver;
let book: Book;
/** In front of both copies of the api, and one for each. */
let client: Client;
let copies: readonly Client[];

async function until<T>(find: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`not in time: ${what}`);
}

const put = async (of: Client, resource: object & { id?: string; resourceType?: string }): Promise<void> => {
  const answer = await of.attempt('PUT', `${resource.resourceType ?? ''}/${resource.id ?? ''}`, resource);
  if (answer === undefined || answer.status >= 300) throw new Error(answer?.body ?? 'no answer');
};

const all = async <T extends Resource>(of: Client, path: string): Promise<T[]> => {
  const { entry = [], link = [] } = await of.get<Bundle<T>>(path);
  const found = entry.flatMap(({ resource }) => resource ?? []);
  const next = link.find(({ relation }) => relation === 'next')?.url;
  return next === undefined ? found : [...found, ...(await all<T>(of, next.replace(/^.*\/fhir\/R4\//, '')))];
};

beforeAll(async () => {
  system = await startParts({ copies: 2 });
  receiver = await startReceiver();
  client = createClient(system.fhirBase, system.backend);
  copies = system.apis.map((base) => createClient(base, system.backend));
  await system.ready();
  await put(client, { resourceType: 'Patient', id: 'demo-patient' });
  const url = 'https://dr-assistant.example/fhir/StructureDefinition/subscription-secret';
  await put(client, {
    resourceType: 'Subscription',
    id: 'several',
    ...{
      extension: [{ url, valueString: receiver.subscription.secret }],
      status: 'requested',
      reason: 'Each event of the test',
      criteria: `Observation?code=${CODE.system}|${CODE.code}`,
      channel: {
        type: 'rest-hook',
        endpoint: receiver.subscription.endpoint,
        payload: 'application/fhir+json',
      },
    },
  });
  const stopping = new AbortController();
  const writing = writeUntil(client, stopping.signal);
  await Promise.race([sleep(LOAD_MS), writing]);
  stopping.abort();
  book = await writing;
}, 240_000);

afterAll(async () => {
  receiver?.close();
  await system?.stop();
}, 60_000);

test('Each acknowledged write is there, by each api.', async () => {
  expect(book.versions.size).toBeGreaterThan(10);
  for (const copy of copies) {
    const stored = new Map(
      (await all(copy, 'Observation/_history?_count=500')).map((resource) => [
        `Observation/${resource.id ?? ''}/_history/${resource.meta?.versionId ?? ''}`,
        (resource as { valueString?: string }).valueString,
      ]),
    );
    expect([...book.versions].filter(([version, mark]) => stored.get(version) !== mark)).toEqual([]);
  }
});

test(
  'Each event arrives.',
  async () => {
    const missing = (): string[] =>
      [...book.versions.keys()].filter((version) => {
        const [name = '', number] = version.split('/_history/');
        return !(receiver.arrivals.get(name) ?? []).includes(Number(number));
      });
    await until(() => Promise.resolve(missing().length === 0 ? true : undefined), 'each event');
    expect(receiver.forged()).toBe(0);
  },
  PATIENCE_MS,
);

test(
  'Each visit is drafted, and once.',
  async () => {
    expect(book.visits.size).toBeGreaterThan(0);
    const tasks = await until(async () => {
      const found = await all<Task>(client, `Task?identifier=${DRAFTS}|&_count=200`);
      return found.filter(({ status }) => status === 'completed').length >= book.visits.size
        ? found
        : undefined;
    }, 'the drafts');
    expect(tasks.map(({ focus }) => focus?.reference).toSorted()).toEqual(
      [...book.visits].map((id) => `Media/${id}`).toSorted(),
    );
    const outputs = tasks.flatMap(({ output = [] }) => output).map((o) => o.valueReference?.reference ?? '');
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const type of ['DocumentReference', 'Composition']) {
      const there = (await all(client, `${type}?_count=200`)).map(({ id }) => `${type}/${id ?? ''}`);
      expect(there.toSorted()).toEqual(outputs.filter((o) => o.startsWith(`${type}/`)).toSorted());
    }
  },
  PATIENCE_MS,
);

test('A socket at one api hears of what is written at the other.', async () => {
  await put(client, { ...topic(), id: 'finished' });
  await put(client, { ...subscription(undefined, { id: 'socket' }), id: 'socket' });
  const answer = await client.get<{ parameter: readonly { name: string; valueString?: string }[] }>(
    'Subscription/socket/$get-ws-binding-token',
  );
  const socket = await connect(new URL(system.apis[0]!).origin);
  try {
    socket.socket.send(
      `bind-with-token: ${answer.parameter.find(({ name }) => name === 'token')?.valueString ?? ''}`,
    );
    await socket.hears(1);
    await put(copies[1]!, { resourceType: 'Encounter', id: 'heard', ...{ status: 'finished', class: { code: 'AMB' } } }); // prettier-ignore
    const [, event] = await socket.notifications(2);
    expect(event?.entries[1]?.resource).toMatchObject({ resourceType: 'Encounter', id: 'heard' });
  } finally {
    socket.socket.terminate();
  }
});

test('A token that one api revokes is refused by the other.', async () => {
  const [here, there] = system.apis.map((base) => new URL(base).origin);
  const { clientId, secret } = system.backend;
  const headers = { Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` };
  const post = (url: string, body: Record<string, string>) =>
    fetch(url, { method: 'POST', headers, body: new URLSearchParams(body) });
  const issued = await post(`${here}/oauth2/token`, {
    grant_type: 'client_credentials',
    scope: 'system/*.cruds',
  });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const read = () =>
    fetch(`${there}/fhir/R4/Patient/demo-patient`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await read()).status).toBe(200);
  expect((await post(`${here}/oauth2/revoke`, { token })).status).toBe(200);
  await until(async () => ((await read()).status === 401 ? true : undefined), 'the revocation');
});
