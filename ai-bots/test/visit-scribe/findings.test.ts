/** Which entities become proposals: in doubt none. */
import { describe, expect, test } from '@jest/globals';
import type { ClinicalEntity, Trait } from '../../bot/visit-scribe/clinical.ts';
import { segmentsToVtt } from '../../bot/visit-scribe/draft-visit.ts';
import { parseTranscript } from '../../clinical/index.ts';
import { toFindings } from '../../bot/visit-scribe/findings.ts';
import { entity } from '../support/entity.ts';

const traits = (...names: Trait[]) => ({ traits: names.map((name) => ({ name })) });

test.each(['NEGATION', 'HYPOTHETICAL', 'LOW_CONFIDENCE'] as const)(
  'A condition with %s is nobody’s finding.',
  (trait) => {
    expect(toFindings([entity('pneumonia', traits(trait))])).toEqual([]);
    expect(toFindings([entity('asthma', traits(trait, 'PERTAINS_TO_FAMILY'))])).toEqual([]);
    expect(toFindings([entity('aspirin', { ...traits(trait), category: 'MEDICATION' })])).toEqual([]);
  },
);

test('A diagnosis counts as such only when the clinician said it.', () => {
  const said = { ...traits('DIAGNOSIS'), saidByClinician: true };
  expect(toFindings([entity('gout', said)])).toMatchObject([{ kind: 'condition', diagnosed: true }]);
  expect(toFindings([entity('gout', traits('DIAGNOSIS'))])).toMatchObject([{ diagnosed: false }]);
  expect(toFindings([entity('gout', traits('PAST_HISTORY'))])).toMatchObject([{ isPast: true }]);
});

test('What a relative has is family history, with the relative by code.', () => {
  const family = { ...traits('PERTAINS_TO_FAMILY'), attributes: [{ type: 'FAMILY_MEMBER', text: 'my mom' }] };
  expect(
    toFindings([entity('diabetes', family), entity('cancer', traits('PERTAINS_TO_FAMILY'))]),
  ).toMatchObject([
    { kind: 'family', text: 'diabetes', relationship: { code: 'MTH' } },
    { kind: 'family', text: 'cancer', relationship: { code: 'FAMMEMB' } },
  ]);
  expect(toFindings([entity('insulin', { ...family, category: 'MEDICATION' })])).toEqual([]);
});

test('A medication keeps its dosage in the order in which it is written.', () => {
  const attributes = [
    { type: 'FREQUENCY', text: 'twice a day' },
    { type: 'DOSAGE', text: '500 mg' },
  ];
  expect(toFindings([entity('metformin', { category: 'MEDICATION', attributes })])).toMatchObject([
    { kind: 'medication', text: 'metformin', dosage: '500 mg twice a day' },
  ]);
});

describe('Vital signs', () => {
  const measure = (text: string, value: string, unit?: string): ClinicalEntity =>
    entity(text, {
      category: 'TEST_TREATMENT_PROCEDURE',
      type: 'TEST_NAME',
      attributes: [
        { type: 'TEST_VALUE', text: value },
        ...(unit === undefined ? [] : [{ type: 'TEST_UNIT', text: unit }]),
      ],
    });

  test.each([
    ['heart rate', '72', undefined, '8867-4', 72, '/min'],
    ['pulse ox', '98', 'percent', '2708-6', 98, '%'],
    ['temperature', '101.2', 'fahrenheit', '8310-5', 101.2, '[degF]'],
    ['weight', '80', 'kg', '29463-7', 80, 'kg'],
  ])('%s of %s %s is LOINC %s.', (text, value, unit, loinc, number, ucum) => {
    expect(toFindings([measure(text, value, unit)])).toMatchObject([
      { kind: 'vital', coding: { code: loinc }, quantity: { value: number, code: ucum } },
    ]);
  });

  test('Blood pressure has two components.', () => {
    expect(toFindings([measure('blood pressure', '120 over 80')])).toMatchObject([
      {
        coding: { code: '85354-9' },
        components: [{ quantity: { value: 120 } }, { quantity: { value: 80 } }],
      },
    ]);
  });

  test.each([
    ['temperature', '37', undefined],
    ['weight', '180', undefined],
    ['heart rate', 'normal', undefined],
    ['heart rate', '7200', undefined],
    ['blood pressure', '80/120', undefined],
    ['hemoglobin', '7', '%'],
  ])('%s of %s without certainty is left out.', (text, value, unit) => {
    expect(toFindings([measure(text, value, unit)])).toEqual([]);
  });
});

test('Recognised segments become WebVTT with cue ids and times.', () => {
  expect(segmentsToVtt([{ startMs: 500, endMs: 3_723_004, text: 'good\nmorning' }])).toBe(
    'WEBVTT\n\nc1\n00:00:00.500 --> 01:02:03.004\ngood morning\n',
  );
});

test('Roles and speakers that a recogniser told are read back from the transcript, whatever was said.', () => {
  const said = [
    { text: 'Any fever?', role: 'clinician', speaker: 'Speaker 1' },
    { text: 'No: <b>none</b> & no cough.', role: 'patient' },
    { text: 'She was hot.', role: 'other', speaker: 'Speaker 3' },
    { text: 'Hm.' },
  ] as const;
  const vtt = segmentsToVtt(said.map((s, i) => ({ startMs: i * 1_000, endMs: i * 1_000 + 900, ...s })));
  expect(parseTranscript(vtt, 'text/vtt').segments).toMatchObject([
    { role: 'clinician', text: 'Any fever?', startMs: 0 },
    { role: 'patient', text: 'No: <b>none</b> & no cough.' },
    { role: 'other', text: 'She was hot.' },
    { text: 'Hm.' },
  ]);
});

test('Of two voices without a role the one that asks is the clinician.', () => {
  const said = [
    { text: 'What brings you in?', speaker: 'Speaker 1' },
    { text: 'A cough.', speaker: 'Speaker 2' },
  ];
  const vtt = segmentsToVtt(said.map((s, i) => ({ startMs: i * 1_000, endMs: i * 1_000 + 900, ...s })));
  expect(parseTranscript(vtt, 'text/vtt').segments.map((s) => s.role)).toEqual(['clinician', 'patient']);
});
