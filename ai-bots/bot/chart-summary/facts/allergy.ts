/** Allergies and intolerances. "No known allergies" is said as such, and only when nothing says otherwise. */
import type { AllergyIntolerance } from '@medplum/fhirtypes';
import { fact, hasCode, isUnreviewed, wordsOf, type Fact } from './fact.ts';

/** SNOMED CT: no known allergy, and no known drug, environmental, food, latex allergy; none to animals, insect bites. */
const NONE_KNOWN = [
  '716186003',
  '409137002',
  '428607008',
  '429625007',
  '1003774007',
  '716184000',
  '716185004',
  '428197003',
];

export function allergyFacts(allergies: readonly AllergyIntolerance[]): Fact[] {
  const valid = allergies.filter(
    ({ meta, verificationStatus, clinicalStatus }) =>
      !isUnreviewed(meta) &&
      !hasCode(verificationStatus, 'refuted', 'entered-in-error') &&
      !hasCode(clinicalStatus, 'inactive', 'resolved'),
  );
  const [negated, positive] = [valid.filter(isNegated), valid.filter((one) => !isNegated(one))];
  return (positive.length > 0 ? positive : negated).flatMap(allergy);
}

function isNegated({ code }: AllergyIntolerance): boolean {
  if (hasCode(code, ...NONE_KNOWN)) return true;
  return /^(no|not|none|nil|denies|nka|nkda)\b/i.test(wordsOf(code)?.trim() ?? '');
}

function allergy(resource: AllergyIntolerance): Fact[] {
  const { code, reaction, criticality, verificationStatus, type } = resource;
  const name = wordsOf(code);
  if (name === undefined) return [];
  const date = resource.recordedDate ?? resource.onsetDateTime;
  if (isNegated(resource)) return [fact(resource, 'allergy', name, date)];
  const manifestations = (reaction ?? []).flatMap((r) => r.manifestation.flatMap((m) => wordsOf(m) ?? []));
  const remarks = [
    ...(type === 'intolerance' ? ['intolerance'] : []),
    ...(criticality === 'high' ? ['high criticality'] : []),
    ...(hasCode(verificationStatus, 'unconfirmed') ? ['unconfirmed'] : []),
  ];
  const what = manifestations.length === 0 ? '' : `: ${[...new Set(manifestations)].join(', ')}`;
  const remark = remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
  return [fact(resource, 'allergy', `${name}${what}${remark}`, date)];
}
