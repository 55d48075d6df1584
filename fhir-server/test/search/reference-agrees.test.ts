/** The server answers thousands of generated searches as the naive evaluator does, which is written from the standard. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import { startTestServer, type TestServer } from '../support/server.ts';
import { evaluate } from './reference/evaluate.ts';
import { type Query, QueryGenerator } from './reference/generate-queries.ts';
import { generateResources } from './reference/generate.ts';

/** Another number is another set of resources and queries: `SEARCH_SEED=2 npm test -- reference-agrees`. */
const SEED = Number(process.env['SEARCH_SEED'] ?? 0);
/** Queries of each type of parameter; those of one parameter only soon repeat themselves. */
const PER_TYPE = { number: 500, special: 500, others: 1_500 };
/** Queries of each other kind. */
const OTHERS = 500;
const PARALLEL = 10;
const SHOWN = 12;

// Nothing is to be left out silently, and nothing to be compressed.
const HEADERS = { Prefer: 'handling=strict', 'Accept-Encoding': 'identity' };

let server: TestServer;
let resources: Resource[];

async function load(): Promise<void> {
  const entry = generateResources(server.fhirBase, 7 + SEED).map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const response = await server.fhir('POST', '', {
    body: { resourceType: 'Bundle', type: 'transaction', entry },
  });
  if (!response.ok) throw new Error((await response.text()).slice(0, 2_000));
  const types = [...new Set(entry.map(({ resource }) => resource.resourceType))];
  const stored = await Promise.all(
    types.map(async (type) => {
      const page = (await (await server.fhir('GET', `${type}?_count=1000`)).json()) as Bundle;
      return (page.entry ?? []).map((e) => e.resource!);
    }),
  );
  resources = stored.flat();
  expect(resources).toHaveLength(entry.length);
}

// Beside other test files the cores are shared.
jest.setTimeout(60_000);

beforeAll(async () => {
  server = await startTestServer();
  await load();
});

afterAll(async () => {
  await server?.close();
});

function pathOf({ resourceType, query, patient }: Query): string {
  const encoded = query
    .split('&')
    .map((pair) =>
      [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)].map(encodeURIComponent),
    )
    .map(([name, value]) => `${name}=${value}`);
  const type = patient === undefined ? resourceType : `Patient/${patient}/${resourceType}`;
  return `${type}?${encoded.join('&')}&_count=1000`;
}

/** The ids that the server gives, or why it refuses. */
async function ask(query: Query): Promise<string[] | string> {
  const response = await server.fhir('GET', pathOf(query), { headers: HEADERS });
  const text = await response.text();
  // Nothing but the ids is looked at, and to parse it all would take as long as the search.
  if (response.ok) return Array.from(text.matchAll(/"fullUrl":"[^"]*\/([^"/]+)"/g), (found) => found[1]!);
  const body = JSON.parse(text) as OperationOutcome;
  return `${response.status} ${body.issue[0]?.details?.text ?? body.issue[0]?.diagnostics ?? ''}`;
}

/** What differs, as text to be read; undefined where nothing does. */
async function difference(query: Query): Promise<string | undefined> {
  const { resourceType, patient } = query;
  const title = `${patient === undefined ? '' : `Patient/${patient}/`}${resourceType}?${query.query}`;
  const answer = await ask(query);
  if (typeof answer === 'string') return `${title}\n  refused: ${answer}`;
  const expected = evaluate(resources, resourceType, query.query, {
    baseUrl: server.fhirBase,
    now: new Date(),
    ...(patient === undefined ? {} : { patient }),
  });
  const show = (ids: string[]): string =>
    ids
      .slice(0, 2)
      .map((id) => JSON.stringify(resources.find((r) => r.resourceType === resourceType && r.id === id)))
      .join('\n    ');
  const missing = expected.filter((id) => !answer.includes(id));
  const superfluous = answer.filter((id) => !expected.includes(id));
  const isSorted = query.query.includes('_sort=');
  const same = isSorted
    ? answer.join(' ') === expected.join(' ')
    : missing.length + superfluous.length === 0 && answer.length === expected.length;
  if (same) return undefined;
  const order = isSorted ? `\n  expected order ${expected.join(' ')}\n  given ${answer.join(' ')}` : '';
  return `${title}\n  missing ${missing.length}: ${show(missing)}\n  superfluous ${superfluous.length}: ${show(superfluous)}${order}`;
}

async function agree(queries: readonly Query[]): Promise<void> {
  const differences: string[] = [];
  const rest = queries.values();
  const work = async (): Promise<void> => {
    for (const query of rest) {
      const text = await difference(query);
      if (text !== undefined) differences.push(text);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  if (differences.length > 0)
    throw new Error(
      `${differences.length} of ${queries.length} differ:\n${differences.slice(0, SHOWN).join('\n')}`,
    );
}

const generate = (count: number, seed: number, make: (generator: QueryGenerator) => Query): Query[] => {
  const generator = new QueryGenerator(resources, server.fhirBase, seed + 1_000 * SEED);
  return Array.from({ length: count }, () => make(generator));
};

describe('The server finds what the standard says', () => {
  const TYPES = [
    'string',
    'token',
    'date',
    'number',
    'quantity',
    'uri',
    'reference',
    'composite',
    'special',
  ] as const;

  test.each(TYPES)('by parameters of type %s', async (type) => {
    const count = type === 'number' || type === 'special' ? PER_TYPE[type] : PER_TYPE.others;
    await agree(generate(count, TYPES.indexOf(type) + 1, (generator) => generator.ofType(type)));
  });

  test('through chains and _has', async () => {
    await agree(generate(OTHERS, 100, (generator) => generator.chain()));
  });

  test('by several criteria, lists, tags and in compartments', async () => {
    await agree(generate(OTHERS, 101, (generator) => generator.combined()));
  });

  test('in the order of _sort', async () => {
    await agree(generate(OTHERS / 2, 102, (generator) => generator.sorted()));
  });
});
