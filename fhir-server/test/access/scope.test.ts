/** SMART scopes: what is understood, what is refused, and how they are put into words. */
import { describe, expect, test } from '@jest/globals';
import { describeScope, isEvaluable, parseScope } from '../../src/access/index.ts';
import { context, scopes } from './principal.ts';

describe('A scope', () => {
  test.each([
    ['patient/Observation.rs', 'patient', 'Observation', 'rs'],
    ['user/*.cruds', 'user', '*', 'cruds'],
    ['system/Patient.c', 'system', 'Patient', 'c'],
    ['patient/Observation.read', 'patient', 'Observation', 'rs'],
    ['user/Task.write', 'user', 'Task', 'cud'],
    ['patient/*.*', 'patient', '*', 'cruds'],
  ])('%s is understood.', (text, level, resourceType, letters) => {
    expect(parseScope(text)).toEqual({ text, level, resourceType, letters, params: [] });
  });

  test.each(
    [
      'openid launch/patient fhirUser offline_access patient/Observation patient/Observation. patient/Observation.sr',
      'patient/Observation.cruda patient/Observation.rr patient/Nothing.rs patient/observation.rs Patient/Observation.rs',
      'practitioner/Observation.rs patient/Observation.rs? patient/Observation.rs?category patient/Observation.rs?=x',
      'patient/Observation.rs?category= patient/Observation.rs?category=%zz patient/Observation.read?category=x',
      'patient/Observation.rs?a=b& patient/Observation.RS patient/Obs*.rs patient/Resource.rs patient/.rs /Patient.rs',
      'patient/Observation.constructor patient/DomainResource.rs patient/constructor.rs patient/Quantity.rs',
    ].flatMap((line) => line.split(' ')),
  )('%s is not granted.', (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  test.each(['', 'patient/Observation.rs ', 'patient/Observation.rs\n', 'patient/Patient.rs?name=a"b'])(
    'that is no scope token (%j) is not granted.',
    (text) => {
      expect(parseScope(text)).toBeUndefined();
    },
  );

  test('keeps its text and decodes its parameters.', () => {
    const text = 'patient/Observation.rs?category=http://terminology.hl7.org/x%7Claboratory&status=final';
    expect(parseScope(text)).toMatchObject({
      text,
      params: [
        ['category', 'http://terminology.hl7.org/x|laboratory'],
        ['status', 'final'],
      ],
    });
  });

  test.each([
    ['patient/Observation.rs', true],
    ['patient/Observation.rs?category=laboratory', true],
    ['patient/*.rs?_security=x', true],
    ['patient/*.rs?category=laboratory', false],
    ['patient/Observation.rs?unknown=1', false],
    ['patient/Observation.rs?_count=5', false],
    ['patient/Observation.rs?_format=json', false],
    ['patient/Observation.rs?date=nonsense', false],
    ['patient/Observation.rs?_text=x', false],
  ])('%s can be enforced: %s.', (text, expected) => {
    expect(isEvaluable(scopes(text)[0]!, context)).toBe(expected);
  });

  test.each([
    ['patient/Observation.rs', 'Read and search your observations'],
    ['patient/Patient.r', 'Read your personal details'],
    ['patient/*.cruds', 'Read, search, create, change and delete all your health records'],
    ['user/FamilyMemberHistory.c', 'Create all family member histories that you have access to'],
    ['system/Media.rs', 'Read and search all media on this server'],
    [
      'patient/Condition.rs?category=http://x|problem-list-item',
      'Read and search your conditions, only where category is problem-list-item',
    ],
  ])('%s reads: %s.', (text, words) => {
    expect(describeScope(scopes(text)[0]!)).toBe(words);
  });

  test("of a patient is put to a clinician as the selected patient's.", () => {
    expect(describeScope(scopes('patient/Goal.r')[0]!, 'clinician')).toBe(
      "Read the selected patient's goals",
    );
  });
});
