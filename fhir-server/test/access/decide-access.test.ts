/** Scopes ∩ policy ∩ compartment, evaluated on resources. */
import { describe, expect, test } from '@jest/globals';
import type { AccessPolicy, Interaction, PolicyRule } from '../../src/access/index.ts';
import { decideAccess } from '../../src/access/index.ts';
import { context, may, principal, scopes } from './principal.ts';

const subject = { reference: 'Patient/a' };
const category = (code: string): object[] => [{ coding: [{ system: 'http://category', code }] }];
const observation = { resourceType: 'Observation', id: 'o1', subject, category: category('laboratory') };
const foreign = { ...observation, id: 'o2', subject: { reference: 'Patient/b' } };
const vitals = { ...observation, id: 'o3', category: category('vital-signs') };
const lab = 'user/Observation.rs?category=http://category|laboratory';

describe('A patient scope', () => {
  const who = principal('doctor', 'patient/*.cruds', { patient: 'a' });

  test.each<[string, object, boolean]>([
    ['an Observation of the patient', observation, true],
    ['an Observation of somebody else', foreign, false],
    ['the Patient', { resourceType: 'Patient', id: 'a' }, true],
    ['another Patient', { resourceType: 'Patient', id: 'b' }, false],
    ['an Encounter with an absolute reference', { resourceType: 'Encounter', subject: { reference: `${context.baseUrl}/Patient/a` } }, true],
    ['a Practitioner', { resourceType: 'Practitioner', id: 'p' }, true],
    ['a Slot', { resourceType: 'Slot', id: 's' }, true],
    ['an implant of the patient', { resourceType: 'Device', patient: subject }, true],
    ['an implant of somebody else', { resourceType: 'Device', patient: { reference: 'Patient/b' } }, false],
    ['a Binary without a context', { resourceType: 'Binary', id: 'x' }, false],
    ['a Subscription', { resourceType: 'Subscription', id: 'x' }, false],
  ])('reads %s: %#.', (_, resource, expected) => {
    expect(may(who, 'read', resource)).toBe(expected);
  }); // prettier-ignore

  test('writes to the patient’s record only, and not to what is shared.', () => {
    expect(may(who, 'create', observation)).toBe(true);
    expect(may(who, 'create', foreign)).toBe(false);
    const about = { ...foreign, performer: [subject] };
    expect([may(who, 'read', about), may(who, 'update', about)]).toEqual([true, false]);
    const admin = principal('admin', 'patient/*.cruds', { patient: 'a' });
    expect(may(admin, 'update', { resourceType: 'Practitioner', id: 'p' })).toBe(false);
  });

  test('without a patient in context permits nothing.', () => {
    const none = principal('doctor', 'patient/*.cruds');
    expect(may(none, 'read', observation)).toBe(false);
    expect(decideAccess(none, 'read', 'Practitioner', context).permitted).toBe(false);
  });

  test('of a patient who is somebody else reaches nothing of that record.', () => {
    const curious = principal('patient', 'patient/*.rs', { patient: 'b' });
    expect(may(curious, 'read', foreign)).toBe(false);
  });
});

describe('The level of a scope', () => {
  test('system is for clients, user for users.', () => {
    expect(may(principal('doctor', 'system/*.cruds'), 'read', observation)).toBe(false);
    expect(may(principal('client', 'user/*.cruds'), 'read', observation)).toBe(false);
    expect(may(principal('client', 'system/*.cruds'), 'read', observation)).toBe(true);
  });

  test.each<[string, Interaction[]]>([
    ['c', ['create']],
    ['r', ['read', 'vread', 'history-instance']],
    ['u', ['update', 'patch']],
    ['d', ['delete']],
    ['s', ['history-type', 'search-type']],
  ])('with the letter %s permits %j only.', (letter, expected) => {
    const who = principal('client', `system/Observation.${letter}`);
    const all: Interaction[] = ['create', 'read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'history-type', 'search-type']; // prettier-ignore
    expect(all.filter((i) => decideAccess(who, i, 'Observation', context).permitted)).toEqual(expected);
  });
});

describe('A granular scope', () => {
  test('permits only what its parameters match, and unites with others.', () => {
    const one = principal('doctor', lab);
    expect([may(one, 'read', observation), may(one, 'read', vitals)]).toEqual([true, false]);
    const two = principal('doctor', `${lab} user/Observation.rs?category=vital-signs user/Goal.rs`);
    expect([may(two, 'read', observation), may(two, 'read', vitals)]).toEqual([true, true]);
  });

  test.each(['unknown=1', '_count=1', 'date=x', 'subject.name=x', 'category=laboratory&_sort=date'])(
    'with ?%s gives nothing.',
    (params) => {
      expect(may(principal('doctor', `user/Observation.rs?${params}`), 'read', observation)).toBe(false);
    },
  );
});

const resources: readonly object[] = [
  observation, foreign, vitals, { resourceType: 'Practitioner', id: 'p' }, { resourceType: 'Patient', id: 'a' },
  { resourceType: 'Condition', subject }, { resourceType: 'Task', for: subject }, { resourceType: 'Device', patient: subject },
]; // prettier-ignore
const texts = ['patient/*.rs', 'user/Observation.r', lab, 'system/*.cruds', 'user/*.c', 'patient/Condition.cruds', 'user/Observation.rs?bad=1']; // prettier-ignore
const interactions: readonly Interaction[] = ['create', 'read', 'update', 'search-type'];

describe('Rights', () => {
  test('are never narrowed by one more scope.', () => {
    for (const base of texts)
      for (const added of texts) {
        const before = principal('doctor', base, { patient: 'a' });
        const after = { ...before, scopes: scopes(`${base} ${added}`) };
        for (const i of interactions)
          for (const r of resources) if (may(before, i, r)) expect(may(after, i, r)).toBe(true);
      }
  });

  test.each<[string, Partial<PolicyRule>]>([
    ['criteria', { criteria: 'category=laboratory' }],
    ['a variable', { criteria: 'subject=%patient' }],
    ['a variable without a value', { criteria: 'subject=%organization' }],
    ['criteria that cannot be evaluated', { criteria: 'nonsense' }],
    ['empty criteria', { criteria: '' }],
    ['a compartment', { compartment: 'Patient' }],
    ['fewer interactions', { interactions: ['read'] }],
    ['no interactions', { interactions: [] }],
    ['one type', { resourceType: 'Observation' }],
  ])('are never widened by %s as a limit of a rule.', (_, limit) => {
    const rule: PolicyRule = { resourceType: '*', interactions: '*' };
    const policy = (one: PolicyRule): AccessPolicy => ({ name: 'test', rules: [one] });
    for (const text of texts) {
      const before = principal('patient', text, { patient: 'a', policy: policy(rule) });
      const after = { ...before, policy: policy({ ...rule, ...limit }) };
      for (const i of interactions)
        for (const r of resources) if (may(after, i, r)) expect(may(before, i, r)).toBe(true);
    }
  });

  test('are decided by the values of the variables.', () => {
    const policy: AccessPolicy = {
      name: 'test',
      rules: [
        { resourceType: 'Observation', interactions: '*', criteria: 'performer=%practitioner' },
        { resourceType: 'Patient', interactions: ['read'], criteria: 'organization=%organization' },
      ],
    };
    const who = principal('doctor', 'user/*.rs', { policy, organization: 'Organization/1' });
    const by = (reference: string): object => ({ ...observation, performer: [{ reference }] });
    expect(may(who, 'read', by('Practitioner/doctor'))).toBe(true);
    expect(may(who, 'read', by('Practitioner/nurse'))).toBe(false);
    const of = (reference: string): object => ({
      resourceType: 'Patient',
      managingOrganization: { reference },
    });
    expect([may(who, 'read', of('Organization/1')), may(who, 'read', of('Organization/2'))]).toEqual([
      true,
      false,
    ]);
  });
});
