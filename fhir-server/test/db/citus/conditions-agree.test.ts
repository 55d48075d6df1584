/**
 * Conditions on other resources have two forms: looked up for each row, and asked first, as Citus takes them. Both say the same of
 * every row, above all what a Consent denies and whose relation somebody has.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import type { ConsentRule, PatientConsent } from '../../../src/access/index.ts';
import { checkMigrated, createPool, type Pool, withTransaction } from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import {
  and,
  compartmentKey,
  type Expression,
  extractIndex,
  not,
  or,
  parseSearch,
  tokenKey,
  tokenSystemKey,
} from '../../../src/search/index.ts';
import {
  climbHierarchy,
  createResourceTables,
  replaceConsentRules,
  writeVersions,
} from '../../../src/storage/index.ts';
import {
  belongingOf,
  compileExpression,
  type CompileContext,
} from '../../../src/storage/search-sql/index.ts';
import { createDatabase, distributeDatabases, type TestDatabase } from '../../support/database.ts';

const registry = createRegistry();
const baseUrl = 'http://localhost:8103/fhir/R4';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

// Deterministic, so that a failure can be repeated; of few values, so that they meet.
let seed = 7;
const random = (n: number): number => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * n);
};
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
const some = <T>(items: readonly T[]): T[] => items.filter(() => random(2) === 0);
const maybe = <T>(value: T): T | undefined => (random(3) === 0 ? value : undefined);

const PATIENTS = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
const LABELS = ['HIV', 'PSY'];
const ACTORS = ['Practitioner/a', 'Practitioner/b', 'Organization/o'];
const PURPOSES = ['TREAT', 'HRESCH'];
const to = (reference: string): { reference: string } => ({ reference });
const meta = (): object => ({ meta: { security: some(LABELS).map((code) => ({ system: ACT_CODE, code })) } });

const resources: { resourceType: string; id: string }[] = [
  ...PATIENTS.map((id, i) => ({
    resourceType: 'Patient',
    id,
    ...meta(),
    ...(i % 2 === 0 && { managingOrganization: to('Organization/o') }),
    ...(i === 3 && { generalPractitioner: [to('Practitioner/a')] }),
    name: [{ family: pick(['Low', 'High']) }],
  })),
  ...Array.from({ length: 60 }, (_, i) => ({
    resourceType: 'Observation',
    id: `o${i}`,
    ...meta(),
    status: 'final',
    code: {
      text: i < 55 ? pick(['x', 'y']) : 'rare',
      coding: [{ system: 'http://c', code: pick(['1', '2', '3']) }],
    },
    encounter: to(`Encounter/e${random(16)}`),
    // Of nobody, of somebody who is not there, of a group.
    subject: pick([...PATIENTS.map((id) => to(`Patient/${id}`)), to('Patient/none'), to('Group/p1')]),
  })),
  ...Array.from({ length: 40 }, (_, i) => ({
    resourceType: 'Appointment',
    id: `o${i}`,
    ...meta(),
    status: 'booked',
    participant: some(PATIENTS).map((id) => ({ actor: to(`Patient/${id}`), status: 'accepted' })),
  })),
  ...Array.from({ length: 30 }, (_, i) => ({
    resourceType: 'CareTeam',
    id: `c${i}`,
    status: pick(['active', 'inactive']),
    ...maybe({ subject: to(`Patient/${pick(PATIENTS)}`) }),
    participant: [{ member: to(pick(ACTORS)) }],
  })),
  ...Array.from({ length: 8 }, (_, i) => ({
    resourceType: 'Encounter',
    id: `e${i}`,
    status: 'finished',
    class: { code: 'AMB' },
    subject: to(`Patient/${pick(PATIENTS)}`),
  })),
];
/** Places in places, one of which is in itself, and one in a loop. */
const PLACES = Array.from({ length: 20 }, (_, i) => ({
  resourceType: 'Location',
  id: `l${i}`,
  ...(i > 0 && { partOf: to(`Location/l${i === 7 ? 7 : i === 12 ? 19 : random(i)}`) }),
}));
resources.push(...PLACES);

/** By id, by link, and by compartment where there are several Patients. */
const TYPES = ['Patient', 'Observation', 'Appointment'];

const labelKey = (code: string): string => `T\n_security\n${ACT_CODE}\n${code}`;

function rule(node: number, above: number | undefined): ConsentRule {
  const isPermit = above === undefined ? random(4) === 0 : true;
  const now = Date.now();
  return {
    node,
    above,
    isPermit,
    starts: pick([-8e15, -8e15, now + 1e9]),
    ends: pick([8e15, 8e15, now - 1e9]),
    actors: maybe(some(ACTORS)),
    purposes: maybe(some(PURPOSES)),
    classes: maybe(some(TYPES)),
    labels: maybe(some(LABELS).map(labelKey)),
    instances: maybe(some(['Observation/o1', 'Appointment/o1', 'Patient/p1', 'Observation/o2', 'o1'])),
  };
}

/** Provisions of different Consents have the same numbers. */
const consents = (): PatientConsent[] =>
  PATIENTS.slice(0, 4).flatMap((patient) =>
    [0, 1].map((n) => ({
      id: `${patient}-${n}`,
      patient,
      rules: [rule(0, undefined), rule(1, 0), rule(2, 0), rule(3, undefined), rule(4, 3)].filter(
        (_, i) => i === 0 || random(3) > 0,
      ),
    })),
  );

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  distributeDatabases();
  database = await createDatabase();
  pool = createPool({ databaseUrl: database.url, databasePoolSize: 2, statementTimeoutMs: 30_000 });
  await checkMigrated(pool);
  const types = [...new Set(resources.map(({ resourceType }) => resourceType))];
  await createResourceTables(pool, registry).ensure(types);
  await withTransaction(pool, async (client) => {
    const version = (resource: (typeof resources)[number]) => ({
      resourceType: resource.resourceType,
      id: resource.id,
      lastUpdated: 1,
      index: extractIndex(resource as Resource, { registry, baseUrl }),
    });
    await writeVersions(
      client,
      registry,
      resources.map((resource) => ({ ...version(resource), interaction: 'create', versionId: 1, content: JSON.stringify(resource), replaces: false })), // prettier-ignore
      { isSilent: true },
    );
    // What is deleted has neither keys nor links.
    const gone = [resources[5]!, resources[10]!, resources[70]!];
    const nothing = { resourceType: 'Basic', code: {} } as Resource;
    await writeVersions(
      client,
      registry,
      gone.map((resource) => ({ ...version(resource), index: extractIndex(nothing, { registry, baseUrl }), interaction: 'delete', versionId: 2, content: '', replaces: true })), // prettier-ignore
      { isSilent: true },
    );
  });
}, 40_000);
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const search = (type: string, query: string): Expression =>
  parseSearch(type, new URLSearchParams(query), {
    registry, baseUrl, pageSize: 10, pageSizeMax: 100, handling: 'strict', now: new Date('2024-01-01'),
  }).filter; // prettier-ignore

const FEW = ['o1', 'o2', 'o3', 'o10', 'p0', 'p1', 'p5', 'none'];

async function matching(
  resourceType: string,
  filter: Expression,
  form: Pick<CompileContext, 'isDistributed' | 'rows'>,
) {
  const values: unknown[] = [FEW];
  const where = compileExpression(filter, { resourceType, registry, alias: 'r', values, ...form });
  const { rows } = await pool.query<{ id: string }>(
    `select r.id from fhir."${resourceType}" r where (${form.rows ? 'r.id = any($1::text[])' : '$1::text[] is not null'}) and ${where}`,
    values,
  );
  return rows.map(({ id }) => id).sort();
}

/** How many rows match in both forms, and of how many few ids. */
async function agree(resourceType: string, filter: Expression): Promise<number> {
  const expected = await matching(resourceType, filter, { isDistributed: false });
  expect(await matching(resourceType, filter, { isDistributed: true })).toEqual(expected);
  const rows = { alias: 'r', among: (column: string) => `${column} = any($1::text[])` };
  const few = await matching(resourceType, filter, { isDistributed: true, rows });
  expect(few).toEqual(expected.filter((id) => FEW.includes(id)));
  return expected.length;
}

const ofOne = (resourceType: string, id: string): Expression =>
  resourceType === 'Patient'
    ? { kind: 'id', ids: [id] }
    : belongingOf({ resourceType, registry }) === 'link'
      ? { kind: 'link', link: 'patient', ids: [id] }
      : { kind: 'key', keys: [compartmentKey('Patient', id)] };

const dissent = (): Expression => ({
  kind: 'dissent',
  to: { actors: some(ACTORS), ...(random(2) === 0 && { purposes: some(PURPOSES) }) },
});

const RELATIONS = [
  'organization=Organization/o',
  'general-practitioner=Practitioner/a',
  '_has:CareTeam:patient:participant=Practitioner/a',
  '_has:CareTeam:patient:status=active',
  '_has:Appointment:actor:status=booked',
  '_has:Observation:subject:code:text=rare',
  'family:exact=Low',
];

const ofPatient = (): Expression => ({
  kind: 'ofPatient',
  of: or(
    ...some(RELATIONS).map((query) => and(search('Patient', query), search('Patient', pick(RELATIONS)))),
  ),
});

test('The types belong to their Patients in each of the ways.', () => {
  expect(TYPES.map((resourceType) => belongingOf({ resourceType, registry }))).toEqual(['self', 'link', 'compartment']); // prettier-ignore
});

describe.each(TYPES)('Of %s', (resourceType) => {
  test('the same is denied, whatever Consents say.', async () => {
    let [denied, open] = [0, 0];
    for (let round = 0; round < 25; round += 1) {
      const made = consents();
      await replaceConsentRules(pool, made.map(({ id }) => id), made); // prettier-ignore
      for (const filter of [dissent(), and(ofOne(resourceType, pick(PATIENTS)), dissent())]) {
        denied += await agree(resourceType, filter);
        open += await agree(resourceType, not(filter));
      }
    }
    expect(Math.min(denied, open)).toBeGreaterThan(3);
  });

  test('the same belongs to Patients whom one has to do with.', async () => {
    let [found, others] = [0, 0];
    for (let round = 0; round < 30; round += 1) {
      const filter = ofPatient();
      found += await agree(resourceType, filter);
      others += await agree(resourceType, not(filter));
      found += await agree(resourceType, and(ofOne(resourceType, pick(PATIENTS)), filter, not(dissent())));
    }
    expect(Math.min(found, others)).toBeGreaterThan(30);
  });
});

test.each([
  ['Patient', '_has:Observation:subject:code:text=rare'],
  ['Patient', '_has:Observation:patient:code:text=rare'],
  ['Patient', '_has:Encounter:patient:_has:Observation:encounter:code:text=y'],
  ['Patient', '_has:CareTeam:patient:participant=Practitioner/b'],
  ['Observation', 'subject:Patient.organization=Organization/o'],
  ['Observation', 'patient._has:CareTeam:patient:status=active'],
  ['Appointment', 'actor:Patient.family:exact=Low'],
  ['Appointment', 'actor:Patient._has:Observation:subject:code:text=rare'],
])('The same %s has %s.', async (resourceType, query) => {
  const found = await agree(resourceType, search(resourceType, query));
  expect(found).toBeGreaterThan(0);
  expect(await agree(resourceType, not(search(resourceType, query)))).toBeGreaterThan(0);
});

test.each([
  ['all codes', undefined],
  ['those of one system', tokenSystemKey('code', 'http://c')],
])('The same Observation has one of %s that a query finds.', async (_which, among) => {
  const prefix = tokenKey('code', 'http://c', '');
  const codes = { text: 'select unnest($1::text[]) as code', values: [['1', '3']] };
  const filter: Expression = { kind: 'tokens', prefix, codes, ...(among !== undefined && { among }) };
  expect(await agree('Observation', filter)).toBeGreaterThan(0);
  expect(await agree('Observation', not(filter))).toBeGreaterThan(0);
});

test('The same is above and below a place, in one step or in many.', async () => {
  let found = 0;
  for (const relation of ['above', 'below'])
    for (const id of [...PLACES.map((place) => place.id), 'nowhere']) {
      const hierarchy = search('Location', `partof:${relation}=Location/${id}`);
      if (hierarchy.kind !== 'hierarchy') throw new Error(hierarchy.kind);
      const expected = await matching('Location', hierarchy, { isDistributed: false });
      const climbed = await climbHierarchy(pool, registry, 'Location', hierarchy);
      expect(climbed.kind).toBe('key');
      expect(await matching('Location', climbed, { isDistributed: true })).toEqual(expected);
      found += expected.length;
    }
  expect(found).toBeGreaterThan(60);
});
