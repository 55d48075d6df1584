/** AuditEvents in few words. */
import { expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { accessesByDay, accessesOf } from '../../app/accesses/access.ts';

let count = 0;
const event = (recorded: string, what: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  resourceType: 'AuditEvent',
  id: String(++count),
  type: { code: 'rest' },
  action: 'R',
  outcome: '0',
  recorded,
  agent: [
    { who: { reference: 'Practitioner/doc' }, requestor: true },
    { who: { display: 'ehr' }, requestor: false, network: { address: '127.0.0.1' } },
    { who: { display: 'Dr. Assistant' }, requestor: false },
  ],
  source: { observer: {} },
  entity: [{ what: { reference: 'Patient/p' }, role: { code: '1' } }, { what: { reference: what } }],
  ...more,
});

test('What one person does in one go is told once, with all that it was about; what comes later is told anew.', () => {
  const list = accessesOf([
    event('2026-06-01T12:00:00Z', 'Condition/1'),
    event('2026-06-01T08:03:00Z', 'Observation/1', { action: 'E' }),
    event('2026-06-01T08:01:00Z', 'Condition/2'),
    event('2026-06-01T08:00:00Z', 'Condition/1'),
  ]);
  expect(list).toMatchObject([
    { user: 'Practitioner/doc', app: 'ehr', deed: 'looked', types: ['Condition'] },
    {
      deed: 'looked',
      types: ['Observation', 'Condition'],
      first: '2026-06-01T08:00:00Z',
      last: '2026-06-01T08:03:00Z',
    },
  ]);
});

test('A change, a refusal and an emergency are not mixed up with looking.', () => {
  const list = accessesOf([
    event('2026-06-01T08:03:00Z', 'Condition/1', { purposeOfEvent: [{ coding: [{ code: 'BTG' }] }] }),
    event('2026-06-01T08:02:00Z', 'Condition/1', { outcome: '4' }),
    event('2026-06-01T08:01:00Z', 'Condition/1', { action: 'U' }),
    event('2026-06-01T08:00:00Z', 'Condition/1'),
  ]);
  expect(list.map(({ deed, isRefused, isEmergency }) => [deed, isRefused, isEmergency])).toEqual([
    ['looked', false, true],
    ['looked', true, false],
    ['changed', false, false],
    ['looked', false, false],
  ]);
});

test('Days are those of the time zone.', () => {
  const list = accessesOf([
    event('2026-06-02T01:00:00Z', 'Condition/1'),
    event('2026-06-01T12:00:00Z', 'Condition/1'),
  ]);
  expect(accessesByDay(list, 'America/New_York').map(([day, of]) => [day, of.length])).toEqual([
    ['2026-06-01', 2],
  ]);
  expect(accessesByDay(list, 'UTC').map(([day]) => day)).toEqual(['2026-06-02', '2026-06-01']);
});
