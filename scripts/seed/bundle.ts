/** The demo data as transaction Bundles of PUTs. */
import type { Bundle, Resource } from '@medplum/fhirtypes';
import { clinic } from './clinic.ts';
import { history } from './history.ts';
import { people } from './people.ts';
import { record } from './record.ts';
import { appointments, encounters, schedules } from './schedule.ts';

function transaction(resources: readonly Resource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id ?? ''}` },
    })),
  };
}

/** The clinic, its staff and its patients: the same on each call. */
export function clinicBundle(): Bundle {
  return transaction([...clinic(), ...schedules(), ...people.flatMap(record)]);
}

/** What was there of the demo patient before today, and the clinic's form; its people must be there. */
export const historyBundle = (): Bundle => transaction(history());

/** The appointments of a day (`2026-11-23`). */
export const appointmentBundle = (day: string): Bundle => transaction(appointments(day));

/** The visits of a day; their appointments must be there. */
export const encounterBundle = (day: string): Bundle => transaction(encounters(day));
