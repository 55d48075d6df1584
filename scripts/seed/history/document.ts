/** Signed notes of earlier visits, and plans of care with their goals. */
import type { Condition, Reference } from '@medplum/fhirtypes';
import { organizationReference } from '../clinic.ts';
import { concept } from '../coding.ts';
import { minutesAfter } from '../day.ts';
import type { Chart, Visit } from './chart.ts';
import { tests, type TestName } from './laboratory.ts';
import { quantity } from './measure.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** A note as it was signed at the end of the visit, under the titles that notes have. */
export function note(
  chart: Chart,
  visit: Visit,
  parts: { readonly subjective: string; readonly objective?: string; readonly plan: string },
): void {
  const { subjective, objective, plan } = parts;
  const sections = [
    `HISTORY OF PRESENT ILLNESS\n${subjective}`,
    ...(objective === undefined ? [] : [`PHYSICAL EXAM\n${objective}`]),
    `ASSESSMENT AND PLAN\n${plan}`,
  ];
  const data = base64(sections.join('\n\n'));
  chart.resources.push({
    resourceType: 'DocumentReference',
    id: chart.nextId('note'),
    status: 'current',
    docStatus: 'final',
    type: concept('loinc', '11506-3', 'Progress note'),
    subject: chart.subject,
    date: minutesAfter(visit.start, 30),
    author: [chart.member.doctor],
    authenticator: chart.member.doctor,
    custodian: organizationReference,
    description: 'Visit note',
    content: [{ attachment: { contentType: 'text/plain; charset=utf-8', title: 'Note', data } }],
    context: {
      encounter: [visit.encounter],
      period: { start: visit.start, end: minutesAfter(visit.start, 20) },
    },
  });
}

export interface Aim {
  readonly text: string;
  /** What is measured, and the value that it should stay below. */
  readonly target?: readonly [TestName, number];
}

/** A plan that is followed to this day, with a Goal for each aim. */
export function carePlan(
  chart: Chart,
  visit: Visit,
  title: string,
  addresses: readonly Reference<Condition>[],
  aims: readonly Aim[],
  activities: readonly string[],
): void {
  const goals = aims.map(({ text, target }) => {
    const id = chart.nextId('goal');
    chart.resources.push({
      resourceType: 'Goal',
      id,
      lifecycleStatus: 'active',
      description: { text },
      subject: chart.subject,
      startDate: visit.date,
      expressedBy: chart.member.doctor,
      addresses: [...addresses],
      ...(target === undefined ? {} : { target: [targetOf(target)] }),
    });
    return { reference: `Goal/${id}` };
  });
  chart.resources.push({
    resourceType: 'CarePlan',
    id: chart.nextId('plan'),
    status: 'active',
    intent: 'plan',
    title,
    subject: chart.subject,
    encounter: visit.encounter,
    period: { start: visit.date },
    created: visit.start,
    author: chart.member.doctor,
    addresses: [...addresses],
    goal: goals,
    activity: activities.map((description) => ({ detail: { status: 'in-progress', description } })),
  });
}

function targetOf([name, value]: readonly [TestName, number]) {
  const { code, display, unit, ucum } = tests[name];
  return {
    measure: concept('loinc', code, display),
    detailQuantity: { ...quantity(value, unit, ucum), comparator: '<' as const },
  };
}
