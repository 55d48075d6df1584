/** A note in the order of the clinic's template. */
import { expect, test } from '@jest/globals';
import type { Composition } from '@medplum/fhirtypes';
import { arranged, phrasesLeft, type NoteTemplate } from '../app/api/note-template.ts';
import { signBundle } from '../app/api/sign-bundle.ts';

const template: NoteTemplate = {
  id: 't',
  title: 'Follow-up',
  visitTypes: [],
  sections: [
    { code: 'plan', title: 'Plan', phrases: ['Come back.', 'Rest.'] },
    { code: 'social', title: 'Social history', phrases: [] },
  ],
};
const sentence = { id: 's', text: 'Rest.', source: ['c1'] };
const sections = [
  { code: 'history', title: 'History', sentences: [{ id: 'h', text: 'A cough.', source: [] }] },
  { code: 'empty', title: 'Empty', sentences: [] },
  { code: 'plan', title: 'Plan', sentences: [sentence] },
];

test('Sections come in the order of the template, with those that it opens; nothing that was written is left out.', () => {
  expect(arranged(sections, template).map(({ code, sentences }) => [code, sentences.length])).toEqual([
    ['plan', 1],
    ['social', 0],
    ['history', 1],
  ]);
  expect(arranged(sections, undefined)).toBe(sections);
});

test('A phrase that the note has is not offered again.', () => {
  expect(phrasesLeft(template, sections[2]!)).toEqual(['Come back.']);
  expect(phrasesLeft(undefined, sections[2]!)).toEqual([]);
});

test('A section that the clinician opened is signed with its code; an empty one that the draft had stays, and says so.', () => {
  const composition: Composition = {
    resourceType: 'Composition',
    id: 'c',
    status: 'preliminary',
    type: {},
    date: '2026-01-01',
    author: [],
    title: 'Draft',
    section: ['history', 'empty', 'plan'].map((code) => ({
      code: { coding: [{ code }] },
      entry: [{ reference: `Condition/${code}` }],
    })),
  };
  const written = arranged(sections, template).map((section) =>
    section.code === 'social'
      ? { ...section, sentences: [{ id: 'n', text: 'No smoker.', source: [] }] }
      : section,
  );
  const bundle = signBundle({
    note: { resourceType: 'DocumentReference', id: 'n', status: 'current', content: [] },
    composition,
    draft: { version: 1, provider: {}, sections: [] },
    sections: written,
    proposals: [],
    verdicts: {},
    signer: { reference: 'Practitioner/d' },
    now: '2026-01-01T00:00:00Z',
  });
  const signed = bundle.entry?.[1]?.resource as Composition;
  expect(
    signed.section?.map(({ code, text, entry }) => [
      code?.coding?.[0]?.code,
      text?.div?.replace(/<[^>]*>/g, ''),
      entry?.[0]?.reference,
    ]),
  ).toEqual([
    ['plan', 'Rest.', 'Condition/plan'],
    ['social', 'No smoker.', undefined],
    ['history', 'A cough.', 'Condition/history'],
    ['empty', 'Nothing was said about this.', 'Condition/empty'],
  ]);
});
