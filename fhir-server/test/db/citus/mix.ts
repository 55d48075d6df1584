/** A mix of everything that the server sends to tables of resources, through the real api. */
import { hospital, type Made } from '../../http/index-usage/hospital.ts';
import { SEARCH_CLASSES } from '../../http/index-usage/search-classes.ts';
import { userToken } from '../../support/rights.ts';
import type { TestServer } from '../../support/server.ts';
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
