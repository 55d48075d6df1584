/** Findings as proposals: Condition, MedicationStatement, FamilyMemberHistory and Observation, each tied to its words. */
import type {
  CodeableConcept,
  Coding,
  Condition,
  Extension,
  FamilyMemberHistory,
  MedicationStatement,
  Observation,
  Quantity,
} from '@medplum/fhirtypes';
import { aiMeta, TRANSCRIPT_SOURCE_EXTENSION } from '../vocabulary.ts';
import type {
  ConditionFinding,
  DraftContext,
  FamilyFinding,
  Finding,
  MedicationFinding,
  VitalFinding,
  VitalQuantity,
} from './draft.ts';

export type FindingResource = Condition | MedicationStatement | FamilyMemberHistory | Observation;

/** One resource per concept: what is said twice becomes one proposal with both sources. Ids follow the order of mention. */
export function findingResources(findings: readonly Finding[], context: DraftContext): FindingResource[] {
  return mergeFindings(findings).map((finding, i) => {
    const id = context.id(`${finding.kind}-${i}`);
    switch (finding.kind) {
      case 'condition':
        return { ...condition(finding, context), id };
      case 'medication':
        return { ...medication(finding, context), id };
      case 'family':
        return { ...familyHistory(finding, context), id };
      case 'vital':
        return { ...observation(finding, context), id };
    }
  });
}

/** Merges mentions of the same concept; a diagnosis by the clinician and a dosage outweigh their absence. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = conceptKey(finding);
    const known = merged.get(key);
    merged.set(key, known === undefined ? finding : mergePair(known, finding));
  }
  return [...merged.values()];
}

function mergePair(known: Finding, again: Finding): Finding {
  const source = [...new Set([...known.source, ...again.source])];
  if (known.kind === 'condition' && again.kind === 'condition') {
    // Said to be there once is enough.
    const isPast = known.isPast === true && again.isPast === true;
    return { ...known, source, diagnosed: known.diagnosed || again.diagnosed, isPast };
  }
  if (known.kind === 'medication' && again.kind === 'medication') {
    const dosage = known.dosage ?? again.dosage;
    return { ...known, source, ...(dosage === undefined ? {} : { dosage }) };
  }
  return { ...known, source };
}

function conceptKey(finding: Finding): string {
  if (finding.kind === 'vital')
    return JSON.stringify([finding.coding.code, finding.quantity, finding.components]);
  const { coding, text } = finding;
  const concept = coding === undefined ? text.toLowerCase() : `${coding.system ?? ''}|${coding.code ?? ''}`;
  return [finding.kind, finding.kind === 'family' ? finding.relationship.code : '', concept].join('\n');
}

function condition(finding: ConditionFinding, context: DraftContext): Condition {
  return {
    resourceType: 'Condition',
    meta: aiMeta(),
    extension: sourceExtension(finding.source),
    clinicalStatus: status('condition-clinical', finding.isPast === true ? 'inactive' : 'active'),
    verificationStatus: status('condition-ver-status', finding.diagnosed ? 'provisional' : 'unconfirmed'),
    category: [status('condition-category', 'encounter-diagnosis')],
    code: concept(finding.text, finding.coding),
    subject: context.subject,
    ...encounterOf(context),
    recordedDate: context.now,
    evidence: [{ detail: [context.note] }],
  };
}

/** What the patient takes, as told: never a request. */
function medication(finding: MedicationFinding, context: DraftContext): MedicationStatement {
  return {
    resourceType: 'MedicationStatement',
    meta: aiMeta(),
    extension: sourceExtension(finding.source),
    status: 'active',
    medicationCodeableConcept: concept(finding.text, finding.coding),
    subject: context.subject,
    ...(context.encounter === undefined ? {} : { context: context.encounter }),
    dateAsserted: context.now,
    informationSource: context.subject,
    derivedFrom: [context.note],
    ...(finding.dosage === undefined ? {} : { dosage: [{ text: finding.dosage }] }),
  };
}

function familyHistory(finding: FamilyFinding, context: DraftContext): FamilyMemberHistory {
  return {
    resourceType: 'FamilyMemberHistory',
    meta: aiMeta(),
    extension: sourceExtension(finding.source),
    status: 'partial',
    patient: context.subject,
    date: context.now,
    relationship: { coding: [finding.relationship], text: finding.relationship.display ?? 'family member' },
    condition: [{ code: concept(finding.text, finding.coding) }],
  };
}

function observation(finding: VitalFinding, context: DraftContext): Observation {
  return {
    resourceType: 'Observation',
    meta: aiMeta(),
    extension: sourceExtension(finding.source),
    status: 'preliminary',
    category: [status('observation-category', 'vital-signs')],
    code: {
      coding: [finding.coding],
      ...(finding.coding.display === undefined ? {} : { text: finding.coding.display }),
    },
    subject: context.subject,
    ...encounterOf(context),
    effectiveDateTime: context.date ?? context.now,
    derivedFrom: [context.note],
    ...(finding.quantity === undefined ? {} : { valueQuantity: quantity(finding.quantity) }),
    ...(finding.components === undefined
      ? {}
      : {
          component: finding.components.map((c) => ({
            code: { coding: [c.coding] },
            valueQuantity: quantity(c.quantity),
          })),
        }),
  };
}

const quantity = ({ value, unit, code }: VitalQuantity): Quantity => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code,
});

const concept = (text: string, coding: Coding | undefined): CodeableConcept =>
  coding === undefined ? { text } : { coding: [coding], text };

const status = (codeSystem: string, code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${codeSystem}`, code }],
});

const sourceExtension = (source: readonly string[]): Extension[] =>
  source.length === 0 ? [] : [{ url: TRANSCRIPT_SOURCE_EXTENSION, valueString: source.join(' ') }];

const encounterOf = (context: DraftContext): { encounter?: NonNullable<DraftContext['encounter']> } =>
  context.encounter === undefined ? {} : { encounter: context.encounter };
