/** AuditEvents by the patterns of IHE's Basic Audit Log Patterns. https://profiles.ihe.net/ITI/BALP/ */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes';
import type { AuditAgent, AuditRecord, SecurityCode } from './audit-record.ts';

export interface AuditedServer {
  /** The FHIR base: by it the server is known. */
  readonly fhirBase: string;
  /** Whose clients and accounts these are. */
  readonly issuer: string;
}

/** More of them go into further AuditEvents. */
const RESOURCES_MAX = 100;

const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role';
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const REQUEST_ID: Coding = {
  system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType',
  code: 'XrequestId',
};

const coding = (system: string, code: string, display: string): Coding => ({ system, code, display });
const AUTHENTICATION = coding(DCM, '110114', 'User Authentication');
const ALERT = coding(DCM, '110113', 'Security Alert');
const SECURITY: Readonly<Record<SecurityCode, readonly [type: Coding, subtype: Coding]>> = {
  login: [AUTHENTICATION, coding(DCM, '110122', 'Login')],
  logout: [AUTHENTICATION, coding(DCM, '110123', 'Logout')],
  token: [AUTHENTICATION, coding(DCM, '110142', 'Token Issued')],
  'access-revoked': [ALERT, coding(DCM, '110136', 'Security Roles Changed')],
  consent: [ALERT, coding(DCM, '110136', 'Security Roles Changed')],
  launch: [coding(DCM, '110100', 'Application Activity'), coding(DCM, '110120', 'Application Start')],
  alert: [ALERT, coding(DCM, '110130', 'Use of a restricted function')],
  'emergency-override': [ALERT, coding(DCM, '110127', 'Emergency Override Started')],
  'user-change': [ALERT, coding(DCM, '110137', 'User security Attributes Changed')],
  'client-change': [ALERT, coding(DCM, '110129', 'Security Configuration')],
  'policy-change': [ALERT, coding(DCM, '110136', 'Security Roles Changed')],
  'key-change': [ALERT, coding(DCM, '110129', 'Security Configuration')],
};

/**
 * One AuditEvent for each patient, so that nobody who sees his own finds others in them, and one for what belongs to no
 * patient. The query stands with a patient only if it speaks of no other.
 */
export function auditEvents(
  record: AuditRecord,
  patientsOf: (reference: string) => readonly string[],
  server: AuditedServer,
): AuditEvent[] {
  const byPatient = new Map<string, string[]>();
  const others: string[] = [];
  for (const [reference, known] of record.touched) {
    const patients = known ?? patientsOf(reference);
    if (patients.length === 0) others.push(reference);
    for (const patient of patients) {
      const of = byPatient.get(patient);
      if (of) of.push(reference);
      else byPatient.set(patient, [reference]);
    }
  }
  const [only] = byPatient.keys();
  const make = (
    patient: string | undefined,
    references: readonly string[],
    hasQuery: boolean,
  ): AuditEvent[] => chunks(references).map((part) => auditEvent(record, patient, part, hasQuery, server));
  if (only !== undefined && byPatient.size === 1 && isAboutOnly(record.query, only))
    return make(only, [...(byPatient.get(only) ?? []), ...others], true);
  const general =
    others.length > 0 || byPatient.size === 0 || record.query !== undefined
      ? make(undefined, others, true)
      : [];
  return [...general, ...[...byPatient].flatMap(([patient, of]) => make(patient, of, false))];
}

/** Whether a query names this patient and none besides. */
function isAboutOnly(query: string | undefined, patient: string): boolean {
  if (query === undefined) return true;
  const mark = query.indexOf('?');
  const path = mark < 0 ? query : query.slice(0, mark);
  const named = [...new URLSearchParams(mark < 0 ? '' : query.slice(mark + 1))].filter(([name]) =>
    /^(patient|subject|_id|_has|.*[.:])/.test(name),
  );
  if (path === `Patient/${patient}` || path.startsWith(`Patient/${patient}/`)) return named.length === 0;
  return (
    named.length === 1 &&
    /^(patient|subject)$/.test(named[0]![0]) &&
    [patient, `Patient/${patient}`].includes(named[0]![1])
  );
}

function chunks(references: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let i = 0; i === 0 || i < references.length; i += RESOURCES_MAX)
    parts.push(references.slice(i, i + RESOURCES_MAX));
  return parts;
}

function auditEvent(
  record: AuditRecord,
  patient: string | undefined,
  references: readonly string[],
  hasQuery: boolean,
  server: AuditedServer,
): AuditEvent {
  const { kind, code, at, action, outcome, reason, purpose, query, requestId, operation } = record;
  const [type, subtype] =
    kind === 'rest'
      ? [
          coding('http://terminology.hl7.org/CodeSystem/audit-event-type', 'rest', 'RESTful Operation'),
          { system: 'http://hl7.org/fhir/restful-interaction', code },
        ]
      : SECURITY[code as SecurityCode];
  const purposes = purpose === undefined ? undefined : [{ coding: [{ system: ACT_REASON, code: purpose }] }];
  const entity = [
    ...(patient === undefined ? [] : [patientEntity(patient)]),
    ...references.map((reference) => resourceEntity(reference, operation)),
    ...(query === undefined || !hasQuery ? [] : [queryEntity(query, operation)]),
    ...(requestId === undefined ? [] : [requestEntity(requestId)]),
  ];
  return {
    resourceType: 'AuditEvent',
    type,
    subtype: [subtype],
    action,
    recorded: new Date(at).toISOString(),
    outcome,
    ...(reason === undefined ? {} : { outcomeDesc: reason }),
    ...(purposes === undefined ? {} : { purposeOfEvent: purposes }),
    agent: agents(record, server),
    source: {
      observer: { identifier: { value: server.fhirBase }, display: 'Dr. Assistant' },
      type: [coding('http://terminology.hl7.org/CodeSystem/security-source-type', '4', 'Application Server')],
    },
    ...(entity.length === 0 ? {} : { entity }),
  };
}

/** The user, where there is one, the app, and for accesses the server; data flow from source to destination. */
function agents({ kind, action, agent }: AuditRecord, server: AuditedServer): AuditEventAgent[] {
  const { clientId, userId, fhirUser, address } = agent;
  const isWrite = kind === 'rest' && (action === 'C' || action === 'U');
  const source = coding(DCM, '110153', 'Source Role ID');
  const destination = coding(DCM, '110152', 'Destination Role ID');
  const isUser = userId !== undefined || fhirUser !== undefined;
  const list: AuditEventAgent[] = [];
  if (isUser)
    list.push({
      type: { coding: [coding(PARTICIPATION, 'IRCP', 'information recipient')] },
      who: userOf(agent, server),
      requestor: true,
    });
  if (clientId !== undefined || !isUser)
    list.push({
      type: { coding: [isWrite ? source : destination] },
      who:
        clientId === undefined
          ? { display: 'unknown' }
          : { identifier: { system: server.issuer, value: clientId }, display: clientId },
      requestor: !isUser,
      ...(address === undefined ? {} : { network: { address, type: '2' as const } }),
    });
  if (kind === 'rest')
    list.push({
      type: { coding: [isWrite ? destination : source] },
      who: { identifier: { value: server.fhirBase }, display: 'Dr. Assistant' },
      requestor: false,
    });
  return list;
}

const userOf = (
  { userId, fhirUser }: AuditAgent,
  { issuer }: AuditedServer,
): NonNullable<AuditEventAgent['who']> => ({
  ...(fhirUser === undefined ? {} : { reference: fhirUser }),
  ...(userId === undefined ? {} : { identifier: { system: issuer, value: userId } }),
});

const patientEntity = (id: string): AuditEventEntity => ({
  what: { reference: `Patient/${id}` },
  type: coding(ENTITY_TYPE, '1', 'Person'),
  role: coding(OBJECT_ROLE, '1', 'Patient'),
});

const resourceEntity = (reference: string, operation: string | undefined): AuditEventEntity => ({
  what: { reference },
  type: coding(ENTITY_TYPE, '2', 'System Object'),
  role: coding(OBJECT_ROLE, '4', 'Domain Resource'),
  ...(operation === undefined ? {} : { description: operation }),
});

const queryEntity = (query: string, operation: string | undefined): AuditEventEntity => ({
  type: coding(ENTITY_TYPE, '2', 'System Object'),
  role: coding(OBJECT_ROLE, '24', 'Query'),
  query: Buffer.from(query).toString('base64'),
  ...(operation === undefined ? {} : { description: operation }),
});

const requestEntity = (id: string): AuditEventEntity => ({
  what: { identifier: { value: id } },
  type: REQUEST_ID,
});
