/** What the authorization server may ask of the records: always with the rights of the user at hand. */
import type { Patient } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import { FhirError } from '../fhir/outcome.ts';
import { and, normaliseString, type Expression } from '../search/index.ts';
import { searchPage } from '../storage/index.ts';
import { permit } from './permit.ts';
import { loadCurrent } from './read.ts';
import type { Server } from './server.ts';

const OFFERED_MAX = 25;

export interface ChartAccess {
  /** Patients that the user may find, by name (all for an empty text), for the patient picker. */
  findPatients(
    principal: Principal,
    text: string,
  ): Promise<{ id: string; name: string; birthDate?: string }[]>;
  /** Whether the user may read `Type/id`. */
  mayRead(principal: Principal, reference: string): Promise<boolean>;
}

export function createChartAccess(server: Server): ChartAccess {
  return {
    async findPatients(principal, text) {
      const permitted = permit({ server, principal, db: server.pool }, 'search-type', 'Patient');
      if (!(await server.tables.exists('Patient'))) return [];
      const names = text.split(/\s+/).map(normaliseString).filter(Boolean);
      const byName = names.map((value): Expression => ({ kind: 'string', param: 'name', value }));
      const page = await searchPage(server.pool, {
        resourceType: 'Patient',
        filter: and(...byName, permitted),
        sort: [{ param: 'family', type: 'string', descending: false }],
        count: OFFERED_MAX,
      });
      return page.versions.map((version) => offer(JSON.parse(version.content) as Patient));
    },
    async mayRead(principal, reference) {
      const [resourceType = '', id = ''] = reference.split('/');
      try {
        await loadCurrent({ server, principal, db: server.pool }, resourceType, id);
        return true;
      } catch (error) {
        if (error instanceof FhirError && error.status < 500) return false;
        throw error;
      }
    },
  };
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
