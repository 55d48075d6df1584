/** User-access brands: that of a server as it comes, and those of a file. https://hl7.org/fhir/smart-app-launch/STU2.2/brands.html */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Endpoint, OperationOutcome, Organization } from '@medplum/fhirtypes';
import { loadBrands } from '../../../src/auth/brands.ts';
import { loadStyle } from '../../../src/auth/style.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'dr-assistant-brands-'));
let server: TestServer;
let url: string;
let bundle: Bundle;

beforeAll(async () => {
  server = await startTestServer();
  const discovery = (await (
    await fetch(`${server.fhirBase}/.well-known/smart-configuration`)
  ).json()) as Record<string, string>;
  url = discovery['user_access_brand_bundle']!;
  bundle = (await (await fetch(url)).json()) as Bundle;
}, 30_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const resources = <T extends Organization | Endpoint>(of: Bundle, type: T['resourceType']): T[] =>
  (of.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === type ? [resource as T] : []));

test('Anybody may read the brands, from any site, and ask whether they have changed (smart 14) (smart 166) (smart 171).', async () => {
  const answer = await fetch(url, { headers: { Origin: 'https://apps.example' } });
  const { headers } = answer;
  expect([answer.status, headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  expect(headers.get('content-type')).toBe('application/fhir+json');
  expect(headers.get('cache-control')).toMatch(/public, max-age=\d+/);
  const etag = headers.get('etag')!;
  expect(etag).toMatch(/^W\/"/);
  const again = await fetch(url, { headers: { 'If-None-Match': etag } });
  expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await fetch(url, { headers: { 'If-None-Match': 'W/"other"' } })).status).toBe(200);
  const asked = await fetch(url, {
    method: 'OPTIONS',
    headers: { Origin: 'https://apps.example', 'Access-Control-Request-Method': 'GET' },
  });
  expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([204, 'If-None-Match']);
});

test('They are a collection of valid Organizations and Endpoints that refer to each other (smart 167) (smart 168).', async () => {
  expect(bundle).toMatchObject({ resourceType: 'Bundle', type: 'collection', timestamp: expect.any(String) });
  const answer = await server.fhir('POST', 'Bundle/$validate', { body: bundle });
  const outcome = (await answer.json()) as OperationOutcome;
  expect(outcome.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([]);
  const [brands, endpoints] = [
    resources<Organization>(bundle, 'Organization'),
    resources<Endpoint>(bundle, 'Endpoint'),
  ];
  expect(brands.map((b) => b.endpoint?.map((e) => e.reference))).toEqual([['Endpoint/fhir-r4']]);
  expect(endpoints.map((e) => e.id)).toEqual(['fhir-r4']);
  expect(brands[0]).toMatchObject({ name: expect.any(String), telecom: [{ system: 'url' }] });
  expect(endpoints[0]).toMatchObject({
    connectionType: { code: 'hl7-fhir-rest' },
    contact: [{ system: 'url' }],
  });
});

test('The address of the Endpoint has a CapabilityStatement (smart 169).', async () => {
  const [endpoint] = resources<Endpoint>(bundle, 'Endpoint');
  const answer = await fetch(`${endpoint?.address}/metadata`);
  expect(((await answer.json()) as { resourceType: string }).resourceType).toBe('CapabilityStatement');
});

test('The configuration names exactly one brand (smart 14) (smart 170).', async () => {
  const { user_access_brand_identifier: identifier } = (await (
    await fetch(`${server.fhirBase}/.well-known/smart-configuration`)
  ).json()) as { user_access_brand_identifier: { system: string; value: string } };
  const named = resources<Organization>(bundle, 'Organization').filter((brand) =>
    brand.identifier?.some((i) => i.system === identifier.system && i.value === identifier.value),
  );
  expect(named).toHaveLength(1);
});

describe('A file of brands', () => {
  const at = { baseUrl: 'https://clinic.example', fhirBase: 'https://clinic.example/fhir/R4' };
  const load = (content: unknown) => {
    const file = join(folder, 'brands.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return loadBrands(file, at);
  };
  /** Two brands of one endpoint, changed by the case at hand. */
  const changed = (change: (bundle: Bundle, first: Organization, endpoint: Endpoint) => void): Bundle => {
    const made = JSON.parse(loadBrands(undefined, at).text) as Bundle;
    const [first] = resources<Organization>(made, 'Organization');
    const second = { ...first!, id: 'other', identifier: [{ value: 'other' }] };
    made.entry?.push({ fullUrl: `${at.fhirBase}/Organization/other`, resource: second });
    change(made, first!, resources<Endpoint>(made, 'Endpoint')[0]!);
    return made;
  };

  test('is served as it is, with its first Organization as the primary brand (smart 170).', () => {
    const brands = load(changed((_bundle, first) => (first.identifier = [{ system: 'urn:x', value: '1' }])));
    expect(brands.identifier).toEqual({ system: 'urn:x', value: '1' });
    expect(brands.digest).not.toBe(loadBrands(undefined, at).digest);
  });

  test.each<[string, (bundle: Bundle, first: Organization, endpoint: Endpoint) => void]>([
    ['is no collection (smart 167)', (b) => (b.type = 'searchset')],
    ['has no timestamp (smart 167)', (b) => delete b.timestamp],
    ['has no entry (smart 167)', (b) => (b.entry = [])],
    ['holds other resources (smart 167)', (b) => b.entry?.push({ resource: { resourceType: 'Patient' } })],
    ['has a brand without a name (smart 168)', (_b, o) => delete o.name],
    ['has a brand without a site (smart 168)', (_b, o) => (o.telecom = [{ system: 'phone', value: '1' }])],
    ['refers to an Endpoint elsewhere (smart 168)', (_b, o) => (o.endpoint = [{ reference: 'Endpoint/x' }])],
    ['has an Endpoint without a FHIR version (smart 168)', (_b, _o, e) => delete e.extension],
    [
      'has an Endpoint that no brand refers to (smart 168)',
      (b, _o, e) => b.entry?.push({ resource: { ...e, id: 'lonely' } }),
    ],
    ['has an Endpoint without an http address (smart 169)', (_b, _o, e) => (e.address = 'ftp://x.example')],
    ['is of another server (smart 169)', (_b, _o, e) => (e.address = 'https://other.example/fhir')],
    ['has two brands of one identifier (smart 170)', (_b, o) => (o.identifier = [{ value: 'other' }])],
    ['has a primary brand without an identifier (smart 170)', (_b, o) => delete o.identifier],
    [
      'lacks data for another reason (smart 171)',
      (_b, o) =>
        o.extension?.push({
          url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
          valueCode: 'unknown',
        }),
    ],
  ])('stops the start when it %s.', (_title, change) => {
    expect(() => load(changed(change))).toThrow(/^SMART_BRANDS_FILE/);
  });

  test('may say that data was asked for in vain (smart 171), and must be JSON.', () => {
    const reason = {
      url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
      valueCode: 'asked-declined',
    };
    expect(() => load(changed((_b, o) => o.extension?.push(reason)))).not.toThrow();
    expect(() => load('{')).toThrow(/^SMART_BRANDS_FILE/);
    expect(() => load('[]')).toThrow(/^SMART_BRANDS_FILE/);
  });
});

test('A file of style is checked, and another style has another address (smart 58).', () => {
  const load = (content: unknown) => {
    const file = join(folder, 'style.json');
    writeFileSync(file, JSON.stringify(content));
    return loadStyle(file);
  };
  const digests = [loadStyle(undefined), load({ color_text: '#000000' }), load({ color_text: '#111111' })];
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(3);
  expect(load({ color_text: '#000000' }).digest).toBe(digests[1]?.digest);
  expect(() => load({ color_text: 1 })).toThrow(/^SMART_STYLE_FILE/);
});
