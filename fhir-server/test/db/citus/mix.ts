/** A mix of everything that the server sends to tables of resources, through the real api. */
import { verifyChain } from '../../../src/audit/index.ts';
import { checkMigrated, withTransaction } from '../../../src/db/index.ts';
import { createRegistry } from '../../../src/reindex/index.ts';
import { createResourceTables, findStrays, openBinaries, sweepLabels } from '../../../src/storage/index.ts';
import { topicFigures } from '../../../src/subscription/index.ts';
import { hospital, type Made } from '../../http/index-usage/hospital.ts';
import { SEARCH_CLASSES } from '../../http/index-usage/search-classes.ts';
import { noise } from '../../support/binary.ts';
import { startTestDelivery, startTestEndpoint } from '../../support/delivery.ts';
import { poolOf } from '../../support/oauth-caller.ts';
import { userToken } from '../../support/rights.ts';
import type { TestServer } from '../../support/server.ts';
import { subscription, topic } from '../../support/topic.ts';
import { statementsDuring } from './record-statements.ts';

/** Of each type so many: what is sent depends on the request, and hardly on how much there is; a chain through more than 50 does. */
const EACH = 12;
const PATIENTS = 60;
const PATHS_AT_ONCE = 8;

function few(): Made[] {
  const count = new Map<string, number>();
  const kept: Made[] = [];
  for (const resource of hospital()) {
    const n = (count.get(resource.resourceType) ?? 0) + 1;
    count.set(resource.resourceType, n);
    if (n <= (resource.resourceType === 'Patient' ? PATIENTS : EACH)) kept.push(resource);
  }
  return kept;
}

const put = (resource: Made): object => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
});

const bundle = (type: 'batch' | 'transaction', entry: object[]): object => ({
  resourceType: 'Bundle',
  type,
  entry,
});

const CONSENT = {
  resourceType: 'Consent',
  id: 'no',
  status: 'active',
  scope: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
  },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  patient: { reference: 'Patient/p1' },
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  provision: { type: 'deny', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] },
};

type Send = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<void>;

async function write(send: Send): Promise<void> {
  const made = few();
  await send('POST', '', bundle('batch', made.map(put)));
  const patients = made.filter(({ resourceType }) => resourceType === 'Patient');
  await send(
    'POST',
    '',
    bundle(
      'transaction',
      patients.map((p) => put({ ...p, active: true })),
    ),
  );
  const [first] = patients;
  await send('PUT', `Patient/${first!.id}`, { ...first, active: false });
  await send('PUT', `Patient?identifier=http://hospital.example/mrn|m0`, { ...first, gender: 'other' });
  await send('PATCH', `Patient/${first!.id}`, [{ op: 'replace', path: '/active', value: true }], {
    'Content-Type': 'application/json-patch+json',
  });
  await send('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } });
  await send('PUT', 'Basic/gone', { resourceType: 'Basic', id: 'gone', code: { text: 'x' } });
  await send('DELETE', 'Basic/gone');
  await send('DELETE', 'Basic?code:text=x');
  await send('PUT', 'Consent/no', CONSENT);
}

/** Of accounts whose rights depend on the patient. */
const AS_USERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'doctor',
    [
      'Patient/p1',
      'Patient?gender=female',
      'Observation?patient=p1',
      'Observation?code=8867-4',
      'Observation/o1',
      'Appointment?status=booked',
      'Appointment?patient=p1',
      'Patient?_has:Observation:patient:code=8867-4',
      'Patient/p1/$everything',
      'Practitioner',
    ],
  ],
  ['patient', ['Patient/p1', 'Observation?code=8867-4', 'Patient/p1/$everything', 'Observation/_history']],
];

/** Distinct statements of the mix, as the driver was given them. */
export async function statementsOfMix(server: TestServer): Promise<string[]> {
  const sendAs =
    (token?: string): Send =>
    async (method, path, body, headers = {}) => {
      const url = encodeURI(path).replaceAll('|', '%7C');
      const as = token === undefined ? {} : { token };
      const response = await server.fhir(method, url, {
        headers,
        ...as,
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    };
  const send = sendAs();
  const read = async (): Promise<void> => {
    const open = [...SEARCH_CLASSES];
    const some = async (): Promise<void> => {
      for (let next = open.pop(); next; next = open.pop())
        await send(next.body === undefined ? 'GET' : 'POST', next.path, next.body, next.headers ?? {});
    };
    await Promise.all(Array.from({ length: PATHS_AT_ONCE }, some));
  };
  const tokens = await Promise.all(AS_USERS.map(([username]) => userToken(server, username)));
  return statementsDuring(async () => {
    await write(send);
    await read();
    for (const [i, [, paths]] of AS_USERS.entries())
      for (const path of paths) await sendAs(tokens[i])('GET', path);
  });
}

/** What is sent beside requests: deliveries by criteria and by topic, upkeep, and what operators ask by the command line. */
export async function statementsBeside(server: TestServer): Promise<string[]> {
  const pool = poolOf(server);
  await checkMigrated(pool);
  const contents = openBinaries({ dataDir: server.dataDir }, undefined);
  const endpoint = await startTestEndpoint();
  try {
    return await statementsDuring(async () => {
      const delivery = await startTestDelivery(server);
      const put = (path: string, body: object) =>
        server.fhir('PUT', path, { body: { ...body, id: path.split('/')[1] } });
      await server.fhir('POST', 'Binary', { body: noise(10), headers: { 'Content-Type': 'audio/wav' } });
      await put('Basic/finished', topic());
      await put('Subscription/s1', subscription(endpoint.url));
      await put('Subscription/s2', {
        resourceType: 'Subscription',
        status: 'requested',
        reason: 'a test',
        criteria: 'Encounter?status=finished',
        channel: { type: 'rest-hook', endpoint: endpoint.url, payload: 'application/fhir+json' },
      });
      await put('Encounter/e-beside', {
        resourceType: 'Encounter',
        status: 'finished',
        class: { code: 'AMB' },
      });
      await delivery.settled();
      await topicFigures(pool);
      await delivery.stop();
      await pool.query(`update fhir.label set seen_on = current_date - 60`);
      await withTransaction(pool, sweepLabels);
      for await (const key of findStrays({ pool, store: contents }, 0)) throw new Error(`${key} is unknown`);
      await createResourceTables(pool, createRegistry()).ensure(['AuditEvent']);
      await verifyChain(pool);
    });
  } finally {
    endpoint.close();
    await pool.end();
  }
}
