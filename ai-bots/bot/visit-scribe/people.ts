/** The people of a visit, as far as the bot may read them: their names and numbers are kept from others. */
import type { Patient } from '@medplum/fhirtypes';
import type { DraftPatient } from '../../clinical/index.ts';
import { identifiersOf, type Call } from '../../orchestrator/index.ts';
import type { FhirApi } from '../../runtime/fhir-api.ts';
import { HttpFailure, isTransient } from '../../runtime/http-failure.ts';
import { loadPractitioners, loadRelatives } from '../../sdk/index.ts';
import type { Trigger } from './trigger.ts';

export interface People {
  readonly patient: DraftPatient;
  /** Undefined when one of the people cannot be read: then no text may go to others. */
  readonly identifiers: Call['identifiers'];
}

/**
 * A draft with "they" is better than none: what may not be read is passed over, and nobody else is asked. Throws what
 * another attempt may mend.
 */
export async function loadPeople(api: FhirApi, { subject, clinicians }: Trigger): Promise<People> {
  const patientId = idOf('Patient', subject.reference);
  if (patientId === undefined) return { patient: {}, identifiers: undefined };
  const [patient, practitioners, relatives] = await Promise.all([
    unlessRefused(api.read('Patient', patientId)),
    unlessRefused(loadPractitioners(api, clinicians)),
    unlessRefused(loadRelatives(api, patientId)),
  ]);
  if (patient === undefined || patient === REFUSED) return { patient: {}, identifiers: undefined };
  const isWhole = practitioners !== REFUSED && relatives !== REFUSED && relatives !== undefined;
  const identifiers = isWhole ? identifiersOf([patient, ...practitioners, ...relatives]) : undefined;
  return { patient: draftPatient(patient), identifiers };
}

/** Somebody is there whose name we do not know. */
const REFUSED = Symbol('refused');

async function unlessRefused<T>(answer: Promise<T>): Promise<T | typeof REFUSED> {
  try {
    return await answer;
  } catch (error) {
    if (isTransient(error) || !(error instanceof HttpFailure) || error.status === 401) throw error;
    return REFUSED;
  }
}

const idOf = (type: string, reference: string | undefined): string | undefined =>
  new RegExp(`(?:^|/)${type}/([^/]+)$`).exec(reference ?? '')?.[1];

function draftPatient({ gender, birthDate, name }: Patient): DraftPatient {
  const [first] = name ?? [];
  const words = first?.text ?? [...(first?.given ?? []), first?.family ?? ''].join(' ').trim();
  return {
    ...(gender === undefined ? {} : { gender }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(words === '' ? {} : { name: words }),
  };
}
