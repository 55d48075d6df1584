/** Active problems. What was refuted, resolved or entered in error is none. */
import type { Condition } from '@medplum/fhirtypes';
import { fact, hasCode, isUnreviewed, wordsOf, type Fact } from './fact.ts';

export function problem(condition: Condition): Fact[] {
  const { clinicalStatus, verificationStatus, code, meta } = condition;
  const name = wordsOf(code);
  if (name === undefined || isUnreviewed(meta)) return [];
  if (hasCode(verificationStatus, 'refuted', 'entered-in-error')) return [];
  if (hasCode(clinicalStatus, 'inactive', 'remission', 'resolved')) return [];
  const doubt = ['unconfirmed', 'provisional', 'differential'].filter((c) => hasCode(verificationStatus, c));
  const course = ['recurrence', 'relapse'].filter((c) => hasCode(clinicalStatus, c));
  const remarks = [...course, ...doubt];
  const onset = condition.onsetDateTime ?? condition.onsetPeriod?.start;
  const since = onset === undefined ? '' : ` since ${onset.slice(0, 10)}`;
  const remark = remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
  return [fact(condition, 'problem', `${name}${remark}${since}`, onset ?? condition.recordedDate)];
}
