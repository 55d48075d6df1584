/** The Schedules that are meant by who, where and what for. https://hl7.org/fhir/R4/schedule.html#search */
import type { Schedule } from '@medplum/fhirtypes';
import { badRequest, FhirError, issue } from '../../fhir/outcome.ts';
import type { Request } from '../../interaction/index.ts';
import { localReference } from '../../search/index.ts';
import type { OperationInput } from '../operation-input.ts';
import { searchAll } from './search-all.ts';

type Searches = readonly (readonly [name: string, value: string])[];

/** For each parameter the searches of which one must find the Schedule. */
const BY_REFERENCE = {
  schedule: { type: 'Schedule', names: ['_id'] },
  practitioner: { type: 'Practitioner', names: ['actor', 'actor:PractitionerRole.practitioner'] },
  organization: {
    type: 'Organization',
    names: [
      'actor:PractitionerRole.organization',
      'actor:Location.organization',
      'actor:HealthcareService.organization',
    ],
  },
  'location-reference': {
    type: 'Location',
    names: ['actor', 'actor:PractitionerRole.location', 'actor:HealthcareService.location'],
  },
} as const;

const BY_TOKEN = {
  specialty: ['specialty', 'actor:PractitionerRole.specialty'],
  'visit-type': ['service-type', 'actor:HealthcareService.service-type'],
} as const;

/** Throws 400 for a reference to something else, and 422 when there are more than the server looks at. */
export async function findSchedules(request: Request, input: OperationInput): Promise<Schedule[]> {
  const { schedulesMax } = request.server.config.scheduling;
  const wishes = [...references(request, input), ...tokens(input)];
  let found: ReadonlyMap<string, Schedule> | undefined;
  for (const searches of wishes.length === 0 ? [[]] : wishes) {
    const some = new Map<string, Schedule>();
    for (const search of searches.length === 0 ? [[]] : searches.map((one) => [one])) {
      const schedules = await searchAll<Schedule>(request, 'Schedule', search, schedulesMax + 1);
      if (schedules.length > schedulesMax) throw tooMany(schedulesMax);
      for (const schedule of schedules)
        if (schedule.active !== false && found?.has(schedule.id ?? '') !== false)
          some.set(schedule.id ?? '', schedule);
    }
    found = some;
  }
  return [...(found ?? new Map<string, Schedule>()).values()];
}

const tooMany = (max: number): FhirError =>
  new FhirError(422, [
    issue('too-costly', `More than ${max} Schedules are meant; name a practitioner, place or specialty`),
  ]);

const references = ({ server }: Request, input: OperationInput): Searches[] =>
  Object.entries(BY_REFERENCE).flatMap(([parameter, { type, names }]) => {
    const ids = input.texts(parameter).map((text) => {
      const local = localReference(text, server.config.fhirBase);
      if (local?.type === type) return local.id;
      if (/^[A-Za-z0-9.-]{1,64}$/.test(text)) return text;
      throw badRequest(`Parameter ${parameter}: a ${type} of this server is expected`, parameter);
    });
    if (ids.length === 0) return [];
    return [names.map((name) => [name, ids.map((id) => (name === '_id' ? id : `${type}/${id}`)).join(',')] as const)]; // prettier-ignore
  });

const tokens = (input: OperationInput): Searches[] =>
  Object.entries(BY_TOKEN).flatMap(([parameter, names]) => {
    const codes = input.texts(parameter);
    return codes.length === 0 ? [] : [names.map((name) => [name, codes.join(',')] as const)];
  });
