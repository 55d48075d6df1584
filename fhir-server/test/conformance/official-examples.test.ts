/** Every official example of R4 goes in through the API, comes back equal to the last digit, and is found by what is indexed of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { extractIndex, type IndexRow } from '../../src/search/index.ts';
import { RANGE_OPEN } from '../../src/search/index-row.ts';
import { registry } from '../search/standard-registry.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { EXAMPLE_EXCEPTIONS } from './example-exceptions.ts';
import { exampleFolder, exampleNames } from './official-examples.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({
    SUBSCRIPTION_ALLOW_PRIVATE: 'true',
    SEARCH_CUSTOM_PARAMETERS_MAX: '10000',
  });
}, 30_000);
afterAll(() => server.close());

const CONNECTIONS = 12;

/** Work on all, some at a time; the first failures are told. */
async function forAll<T>(
  items: readonly T[],
  work: (item: T) => Promise<string | undefined>,
): Promise<string[]> {
  const failures: string[] = [];
  const rest = items.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const item of rest) {
        const failure = await work(item);
        if (failure !== undefined) failures.push(failure);
      }
    }),
  );
  return failures.sort();
}

/** Larger ones (Bundles of all definitions, up to 35 MB) go one by one. */
const LARGE = 700_000;

/** Example → why the API does not give it back as it came. */
const OTHERS: Readonly<Record<string, string>> = {
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject':
    'its id has more than 64 characters',
  'Subscription-example': 'a Subscription that is accepted becomes active',
};

/** An AuditEvent cannot be put anywhere, only added: it has the id that the server gave it. */
const given = new Map<string, string>();
const isAdded = (resourceType: string): boolean => resourceType === 'AuditEvent';

const idOf = ({ resourceType, id }: Example['resource']): string => given.get(`${resourceType}/${id}`) ?? id;
const pathOf = (resource: Example['resource']): string => `${resource.resourceType}/${idOf(resource)}`;

interface Example {
  readonly name: string;
  readonly text: string;
  readonly resource: Resource & { id: string };
}

function readExamples(): Example[] {
  return exampleNames()
    .filter((name) => !Object.hasOwn(EXAMPLE_EXCEPTIONS, name) && !Object.hasOwn(OTHERS, name))
    .map((name) => {
      const text = readFileSync(join(exampleFolder, `${name}.json`), 'utf8');
      return { name, text, resource: JSON.parse(text) as Example['resource'] };
    });
}

/** Numbers as they are written; without what the server sets itself. */
function comparable(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? { number: context?.source } : value;
  const { meta, id, ...rest } = JSON.parse(text, revive as never) as Record<string, unknown>;
  const { versionId: _v, lastUpdated: _l, ...kept } = (meta ?? {}) as Record<string, unknown>;
  return { ...rest, meta: kept, ...(isAdded(String(rest['resourceType'])) ? {} : { id }) };
}

const escaped = (text: string): string => text.replace(/[\\$,|]/g, String.raw`\$&`);

/** For each parameter one search by a value that the resource has. */
function searchesOf(type: string, { keys, strings, ranges }: IndexRow): Map<string, string> {
  const searches = new Map<string, string>();
  for (const key of keys) {
    const [kind, param = '', first = '', second = ''] = key.split('\n');
    if (kind === 'T') searches.set(param, `${escaped(first)}|${escaped(second)}`);
    if (kind === 'u' || (kind === 'r' && first.includes('/'))) searches.set(param, escaped(first));
  }
  for (const { param, text } of strings) searches.set(param, escaped(text));
  for (const [param, [range]] of Object.entries(ranges)) {
    if (range === undefined) continue;
    const isDate = registry.get(type, param)?.type === 'date';
    const isFromOpen = range.low <= (isDate ? -RANGE_OPEN : -Number.MAX_VALUE);
    const bound = isFromOpen ? range.high : range.low;
    const value = isDate ? new Date(bound).toISOString() : String(bound);
    searches.set(param, `${isFromOpen ? 'le' : 'ge'}${value}`);
  }
  // What belongs to no parameter of the type is part of another one: a compartment, or a reference to one type only.
  for (const param of searches.keys()) if (registry.get(type, param) === undefined) searches.delete(param);
  return searches;
}

/** A token lives for minutes; so do these tests. */
let token: string;

const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  server.fhir(method, path, { headers, token, ...(body !== undefined && { body }) });

async function send({ name, text, resource }: Example): Promise<string | undefined> {
  const { resourceType, id } = resource;
  const minimal = { Prefer: 'return=minimal' };
  const response = isAdded(resourceType)
    ? await call('POST', resourceType, text, minimal)
    : await call('PUT', pathOf(resource), text, minimal);
  const place = new RegExp(`/${resourceType}/([^/]+)/_history/`).exec(response.headers.get('location') ?? '');
  if (isAdded(resourceType) && place) given.set(`${resourceType}/${id}`, place[1]!);
  const said = await response.text();
  return response.ok ? undefined : `${name}: ${response.status} ${said.slice(0, 300)}`;
}

/** An own SearchParameter changes what is indexed of all: they come together, and last. */
async function sendSearchParameters(examples: readonly Example[]): Promise<void> {
  const entries = examples.map(
    ({ text, resource }) => `{"resource":${text},"request":{"method":"PUT","url":"${pathOf(resource)}"}}`,
  );
  const body = `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`;
  const response = await call('POST', '', body, { Prefer: 'return=minimal' });
  if (response.status !== 200) throw new Error((await response.text()).slice(0, 1_000));
}

async function readBack({ name, text, resource }: Example): Promise<string | undefined> {
  const back = await (await call('GET', pathOf(resource), undefined, { Accept: 'application/fhir+json' })).text(); // prettier-ignore
  // What a Subscription's headers hold is a secret, and in no answer.
  const shown = text.replaceAll(/"Authorization: [^"]*"/g, '"Authorization: [redacted]"');
  return isDeepStrictEqual(comparable(back), comparable(shown)) ? undefined : `${name} is not the same`;
}

let searched = 0;

/** What the server counts of the type with this id for which all of the parameters hold. */
async function count(resource: Example['resource'], searches: readonly [string, string][]) {
  const query = new URLSearchParams([['_id', idOf(resource)], ...searches, ['_summary', 'count']]);
  const found = await call('GET', `${resource.resourceType}?${query.toString()}`, undefined, { Prefer: 'handling=strict' }); // prettier-ignore
  const { total } = (await found.json()) as Bundle;
  return { status: found.status, total };
}

/** One search by all that is indexed: each parameter must find the resource for it to be found. Only where it is not is each asked alone. */
async function find({ name, resource }: Example): Promise<string | undefined> {
  const { resourceType } = resource;
  const index = extractIndex(resource, { registry, baseUrl: server.fhirBase });
  const searches = [...searchesOf(resourceType, index)];
  searched += searches.length;
  const together = await count(resource, searches);
  if (together.total === 1) return undefined;
  for (const [param, value] of searches) {
    const { status, total } = await count(resource, [[param, value]]);
    if (total !== 1) return `${name}: ${param}=${value} answers ${status} with ${total}`;
  }
  return `${name}: all parameters together answer ${together.status} with ${together.total}`;
}

const examples = readExamples();
const isParameter = ({ resource }: Example): boolean => resource.resourceType === 'SearchParameter';
const isLarge = ({ text }: Example): boolean => text.length > LARGE;

beforeEach(async () => {
  token = await server.token('system/*.cruds');
});

test('All go in.', async () => {
  expect(examples.length).toBeGreaterThan(5_000);
  expect(
    await forAll(
      examples.filter((e) => !isParameter(e) && !isLarge(e)),
      send,
    ),
  ).toEqual([]);
  await sendSearchParameters(examples.filter(isParameter));
}, 280_000);

test('The large ones go in.', async () => {
  for (const example of examples.filter(isLarge)) expect(await send(example)).toBeUndefined();
}, 280_000);

test('All come back equal.', async () => {
  expect(await forAll(examples, readBack)).toEqual([]);
}, 280_000);

test('All are found by what is indexed of them.', async () => {
  expect(await forAll(examples, find)).toEqual([]);
  expect(searched).toBeGreaterThan(20_000);
}, 280_000);
