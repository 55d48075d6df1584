/** Who plays in the hostile tests, what is theirs, and how "as if it were not there" is measured. */
import { appToken } from '../support/app-token.ts';
import { startTestServer, CLINIC, type FhirOptions, type TestServer } from '../support/server.ts';

/** Stands in every text of what belongs to others. */
export const MARK = 'FOREIGN-MARK';
const SYSTEM = 'urn:hostile';

export const to = (reference: string): { reference: string } => ({ reference });

export interface Cast {
  readonly server: TestServer;
  /** An app of a doctor, opened for the patient p1, with all that a scope can give. */
  readonly app: string;
  /** An app of the patient p1 himself, with all that a scope can give. */
  readonly patient: string;
  /** A doctor's own rights. */
  readonly doctor: string;
  readonly all: readonly (readonly [who: string, token: string])[];
}

export interface Named {
  readonly resourceType: string;
  readonly id: string;
}

export const observation = (id: string, of: string, more: object = {}): Named => ({
  resourceType: 'Observation',
  id,
  ...{ status: 'final', code: { text: 'weight' }, subject: to(`Patient/${of}`), ...more },
});

/** p1 is alice, p2 is bob: of the same clinic, so that only the compartment parts them. */
const RESOURCES: readonly Named[] = [
  { resourceType: 'Organization', id: 'o', ...{ name: 'Clinic' } },
  { resourceType: 'Practitioner', id: 'doc', ...{ name: [{ family: 'Doc' }] } },
  person('p1', 'Able', { generalPractitioner: [to('Practitioner/doc')] }),
  person('p2', MARK, { generalPractitioner: [to('Practitioner/doc')] }),
  observation('o1', 'p1', { performer: [to('Practitioner/doc')], ...number(5) }),
  observation('o2', 'p2', {
    performer: [to('Practitioner/doc')],
    identifier: [{ system: SYSTEM, value: 'of-p2' }],
    note: [{ text: MARK }],
    code: { text: 'weight', coding: [{ system: SYSTEM, code: 'secret' }] },
    ...number(99),
  }),
  observation('o3', 'p1', {
    hasMember: [to('Observation/o2')],
    derivedFrom: [to('Observation/o2')],
    specimen: to('Specimen/s2'),
    focus: [to('Patient/p2')],
  }),
  { resourceType: 'Specimen', id: 's2', ...{ subject: to('Patient/p2'), note: [{ text: MARK }] } },
  { resourceType: 'Condition', id: 'c2', ...{ subject: to('Patient/p2'), code: { text: MARK, coding: [{ system: SYSTEM, code: 'HIV' }] } } }, // prettier-ignore
  { resourceType: 'Encounter', id: 'e1', ...encounter('p1') },
  { resourceType: 'Encounter', id: 'e2', ...encounter('p2') },
]; // prettier-ignore

function person(id: string, family: string, more: object): Named {
  return {
    resourceType: 'Patient',
    id,
    ...{
      name: [{ family }],
      identifier: [{ system: SYSTEM, value: `of-${id}` }],
      managingOrganization: to(CLINIC),
      ...more,
    },
  };
}

function number(value: number): object {
  return { valueQuantity: { value, unit: 'kg' } };
}

function encounter(of: string): object {
  const at = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' };
  return { status: 'finished', class: at, subject: to(`Patient/${of}`) };
}

export async function put(server: TestServer, ...resources: readonly Named[]): Promise<void> {
  for (const resource of resources) {
    const response = await server.fhir('PUT', `${resource.resourceType}/${resource.id}`, { body: resource });
    if (!response.ok) throw new Error(`${resource.resourceType}/${resource.id}: ${await response.text()}`);
  }
}

export async function startCast(env: Readonly<Record<string, string>> = {}): Promise<Cast> {
  const server = await startTestServer(env);
  await put(server, ...RESOURCES);
  const app = await appToken(server, 'doctor', 'launch/patient patient/*.cruds');
  const patient = await appToken(server, 'patient', 'launch/patient patient/*.cruds');
  const doctor = await appToken(server, 'doctor', 'user/*.cruds');
  return { server, app, patient, doctor, all: [['a doctor’s app', app], ['a patient’s app', patient]] }; // prettier-ignore
}

export interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export async function send(
  { server }: Pick<Cast, 'server'>,
  token: string,
  method: string,
  path: string,
  options: Omit<FhirOptions, 'token'> = {},
): Promise<Sent> {
  const response = await server.fhir(method, path, { token, ...options });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const TELLING = ['etag', 'last-modified', 'location', 'content-type', 'allow', 'retry-after'];

/** The answer without the ids that were asked for, and without what differs from answer to answer. */
export function shapeOf({ status, text, headers }: Sent, ids: readonly string[]): object {
  const plain = ids.reduce((so, id) => so.replaceAll(new RegExp(`\\b${id}\\b`, 'g'), 'ID'), text);
  return {
    status,
    body: plain
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replaceAll(/"(lastUpdated|timestamp)":"[^"]*"/g, ''),
    headers: TELLING.map((name) => {
      const value = headers.get(name) ?? '';
      return `${name}: ${value.replace(/ \d\d:\d\d:\d\d /, ' ').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')}`;
    }),
  };
}

/** What a search found, sorted: `Type/id` each. */
export function found({ text }: Sent): string[] {
  const { entry = [] } = JSON.parse(text) as { entry?: { resource?: Named }[] };
  return entry
    .flatMap(({ resource }) =>
      resource === undefined || resource.resourceType === 'OperationOutcome'
        ? []
        : [`${resource.resourceType}/${resource.id}`],
    )
    .sort();
}

export const totalOf = ({ text }: Sent): number | undefined => (JSON.parse(text) as { total?: number }).total;

export const bundle = (type: 'batch' | 'transaction', ...entries: readonly object[]): object => ({
  resourceType: 'Bundle',
  type,
  ...(entries.length === 0 ? {} : { entry: entries }),
});
