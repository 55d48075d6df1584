/** Reads what a summary needs of a chart: one batch, of searches with an end. */
import type { AllergyIntolerance, Medication, Patient, Resource } from '@medplum/fhirtypes';
import { HttpFailure, type FhirApi } from '../../sdk/index.ts';
import { earlierVisit, openOrder, procedure } from './facts/course.ts';
import type { Fact } from './facts/fact.ts';
import { allergyFacts } from './facts/allergy.ts';
import { prescription, statement } from './facts/medication.ts';
import { problem } from './facts/problem.ts';
import { resultFacts } from './facts/result.ts';

const KINDS_OF_RESULTS_MAX = 25;

export interface Chart {
  readonly patient: Patient;
  readonly facts: readonly Fact[];
}

const searches = (patient: string): string[] => [
  `Condition?patient=${patient}&clinical-status:not=inactive,remission,resolved&_sort=-recorded-date&_count=100`,
  `MedicationRequest?patient=${patient}&status=active,on-hold&_sort=-authoredon&_count=100&_include=MedicationRequest:medication`,
  `MedicationStatement?patient=${patient}&status=active,on-hold&_sort=-effective&_count=100&_include=MedicationStatement:medication`,
  `AllergyIntolerance?patient=${patient}&_count=100`,
  `Observation?patient=${patient}&category=laboratory,vital-signs&status=final,amended,corrected&_sort=-date&_count=200`,
  `Encounter?patient=${patient}&status=finished&_sort=-date&_count=3`,
  `Procedure?patient=${patient}&status=completed&_sort=-date&_count=5`,
  `ServiceRequest?patient=${patient}&status=active,on-hold&_sort=-authored&_count=20`,
];

/** Undefined when there is no such patient. Throws HttpFailure when any part may not or cannot be read: half a chart misleads. */
export async function loadChart(fhir: FhirApi, patientReference: string): Promise<Chart | undefined> {
  const urls = [patientReference, ...searches(patientReference)];
  const entry = urls.map((url) => ({ request: { method: 'GET' as const, url } }));
  const answer = await fhir.transaction({ resourceType: 'Bundle', type: 'batch', entry });
  const resources = (answer.entry ?? []).flatMap(({ resource, response }, i): Resource[] => {
    const status = Number.parseInt(response?.status ?? '200', 10);
    // A patient who is gone is no fault; whatever else fails is.
    const isGone = i === 0 && (status === 404 || status === 410);
    if (status >= 400 && !isGone)
      throw new HttpFailure(status, `${urls[i]?.split('?')[0] ?? ''} of the chart answered ${status}`);
    if (resource?.resourceType !== 'Bundle') return resource === undefined ? [] : [resource];
    return (resource.entry ?? []).flatMap((e) => e.resource ?? []);
  });
  const patient = resources.find((r): r is Patient => r.resourceType === 'Patient');
  if (patient === undefined) return undefined;
  return { patient, facts: factsOf(resources) };
}

/** What the chart says, without what is refuted, over, in error, or proposed by software and looked at by nobody. */
export function factsOf(resources: readonly Resource[]): Fact[] {
  const medications = new Map(
    resources
      .filter((r): r is Medication => r.resourceType === 'Medication')
      .map((r) => [`Medication/${r.id ?? ''}`, r]),
  );
  const allergies = resources.filter((r): r is AllergyIntolerance => r.resourceType === 'AllergyIntolerance');
  const observations = resources.filter((r) => r.resourceType === 'Observation');
  const others = resources.flatMap((resource): Fact[] => {
    switch (resource.resourceType) {
      case 'Condition':
        return problem(resource);
      case 'MedicationRequest':
        return prescription(resource, medications);
      case 'MedicationStatement':
        return statement(resource, medications);
      case 'Encounter':
        return earlierVisit(resource);
      case 'Procedure':
        return procedure(resource);
      case 'ServiceRequest':
        return openOrder(resource);
      default:
        return [];
    }
  });
  return [...others, ...allergyFacts(allergies), ...resultFacts(observations, KINDS_OF_RESULTS_MAX)];
}
