/** The shipped policies against a table written by hand. */
import { describe, expect, test } from '@jest/globals';
import { decideAccess, type Interaction, type RoleName } from '../../src/access/index.ts';
import { context, may, principal } from './principal.ts';

const INTERACTIONS: readonly (readonly [letter: string, interaction: Interaction])[] = [
  ['c', 'create'],
  ['r', 'read'],
  ['v', 'vread'],
  ['u', 'update'],
  ['p', 'patch'],
  ['d', 'delete'],
  ['h', 'history-instance'],
  ['H', 'history-type'],
  ['s', 'search-type'],
];
const ROLES: readonly RoleName[] = [
  'admin',
  'doctor',
  'nurse',
  'receptionist',
  'patient',
  'auditor',
  'client',
];
const all = 'crvupdhHs';
const write = 'crvuphHs';
const read = 'rvhHs';
/** Nobody changes or removes one. */
const append = 'crvhHs';

/** Columns as in ROLES. */
const TABLE: readonly (readonly string[])[] = [
  ['Patient', all, write, write, write, read, read, all],
  ['RelatedPerson', all, write, write, write, read, '', all],
  ['Appointment', all, write, write, write, read, '', all],
  ['Schedule', all, read, read, all, read, '', all],
  ['Slot', all, read, read, all, read, '', all],
  ['Coverage', all, read, read, write, read, '', all],
  ['Account', all, read, read, write, read, '', all],
  ['Claim', all, read, read, '', read, '', all],
  ['Practitioner', all, read, read, read, read, read, all],
  ['Organization', all, read, read, read, read, read, all],
  ['ValueSet', all, read, read, '', read, read, all],
  ['Observation', all, all, all, '', read, '', all],
  ['Condition', all, all, read, '', read, '', all],
  ['Composition', all, all, read, '', read, '', all],
  ['MedicationRequest', all, all, read, '', read, '', all],
  ['DocumentReference', all, all, all, '', read, '', all],
  ['Media', all, all, all, '', read, '', all],
  ['Binary', all, all, all, '', read, '', all],
  ['Task', all, all, all, '', read, '', all],
  ['Device', all, all, all, '', read, '', all],
  ['Group', all, all, all, '', '', '', all],
  ['QuestionnaireResponse', all, all, all, '', 'crvuphHs', '', all],
  ['Communication', all, all, all, '', 'crvhHs', '', all],
  ['Provenance', all, write, write, '', read, read, all],
  ['AuditEvent', append, '', '', '', read, read, append],
  ['Subscription', all, '', '', '', '', '', all],
  ['Endpoint', all, '', '', '', '', '', all],
];

describe('A role', () => {
  test.each(TABLE.flatMap(([type, ...cells]) => ROLES.map((role, i) => [role, type!, cells[i]!] as const)))(
    '%s has with %s the interactions "%s".',
    (role, type, expected) => {
      const who = principal(role, role === 'client' ? 'system/*.cruds' : 'user/*.cruds');
      const permitted = INTERACTIONS.filter(([, i]) => decideAccess(who, i, type, context).permitted);
      expect(permitted.map(([letter]) => letter).join('')).toBe(expected);
    },
  );

  test('patient reads his own record and nobody else’s.', () => {
    const who = principal('patient', 'user/*.cruds');
    const of = (id: string): object => ({ resourceType: 'Goal', subject: { reference: `Patient/${id}` } });
    expect([may(who, 'read', of('a')), may(who, 'read', of('b'))]).toEqual([true, false]);
    expect(may(who, 'read', { resourceType: 'Patient', id: 'a' })).toBe(true);
    expect(may(who, 'read', { resourceType: 'Patient', id: 'b' })).toBe(false);
  });

  test('patient answers questionnaires about himself and as himself only.', () => {
    const who = principal('patient', 'user/*.cruds');
    const answer = (subject: string, source: string): boolean =>
      may(who, 'create', {
        resourceType: 'QuestionnaireResponse',
        subject: { reference: subject },
        source: { reference: source },
      });
    expect(answer('Patient/a', 'Patient/a')).toBe(true);
    expect(answer('Patient/b', 'Patient/a')).toBe(false);
    expect(answer('Patient/a', 'Practitioner/doctor')).toBe(false);
  });

  test('patient does not see what AI proposed before a clinician has approved it.', () => {
    const who = principal('patient', 'user/*.rs');
    const AIAST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'AIAST' };
    const note = (status: string, security: object[]): object => ({
      resourceType: 'Composition',
      status,
      subject: { reference: 'Patient/a' },
      meta: { security },
    });
    expect(may(who, 'read', note('preliminary', [AIAST]))).toBe(false);
    expect(may(who, 'read', note('final', [AIAST]))).toBe(true);
    expect(may(who, 'read', note('preliminary', []))).toBe(true);
  });
});
