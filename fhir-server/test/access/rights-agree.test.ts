/** Rights are the same whether the database decides on what is stored or memory on what is at hand. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { decideAccess, type Principal, parseScope, shippedPolicy } from '../../src/access/index.ts';
import { createPool, type Pool } from '../../src/db/index.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { extractIndex } from '../../src/search/index.ts';
import { decideCandidates, matchingIds } from '../../src/storage/index.ts';
import { registry } from '../search/standard-registry.ts';
import { Random } from '../search/reference/random.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SEED = Number(process.env['RIGHTS_SEED'] ?? 1);
const PATIENTS = 24;
const TYPES = ['Patient', 'Observation', 'Appointment', 'Consent', 'CareTeam', 'Composition', 'Device'];
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACTORS = ['Practitioner/a', 'Practitioner/b', 'Organization/one', 'Organization/two', 'CareTeam/1'];

let server: TestServer;
let pool: Pool;
let resources: Resource[];

const to = (reference: string): { reference: string } => ({ reference });

function provision(r: Random, depth: number): object {
  const some = <T>(chance: number, make: () => T): T | undefined => (r.chance(chance) ? make() : undefined);
  const nested = depth < 3 && r.chance(60) ? [provision(r, depth + 1), provision(r, depth + 1)] : undefined;
  return {
    type: r.pick(['deny', 'permit']),
    actor: some(40, () => [{ role: { text: 'x' }, reference: to(r.pick(ACTORS)) }]),
    class: some(30, () => [{ system: 'http://hl7.org/fhir/resource-types', code: r.pick(TYPES) }]),
    securityLabel: some(20, () => [{ system: CONFIDENTIALITY, code: r.pick(['R', 'N']) }]),
    purpose: some(20, () => [{ system: 'x', code: r.pick(['TREAT', 'HRESCH']) }]),
    period: some(20, () => r.pick([{ end: '2020' }, { start: '2020-01' }, { end: '2999-01-01' }])),
    data: some(10, () => [{ meaning: 'instance', reference: to(`Observation/o${r.below(PATIENTS)}`) }]),
    code: some(10, () => [{ text: 'whatever' }]),
    provision: nested,
  };
}

function make(r: Random): Resource[] {
  const made: object[] = [];
  const security = (): object | undefined =>
    r.chance(30) ? { security: [{ system: CONFIDENTIALITY, code: r.pick(['R', 'V', 'N']) }] } : undefined;
  const patient = (): string => `Patient/p${r.below(PATIENTS)}`;
  for (let i = 0; i < PATIENTS; i += 1) {
    const managingOrganization = r.chance(70)
      ? to(r.pick(['Organization/one', 'Organization/two']))
      : undefined;
    const generalPractitioner = r.chance(30) ? [to(r.pick(['Practitioner/a', 'Practitioner/b']))] : undefined;
    made.push({
      resourceType: 'Patient',
      id: `p${i}`,
      meta: security(),
      managingOrganization,
      generalPractitioner,
    });
    made.push({ resourceType: 'Observation', id: `o${i}`, meta: security(), status: 'final', code: { text: 'x' }, subject: r.chance(90) ? to(patient()) : undefined }); // prettier-ignore
    made.push({ resourceType: 'Appointment', id: `a${i}`, meta: security(), status: 'proposed', participant: [{ actor: to(patient()), status: 'accepted' }, { actor: to(patient()), status: 'accepted' }] }); // prettier-ignore
    made.push({ resourceType: 'CareTeam', id: `t${i}`, status: r.pick(['active', 'inactive']), subject: to(patient()), participant: [{ member: to(r.pick(['Practitioner/a', 'Practitioner/b'])) }] }); // prettier-ignore
    made.push({ resourceType: 'Composition', id: `n${i}`, status: 'final', type: { text: 'x' }, date: '2024', title: 'x', author: [to('Practitioner/a')], subject: to(patient()), confidentiality: r.pick(['N', 'R', 'V']) }); // prettier-ignore
    made.push({ resourceType: 'Device', id: `d${i}`, patient: r.chance(60) ? to(patient()) : undefined });
    if (r.chance(70)) made.push({ resourceType: 'Consent', id: `c${i}`, status: r.pick(['active', 'active', 'inactive']), scope: { coding: [{ code: 'patient-privacy' }] }, category: [{ text: 'x' }], policyRule: { text: 'x' }, patient: to(patient()), provision: provision(r, 0) }); // prettier-ignore
  }
  return JSON.parse(JSON.stringify(made)) as Resource[];
}

beforeAll(async () => {
  server = await startTestServer();
  pool = createPool(
    loadConfig({ DATABASE_URL: server.databaseUrl, COOKIE_SECRET: 'a secret that is long enough for tests' }),
  );
  resources = make(new Random(SEED));
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}` } })), // prettier-ignore
  } as Bundle;
  const response = await server.fhir('POST', '', { body: bundle });
  if (!response.ok) throw new Error(await response.text());
}, 40_000);
afterAll(async () => {
  await pool.end();
  await server.close();
});

const user = (
  role: 'doctor' | 'nurse' | 'receptionist',
  name: string,
  more: Partial<Principal> = {},
): Principal => ({
  kind: 'user',
  clientId: 'app',
  userId: name,
  fhirUser: `Practitioner/${name}`,
  scopes: [parseScope('user/*.cruds')!],
  policy: shippedPolicy(role),
  ...more,
});

const PRINCIPALS: readonly (readonly [string, Principal])[] = [
  ['a doctor of an organization', user('doctor', 'a', { organization: 'Organization/one' })],
  ['a doctor of none', user('doctor', 'b')],
  ['a nurse with a clearance', user('nurse', 'c', { organization: 'Organization/two', clearance: ['R'] })],
  ['a doctor in an emergency', user('doctor', 'a', { organization: 'Organization/two', emergency: ['p1', 'p2', 'p3'] })],
  ['a receptionist', user('receptionist', 'd', { organization: 'Organization/two' })],
  ['a backend service', { kind: 'client', clientId: 'x', scopes: [parseScope('system/*.cruds')!], policy: shippedPolicy('client') }],
]; // prettier-ignore

test.each(PRINCIPALS)('%s may read in memory what the database gives.', async (_name, principal) => {
  const context = { registry, baseUrl: server.fhirBase };
  let some = 0;
  for (const type of TYPES) {
    const decision = decideAccess(principal, 'search-type', type, context);
    if (!decision.permitted) continue;
    const all = resources.filter((resource) => resource.resourceType === type);
    const ids = all.map(({ id = '' }) => id);
    const found = await matchingIds(pool, registry, type, decision.filter, ids);
    const candidates = all.map((resource) => ({ id: resource.id ?? '', lastUpdated: Date.now(), index: extractIndex(resource, context) })); // prettier-ignore
    const decided = await decideCandidates({ db: pool, registry }, type, decision.filter, candidates);
    expect([type, ids.filter((_, i) => decided[i] === true)]).toEqual([
      type,
      ids.filter((id) => found.has(id)),
    ]);
    // A search for one patient asks for his relation and Consents once.
    for (const patient of ['p1', 'p5']) {
      const own = {
        kind: 'and',
        of: [{ kind: 'link', link: 'patient', ids: [patient] }, decision.filter],
      } as const;
      if (!['Observation', 'Composition', 'Device'].includes(type)) continue;
      const ofOne = await matchingIds(pool, registry, type, own, ids);
      const wanted = ids.filter((id, i) => found.has(id) && candidates[i]!.index.links.patient === patient);
      expect([type, patient, [...ofOne].sort()]).toEqual([type, patient, wanted.sort()]);
    }
    some += found.size;
  }
  expect(some).toBeGreaterThan(0);
  expect(some).toBeLessThan(resources.length);
});
