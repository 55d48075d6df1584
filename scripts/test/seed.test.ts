/** The demo data: complete in themselves, valid, in the order of a life, and the same on each call. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient, Resource } from '@medplum/fhirtypes';
import { validateResource } from '../../fhir-server/src/validate/index.ts';
import { sharedData, testWith } from '../../fhir-server/test/support/requirement.ts';
import {
  appointmentBundle,
  chartBundles,
  clinicBundle,
  demoPatientBundle,
  nextDayBundle,
  recordedBundles,
  recordingBundle,
  slotBundle,
  todayBundle,
} from '../seed/bundle.ts';
import { localDay } from '../seed/day.ts';
import { planSlots } from '../../ai-bots/bot/timetable/plan-slots.ts';
import { parseRecurrence } from '../../ai-bots/bot/timetable/recurrence.ts';
import { timesOf } from '../../ai-bots/bot/timetable/times.ts';
import { derivedId } from '../../ai-bots/sdk/derived-id.ts';
import { histories, longHistory } from '../seed/history/histories.ts';

const DAY = '2026-11-23';

function resourcesOf(...bundles: Bundle[]): Resource[] {
  return bundles.flatMap((bundle) => (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []));
}

const address = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;
const textOf = (path: string): string => readFileSync(path, 'utf8');

/** The values of all properties of that name, at any depth. */
function* valuesOf(name: string, value: unknown): Generator {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === name) yield inner;
    yield* valuesOf(name, inner);
  }
}

let all: Resource[];
let signing: Bundle;

beforeAll(async () => {
  const recorded = await recordedBundles(DAY);
  signing = recorded.at(-1) ?? { resourceType: 'Bundle', type: 'transaction' };
  all = resourcesOf(
    clinicBundle(),
    demoPatientBundle(),
    ...chartBundles(histories(DAY)),
    slotBundle(DAY),
    todayBundle(DAY),
    slotBundle('2026-11-24'),
    appointmentBundle('2026-11-24'),
    ...recorded.slice(0, -1),
    recordingBundle(DAY),
  );
});

describe('The demo data', () => {
  test('are the same on each call.', async () => {
    expect(clinicBundle()).toEqual(clinicBundle());
    expect(chartBundles(histories(DAY))).toEqual(chartBundles(histories(DAY)));
    expect(await recordedBundles(DAY)).toEqual(await recordedBundles(DAY));
    // Of one day on every machine: what stands here was computed on another.
    expect(histories(DAY)[0]?.[0]).toMatchObject({ birthDate: '1968-12-29' });
  });

  test('give each resource an id of its own, within the limits of FHIR ids.', () => {
    const known = all.map(address);
    expect(known.filter((one, i) => known.indexOf(one) !== i)).toEqual([]);
    expect(all.filter(({ id }) => !/^[A-Za-z0-9.-]{1,64}$/.test(id ?? ''))).toEqual([]);
  });

  test('refer only to resources that they contain.', () => {
    const known = new Set(all.map(address));
    const references = [...valuesOf('reference', [all, resourcesOf(signing)])].filter(
      // In a Consent it is the name of a Reference itself, whose own is found, too.
      (value) => typeof value === 'string',
    );
    expect(references.length).toBeGreaterThan(5_000);
    const unknown = references.filter((reference) => !known.has(reference.replace(/\/_history\/1$/, '')));
    expect(unknown).toEqual([]);
  });

  test('are valid for the server.', () => {
    const faulty = [...all, ...resourcesOf(signing), ...longHistory(DAY)].flatMap((resource) =>
      validateResource(resource).map((issue) => `${address(resource)}: ${issue.diagnostics ?? issue.code}`),
    );
    expect(faulty).toEqual([]);
  });

  test('are of a clinic with five people and sixty patients, and of a size that a first start bears.', () => {
    const count = (type: Resource['resourceType']): number =>
      all.filter((one) => one.resourceType === type).length;
    expect([count('Practitioner'), count('Patient'), count('Schedule')]).toEqual([5, 60, 3]);
    expect(all.length).toBeGreaterThan(3_000);
    expect(all.length).toBeLessThan(5_000);
    const sizes = chartBundles(histories(DAY)).map(({ entry }) => entry?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    const long = longHistory(DAY);
    expect(long.length).toBeGreaterThan(2_000);
    expect(long.length).toBeLessThan(2_300);
    expect(new Set(long.map(address)).size).toBe(long.length);
  });

  test('have the people whom the demo logins stand for.', () => {
    const known = all.map(address);
    for (const id of ['demo-doctor', 'demo-nurse', 'demo-receptionist', 'demo-admin'])
      expect(known).toContain(`Practitioner/${id}`);
    expect(known).toContain('Patient/demo-patient');
  });
});

describe('A history', () => {
  const datesOf = (resource: Resource): string[] =>
    ['effectiveDateTime', 'onsetDateTime', 'abatementDateTime', 'recordedDate', 'authoredOn', 'occurrenceDateTime', 'performedDateTime', 'start', 'end', 'date'] // prettier-ignore
      .flatMap((name) => [...valuesOf(name, resource)])
      .filter((value) => typeof value === 'string' && /^\d{4}-/.test(value))
      .map((value) => String(value).slice(0, 10));

  test('lies between the birth and today.', () => {
    for (const chart of [...histories(DAY), longHistory(DAY)]) {
      const { birthDate = '' } = chart[0] as Patient;
      const outside = chart.flatMap((one) =>
        datesOf(one)
          .filter((date) => date < birthDate || (date >= DAY && one.resourceType !== 'MedicationRequest'))
          .map((date) => `${address(one)} ${date}`),
      );
      expect(outside).toEqual([]);
    }
  });

  test('has each problem begin before the visit that found it, and end after.', () => {
    for (const chart of histories(DAY)) {
      const visits = new Map(chart.map((one) => [address(one), one]));
      for (const one of chart) {
        if (one.resourceType !== 'Condition') continue;
        const visit = visits.get(one.encounter?.reference ?? '');
        const seen = visit?.resourceType === 'Encounter' ? (visit.period?.start?.slice(0, 10) ?? '') : '';
        expect(one.recordedDate).toBe(seen);
        expect((one.onsetDateTime ?? '') <= seen).toBe(true);
        expect((one.abatementDateTime ?? seen) >= seen).toBe(true);
      }
    }
  });

  /** The values of a test in the order of time. */
  function courseOf(patient: string, code: string): number[] {
    const chart = histories(DAY).find((one) => one[0]?.id === patient) ?? [];
    return chart
      .flatMap((one) => (one.resourceType === 'Observation' ? [one] : []))
      .filter((one) => one.code.coding?.[0]?.code === code)
      .toSorted((a, b) => ((a.effectiveDateTime ?? '') < (b.effectiveDateTime ?? '') ? -1 : 1))
      .map((one) => one.valueQuantity?.value ?? one.component?.[0]?.valueQuantity?.value ?? Number.NaN);
  }

  test.each([
    ['demo-patient-lopez', '4548-4', 'the HbA1c after metformin', 1],
    ['demo-patient-clark', '85354-9', 'the pressure after lisinopril', 20],
    ['demo-patient-simmons', '62238-1', 'the eGFR of a kidney that fails', 10],
    ['demo-patient-sullivan', '3016-3', 'the TSH after levothyroxine', 5],
    ['demo-patient-miller', '44261-6', 'the score of a depression that lifts', 8],
  ])('of %s shows how %s falls: %s.', (patient, code, _what, by) => {
    const course = courseOf(patient, code);
    expect(course.length).toBeGreaterThan(3);
    expect((course[0] ?? 0) - (course.at(-1) ?? 0)).toBeGreaterThanOrEqual(by);
  });
});

describe('A day’s list', () => {
  test('has visits in each state on the grid of the Schedules, and tomorrow’s are all booked.', () => {
    const today = resourcesOf(todayBundle(DAY));
    const appointments = today.flatMap((one) => (one.resourceType === 'Appointment' ? [one] : []));
    expect(new Set(appointments.map(({ status }) => status))).toEqual(
      new Set(['fulfilled', 'noshow', 'checked-in', 'arrived', 'booked', 'cancelled']),
    );
    for (const { start = '' } of appointments) {
      const at = new Date(start);
      expect(localDay(at)).toBe(DAY);
      const minutes = at.getHours() * 60 + at.getMinutes();
      expect(minutes % 20).toBe(0);
      expect((minutes >= 540 && minutes < 720) || (minutes >= 780 && minutes < 1_020)).toBe(true);
    }
    const places = appointments.map(
      ({ start, participant }) => `${start} ${participant[1]?.actor?.reference}`,
    );
    expect(new Set(places).size).toBe(places.length);
    const states = today.flatMap((one) => (one.resourceType === 'Encounter' ? [one.status] : []));
    expect(new Set(states)).toEqual(new Set(['finished', 'in-progress', 'arrived', 'planned']));
    const ahead = resourcesOf(appointmentBundle('2026-11-24'));
    expect(ahead.map((one) => (one.resourceType === 'Appointment' ? one.status : ''))).toEqual(
      ahead.map(() => 'booked'),
    );
  });

  test('is in Slots of the Schedules, one each, which are those that the bot makes of the weeks.', () => {
    const slots = resourcesOf(slotBundle(DAY)).flatMap((one) => (one.resourceType === 'Slot' ? [one] : []));
    const appointments = resourcesOf(todayBundle(DAY)).flatMap((one) => (one.resourceType === 'Appointment' ? [one] : [])); // prettier-ignore
    const byId = new Map(slots.map((slot) => [`Slot/${slot.id}`, slot]));
    expect(byId.size).toBe(appointments.length);
    for (const { slot, start, end, participant } of appointments) {
      const own = byId.get(slot?.[0]?.reference ?? '');
      const [, actor = ''] = participant[1]?.actor?.reference?.split('/') ?? [];
      expect(own).toMatchObject({ start, end, status: 'free', schedule: { reference: `Schedule/${actor}-times` } }); // prettier-ignore
    }
    const weeks = resourcesOf(clinicBundle()).flatMap((one) =>
      one.resourceType === 'Schedule' ? [one] : [],
    );
    const made = weeks.flatMap((week) => {
      const parsed = parseRecurrence(week);
      if (parsed === undefined || 'fault' in parsed) throw new Error('no recurrence');
      const times = timesOf(parsed.recurrence, new Date(`${DAY}T00:00:00`), new Date(`${DAY}T23:59:59`));
      const idOf = (schedule: string, ms: number): string => derivedId('timetable', `${schedule} ${new Date(ms).toISOString()}`, 'slot'); // prettier-ignore
      return planSlots(week, times, [], idOf).create;
    });
    const known = new Map(made.map((slot) => [slot.id, slot]));
    for (const { id, specialty, schedule } of slots)
      expect(known.get(id)).toMatchObject({ specialty, schedule });
  });

  test('made the day before is moved on, and what somebody has changed since is left.', () => {
    const ahead = resourcesOf(appointmentBundle('2026-11-24')).map(address);
    const next = nextDayBundle('2026-11-24').entry ?? [];
    const moved = next.filter(({ request }) => request?.ifMatch === 'W/"1"');
    expect(moved.map(({ resource }) => address(resource!))).toEqual(ahead);
  });
});

describe('A code of the demo data', () => {
  const terminology = sharedData('terminology');

  /** Each code of the system with its display. */
  const codings = (system: string): (readonly [string, string])[] => {
    const found = [...valuesOf('coding', all)].flat() as {
      system?: string;
      code?: string;
      display?: string;
    }[];
    const own = found.filter((one) => one.system === system);
    return [...new Map(own.map(({ code = '', display = '' }) => [code, display]))];
  };

  testWith(terminology)('of ICD-10-CM is a billable one, with its display.', () => {
    const rows = gunzipSync(readFileSync(join(terminology.path ?? '', 'icd10cm.tsv.gz'))).toString('utf8');
    const known = new Map(
      rows.split('\n').flatMap((row): [string, string][] => {
        const [, code = '', billable, short = ''] = row.split('\t');
        const [, , , , long] = row.split('\t');
        return billable === '1' ? [[code, (long || short).trim()]] : [];
      }),
    );
    const used = codings('http://hl7.org/fhir/sid/icd-10-cm');
    expect(used.length).toBeGreaterThan(20);
    expect(used.map(([code]) => [code, known.get(code.replace('.', ''))])).toEqual(used);
  });

  testWith(terminology)('of RxNorm is an ingredient of that name.', () => {
    const known = new Map(
      textOf(join(terminology.path ?? '', 'rxnorm_in_bn.tsv'))
        .split('\n')
        .map((row) => row.trim().split('\t'))
        .map(([code = '', kind, name = '']) => [code, kind === 'IN' ? name : ''] as const),
    );
    const used = codings('http://www.nlm.nih.gov/research/umls/rxnorm');
    // The copy has no names that begin with an A.
    const checked = used.filter(([, display]) => !display.startsWith('a'));
    expect(checked.length).toBeGreaterThan(12);
    expect(checked.map(([code]) => [code, known.get(code)])).toEqual(checked);
  });
});
