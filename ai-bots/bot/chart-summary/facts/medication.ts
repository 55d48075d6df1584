/** What the patient takes or is to take, with the dosage as it is written. */
import type {
  CodeableConcept,
  Dosage,
  Medication,
  MedicationRequest,
  MedicationStatement,
  Reference,
} from '@medplum/fhirtypes';
import { fact, isUnreviewed, wordsOf, type Fact } from './fact.ts';

type Medications = ReadonlyMap<string, Medication>;

export function prescription(request: MedicationRequest, medications: Medications): Fact[] {
  const { status, intent, doNotPerform, dosageInstruction, authoredOn } = request;
  if (status !== 'active' && status !== 'on-hold') return [];
  if (intent === 'proposal' || intent === 'option' || isUnreviewed(request.meta)) return [];
  const name = nameOf(request, medications);
  if (name === undefined) return [];
  const text = doNotPerform === true ? `not to be given: ${name}` : withDosage(name, dosageInstruction);
  return [fact(request, 'medication', `${text}${status === 'on-hold' ? ' (on hold)' : ''}`, authoredOn)];
}

export function statement(statement: MedicationStatement, medications: Medications): Fact[] {
  const { status, dosage, effectiveDateTime, effectivePeriod, dateAsserted } = statement;
  if (status !== 'active' && status !== 'on-hold') return [];
  if (isUnreviewed(statement.meta)) return [];
  const name = nameOf(statement, medications);
  if (name === undefined) return [];
  const text = `${withDosage(name, dosage)}${status === 'on-hold' ? ' (on hold)' : ''}`;
  return [fact(statement, 'medication', text, effectiveDateTime ?? effectivePeriod?.start ?? dateAsserted)];
}

interface OfMedication {
  readonly medicationCodeableConcept?: CodeableConcept;
  readonly medicationReference?: Reference<Medication>;
}

function nameOf(resource: OfMedication, medications: Medications): string | undefined {
  const { medicationCodeableConcept, medicationReference } = resource;
  return (
    wordsOf(medicationCodeableConcept) ??
    wordsOf(medications.get(medicationReference?.reference ?? '')?.code) ??
    medicationReference?.display
  );
}

function withDosage(name: string, dosages: readonly Dosage[] | undefined): string {
  const texts = (dosages ?? []).flatMap((dosage) => dosageText(dosage) ?? []);
  return texts.length === 0 ? name : `${name}, ${texts.join('; ')}`;
}

/** Nothing is put together from parts but amount and frequency, which need no interpretation. */
function dosageText({ text, doseAndRate, timing, asNeededBoolean }: Dosage): string | undefined {
  if (text !== undefined) return text;
  const dose = doseAndRate?.[0]?.doseQuantity;
  const repeat = timing?.repeat;
  const often =
    repeat?.frequency === undefined || repeat.period === undefined || repeat.periodUnit === undefined
      ? wordsOf(timing?.code)
      : `${repeat.frequency} per ${repeat.period} ${repeat.periodUnit}`;
  const parts = [
    ...(dose?.value === undefined ? [] : [`${dose.value} ${dose.unit ?? dose.code ?? ''}`.trim()]),
    ...(often === undefined ? [] : [often]),
    ...(asNeededBoolean === true ? ['as needed'] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(' ');
}
