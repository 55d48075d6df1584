/** Packages installed by the command line from files, URLs and a registry, beside an api that runs. https://hl7.org/fhir/packages.html */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, StructureDefinition, ValueSet } from '@medplum/fhirtypes';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { archive, packageOf } from '../support/package-archive.ts';
import { startTestWorker } from '../support/reindex.ts';
import { testWith } from '../support/requirement.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { usCoreData, usCoreFile } from '../support/us-core.ts';

const BASE = 'https://packages.example/fhir';

let server: TestServer;
let registry: Server;
let registryUrl: string;
let folder: string;
let start: CommandLine['start'];
let cli: CommandLine['run'];
/** What the registry answers, by path; a string is where it redirects to. */
const served = new Map<string, Buffer | string>();
const asked: string[] = [];

beforeAll(async () => {
  server = await startTestServer();
  folder = mkdtempSync(join(tmpdir(), 'dr-assistant-packages-'));
  registry = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = served.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'string') response.writeHead(302, { Location: answer }).end();
    else response.end(answer);
  }).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  registryUrl = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
  ({ start, run: cli } = commandLine({
    DATABASE_URL: server.databaseUrl,
    DATA_DIR: folder,
    FHIR_PACKAGE_REGISTRY: registryUrl,
  }));
}, 30_000);

afterAll(async () => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

async function file(
  name: string,
  version: string,
  contents: Parameters<typeof packageOf>[2],
): Promise<string> {
  const path = join(folder, `${name}-${version}.tgz`);
  writeFileSync(path, await packageOf(name, version, contents));
  return path;
}

/** Served at `/name/version`, and in the listing at `/name`. */
async function publish(name: string, version: string, contents: Parameters<typeof packageOf>[2] = {}) {
  served.set(`/${name}/${version}`, await packageOf(name, version, contents));
  const before = served.get(`/${name}`);
  const listing = before === undefined ? { versions: {} } : (JSON.parse(String(before)) as { versions: object }); // prettier-ignore
  const versions = { ...listing.versions, [version]: {} };
  served.set(`/${name}`, Buffer.from(JSON.stringify({ name, versions })));
}

const valueSet = (id: string, more: Partial<ValueSet> = {}): ValueSet & { id: string } => ({
  resourceType: 'ValueSet',
  id,
  url: `${BASE}/ValueSet/${id}`,
  status: 'active',
  ...more,
});

const namedPatient: StructureDefinition & { id: string } = {
  resourceType: 'StructureDefinition',
  id: 'named',
  url: `${BASE}/StructureDefinition/named`,
  name: 'Named',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  derivation: 'constraint',
  differential: { element: [{ id: 'Patient.name', path: 'Patient.name', min: 1 }] },
};

async function find<T>(path: string): Promise<T[]> {
  const response = await server.fhir('GET', path);
  return ((await response.json()) as Bundle).entry?.map((e) => e.resource as T) ?? [];
}

const byUrl = (id: string): Promise<ValueSet[]> => find<ValueSet>(`ValueSet?url=${BASE}/ValueSet/${id}`);

/** Resolves when `is` holds; other processes are told within a moment. */
async function eventually(is: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await is()) return;
    await sleep(100);
  }
  throw new Error('It has not come to be.');
}

describe('A file', () => {
  test('is installed; the api that runs enforces its profiles, and a second time changes nothing.', async () => {
    const path = await file('test.profiles', '1.0.0', { resources: [namedPatient, valueSet('a')] });
    const first = await cli(['package', 'install', path]);
    expect(first).toEqual({ code: 0, told: 'test.profiles@1.0.0 is installed: 2 resources stored, 0 left out.\n' }); // prettier-ignore
    const [stored] = await byUrl('a');
    expect(stored?.meta).toMatchObject({ versionId: '1', source: 'urn:fhir-package:test.profiles:1.0.0' });

    const nameless = { resourceType: 'Patient', meta: { profile: [namedPatient.url] } };
    await eventually(async () => (await server.fhir('POST', 'Patient', { body: nameless })).status === 422);

    const second = await cli(['package', 'install', path]);
    expect(second.told).toBe('test.profiles@1.0.0 was installed already.\n');
    expect((await byUrl('a'))[0]?.meta?.versionId).toBe('1');
    expect((await cli(['package', 'list'])).told).toMatch(
      /^test\.profiles@1\.0\.0 {2}2 resources, 0 left out/m,
    );
  });

  test('of a newer version takes the place of the older: what is gone is deleted, and it does not go back.', async () => {
    const older = await file('test.versions', '1.9.0', { resources: [valueSet('stays'), valueSet('goes')] });
    const newer = await file('test.versions', '1.10.0', { resources: [valueSet('stays', { title: 'New' }), valueSet('comes')] }); // prettier-ignore
    await cli(['package', 'install', older]);
    expect((await cli(['package', 'install', newer])).code).toBe(0);
    expect((await byUrl('stays')).map((v) => [v.title, v.meta?.versionId])).toEqual([['New', '2']]);
    expect([(await byUrl('goes')).length, (await byUrl('comes')).length]).toEqual([0, 1]);
    expect((await cli(['package', 'list'])).told).toMatch(/^test\.versions@1\.9\.0 .*, superseded$/m);
    expect(await cli(['package', 'install', older])).toEqual({
      code: 1,
      told: 'test.versions@1.10.0 is installed, which is newer than 1.9.0\n',
    });
  });

  test('touches nothing that somebody else stored, not even under its own ids.', async () => {
    const path = await file('test.foreign', '1.0.0', { resources: [valueSet('mine')] });
    await cli(['package', 'install', path]);
    const [mine] = await byUrl('mine');
    const others = await file('test.other', '1.0.0', { resources: [valueSet('mine', { title: 'Theirs' })] });
    await server.fhir('PUT', 'ValueSet/by-hand', { body: valueSet('by-hand', { url: `${BASE}/ValueSet/mine` }) }); // prettier-ignore
    await cli(['package', 'install', others]);
    expect((await byUrl('mine')).map((v) => v.title ?? v.id).sort()).toEqual(['Theirs', 'by-hand', mine?.id].sort()); // prettier-ignore
    const empty = await file('test.foreign', '2.0.0', { resources: [] });
    await cli(['package', 'install', empty]);
    expect((await byUrl('mine')).map((v) => v.title ?? v.id).sort()).toEqual(['Theirs', 'by-hand']);
  });

  test('with resources that are not valid is installed without them, and says which and why.', async () => {
    const broken = { ...valueSet('broken'), status: 'nonsense' };
    const twin = { resourceType: 'SearchParameter', id: 'twin', url: `${BASE}/SearchParameter/twin`, name: 'Twin', status: 'active', description: 'x', code: 'birthdate', base: ['Patient'], type: 'date', expression: 'Patient.birthDate' }; // prettier-ignore
    const remote = { ...twin, id: 'remote', url: `${BASE}/SearchParameter/remote`, code: 'remote-x', expression: 'Patient.generalPractitioner.resolve().active' }; // prettier-ignore
    const path = await file('test.broken', '1.0.0', { resources: [broken, valueSet('whole'), twin, remote] });
    const { code, told } = await cli(['package', 'install', path]);
    expect([code, told]).toEqual([0, expect.stringMatching(/left out: package\/ValueSet-broken\.json: .*status/)]); // prettier-ignore
    expect(told).toMatch(/left out: package\/SearchParameter-remote\.json: .*resolve\(\)/);
    expect(told).toMatch(/1 resources stored, 2 left out; 1 searches are the standard's own/);
    expect((await byUrl('whole')).length).toBe(1);
  });

  test('is stored with its examples when they are asked for, with the decimals as they are written.', async () => {
    const example = JSON.stringify({ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, valueQuantity: { value: 7 } }).replace(':7', ':7.00'); // prettier-ignore
    const path = join(folder, 'examples.tgz');
    const manifest = { name: 'test.examples', version: '1.0.0', fhirVersions: ['4.0.1'] };
    writeFileSync(path, await archive(['package/package.json', manifest], ['package/example/Observation-o.json', example])); // prettier-ignore
    expect((await cli(['package', 'install', path])).told).toMatch(/: 0 resources stored/);
    expect((await cli(['package', 'install', '--examples', path])).told).toMatch(/: 1 resources stored/);
    const found = await server.fhir('GET', 'Observation?_source=urn:fhir-package:test.examples:1.0.0');
    expect(await found.text()).toContain('"value":7.00');
  });
});

describe('A registry', () => {
  test('serves a package with those that it depends on, the highest that fits, each once.', async () => {
    await publish('test.base', '1.0.0', { resources: [valueSet('base-old')] });
    await publish('test.base', '1.0.3', { resources: [valueSet('base')] });
    await publish('test.base', '1.0.4-ballot', { resources: [valueSet('base-ballot')] });
    await publish('test.middle', '2.0.0', { dependencies: { 'test.base': '1.0.x', 'hl7.fhir.r4.core': '4.0.1', 'test.top': '1.0.0' } }); // prettier-ignore
    await publish('test.top', '1.0.0', { dependencies: { 'test.middle': '2.0.0', 'test.absent': '1.0.0' }, resources: [valueSet('top')] }); // prettier-ignore
    expect(await cli(['package', 'install', 'test.top@1.0.0'])).toEqual({
      code: 0,
      told: 'missing: test.absent@1.0.0\ntest.top@1.0.0 is installed: 1 resources stored, 0 left out.\n',
    });
    const ids = ['base-old', 'base', 'base-ballot', 'top'];
    expect((await Promise.all(ids.map(byUrl))).map((found) => found.length)).toEqual([0, 1, 0, 1]);
    asked.length = 0;
    expect((await cli(['package', 'install', 'test.top#1.0.0'])).told).toMatch(/was installed already/);
    expect(asked).toEqual([]);
  });

  test('is not asked again for what was got before.', async () => {
    await publish('test.kept', '1.0.0', { resources: [valueSet('kept')] });
    const fresh = await startTestServer();
    await cli(['package', 'install', 'test.kept@1.0.0'], { DATABASE_URL: fresh.databaseUrl });
    asked.length = 0;
    await cli(['package', 'install', 'test.kept@1.0.0']);
    await fresh.close();
    expect([asked, (await byUrl('kept')).length]).toEqual([[], 1]);
  });

  test.each([
    ['a package that it does not have', 'test.unknown@1.0.0', /answers with 404/],
    ['a version that it does not have', 'test.base@9.x', /no version 9\.x of test\.base/],
    ['another package than was asked for', 'test.swapped@1.0.0', /answered test\.swapped@1\.0\.0 with test\.base@1\.0\.0/],
    ['what is no package', 'test.garbage@1.0.0', /cannot be unpacked/],
    ['a redirect to another origin', 'test.elsewhere@1.0.0', /169\.254\.169\.254 is not an allowed origin/],
    ['a redirect to a file', 'test.local@1.0.0', /the scheme is file:/],
    ['a circle of redirects', 'test.circle@1.0.0', /redirects more than 5 times/],
    ['a name that is a path', '..@1.0.0', /neither name@version/],
  ])('with %s is refused, and nothing is stored.', async (_, spec, says) => {
    served.set('/test.swapped/1.0.0', served.get('/test.base/1.0.0')!);
    served.set('/test.garbage/1.0.0', Buffer.from('garbage'));
    served.set('/test.elsewhere/1.0.0', 'http://169.254.169.254/latest/meta-data');
    served.set('/test.local/1.0.0', 'file:///etc/passwd');
    served.set('/test.circle/1.0.0', '/test.circle/1.0.0');
    const { code, told } = await cli(['package', 'install', spec]);
    expect([code, told]).toEqual([1, expect.stringMatching(says)]);
  }); // prettier-ignore

  test('that sends more than the limit is cut off.', async () => {
    served.set('/large', Buffer.alloc(2_000));
    const large = await cli(['package', 'install', `${registryUrl}/large`], { PACKAGE_DOWNLOAD_BYTES_MAX: '1024' }); // prettier-ignore
    expect(large.code).toBe(1);
    expect(large.told).toMatch(/more than 1024 bytes \(PACKAGE_DOWNLOAD_BYTES_MAX\)/);
  });

  test('that is not configured is not asked, and the answer says what to set.', async () => {
    const { code, told } = await cli(['package', 'install', 'test.new@1.0.0'], { FHIR_PACKAGE_REGISTRY: '' });
    expect([code, told]).toEqual([1, expect.stringContaining('set FHIR_PACKAGE_REGISTRY')]);
  });
});

describe('A URL', () => {
  test('is got from allowed origins only.', async () => {
    served.set('/direct.tgz', await packageOf('test.direct', '1.0.0', { resources: [valueSet('direct')] }));
    const spec = `${registryUrl}/direct.tgz`;
    const none = { FHIR_PACKAGE_REGISTRY: '' };
    expect((await cli(['package', 'install', spec], none)).told).toMatch(
      /FHIR_PACKAGE_ORIGINS lists where from/,
    );
    const allowed = { ...none, FHIR_PACKAGE_ORIGINS: registryUrl };
    expect((await cli(['package', 'install', spec], allowed)).code).toBe(0);
    const withPassword = spec.replace('http://', 'http://user:password@');
    expect((await cli(['package', 'install', withPassword], allowed)).code).toBe(1);
  });
});

test('An installation that is killed leaves nothing that the next one does not finish.', async () => {
  const resources = Array.from({ length: 600 }, (_, i) => valueSet(`many-${i}`));
  const path = await file('test.killed', '1.0.0', { resources });
  const child = start(['package', 'install', path]);
  await eventually(async () => (await byUrl('many-60')).length > 0);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect((await cli(['package', 'list'])).told).not.toContain('test.killed');
  expect((await cli(['package', 'install', path])).told).toContain('600 resources stored, 0 left out');
  const all = await find<ValueSet>('ValueSet?_source=urn:fhir-package:test.killed:1.0.0&_count=1000');
  expect(new Set(all.map((v) => v.url)).size).toBe(600);
}, 60_000);

test('Two installations at the same time are one.', async () => {
  const path = await file('test.twice', '1.0.0', { resources: [valueSet('twice')] });
  const both = await Promise.all([cli(['package', 'install', path]), cli(['package', 'install', path])]);
  expect(both.map(({ told }) => /was installed already|1 resources stored/.exec(told)?.[0]).sort()).toEqual(['1 resources stored', 'was installed already']); // prettier-ignore
  expect((await byUrl('twice'))[0]?.meta?.versionId).toBe('1');
});

test('FHIR_PACKAGES are there soon after the start; one that cannot be got keeps nobody from the others.', async () => {
  await publish('test.start', '1.0.0', { resources: [valueSet('start')] });
  const own = await startTestServer({ FHIR_PACKAGES: 'test.unknown@1.0.0, test.start@1.0.0', FHIR_PACKAGE_REGISTRY: registryUrl }); // prettier-ignore
  try {
    await eventually(async () => {
      const response = await own.fhir('GET', `ValueSet?url=${BASE}/ValueSet/start`);
      return ((await response.json()) as Bundle).entry?.length === 1;
    });
  } finally {
    await own.close();
  }
});

test.each([[['package']], [['package', 'install']], [['package', 'install', '--fast', 'x.tgz']], [['package', 'list', 'x']], [['nonsense']], [[]]])(
  'The arguments %j are answered with how it is used.',
  async (args) => {
    const { code, told } = await cli(args);
    expect([code, told]).toEqual([2, expect.stringContaining('cli.ts package install')]);
  },
); // prettier-ignore

testWith(usCoreData)(
  'US Core is installed in seconds, and its profiles, value sets and searches are at work.',
  async () => {
    const worker = startTestWorker(server);
    const { code, told } = await cli(['package', 'install', usCoreFile()]);
    expect([code, told]).toEqual([0, expect.stringMatching(/hl7\.fhir\.us\.core@6\.1\.0 is installed: \d+ resources stored, 0 left out/)]); // prettier-ignore
    const profile = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';
    const patient = { resourceType: 'Patient', meta: { profile: [profile] }, name: [{ family: 'x' }] };
    let outcome: OperationOutcome | undefined;
    await eventually(async () => {
      const response = await server.fhir('POST', 'Patient', { body: patient });
      outcome = (await response.json()) as OperationOutcome;
      return response.status === 422;
    });
    expect(outcome?.issue.map((i) => i.expression?.[0])).toEqual(['Patient.identifier', 'Patient.gender']);
    const expanded = await server.fhir('GET', 'ValueSet/$expand?url=http://hl7.org/fhir/us/core/ValueSet/us-core-documentreference-category'); // prettier-ignore
    const answer = (await expanded.json()) as ValueSet;
    const codes = answer.expansion?.contains?.map((c) => c.code);
    expect(codes).toEqual(['clinical-note']);
    const race = (value: string): object => ({ url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race', extension: [{ url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: value } }, { url: 'text', valueString: 'x' }] }); // prettier-ignore
    const raced = { ...patient, gender: 'female', identifier: [{ system: 'http://x.example', value: '1' }], extension: [race('2106-3')] }; // prettier-ignore
    expect((await server.fhir('POST', 'Patient', { body: raced })).status).toBe(201);
    await eventually(async () => (await find('Patient?race=2106-3')).length === 1);
    await worker.stop();
  },
  120_000,
);
