/** Free Slots of a Schedule that follow one another, long enough for what is wanted. */
import type { Appointment, CodeableConcept, Schedule, Slot } from '@medplum/fhirtypes';
import { localReference } from '../../search/index.ts';

const MINUTE_MS = 60_000;

export interface Wanted {
  /** 0: one Slot, however long. */
  readonly minutes: number;
  /** Nothing ends after this: milliseconds since the epoch. */
  readonly to: number;
  /** Tokens, `system|code` or `code`. What a Slot is for may be narrower than its Schedule. */
  readonly service: readonly string[];
  readonly specialty: readonly string[];
  readonly base: string;
}

/** Slots in a row. */
export interface Run {
  readonly slots: readonly Slot[];
  readonly actors: Schedule['actor'];
  readonly about: Pick<Appointment, 'serviceCategory' | 'serviceType' | 'specialty'>;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/** By start; of several at one time in the order of the Schedules. */
export function proposals(slots: readonly Slot[], schedules: readonly Schedule[], wanted: Wanted): Run[] {
  const bySchedule = Map.groupBy(
    slots.filter(isMeant(wanted)),
    ({ schedule }) =>
    localReference(schedule.reference ?? '', wanted.base)?.id ?? '', // prettier-ignore
  );
  return schedules
    .flatMap((schedule) => runsOf(bySchedule.get(schedule.id ?? '') ?? [], schedule, wanted))
    .toSorted((a, b) => a.start - b.start);
}

function runsOf(slots: readonly Slot[], schedule: Schedule, { minutes, to }: Wanted): Run[] {
  const timed = slots.map((slot) => ({ slot, start: Date.parse(slot.start), end: Date.parse(slot.end) }));
  return timed.flatMap((first, i): Run[] => {
    const row = [first];
    for (const next of timed.slice(i + 1)) {
      if (row.at(-1)!.end - first.start >= minutes * MINUTE_MS || next.start !== row.at(-1)!.end) break;
      row.push(next);
    }
    const { end } = row.at(-1)!;
    if (end - first.start < minutes * MINUTE_MS || end > to) return [];
    const about = aboutOf(first.slot, schedule);
    return [{ slots: row.map(({ slot }) => slot), actors: schedule.actor, about, start: first.start, end }];
  });
}

function aboutOf(slot: Slot, schedule: Schedule): Run['about'] {
  const names = ['serviceCategory', 'serviceType', 'specialty'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const given = slot[name] ?? schedule[name];
      return given === undefined ? [] : [[name, given]];
    }),
  );
}

const isMeant =
  ({ service, specialty }: Wanted) =>
  (slot: Slot): boolean =>
    isOneOf(slot.serviceType, service) && isOneOf(slot.specialty, specialty);

/** A Slot that says nothing is for all that its Schedule is for. */
const isOneOf = (concepts: readonly CodeableConcept[] | undefined, tokens: readonly string[]): boolean =>
  tokens.length === 0 ||
  concepts === undefined ||
  concepts.some(({ coding = [] }) =>
    coding.some(
      ({ system = '', code = '' }) => tokens.includes(code) || tokens.includes(`${system}|${code}`),
    ),
  );
