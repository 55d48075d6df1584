/** What the authorization server may ask of the records: always with the rights of the user at hand. */
import type { Encounter, Patient } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { and, normaliseString, parseConditions, type Expression } from '../search/index.ts';
import { searchPage, type StoredVersion } from '../storage/index.ts';
import { permit, permitted } from './permit.ts';
import { disclose } from './disclose.ts';
import { loadCurrent } from './read.ts';
import type { Server } from './server.ts';

const OFFERED_MAX = 25;
/** Of an Encounter whose patient is there. https://hl7.org/fhir/R4/valueset-encounter-status.html */
const GOES_ON = 'arrived,triaged,in-progress';

export interface ChartAccess {
  /** Patients that the user may find, by name (all for an empty text), for the patient picker. */
  readonly findPatients: (
    principal: Principal,
    text: string,
  ) => Promise<{ id: string; name: string; birthDate?: string }[]>;
  /** Whether the user may read `Type/id`. */
  readonly mayRead: (principal: Principal, reference: string) => Promise<boolean>;
  /** Id of the latest Encounter of a Patient that goes on at present; none that the user cannot find. */
  readonly currentEncounter: (principal: Principal, patient: string) => Promise<string | undefined>;
  /** `Patient/1` of an Encounter that the user may read. */
  readonly encounterPatient: (principal: Principal, id: string) => Promise<string | undefined>;
}

export function createChartAccess(server: Server): ChartAccess {
  return {
    async findPatients(principal, text) {
      const permitted = permit({ server, principal, db: server.reader }, 'search-type', 'Patient');
      if (!(await server.tables.exists('Patient'))) return [];
      const names = text.split(/\s+/).map(normaliseString).filter(Boolean);
      const byName = names.map((value): Expression => ({
        kind: 'string',
        param: 'name',
        match: 'start',
        value,
      }));
      const page = await searchPage(server.reader, {
        registry: server.registry,
        resourceType: 'Patient',
        filter: and(...byName, permitted),
        sort: [{ param: 'family', type: 'string', descending: false }],
        count: OFFERED_MAX,
      });
      return page.versions.map((version) =>
        offer(JSON.parse(disclose({ principal }, 'Patient', version.content)) as Patient),
      );
    },
    mayRead: async (principal, reference) => (await find(server, principal, reference)) !== undefined,
    async currentEncounter(principal, patient) {
      const request = { server, principal, db: server.reader };
      const filter = permitted(request, 'search-type', 'Encounter');
      if (filter === undefined || !(await server.tables.exists('Encounter'))) return undefined;
      const { registry, config } = server;
      const wanted = [
        ['patient', `Patient/${patient}`],
        ['status', GOES_ON],
      ] as const;
      const page = await searchPage(server.reader, {
        registry,
        resourceType: 'Encounter',
        filter: and(parseConditions('Encounter', wanted, { registry, baseUrl: config.fhirBase }), filter),
        sort: [{ param: 'date', type: 'range', descending: true }],
        count: 1,
      });
      return page.versions[0]?.id;
    },
    async encounterPatient(principal, id) {
      const version = await find(server, principal, `Encounter/${id}`);
      return version && (JSON.parse(version.content) as Encounter).subject?.reference;
    },
  };
}

/** Undefined for what the user cannot read, whatever the reason. */
async function find(
  server: Server,
  principal: Principal,
  reference: string,
): Promise<StoredVersion | undefined> {
  const [resourceType = '', id = ''] = reference.split('/');
  try {
    return await loadCurrent({ server, principal, db: server.reader }, resourceType, id);
  } catch (error) {
    if (error instanceof FhirError && error.status < 500) return undefined;
    throw error;
  }
}

function offer(patient: Patient): { id: string; name: string; birthDate?: string } {
  const name = patient.name?.find((n) => n.use === 'official') ?? patient.name?.[0];
  const words = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
  return {
    id: patient.id ?? '',
    name: words === '' ? 'Without a name' : words,
    ...(patient.birthDate === undefined ? {} : { birthDate: patient.birthDate }),
  };
}
