/** What the CapabilityStatement claims and what the server does are the same. https://hl7.org/fhir/R4/capabilitystatement.html */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceSearchParam,
  OperationOutcome,
  Resource,
} from '@medplum/fhirtypes';
import { OPERATIONS } from '../../src/operation/index.ts';
import { searcher } from '../support/searcher.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { registry } from '../search/standard-registry.ts';
import { EXAMPLE_EXCEPTIONS } from './example-exceptions.ts';
import { exampleFolder, exampleNames, readExample } from './official-examples.ts';

let server: TestServer;
let statement: CapabilityStatement;
let token: string;

type Claim = CapabilityStatementRestResource;
const claims = (): readonly Claim[] => statement.rest?.[0]?.resource ?? [];

beforeAll(async () => {
  server = await startTestServer({ SUBSCRIPTION_ALLOW_PRIVATE: 'true' });
  statement = (await (await server.fhir('GET', 'metadata', { token: null })).json()) as CapabilityStatement;
}, 30_000);
afterAll(() => server.close());

const CONNECTIONS = 8;

/** Work on all types, some at a time; what is told is empty when all claims hold. */
async function ofAllTypes(work: (claim: Claim) => Promise<readonly string[]>): Promise<string[]> {
  token = await server.token('system/*.cruds');
  const told: string[] = [];
  const rest = claims().values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const claim of rest) told.push(...(await work(claim)));
    }),
  );
  return told.sort();
}

interface Wanted {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: object;
}

/** Empty when the answer has the status. */
async function fault(
  method: string,
  path: string,
  { status, headers = {}, body }: Wanted,
): Promise<string[]> {
  const response = await server.fhir(method, path, {
    token,
    headers: { Prefer: 'handling=strict', ...headers },
    ...(body && { body }),
  });
  const text = await response.text();
  return response.status === status
    ? []
    : [`${method} ${path}: ${response.status} instead of ${status}: ${text.slice(0, 300)}`];
}

const SMALL = 30_000;
/** Smallest examples of each type. */
const examples = new Map<string, Resource>();
for (const name of exampleNames()) {
  const [type = ''] = name.split('-');
  if (Object.hasOwn(EXAMPLE_EXCEPTIONS, name) || examples.has(type)) continue;
  if (statSync(join(exampleFolder, `${name}.json`)).size < SMALL) {
    const resource = readExample(name);
    if (resource.resourceType === type) examples.set(type, resource as unknown as Resource);
  }
}
/** Types of which the standard has no example that is small and valid. */
const OWN: Readonly<Record<string, object>> = {
  Binary: { resourceType: 'Binary', contentType: 'text/plain', data: 'eA==' },
  DeviceMetric: { resourceType: 'DeviceMetric', type: { text: 'x' }, category: 'measurement' },
  DeviceUseStatement: {
    resourceType: 'DeviceUseStatement',
    status: 'active',
    subject: { reference: 'Patient/x' },
    device: { reference: 'Device/x' },
  },
  EventDefinition: {
    resourceType: 'EventDefinition',
    status: 'draft',
    trigger: [{ type: 'named-event', name: 'x' }],
  },
  ...Object.fromEntries(
    ['NucleicAcid', 'Polymer', 'Protein', 'ReferenceInformation', 'SourceMaterial'].map((name) => [
      `Substance${name}`,
      { resourceType: `Substance${name}`, language: 'de' },
    ]),
  ),
  Parameters: { resourceType: 'Parameters', parameter: [{ name: 'x', valueString: 'y' }] },
};

function exampleOf(type: string): Resource {
  const found = examples.get(type) ?? OWN[type];
  if (found === undefined) throw new Error(`There is no example of ${type}`);
  return { ...found, id: 'claimed' } as Resource;
}

const INTERACTIONS = ['create', 'delete', 'history-instance', 'history-type', 'patch', 'read', 'search-type', 'update', 'vread']; // prettier-ignore

/** The audit can be added to and not be changed, and says so. */
const APPEND_ONLY = 'AuditEvent';

async function appendOnlyFaults({ type, interaction, ...claim }: Claim): Promise<string[]> {
  const kept = INTERACTIONS.filter((code) => !['update', 'patch', 'delete'].includes(code));
  expect(interaction?.map(({ code }) => code).toSorted()).toEqual(kept);
  expect(claim).toMatchObject({ updateCreate: false, conditionalUpdate: false, conditionalDelete: 'not-supported' }); // prettier-ignore
  const { id: _id, ...resource } = exampleOf(type);
  const made = await server.fhir('POST', type, { token, body: resource });
  const { id } = (await made.json()) as Resource;
  const one = `${type}/${id}`;
  const patch = [{ op: 'add', path: '/language', value: 'en' }];
  const patchOf = { 'Content-Type': 'application/json-patch+json' };
  const steps: (readonly [string, string, Wanted])[] = [
    ['GET', one, { status: 200 }],
    ['GET', `${one}/_history/1`, { status: 200 }],
    ['PUT', one, { status: 403, body: { ...resource, id } }],
    ['PUT', `${type}/own-id`, { status: 403, body: { ...resource, id: 'own-id' } }],
    ['PUT', `${type}?_id=${id}`, { status: 403, body: resource }],
    ['PATCH', one, { status: 403, body: patch, headers: patchOf }],
    ['DELETE', one, { status: 403 }],
    ['DELETE', `${type}?_id=${id}`, { status: 403 }],
    ['POST', type, { status: 200, body: resource, headers: { 'If-None-Exist': `_id=${id}` } }],
  ];
  const faults: string[] = [];
  for (const [method, path, wanted] of steps) faults.push(...(await fault(method, path, wanted)));
  return faults;
}

test('every interaction of every type does what it says, conditional ones as well.', async () => {
  expect(claims().map(({ type }) => type)).toContain('Patient');
  const told = await ofAllTypes(async (claim) => {
    const { type } = claim;
    if (type === APPEND_ONLY) return appendOnlyFaults(claim);
    expect([type, claim.interaction?.map(({ code }) => code).toSorted()]).toEqual([type, INTERACTIONS]);
    expect(claim).toMatchObject({ versioning: 'versioned', readHistory: true, updateCreate: true, conditionalCreate: true, conditionalRead: 'full-support', conditionalUpdate: true, conditionalDelete: 'single' }); // prettier-ignore
    const resource = exampleOf(type);
    const { id: _id, ...unnamed } = resource;
    const one = `${type}/claimed`;
    const etag = (version: number) => ({ 'If-None-Match': `W/"${version}"` });
    const since = { 'If-Modified-Since': new Date(Date.now() + 60_000).toUTCString() };
    const patchOf = { 'Content-Type': 'application/json-patch+json' };
    const patch = [{ op: 'add', path: '/language', value: 'en' }];
    const steps: (readonly [string, string, Wanted])[] = [
      ['PUT', one, { status: 201, body: resource }],
      ['GET', one, { status: 200 }],
      ['HEAD', one, { status: 200 }],
      ['GET', one, { status: 304, headers: etag(1) }],
      ['GET', one, { status: 304, headers: since }],
      ['PUT', one, { status: 200, body: resource, headers: { 'If-Match': 'W/"1"' } }],
      ['PUT', one, { status: 412, body: resource, headers: { 'If-Match': 'W/"1"' } }],
      ['PUT', `${type}?_id=claimed`, { status: 200, body: resource }],
      ['PATCH', one, { status: 200, body: patch, headers: patchOf }],
      ['GET', `${one}/_history/1`, { status: 200 }],
      ['GET', `${one}/_history`, { status: 200 }],
      ['GET', `${type}/_history`, { status: 200 }],
      ['GET', `${type}?_id=claimed`, { status: 200 }],
      ['POST', type, { status: 200, body: unnamed, headers: { 'If-None-Exist': '_id=claimed' } }],
      ['DELETE', `${type}?_id=claimed`, { status: 204 }],
      ['GET', one, { status: 410 }],
      ['POST', type, { status: 201, body: unnamed }],
    ];
    const faults: string[] = [];
    for (const [method, path, wanted] of steps) faults.push(...(await fault(method, path, wanted)));
    return faults;
  });
  expect(told).toEqual([]);
}, 120_000);

/** Values that some parameter of the type takes; one of them has to be understood. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  composite: ['x$x', 'x$2020', 'x$1', 'x$Patient/x', 'Patient/x$x', 'Patient/x$Patient/x', 'x$http://x.example', '2020$x', '1$1', 'x$1$1'],
  date: ['2020-01-01'],
  number: ['1'],
  quantity: ['1|http://unitsofmeasure.org|kg'],
  reference: ['Patient/x'],
  string: ['x'],
  token: ['http://x.example|x'],
  uri: ['http://x.example'],
}; // prettier-ignore
const SPECIAL: Readonly<Record<string, (type: string) => string>> = {
  _content: () => '_content=x',
  _filter: () => '_filter=_id eq x',
  _has: () => '_has:Provenance:target:_id=x',
  _list: () => '_list=none',
  _text: () => '_text=x',
  near: () => 'near=1|1|1|km',
};

async function parameterFaults(
  type: string,
  { name = '', type: kind }: CapabilityStatementRestResourceSearchParam,
  before = '',
): Promise<string[]> {
  const own = SPECIAL[name]?.(type);
  let faults: string[] = [`${type}: ${name} has an unknown type`];
  for (const query of own === undefined
    ? (VALUES[kind ?? ''] ?? []).map((value) => `${name}=${value}`)
    : [own]) {
    const path = `${type}?${before}${query.replaceAll(/[|$]/g, encodeURIComponent)}&_count=1`;
    faults = await fault('GET', path, { status: 200 });
    if (faults.length === 0) return [];
  }
  return faults;
}

describe('searches', () => {
  test('every search parameter is taken, and no other.', async () => {
    const told = await ofAllTypes(async ({ type = '', searchParam = [] }) => {
      const faults: string[] = [];
      for (const parameter of searchParam) faults.push(...(await parameterFaults(type, parameter)));
      for (const other of ['unclaimed', 'subjects']) {
        expect(searchParam.map(({ name }) => name)).not.toContain(other);
        faults.push(...(await fault('GET', `${type}?${other}=x`, { status: 400 })));
      }
      const known = registry.list(type).map(({ code }) => code);
      expect(searchParam.map(({ name }) => name)).toEqual(expect.arrayContaining(known));
      return faults;
    });
    expect(told).toEqual([]);
    for (const parameter of statement.rest?.[0]?.searchParam ?? [])
      if (parameter.name !== '_type')
        expect(await parameterFaults('', { ...parameter }, '_type=Patient&')).toEqual([]);
  }, 300_000);

  test('every include is taken, and no other.', async () => {
    const told = await ofAllTypes(async ({ type = '', searchInclude = [], searchRevInclude = [] }) => {
      const faults: string[] = [];
      const ask = async (name: string, value: string, status: number) =>
        faults.push(...(await fault('GET', `${type}?_id=none&${name}=${value}`, { status })));
      // Many in one request, which refuses as a whole.
      const all = [
        ...searchInclude.map((value) => `_include=${value}`),
        ...searchRevInclude.map((value) => `_revinclude=${value}`),
      ];
      for (let from = 0; from < all.length; from += 40)
        faults.push(...(await fault('GET', `${type}?_id=none&${all.slice(from, from + 40).join('&')}`, { status: 200 }))); // prettier-ignore
      await ask('_include', `${type}:unclaimed`, 400);
      await ask('_revinclude', 'Observation:unclaimed', 400);
      return faults;
    });
    expect(told).toEqual([]);
  }, 120_000);
});

/** `There is no operation …` is what is said of those that are not there. */
async function isThere(path: string): Promise<boolean> {
  const response = await server.fhir('POST', path, { token, body: { resourceType: 'Parameters' } });
  const text = await response.text();
  return !text.includes('There is no operation') && response.status !== 405;
}

test('every operation is where it is claimed, and nowhere else.', async () => {
  const told = await ofAllTypes(async ({ type = '', operation = [] }) => {
    const faults: string[] = [];
    const claimed = new Set(operation.map(({ name }) => `$${name}`));
    for (const { name, at } of OPERATIONS.values()) {
      const levels = at.filter(({ resourceType }) => resourceType === type).map(({ level }) => level);
      if (claimed.has(name) !== levels.length > 0) faults.push(`${type}: ${name} is not claimed as it is`);
      for (const [level, path] of [['type', `${type}/${name}`], ['instance', `${type}/none/${name}`]] as const)
        if ((await isThere(path)) !== levels.includes(level)) faults.push(`${path} is not as it is claimed`);
    } // prettier-ignore
    return faults;
  });
  expect(told).toEqual([]);
  const system = (statement.rest?.[0]?.operation ?? []).map(({ name }) => `$${name}`);
  for (const { name } of OPERATIONS.values())
    expect([name, await isThere(name)]).toEqual([name, system.includes(name)]);
}, 120_000);

describe('the whole', () => {
  test('is valid by the server’s own judgement.', async () => {
    const response = await server.fhir('POST', 'CapabilityStatement/$validate', { body: statement });
    const { issue } = (await response.json()) as OperationOutcome;
    expect(issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([]);
  }, 30_000);

  test('speaks the formats, and those of patches, that it claims.', async () => {
    await searcher(server).store({ resourceType: 'Patient', id: 'format' });
    for (const format of statement.format ?? []) {
      const path = `Patient/format?_format=${encodeURIComponent(format)}`;
      const response = await server.fhir('GET', path);
      const kind = format.includes('xml') ? 'application/fhir+xml' : 'application/fhir+json';
      expect([format, response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([format, 200, kind]); // prettier-ignore
    }
    const bodies: Readonly<Record<string, string>> = {
      'application/json-patch+json': '[{"op":"add","path":"/gender","value":"male"}]',
      'application/fhir+json': '{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},{"name":"value","valueCode":"female"}]}]}',
      'application/fhir+xml': '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="delete"/></part><part><name value="path"/><valueString value="Patient.gender"/></part></parameter></Parameters>',
    }; // prettier-ignore
    expect(statement.patchFormat?.toSorted()).toEqual(Object.keys(bodies).sort());
    for (const [type, body] of Object.entries(bodies)) {
      const response = await server.fhir('PATCH', 'Patient/format', {
        body,
        headers: { 'Content-Type': type },
      });
      expect([type, response.status]).toEqual([type, 200]);
    }
  });

  test('has the system’s interactions, compartments and addresses of authorization.', async () => {
    const [rest] = statement.rest ?? [];
    expect(rest?.interaction?.map(({ code }) => code).toSorted()).toEqual(['batch', 'history-system', 'search-system', 'transaction']); // prettier-ignore
    for (const type of ['batch', 'transaction'])
      expect((await server.fhir('POST', '', { body: { resourceType: 'Bundle', type } })).status).toBe(200);
    for (const path of ['_history', '?_type=Patient'])
      expect((await server.fhir('GET', path)).status).toBe(200);
    await searcher(server).store({ resourceType: 'Patient', id: 'c' }, { resourceType: 'Encounter', id: 'c', status: 'planned', class: { code: 'AMB' } }); // prettier-ignore
    for (const compartment of rest?.compartment ?? []) {
      const type = compartment.split('/').pop() ?? '';
      const name = `${type[0]?.toUpperCase()}${type.slice(1)}`;
      expect([name, (await server.fhir('GET', `${name}/c/Observation`)).status]).toEqual([name, 200]);
    }
    expect((await server.fhir('GET', 'Practitioner/c/Observation')).status).toBe(404);
    const uris = rest?.security?.extension?.[0]?.extension ?? [];
    expect(uris.map(({ url }) => url).sort()).toEqual(['authorize', 'token']);
    for (const { url, valueUri = '' } of uris) {
      const answer = await fetch(valueUri, { method: url === 'token' ? 'POST' : 'GET', redirect: 'manual' });
      expect([url, answer.status]).toEqual([url, url === 'token' ? 401 : expect.any(Number)]);
      expect(answer.status).not.toBe(404);
    }
    expect(statement.implementation?.url).toBe(server.fhirBase);
  });

  test('follows the configuration, own search parameters and profiles.', async () => {
    const other = await startTestServer({ CONDITIONAL_DELETE_MAX: '3' });
    try {
      const patient = async (): Promise<Claim | undefined> => {
        const response = await other.fhir('GET', 'metadata');
        const { rest } = (await response.json()) as CapabilityStatement;
        return rest?.[0]?.resource?.find(({ type }) => type === 'Patient');
      };
      const before = await patient();
      expect(before?.conditionalDelete).toBe('multiple');
      expect(before?.profile).toBe('http://hl7.org/fhir/StructureDefinition/Patient');
      expect(before?.supportedProfile).toBeUndefined();
      const url = 'http://x.example/StructureDefinition/own-patient';
      const profile = { resourceType: 'StructureDefinition', id: 'own', url, name: 'Own', status: 'active', kind: 'resource', abstract: false, type: 'Patient', baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient', derivation: 'constraint', differential: { element: [{ id: 'Patient.gender', path: 'Patient.gender', min: 1 }] } }; // prettier-ignore
      expect((await other.fhir('PUT', 'StructureDefinition/own', { body: profile })).status).toBe(201);
      await expect(eventually(async () => (await patient())?.supportedProfile)).resolves.toEqual([url]);
      expect((await other.fhir('DELETE', 'StructureDefinition/own')).status).toBe(204);
      await expect(eventually(async () => ((await patient())?.supportedProfile === undefined ? 'gone' : undefined))).resolves.toBe('gone'); // prettier-ignore
    } finally {
      await other.close();
    }
  }, 60_000);
});

const ATTEMPTS = 100;
const PAUSE_MS = 50;

/** The first answer that is there. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error('It did not come about');
}
