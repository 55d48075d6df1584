/** Topics that a package brings along: installed by the command line beside an api and a worker that run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { startTestDelivery, startTestEndpoint, type TestDelivery, type TestEndpoint } from '../support/delivery.ts'; // prettier-ignore
import { packageOf } from '../support/package-archive.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { notificationOf, subscription, topic } from '../support/topic.ts';

const URL = 'http://guide.example/topic/finished';

let server: TestServer;
let delivery: TestDelivery;
let endpoint: TestEndpoint;
let folder: string;
let cli: CommandLine['run'];

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-topics-'));
  [delivery, endpoint] = [await startTestDelivery(server), await startTestEndpoint()];
  ({ run: cli } = commandLine({ DATABASE_URL: server.databaseUrl, DATA_DIR: folder }));
}, 60_000);
afterAll(async () => {
  await delivery.stop();
  endpoint.close();
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

const put = (path: string, body: object) =>
  server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
const topicOf = (id: string, part: Parameters<typeof topic>[0]) => ({
  resourceType: 'Basic',
  id,
  ...topic(part),
});

async function install(version: string, ...resources: { resourceType: string; id: string }[]) {
  const path = join(folder, `topics-${version}.tgz`);
  writeFileSync(path, await packageOf('clinic.topics', version, { resources }));
  return cli(['package', 'install', path]);
}

const found = async (): Promise<string[]> => {
  const query = 'Basic?_source=urn:fhir-package:clinic.topics:1.1.0,urn:fhir-package:clinic.topics:1.0.0';
  const bundle = (await (await server.fhir('GET', query)).json()) as {
    entry?: { resource: { id: string } }[];
  };
  return (bundle.entry ?? []).map(({ resource }) => resource.id);
};

test('A topic of a package is stored, and a Subscription that names it is told of events.', async () => {
  const faulty = topicOf('faulty', { url: 'urn:topic:faulty', current: 'nonsense=x' });
  const note = { resourceType: 'Basic', id: 'note', code: { text: 'no topic' } };
  const installed = await install('1.0.0', topicOf('a', { url: URL }), faulty, note);
  expect(installed).toMatchObject({ code: 0, told: expect.stringContaining('Basic-faulty.json') });
  expect(await found()).toHaveLength(1);
  const response = await put('Subscription/s1', subscription(endpoint.url, { criteria: URL }));
  expect(response.status).toBe(201);
  await delivery.settled();
  await put('Encounter/e1', { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } });
  await delivery.settled();
  const { events } = notificationOf(endpoint.received.at(-1)?.body ?? '');
  expect(events).toMatchObject([{ number: '1', focus: `${server.fhirBase}/Encounter/e1` }]);
}, 60_000);

test('The next version of the package writes the same topic, and takes away one that it has no longer.', async () => {
  const before = await found();
  const extra = topicOf('extra', { url: 'urn:topic:extra' });
  await install('1.0.1', topicOf('a', { url: URL }), extra);
  await install('1.1.0', topicOf('renamed', { url: URL, current: 'status=cancelled' }));
  expect(await found()).toEqual(before);
  endpoint.received.length = 0;
  for (const status of ['finished', 'cancelled']) {
    await put(`Encounter/v-${status}`, { resourceType: 'Encounter', status, class: { code: 'AMB' } });
    await delivery.settled();
  }
  expect(endpoint.received.flatMap(({ body }) => notificationOf(body).events)).toMatchObject([
    { focus: `${server.fhirBase}/Encounter/v-cancelled` },
  ]);
}, 60_000);

test('A topic may search by a SearchParameter of its package.', async () => {
  const parameter = {
    resourceType: 'SearchParameter',
    id: 'ward',
    url: 'http://guide.example/SearchParameter/ward',
    name: 'ward',
    status: 'active',
    description: 'where it was',
    code: 'ward',
    base: ['Encounter'],
    type: 'string',
    expression: 'Encounter.location.location.display',
  };
  const own = topicOf('ward', { url: 'urn:topic:ward', previous: null, current: 'ward=north' });
  const installed = await install('1.2.0', own, parameter);
  expect(installed).toMatchObject({ code: 0, told: expect.not.stringContaining('Basic-ward.json') });
  let status = 0;
  for (let i = 0; i < 250 && status !== 201; i += 1) {
    ({ status } = await put('Subscription/s2', subscription(endpoint.url, { id: 's2', criteria: 'urn:topic:ward' }))); // prettier-ignore
    await sleep(20);
  }
  expect(status).toBe(201);
}, 60_000);
