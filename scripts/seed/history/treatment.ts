/** What was done at visits: prescriptions, vaccinations, procedures. */
import type { Condition, Dosage, Reference } from '@medplum/fhirtypes';
import { nurseReference } from '../clinic.ts';
import { minutesAfter } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { drugs, procedures, vaccines, type DrugName, type ProcedureName, type VaccineName } from './codes.ts';

function dosageOf(name: DrugName): Dosage {
  const drug = drugs[name];
  if (!('timesPerDay' in drug)) return { text: drug.dosage, asNeededBoolean: true };
  return {
    text: drug.dosage,
    timing: { repeat: { frequency: drug.timesPerDay, period: 1, periodUnit: 'd' } },
  };
}

/**
 * An order; what the patient takes to this day is stated, too.
 * @param until the day on which it was ended
 */
export function prescribe(
  chart: Chart,
  visit: Visit,
  name: DrugName,
  reason?: Reference<Condition>,
  until?: string,
): void {
  const id = chart.nextId('order');
  const shared = {
    medicationCodeableConcept: drugs[name].code,
    subject: chart.subject,
    ...(reason === undefined ? {} : { reasonReference: [reason] }),
  };
  chart.resources.push({
    resourceType: 'MedicationRequest',
    id,
    status: until === undefined ? 'active' : 'completed',
    intent: 'order',
    ...shared,
    encounter: visit.encounter,
    authoredOn: visit.start,
    requester: chart.member.doctor,
    dosageInstruction: [dosageOf(name)],
    ...(until === undefined
      ? {}
      : { dispenseRequest: { validityPeriod: { start: visit.date, end: until } } }),
  });
  if (until !== undefined) return;
  chart.resources.push({
    resourceType: 'MedicationStatement',
    id: chart.nextId('taken'),
    status: 'active',
    ...shared,
    basedOn: [{ reference: `MedicationRequest/${id}` }],
    effectivePeriod: { start: visit.date },
    dateAsserted: visit.date,
    dosage: [dosageOf(name)],
  });
}

export function immunize(chart: Chart, visit: Visit, ...names: readonly VaccineName[]): void {
  for (const name of names)
    chart.resources.push({
      resourceType: 'Immunization',
      id: chart.nextId('vaccination'),
      status: 'completed',
      vaccineCode: vaccines[name],
      patient: chart.subject,
      encounter: visit.encounter,
      occurrenceDateTime: minutesAfter(visit.start, 15),
      primarySource: true,
      performer: [{ actor: nurseReference }],
    });
}

export function perform(
  chart: Chart,
  visit: Visit,
  name: ProcedureName,
  { reason, outcome }: { readonly reason?: Reference<Condition>; readonly outcome?: string } = {},
): void {
  chart.resources.push({
    resourceType: 'Procedure',
    id: chart.nextId('procedure'),
    status: 'completed',
    code: procedures[name],
    subject: chart.subject,
    encounter: visit.encounter,
    performedDateTime: minutesAfter(visit.start, 12),
    performer: [{ actor: chart.member.doctor }],
    ...(reason === undefined ? {} : { reasonReference: [reason] }),
    ...(outcome === undefined ? {} : { outcome: { text: outcome } }),
  });
}
