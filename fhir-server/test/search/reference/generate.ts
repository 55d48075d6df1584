/** Resources that differ in everything that searches look at; few distinct values, so that searches find several. */
import type { Resource } from '@medplum/fhirtypes';
import {
  concept,
  date,
  dateTime,
  duration,
  identifier,
  list,
  name,
  one,
  period,
  postal,
  probability,
  telecom,
  text,
  timing,
  uri,
  useContext,
  value,
} from './generate-datatypes.ts';
import { Random } from './random.ts';

const COUNTS = {
  Organization: 14,
  Practitioner: 8,
  Patient: 80,
  Encounter: 60,
  Observation: 160,
  RiskAssessment: 60,
  ValueSet: 60,
  Location: 50,
  MedicationRequest: 60,
  QuestionnaireResponse: 30,
  List: 6,
} as const;

type Type = keyof typeof COUNTS;
type Elements = Readonly<Record<string, unknown>>;

export const SECURITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** A reference in one of the forms in which it may be written. */
function reference(r: Random, baseUrl: string, ...types: Type[]): object {
  const type = r.pick(types);
  const address = `${type}/${type.toLowerCase()}-${r.below(COUNTS[type])}`;
  const form = r.below(20);
  if (form === 0) return { reference: `${baseUrl}/${address}` };
  if (form === 1) return { reference: `http://elsewhere.example/fhir/${address}` };
  if (form === 2) return { reference: `${address}/_history/1` };
  if (form <= 4) return { reference: address, identifier: identifier(r) };
  if (form === 5) return { identifier: identifier(r), display: text(r) };
  if (form === 6) return { display: text(r) };
  if (form === 7) return { type, identifier: identifier(r) };
  return { reference: address };
}

const make: Readonly<Record<Type, (r: Random, baseUrl: string) => Elements>> = {
  Organization: (r, base) => ({
    name: text(r),
    ...r.maybe(40, () => one('alias', [text(r)])),
    ...r.maybe(50, () => one('active', r.chance(50))),
    ...r.maybe(60, () => one('partOf', reference(r, base, 'Organization'))),
    identifier: [identifier(r)],
  }),
  Practitioner: (r) => ({ name: [{ family: text(r), given: [text(r)] }], identifier: [identifier(r)] }),
  Patient: (r, base) => ({
    ...r.maybe(60, () => one('active', r.chance(50))),
    ...r.maybe(80, () => one('gender', r.pick(['male', 'female', 'other', 'unknown']))),
    ...r.maybe(85, () => one('birthDate', date(r))),
    ...r.maybe(25, () => r.pick([{ deceasedBoolean: r.chance(50) }, { deceasedDateTime: dateTime(r) }])),
    ...list(
      'name',
      r.times(2, () => name(r)),
    ),
    ...list(
      'address',
      r.times(2, () => postal(r)),
    ),
    ...list(
      'telecom',
      r.times(2, () => telecom(r)),
    ),
    ...list(
      'identifier',
      r.times(2, () => identifier(r)),
    ),
    ...list(
      'communication',
      r.times(1, () => one('language', concept(r, 'urn:ietf:bcp:47'))),
    ),
    ...r.maybe(60, () => one('managingOrganization', reference(r, base, 'Organization'))),
    ...list(
      'generalPractitioner',
      r.times(2, () => reference(r, base, 'Practitioner', 'Organization')),
    ),
  }),
  Encounter: (r, base) => ({
    status: r.pick(['planned', 'in-progress', 'finished']),
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: r.pick(['AMB', 'IMP', 'EMER']),
    },
    ...r.maybe(85, () => one('subject', reference(r, base, 'Patient'))),
    ...r.maybe(80, () => one('period', period(r))),
    ...r.maybe(50, () => one('length', duration(r))),
    ...list(
      'type',
      r.times(2, () => concept(r)),
    ),
    ...r.maybe(40, () => one('serviceProvider', reference(r, base, 'Organization'))),
    ...list(
      'location',
      r.times(2, () => ({ location: reference(r, base, 'Location'), period: period(r) })),
    ),
  }),
  Observation: (r, base) => ({
    status: r.pick(['final', 'preliminary', 'amended']),
    code: concept(r),
    ...list(
      'category',
      r.times(1, () => concept(r)),
    ),
    ...list(
      'identifier',
      r.times(1, () => identifier(r)),
    ),
    ...r.maybe(85, () => one('subject', reference(r, base, 'Patient', 'Patient', 'Patient', 'Location'))),
    ...r.maybe(40, () => one('encounter', reference(r, base, 'Encounter'))),
    ...list(
      'performer',
      r.times(2, () => reference(r, base, 'Practitioner', 'Organization', 'Patient')),
    ),
    ...r.maybe(85, () =>
      r.pick([
        { effectiveDateTime: dateTime(r) },
        { effectiveInstant: `${dateTime(r).slice(0, 4)}-02-28T23:59:59.999Z` },
        { effectivePeriod: period(r) },
        { effectiveTiming: timing(r) },
      ]),
    ),
    ...value(r),
    ...list(
      'component',
      r.times(2, () => ({ code: concept(r), ...value(r) })),
    ),
  }),
  RiskAssessment: (r, base) => ({
    status: r.pick(['final', 'registered']),
    subject: reference(r, base, 'Patient'),
    ...r.maybe(70, () => one('occurrenceDateTime', dateTime(r))),
    ...r.maybe(40, () => one('method', concept(r))),
    ...list(
      'prediction',
      r.times(3, () => ({ qualitativeRisk: concept(r), ...probability(r) })),
    ),
  }),
  ValueSet: (r) => ({
    status: r.pick(['draft', 'active', 'retired']),
    ...r.maybe(90, () => one('url', uri(r))),
    ...r.maybe(50, () => one('version', r.pick(['1', '1.0', '2.0.1']))),
    ...r.maybe(50, () => one('title', text(r))),
    ...r.maybe(50, () => one('description', `${text(r)}\n  ${text(r)}`)),
    ...r.maybe(50, () => one('date', dateTime(r))),
    ...r.maybe(50, () => one('compose', { include: [{ system: uri(r) }] })),
    ...list(
      'useContext',
      r.times(2, () => useContext(r)),
    ),
  }),
  Location: (r, base) => ({
    ...r.maybe(80, () => one('name', text(r))),
    ...list(
      'alias',
      r.times(2, () => text(r)),
    ),
    ...r.maybe(50, () => one('address', postal(r))),
    ...r.maybe(70, () =>
      one('position', { latitude: r.below(1400) / 10 - 70, longitude: r.below(3600) / 10 - 180 }),
    ),
    ...r.maybe(50, () => one('managingOrganization', reference(r, base, 'Organization'))),
    ...r.maybe(40, () => one('partOf', reference(r, base, 'Location'))),
  }),
  MedicationRequest: (r, base) => ({
    status: r.pick(['active', 'stopped', 'completed']),
    intent: r.pick(['order', 'plan']),
    medicationCodeableConcept: concept(r),
    subject: reference(r, base, 'Patient'),
    ...r.maybe(50, () => one('encounter', reference(r, base, 'Encounter'))),
    ...r.maybe(60, () => one('requester', reference(r, base, 'Practitioner', 'Organization', 'Patient'))),
    ...r.maybe(80, () => one('authoredOn', dateTime(r))),
    ...r.maybe(50, () => one('dosageInstruction', [{ timing: { event: [dateTime(r), dateTime(r)] } }])),
  }),
  QuestionnaireResponse: (r, base) => ({
    status: 'completed',
    ...r.maybe(90, () => one('questionnaire', `${uri(r)}${r.pick(['', '', '|1', '|2.0'])}`)),
    ...r.maybe(80, () => one('subject', reference(r, base, 'Patient'))),
    ...r.maybe(70, () => one('authored', dateTime(r))),
  }),
  List: (r, base) => ({
    status: 'current',
    mode: 'working',
    entry: Array.from({ length: 25 }, () => ({ item: reference(r, base, 'Patient', 'Observation') })),
  }),
};

const meta = (r: Random): object => ({
  ...list(
    'profile',
    r.times(1, () => `${uri(r)}${r.pick(['', '|1.0'])}`),
  ),
  ...list(
    'tag',
    r.times(2, () => ({ system: 'http://tags.example', code: r.pick(['a', 'b', 'c']) })),
  ),
  ...list(
    'security',
    r.times(1, () => ({ system: SECURITY, code: r.pick(['N', 'R', 'V']) })),
  ),
  ...r.maybe(60, () => one('source', uri(r))),
});

const filled = (element: string, value: object): object =>
  Object.keys(value).length === 0 ? {} : { [element]: value };

/** Some six hundred resources; `baseUrl` is that of the server, for references that are written in full. */
export function generateResources(baseUrl: string, seed = 7): Resource[] {
  const r = new Random(seed);
  return Object.entries(COUNTS).flatMap(([type, count]) =>
    Array.from({ length: count }, (_, i) => ({
      resourceType: type,
      id: `${type.toLowerCase()}-${i}`,
      ...r.maybe(60, () => filled('meta', meta(r))),
      ...make[type as Type](r, baseUrl),
    })),
  ) as unknown as Resource[];
}
