/** Role × interaction × type × whose, over HTTP, against a table written by hand: what each may do, and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appToken } from '../support/app-token.ts';
import { addRights } from '../support/rights.ts';
import { CLINIC, startTestServer, type TestServer } from '../support/server.ts';
import { bundle, to } from './cast.ts';

const ROLES = ['admin', 'doctor', 'nurse', 'receptionist', 'patient', 'auditor', 'client'] as const;
type Role = (typeof ROLES)[number];
type Whose = 'own' | 'foreign';

/** c create, r read, v vread, u update, p patch, d delete, h history-instance, H history-type, s search-type. */
const all = 'crvupdhHs';
const write = 'crvuphHs';
const read = 'rvhHs';
const append = 'crvhHs';
/** By update with an id of its own nobody adds one either. */

type Row = readonly [type: string, admin: string, doctor: string, nurse: string, receptionist: string, patient: string, auditor: string, client: string]; // prettier-ignore

/** Of a patient of the professional's organization, or of the patient himself. */
const OWN: readonly Row[] = [
  ['Patient', all, write, write, write, read, read, all],
  ['Appointment', all, write, write, write, read, '', all],
  ['Coverage', all, read, read, write, read, '', all],
  ['Claim', all, read, read, '', read, '', all],
  ['Observation', all, all, all, '', read, '', all],
  ['Condition', all, all, read, '', read, '', all],
  ['MedicationRequest', all, all, read, '', read, '', all],
  ['DocumentReference', all, all, all, '', read, '', all],
  ['Task', all, all, all, '', read, '', all],
  ['Binary', all, all, all, '', read, '', all],
  ['QuestionnaireResponse', all, all, all, '', 'crvuphHs', '', all],
  ['Communication', all, all, all, '', append, '', all],
  ['Provenance', all, write, write, '', read, read, all],
  ['AuditEvent', append, '', '', '', read, read, append],
  ['Practitioner', all, read, read, read, read, read, all],
  ['Subscription', all, '', '', '', '', '', all],
];

/** Of a patient of another organization, or of another patient. */
const FOREIGN: readonly Row[] = [
  ['Patient', all, '', '', '', '', read, all],
  ['Appointment', all, '', '', '', '', '', all],
  ['Coverage', all, '', '', '', '', '', all],
  ['Claim', all, '', '', '', '', '', all],
  ['Observation', all, '', '', '', '', '', all],
  ['Condition', all, '', '', '', '', '', all],
  ['MedicationRequest', all, '', '', '', '', '', all],
  ['DocumentReference', all, '', '', '', '', '', all],
  ['Task', all, '', '', '', '', '', all],
  ['Binary', all, '', '', '', '', '', all],
  ['QuestionnaireResponse', all, '', '', '', '', '', all],
  ['Communication', all, '', '', '', '', '', all],
  ['Provenance', all, '', '', '', '', read, all],
  ['AuditEvent', append, '', '', '', '', read, append],
  // These belong to nobody.
  ['Practitioner', all, read, read, read, read, read, all],
  ['Subscription', all, '', '', '', '', '', all],
];

const CLASS = { code: 'x', system: 'urn:x' };
const concept = { text: 'x' };
/** The least that is valid, of a patient of the name. */
const BODIES: Readonly<Record<string, (patient: string) => object>> = {
  Patient: (patient) => ({ managingOrganization: to(patient === 'Patient/p1' ? CLINIC : 'Organization/elsewhere') }), // prettier-ignore
  Appointment: (patient) => ({
    status: 'proposed',
    participant: [{ actor: to(patient), status: 'accepted' }],
  }),
  Coverage: (patient) => ({ status: 'active', beneficiary: to(patient), payor: [to(CLINIC)] }),
  Claim: (patient) => ({ status: 'active', type: concept, use: 'claim', patient: to(patient), created: '2024-01-01', provider: to(CLINIC), priority: concept, insurance: [{ sequence: 1, focal: true, coverage: { display: 'x' } }] }), // prettier-ignore
  Observation: (patient) => ({ status: 'final', code: concept, subject: to(patient) }),
  Condition: (patient) => ({ subject: to(patient), code: concept }),
  MedicationRequest: (patient) => ({ status: 'active', intent: 'order', medicationCodeableConcept: concept, subject: to(patient) }), // prettier-ignore
  DocumentReference: (patient) => ({ status: 'current', subject: to(patient), content: [{ attachment: { contentType: 'text/plain' } }] }), // prettier-ignore
  Task: (patient) => ({ status: 'requested', intent: 'order', for: to(patient) }),
  Binary: (patient) => ({ contentType: 'text/plain', data: 'eA==', securityContext: to(patient) }),
  QuestionnaireResponse: (patient) => ({ status: 'completed', subject: to(patient), source: to(patient) }),
  Communication: (patient) => ({ status: 'completed', subject: to(patient), sender: to(patient) }),
  Provenance: (patient) => ({ target: [to(patient)], recorded: '2024-01-01T00:00:00Z', agent: [{ who: to('Practitioner/doc') }] }), // prettier-ignore
  AuditEvent: (patient) => ({ type: CLASS, recorded: '2024-01-01T00:00:00Z', agent: [{ requestor: true }], source: { observer: { display: 'x' } }, entity: [{ what: to(patient) }] }), // prettier-ignore
  Practitioner: () => ({ active: true }),
  Subscription: () => ({ status: 'off', reason: 'x', criteria: 'Observation?code=x', channel: { type: 'rest-hook', endpoint: 'https://a.example/hook' } }), // prettier-ignore
};
const TYPES = OWN.map(([type]) => type);
const PATIENT: Readonly<Record<Whose, string>> = { own: 'Patient/p1', foreign: 'Patient/p2' };
/** Resources that only one role changes, and those that all read. */
const idOf = (type: string, whose: Whose, role: Role | 'all'): string =>
  type === 'Patient' && role === 'all' ? PATIENT[whose].split('/')[1]! : `${role}-${whose}`;
const bodyOf = (type: string, whose: Whose, id?: string): object => ({
  resourceType: type,
  ...(id === undefined ? {} : { id }),
  ...BODIES[type]!(PATIENT[whose]),
});

let server: TestServer;
const tokens = new Map<Role, string>();
/** AuditEvents have the ids that the server gives. */
const events = new Map<Whose, string>();
const done = new Map<string, string>();

beforeAll(async () => {
  server = await startTestServer();
  const staff = ['admin', 'nurse', 'auditor'].map((role) => ({
    username: role,
    role,
    fhirUser: `Practitioner/${role}`,
    organization: CLINIC,
  }));
  await addRights(server, { users: staff });
  const put = (type: string, whose: Whose, role: Role | 'all'): object => {
    const id = idOf(type, whose, role);
    return { resource: bodyOf(type, whose, id), request: { method: 'PUT', url: `${type}/${id}` } };
  };
  const changed = TYPES.filter((type) => type !== 'AuditEvent');
  const entries = (['own', 'foreign'] as const).flatMap((whose) =>
    changed.flatMap((type) => ['all' as const, ...ROLES].map((role) => put(type, whose, role))),
  );
  const made = await server.fhir('POST', '', { body: bundle('transaction', ...entries) });
  if (!made.ok) throw new Error(await made.text());
  for (const whose of ['own', 'foreign'] as const) {
    const event = await server.fhir('POST', 'AuditEvent', { body: bodyOf('AuditEvent', whose) });
    events.set(whose, ((await event.json()) as { id: string }).id);
  }
  tokens.set('client', await server.token('system/*.cruds'));
  for (const role of ROLES)
    if (role !== 'client') tokens.set(role, await appToken(server, role, 'user/*.cruds'));
  const cases = TYPES.flatMap((type) => ROLES.map((role) => () => drive(role, type)));
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let next = cases.pop(); next !== undefined; next = cases.pop()) await next();
    }),
  );
}, 120_000);
afterAll(() => server.close());

interface Given {
  readonly ok: boolean;
  readonly text: string;
}

/** Everything that one role can try with one type; deletions last. */
async function drive(role: Role, type: string): Promise<void> {
  const ask = async (method: string, path: string, body?: object | string): Promise<Given> => {
    const headers = method === 'PATCH' ? { 'Content-Type': 'application/json-patch+json' } : undefined;
    const response = await server.fhir(method, path, { token: tokens.get(role)!, ...(body === undefined ? {} : { body }), ...(headers === undefined ? {} : { headers }) }); // prettier-ignore
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${role} ${method} ${path}: ${response.status} ${text}`);
    return { ok: response.ok, text };
  };
  const shared = (whose: Whose): string =>
    type === 'AuditEvent' ? events.get(whose)! : idOf(type, whose, 'all');
  const [history, search] = [
    await ask('GET', `${type}/_history?_count=500`),
    await ask('GET', `${type}?_id=${shared('own')},${shared('foreign')}`),
  ];
  for (const whose of ['own', 'foreign'] as const) {
    const name = `${type}/${shared(whose)}`;
    // A patient is one person: what he may change of a Patient he would change of himself.
    const isSelf = role === 'patient' && type === 'Patient';
    const mine = type === 'AuditEvent' || isSelf ? name : `${type}/${idOf(type, whose, role)}`;
    const has = ({ ok, text }: Given): boolean => ok && text.includes(`${name}"`);
    const version = { resource: bodyOf(type, whose, mine.split('/')[1]) };
    const letters: readonly (readonly [string, () => Promise<boolean> | boolean])[] = [
      ['c', async () => (await ask('POST', type, bodyOf(type, whose))).ok],
      ['r', async () => (await ask('GET', name)).ok],
      ['v', async () => (await ask('GET', `${name}/_history/1`)).ok],
      ['u', async () => (await ask('PUT', mine, version.resource)).ok],
      ['p', async () => (await ask('PATCH', mine, '[{"op":"add","path":"/language","value":"en"}]')).ok],
      ['d', async () => (await ask('DELETE', mine)).ok],
      ['h', async () => (await ask('GET', `${name}/_history`)).ok],
      ['H', () => has(history)],
      ['s', () => has(search)],
    ];
    let found = '';
    for (const [letter, attempt] of letters) if (await attempt()) found += letter;
    done.set(`${whose} ${type} ${role}`, found);
  }
}

describe.each([
  ['own', OWN],
  ['foreign', FOREIGN],
] as const)('Of what is %s', (whose, table) => {
  test.each(table.map(([type, ...cells]) => [type, cells] as const))(
    'each role has with %s the interactions of the table, and no other.',
    (type, cells) => {
      const found = ROLES.map((role) => [role, done.get(`${whose} ${type} ${role}`)]);
      expect(found).toEqual(ROLES.map((role, i) => [role, cells[i]]));
    },
  );
});
