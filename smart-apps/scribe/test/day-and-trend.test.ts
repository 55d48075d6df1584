/** The day's list, the stages of visits, and results over time, from resources alone. */
import { expect, test } from '@jest/globals';
import type { Appointment, DocumentReference, Encounter, Media, Observation, Task } from '@medplum/fhirtypes';
import { timelineOf } from '../app/api/chart.ts';
import { boundsOf, dayAfter, mergeDay } from '../app/api/day.ts';
import { linesOf, trendsOf } from '../app/api/trend.ts';
import { recordedVisits, stageOf, TASK_SYSTEM } from '../app/api/visit-stage.ts';

const task = (status: Task['status'], note = 'n'): Task => ({
  resourceType: 'Task',
  status,
  intent: 'order',
  identifier: [{ system: TASK_SYSTEM, value: 'Media/m' }],
  output: [{ type: { text: 'note' }, valueReference: { reference: `DocumentReference/${note}` } }],
});
const note = (docStatus: NonNullable<DocumentReference['docStatus']>): DocumentReference => ({
  resourceType: 'DocumentReference',
  id: 'n',
  status: 'current',
  docStatus,
  content: [{ attachment: {} }],
});
const media: Media = {
  resourceType: 'Media',
  id: 'm',
  status: 'completed',
  content: {},
  encounter: { reference: 'Encounter/e' },
};
const encounter: Encounter = {
  resourceType: 'Encounter',
  id: 'e',
  status: 'planned',
  class: { code: 'AMB' },
  subject: { reference: 'Patient/p', display: 'Ann Example' },
  appointment: [{ reference: 'Appointment/a' }],
  period: { start: '2026-11-30T10:00:00Z' },
};
const appointment: Appointment = {
  resourceType: 'Appointment',
  id: 'a',
  status: 'arrived',
  start: '2026-11-30T10:00:00Z',
  participant: [{ actor: { reference: 'Patient/p' }, status: 'accepted' }],
};

test('A visit waits, is drafted, needs somebody, is to be reviewed, or is signed.', () => {
  expect(stageOf(undefined, [])).toBe('waiting');
  expect(stageOf(task('in-progress'), [])).toBe('drafting');
  expect(stageOf(task('on-hold'), [])).toBe('stuck');
  expect(stageOf(task('completed'), [note('preliminary')])).toBe('review');
  expect(stageOf(task('completed'), [note('final')])).toBe('signed');
  expect(stageOf(task('completed', 'another'), [note('final')])).toBe('review');
});

test('An Encounter and its Appointment are one entry; the status is that of whichever went further.', () => {
  const data = { patients: [], media: [media], tasks: [task('completed')], notes: [note('final')] };
  const other: Encounter = {
    ...encounter,
    id: 'x',
    appointment: [],
    period: { start: '2026-11-30T09:00:00Z' },
  };
  const day = mergeDay({ ...data, appointments: [appointment], encounters: [encounter, other] });
  expect(day.map((e) => [e.key, e.encounterId, e.status, e.display])).toEqual([
    ['Encounter/x', 'x', 'planned', 'Ann Example'],
    ['Appointment/a', 'e', 'arrived', 'Ann Example'],
  ]);
  expect(day.map((e) => e.visits.map((v) => v.stage))).toEqual([[], ['signed']]);
  const [begun] = mergeDay({
    ...data,
    appointments: [appointment],
    encounters: [{ ...encounter, status: 'in-progress' }],
  });
  expect(begun?.status).toBe('in-progress');
});

test('Days follow each other over the end of a month and a change of the clocks.', () => {
  expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01');
  for (const day of ['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01']) {
    expect(dayAfter(dayAfter(day, 1), -1)).toBe(day);
    expect(boundsOf(day).until.getTime()).toBeGreaterThan(boundsOf(day).from.getTime());
  }
});

test('A recording of an Encounter stands with it, and one of none stands alone, the newest first.', () => {
  const alone: Media = {
    resourceType: 'Media',
    id: 'z',
    status: 'completed',
    content: {},
    createdDateTime: '2026-12-01',
  };
  const timeline = timelineOf([encounter], recordedVisits([media, alone], [], []));
  expect(timeline.map(({ key, visits }) => [key, visits.map((v) => v.mediaId)])).toEqual([
    ['Media/z', ['z']],
    ['Encounter/e', ['m']],
  ]);
});

const weight = (date: string, value: number, code = 'kg'): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  effectiveDateTime: date,
  valueQuantity: { value, unit: code, code },
});

test('Values of one code and unit are a series from old to new; another unit is another series.', () => {
  const trends = trendsOf([
    weight('2026-03-01', 70),
    weight('2025-03-01', 80),
    weight('2026-02-01', 160, '[lb_av]'),
  ]);
  expect(trends.map((t) => t.points.map((p) => p.values[0]?.value))).toEqual([[80, 70], [160]]);
  expect(linesOf(trends[0]!, 100, 10)).toEqual(['0.0,0.0 100.0,10.0']);
});

test('Components are a line each, in one scale.', () => {
  const pressure = (date: string, systolic: number, diastolic: number): Observation => ({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Blood pressure' },
    effectiveDateTime: date,
    component: [
      { code: { text: 'Systolic' }, valueQuantity: { value: systolic } },
      { code: { text: 'Diastolic' }, valueQuantity: { value: diastolic } },
    ],
  });
  const [trend] = trendsOf([pressure('2026-01-01', 140, 90), pressure('2026-01-02', 130, 80)]);
  expect(linesOf(trend!, 10, 60)).toEqual(['0.0,0.0 10.0,10.0', '0.0,50.0 10.0,60.0']);
});
