/** A chart that is being written: whose it is, what is in it, and the visits that its entries belong to. */
import type { CodeableConcept, Encounter, Patient, Reference, Resource } from '@medplum/fhirtypes';
import { organizationReference } from '../clinic.ts';
import { actCode } from '../coding.ts';
import { addDays, minutesAfter, workday } from '../day.ts';
import type { Member } from './member.ts';
import type { Random } from './random.ts';

export interface Chart {
  readonly member: Member;
  /** Today; everything is before it. */
  readonly day: string;
  readonly random: Random;
  readonly subject: Reference<Patient>;
  readonly resources: Resource[];
  /** Ids are told apart by what they are and a number: `demo-patient-lopez-visit-3`. */
  nextId(kind: string): string;
}

export interface Visit {
  /** `2024-03-11` */
  readonly date: string;
  readonly start: string;
  readonly encounter: Reference<Encounter>;
}

export function createChart(member: Member, day: string, random: Random): Chart {
  const counts = new Map<string, number>();
  return {
    member,
    day,
    random,
    subject: { reference: `Patient/${member.id}`, display: `${member.given} ${member.family}` },
    resources: [],
    nextId: (kind) => {
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      return `${member.id}-${kind}-${count}`;
    },
  };
}

/** Nobody has been here in the last two weeks. */
const RECENT_DAYS = 14;

/** A workday about so many years before today, and not before the birth. */
export function dateAgo({ day, member }: Chart, years: number): string {
  const date = workday(addDays(day, -Math.max(RECENT_DAYS, Math.round(years * 365.25))));
  return date > member.birthDate ? date : workday(addDays(member.birthDate, 4));
}

const MINUTES = ['00', '20', '40'] as const;

/** A finished visit of twenty minutes, about so many years ago. */
export function visit(chart: Chart, yearsAgo: number, reason: CodeableConcept): Visit {
  const { random, member } = chart;
  const date = dateAgo(chart, yearsAgo);
  const hour = String(random.between(9, 16)).padStart(2, '0');
  const start = `${date}T${hour}:${random.pick(MINUTES)}:00Z`;
  const id = chart.nextId('visit');
  chart.resources.push({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: actCode,
    subject: chart.subject,
    participant: [{ individual: member.doctor }],
    period: { start, end: minutesAfter(start, 20) },
    reasonCode: [reason],
    serviceProvider: organizationReference,
  });
  return { date, start, encounter: { reference: `Encounter/${id}` } };
}
