/** Every road of the FHIR endpoint: how it is decided, and what an attacker asks of it. */
import { MARK, observation, to } from './cast.ts';

export type Attempt = readonly [method: string, path: string, body?: object | string | undefined, headers?: Record<string, string>]; // prettier-ignore
/** Of a kind of target an address of it, of an operation its levels; then its methods, what decides, and attempts. */
export type Road = readonly [at: string, methods: string, decided: string, ...attempts: Attempt[]];

const PATCH = { 'Content-Type': 'application/json-patch+json' };
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const mine = observation('o2', 'p1');

/** Kind of target → an address of it, its methods, how it is decided, and what an attacker asks of it. */
// prettier-ignore
export const KINDS: Readonly<Record<string, Road>> = {
  metadata: [
    'metadata',
    'GET',
    'public: what a server can do is asked before there is a token',
    ['GET', 'metadata'],
  ],
  system: [
    '',
    'GET POST',
    'permit of search-type for each type; entries of a Bundle by the road of each',
    ['GET', '?_type=Patient,Observation&_id=p2,o2'],
    [
      'POST',
      '',
      {
        resourceType: 'Bundle',
        type: 'batch',
        entry: [{ request: { method: 'GET', url: 'Observation/o2' } }],
      },
    ],
    [
      'POST',
      '',
      {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [{ request: { method: 'GET', url: 'Patient/p2' } }],
      },
    ],
  ],
  'search-system': [
    '_search',
    'POST',
    'permit of search-type for each type',
    ['POST', '_search', '_type=Patient,Observation&_id=p2,o2', FORM],
  ],
  'history-system': [
    '_history',
    'GET',
    'permit of history-type for each type, by each version',
    ['GET', '_history?_count=100'],
  ],
  'operation-system': ['$meta', 'GET POST', 'by the operation'],
  type: [
    'Observation',
    'DELETE GET PATCH POST PUT',
    'permit of the interaction, and of search-type for the condition',
    ['GET', 'Observation?_id=o2'],
    ['GET', 'Observation?_list=l2'],
    [
      'POST',
      'Observation',
      { ...observation('', 'p2'), id: undefined },
      { 'If-None-Exist': 'identifier=urn:hostile|of-p2' },
    ],
    ['PUT', 'Observation?identifier=urn:hostile|of-p2', mine],
    ['PATCH', 'Observation?identifier=urn:hostile|of-p2', '[]', PATCH],
    ['DELETE', 'Observation?identifier=urn:hostile|of-p2'],
  ],
  search: [
    'Observation/_search',
    'POST',
    'permit of search-type',
    ['POST', 'Observation/_search', 'subject=Patient/p2', FORM],
  ],
  'history-type': [
    'Observation/_history',
    'GET',
    'permit of history-type, by each version',
    ['GET', 'Observation/_history'],
  ],
  'operation-type': ['Observation/$meta', 'GET POST', 'by the operation'],
  instance: [
    'Observation/o2',
    'DELETE GET PATCH PUT',
    'permit of the interaction, before and after',
    ['GET', 'Observation/o2'],
    ['HEAD', 'Observation/o2'],
    ['PUT', 'Observation/o2', mine],
    ['PATCH', 'Observation/o2', '[]', PATCH],
    ['DELETE', 'Observation/o2'],
    ['GET', 'Binary/b2'],
    ['GET', 'Binary/b2', undefined, { Accept: '*/*' }],
    ['GET', 'Binary/b2', undefined, { Accept: 'text/plain', Range: 'bytes=0-3' }],
    ['HEAD', 'Binary/b2', undefined, { Accept: '*/*' }],
    ['GET', 'Binary/b3', undefined, { Accept: '*/*' }],
  ],
  history: [
    'Observation/o2/_history',
    'GET',
    'permit of history-instance, by each version',
    ['GET', 'Observation/o2/_history'],
    ['GET', 'Binary/b2/_history'],
  ],
  version: [
    'Observation/o2/_history/1',
    'GET',
    'permit of vread, by the version',
    ['GET', 'Observation/o2/_history/1'],
    ['GET', 'Binary/b2/_history/1', undefined, { Accept: '*/*' }],
  ],
  compartment: [
    'Patient/p2/Observation',
    'GET',
    'permit of search-type',
    ['GET', 'Patient/p2/Observation'],
    ['GET', 'Patient/p2/*'],
    ['GET', 'Encounter/e2/*'],
    ['POST', 'Patient/p2/Observation/_search', '', FORM],
  ],
  'operation-instance': ['Observation/o2/$meta', 'GET POST', 'by the operation'],
};

const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter });
const EMPTY = { resourceType: 'Parameters' };
/** The other patient in a free Slot. */
const ofOther = {
  name: 'appt-resource',
  resource: {
    resourceType: 'Appointment',
    status: 'proposed',
    slot: [to('Slot/free')],
    participant: [{ actor: to('Patient/p2'), status: 'accepted' }],
  },
};
/** The other patient on the waitlist. */
const waitOfOther = {
  name: 'appt-resource',
  resource: {
    resourceType: 'Appointment',
    status: 'waitlist',
    requestedPeriod: [{ start: '2090-01-01T00:00:00Z', end: '2090-02-01T00:00:00Z' }],
    participant: [{ actor: to('Patient/p2'), status: 'accepted' }],
  },
};
const VALUE_SET = {
  resourceType: 'ValueSet',
  status: 'active',
  compose: { include: [{ valueSet: ['urn:hostile:vs'] }] },
};

/** Operation → where it is, how it is decided, and what an attacker asks of it. */
// prettier-ignore
export const BY_OPERATION: Readonly<Record<string, Road>> = {
  $book: [
    'instance Appointment, type Appointment',
    'POST',
    'permit of create or update, or the booking of the policy for its own patient; read of Slots and Schedules',
    ['POST', 'Appointment/a2/$book', EMPTY],
    ['POST', 'Appointment/$book', parameters({ name: 'appt-id', valueUri: 'Appointment/a2' })],
    ['POST', 'Appointment/$book', parameters(ofOther, { name: 'cancelled-appt-id', valueUri: 'Appointment/a2' })],
    ['POST', 'Appointment/$book', parameters(ofOther)],
  ],
  '$break-glass': [
    'instance Patient',
    'POST',
    'policy with emergency, permit of read, and the reach of the scopes',
    [
      'POST',
      'Patient/p2/$break-glass',
      parameters({ name: 'reason', valueString: 'a reason that is long enough' }),
    ],
    ['GET', 'Patient/p2'],
  ],
  $cancel: [
    'instance Appointment',
    'POST',
    'permit of update, or the booking of the policy for its own patient',
    ['POST', 'Appointment/a2/$cancel', EMPTY],
  ],
  $diff: [
    'instance *, system',
    'GET POST',
    'loadCurrent and loadVersion: permit of read and vread',
    ['GET', 'Observation/o2/$diff?fromVersion=1&toVersion=1'],
    ['GET', '$diff?from=Observation/o2&to=Observation/o1'],
    ['GET', '$diff?from=Observation/o1&to=Observation/o2/_history/1'],
  ],
  $everything: [
    'instance Encounter, instance Patient',
    'GET POST',
    'permit of read, and of search-type or read for each type',
    ['GET', 'Patient/p2/$everything'],
    ['GET', 'Encounter/e2/$everything'],
    ['POST', 'Patient/p2/$everything', parameters()],
  ],
  $export: [
    'instance Group, system, type Patient',
    'GET POST',
    'permit of search-type and read for each type, again while it runs',
    ['GET', '$export?_type=Observation', undefined, { Prefer: 'respond-async' }],
    ['GET', 'Group/g2/$export', undefined, { Prefer: 'respond-async' }],
    ['GET', 'Patient/$export', undefined, { Prefer: 'respond-async' }],
    [
      'POST',
      'Patient/$export',
      parameters({ name: 'patient', valueReference: to('Patient/p2') }),
      { Prefer: 'respond-async' },
    ],
  ],
  $find: [
    'type Appointment',
    'GET POST',
    'permit of search-type of Schedules and Slots; the times of patients by that of Appointments',
    ['GET', 'Appointment/$find?start=2031-05-05&end=2031-05-05&patient-reference=Patient/p2'],
  ],
  $graphql: [
    'instance *, system',
    'GET POST',
    'permit of read and search-type for each edge',
    [
      'GET',
      `$graphql?query=${encodeURIComponent('{Patient(id:"p2"){name{family}} ObservationList(patient:"p2"){note{text}}}')}`,
    ],
    ['GET', `Observation/o2/$graphql?query=${encodeURIComponent('{note{text}}')}`],
    [
      'GET',
      `Observation/o3/$graphql?query=${encodeURIComponent('{hasMember{resource{...on Observation{note{text}}}}}')}`,
    ],
  ],
  $hold: [
    'instance Appointment, type Appointment',
    'POST',
    'as $book',
    ['POST', 'Appointment/a2/$hold', EMPTY],
    ['POST', 'Appointment/$hold', parameters(ofOther)],
  ],
  $lastn: [
    'type Observation',
    'GET POST',
    'permit of search-type',
    ['GET', 'Observation/$lastn?patient=p2'],
    ['GET', 'Observation/$lastn?patient=p1&patient=p2'],
  ],
  $meta: [
    'instance *, system, type *',
    'GET POST',
    'permit of read, or of search-type for what is in use',
    ['GET', 'Observation/o2/$meta'],
    ['GET', 'Observation/$meta'],
    ['GET', '$meta'],
  ],
  '$meta-add': [
    'instance *',
    'POST',
    'permit of patch and read',
    ['POST', 'Observation/o2/$meta-add', parameters({ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } })],
  ],
  '$meta-delete': [
    'instance *',
    'POST',
    'permit of patch and read',
    [
      'POST',
      'Observation/o2/$meta-delete',
      parameters({ name: 'meta', valueMeta: { tag: [{ system: 'urn:hostile', code: MARK }] } }),
    ],
  ],
  $reindex: [
    'system, type *',
    'POST',
    'permit of update of every SearchParameter',
    ['POST', '$reindex'],
    ['POST', 'Observation/$reindex'],
  ],
  '$reindex-status': [
    'system',
    'GET POST',
    'permit of update of every SearchParameter',
    ['GET', '$reindex-status?job=00000000-0000-0000-0000-000000000000'],
  ],
  $closure: [
    'system',
    'POST',
    'permit of search-type of CodeSystem; a table is its caller’s',
    ['POST', '$closure', parameters({ name: 'name', valueString: 'x' })],
  ],
  $expand: [
    'instance ValueSet, type ValueSet',
    'GET POST',
    'permit of read and search-type of ValueSet and CodeSystem',
    ['GET', 'ValueSet/$expand?url=Observation/o2'],
    ['POST', 'ValueSet/$expand', parameters({ name: 'valueSet', resource: VALUE_SET })],
    ['GET', 'ValueSet/o2/$expand'],
  ],
  $lookup: [
    'type CodeSystem',
    'GET POST',
    'permit of search-type of CodeSystem',
    ['GET', 'CodeSystem/$lookup?system=urn:hostile&code=secret'],
  ],
  $subsumes: [
    'instance CodeSystem, type CodeSystem',
    'GET POST',
    'permit of read and search-type of CodeSystem',
    ['GET', 'CodeSystem/$subsumes?system=urn:hostile&codeA=secret&codeB=HIV'],
  ],
  $translate: [
    'instance ConceptMap, type ConceptMap',
    'GET POST',
    'permit of read and search-type of ConceptMap',
    ['GET', 'ConceptMap/$translate?system=urn:hostile&code=secret&target=urn:x'],
  ],
  '$validate-code': [
    'instance CodeSystem, instance ValueSet, type CodeSystem, type ValueSet',
    'GET POST',
    'permit of read and search-type of both',
    ['GET', 'ValueSet/$validate-code?url=urn:hostile:vs&code=secret&system=urn:hostile'],
    ['GET', 'CodeSystem/$validate-code?url=urn:hostile&code=secret'],
  ],
  $status: [
    'instance Subscription, type Subscription',
    'GET POST',
    'permit of read, or of search-type for several',
    ['GET', 'Subscription/s2/$status'],
    ['GET', 'Subscription/$status?id=s2'],
    ['GET', 'Subscription/$status'],
  ],
  $events: [
    'instance Subscription',
    'GET POST',
    'permit of read of the Subscription, and of each resource of an event',
    ['GET', 'Subscription/s2/$events?content=full-resource'],
  ],
  '$get-ws-binding-token': [
    'instance Subscription, type Subscription',
    'GET POST',
    'permit of read of each Subscription',
    ['GET', 'Subscription/s2/$get-ws-binding-token'],
    ['GET', 'Subscription/$get-ws-binding-token?ids=s2'],
  ],
  $validate: [
    'instance *, system, type *',
    'GET POST',
    'permit of the mode, and of read',
    ['GET', 'Observation/o2/$validate'],
    ['GET', 'Observation/o2/$validate?mode=delete'],
    ['GET', 'Observation/o2/$validate?mode=update'],
    [
      'POST',
      'Observation/o2/$validate',
      parameters({ name: 'mode', valueCode: 'update' }, { name: 'resource', resource: mine }),
    ],
    ['GET', 'Patient/p2/$validate?mode=delete'],
  ],
  $waitlist: [
    'type Appointment',
    'POST',
    'permit of create, or the booking of the policy for its own patient',
    ['POST', 'Appointment/$waitlist', parameters(waitOfOther)],
  ],
  $versions: ['system', 'GET POST', 'public: it is asked before there is a token', ['GET', '$versions']],
};
