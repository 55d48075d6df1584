/** What happened and what is to happen: earlier visits, procedures, open orders. */
import type { Encounter, Procedure, ServiceRequest } from '@medplum/fhirtypes';
import { fact, isUnreviewed, wordsOf, type Fact } from './fact.ts';

export function earlierVisit(encounter: Encounter): Fact[] {
  const { status, period, reasonCode, type } = encounter;
  if (status !== 'finished' || period?.start === undefined) return [];
  const reasons = (reasonCode ?? []).flatMap((one) => wordsOf(one) ?? []);
  const what = reasons.length > 0 ? reasons.join(', ') : wordsOf(type?.[0]);
  const day = period.start.slice(0, 10);
  return [fact(encounter, 'visit', `${day}: ${what ?? 'visit without a recorded reason'}`, period.start)];
}

export function procedure(done: Procedure): Fact[] {
  const name = wordsOf(done.code);
  if (done.status !== 'completed' || name === undefined || isUnreviewed(done.meta)) return [];
  const date = done.performedDateTime ?? done.performedPeriod?.start;
  return [fact(done, 'procedure', date === undefined ? name : `${name} on ${date.slice(0, 10)}`, date)];
}

export function openOrder(request: ServiceRequest): Fact[] {
  const { status, intent, doNotPerform, code, authoredOn, meta } = request;
  const name = wordsOf(code);
  if ((status !== 'active' && status !== 'on-hold') || name === undefined || isUnreviewed(meta)) return [];
  if (intent === 'proposal' || intent === 'option' || doNotPerform === true) return [];
  const hold = status === 'on-hold' ? ' (on hold)' : '';
  const ordered = authoredOn === undefined ? '' : `, ordered on ${authoredOn.slice(0, 10)}`;
  return [fact(request, 'order', `${name}${hold}${ordered}`, authoredOn)];
}
