/** What is written after the signature: addenda, and what the patient takes home. */
import { expect, test } from '@jest/globals';
import type { Condition, DocumentReference, MedicationStatement, Provenance } from '@medplum/fhirtypes';
import { createI18n, sayOf, wordsOf } from '@dr-assistant/ui/i18n';
import { addendumBundle } from '../app/api/addendum.ts';
import { documentText } from '../app/api/document-bundle.ts';
import { summaryBundle, summaryText } from '../app/api/patient-summary.ts';
import type { Review } from '../app/api/review.ts';
import en from '../app/locale/en.json' with { type: 'json' };

const note: DocumentReference = {
  resourceType: 'DocumentReference',
  id: 'n',
  status: 'current',
  docStatus: 'final',
  subject: { reference: 'Patient/p' },
  date: '2026-03-04',
  content: [{ attachment: {} }],
  context: { encounter: [{ reference: 'Encounter/e' }] },
};
const signer = { reference: 'Practitioner/d', display: 'Dana Doe' } as const;
const NOW = '2026-03-05T10:00:00Z';

test('An addendum is a signed document of its own that appends to the note, with the Provenance of its author.', () => {
  const [document, provenance] = addendumBundle(note, 'The X-ray was clear.', signer, NOW).entry ?? [];
  expect(document?.resource).toMatchObject({
    docStatus: 'final',
    type: { coding: [{ code: '55107-7' }] },
    subject: { reference: 'Patient/p' },
    authenticator: signer,
    relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/n' } }],
    context: { encounter: [{ reference: 'Encounter/e' }] },
  });
  expect(documentText(document?.resource as DocumentReference)).toBe('The X-ray was clear.');
  expect((provenance?.resource as Provenance).target).toEqual([{ reference: document?.fullUrl }]);
  expect((provenance?.resource as Provenance).agent.map(({ who }) => who)).toEqual([signer, signer]);
});

test('A summary for the patient holds what was signed, and nothing that was rejected.', async () => {
  const i18n = await createI18n({ en }, ['en']);
  const condition = (text: string, code: string): Condition => ({
    resourceType: 'Condition',
    subject: {},
    code: { text },
    verificationStatus: { coding: [{ code }] },
  });
  const medication = (text: string, status: MedicationStatement['status']): MedicationStatement => ({
    resourceType: 'MedicationStatement',
    subject: {},
    status,
    medicationCodeableConcept: { text },
    dosage: [{ text: 'once a day' }],
  });
  const review: Review = {
    note,
    cues: [],
    proposals: [
      condition('bronchitis', 'confirmed'),
      condition('asthma', 'entered-in-error'),
      medication('benzonatate', 'active'),
      medication('lisinopril', 'entered-in-error'),
    ],
    draft: {
      version: 1,
      provider: {},
      sections: [
        {
          code: '18776-5',
          title: 'Plan',
          sentences: [{ id: 's', text: 'Return with a fever.', source: [] }],
        },
        { code: '51848-0', title: 'Assessment', sentences: [{ id: 'a', text: 'Not for it.', source: [] }] },
      ],
    },
  };
  const text = summaryText(review, sayOf<typeof en>(i18n.getFixedT(null, 'app')), wordsOf(i18n));
  expect(text.split('\n').filter(Boolean)).toEqual([
    'Your visit on Mar 4, 2026',
    'What we found',
    '• bronchitis',
    'Your medicines',
    '• benzonatate, once a day',
    'What to do next',
    '• Return with a fever.',
  ]);
  const [document] = summaryBundle(note, text, signer, NOW).entry ?? [];
  expect(document?.resource).toMatchObject({
    type: { coding: [{ code: '69730-0' }] },
    relatesTo: [{ code: 'transforms' }],
  });
});

test('A new summary takes the place of the one before, which stays as superseded if nobody has changed it.', () => {
  const before: DocumentReference = { ...note, id: 'old', meta: { versionId: '1' } };
  const [document, , replaced] = summaryBundle(note, 'Anew.', signer, NOW, [before]).entry ?? [];
  expect((document?.resource as DocumentReference).relatesTo?.map(({ code }) => code)).toEqual([
    'transforms',
    'replaces',
  ]);
  expect(replaced).toMatchObject({
    resource: { id: 'old', status: 'superseded' },
    request: { method: 'PUT', url: 'DocumentReference/old', ifMatch: 'W/"1"' },
  });
});
