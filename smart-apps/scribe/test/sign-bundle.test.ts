/** What signing writes. */
import { expect, test } from '@jest/globals';
import type { Condition, DocumentReference, MedicationStatement } from '@medplum/fhirtypes';
import { createI18n, sayOf } from '@dr-assistant/ui/i18n';
import en from '../app/locale/en.json' with { type: 'json' };
import { draftedBy } from '../app/api/drafted-by.ts';
import { noteText, parseVtt } from '../app/api/note-draft.ts';
import { signBundle } from '../app/api/sign-bundle.ts';
import { fromBase64, toBase64 } from '../app/api/text-encoding.ts';

const note: DocumentReference = {
  resourceType: 'DocumentReference',
  id: 'n',
  meta: { versionId: '1' },
  status: 'current',
  content: [{ attachment: {} }],
};
const condition = (id: string): Condition => ({
  resourceType: 'Condition',
  id,
  meta: { versionId: '1' },
  clinicalStatus: { coding: [{ code: 'active' }] },
  code: { text: id, coding: [{ code: 'X' }] },
  subject: { reference: 'Patient/p' },
});
const medication: MedicationStatement = {
  resourceType: 'MedicationStatement',
  id: 'm',
  meta: { versionId: '2' },
  status: 'active',
  subject: { reference: 'Patient/p' },
  medicationCodeableConcept: { text: 'lisinopril' },
};
const sections = [
  { code: '61150-9', title: 'Subjective', sentences: [{ id: 's1', text: 'Grüße & <b>', source: ['c1'] }] },
];

const signed = signBundle({
  note,
  draft: { version: 1, provider: {}, sections: [] },
  sections,
  proposals: [condition('kept'), condition('refused'), medication],
  verdicts: {
    kept: { decision: 'accepted', text: 'other words' },
    refused: { decision: 'rejected' },
    m: { decision: 'rejected' },
  },
  signer: { reference: 'Practitioner/d', display: 'Dana Doe' },
  now: '2026-01-01T00:00:00Z',
});
const written = signed.entry?.map((e) => e.resource) ?? [];

test('Each resource is put over the version that was reviewed, in one transaction.', () => {
  expect(signed.type).toBe('transaction');
  expect(signed.entry?.map((e) => e.request?.ifMatch)).toEqual([
    'W/"1"',
    'W/"1"',
    'W/"1"',
    'W/"2"',
    undefined,
  ]);
});

test('The note becomes final with the edited text.', () => {
  const final = written[0] as DocumentReference;
  expect(final).toMatchObject({
    docStatus: 'final',
    description: 'Visit note',
    authenticator: { display: 'Dana Doe' },
  });
  expect(fromBase64(final.content[0]?.attachment.data ?? '')).toBe('SUBJECTIVE\nGrüße & <b>');
});

test('Accepted conditions are confirmed, in the clinician’s words without the old code.', () => {
  expect(written[1]).toMatchObject({ verificationStatus: { coding: [{ code: 'confirmed' }] } });
  expect((written[1] as Condition).code).toEqual({ text: 'other words' });
});

test('Rejected ones are entered in error, and a condition then has no clinical status.', () => {
  expect(written[2]).toMatchObject({ verificationStatus: { coding: [{ code: 'entered-in-error' }] } });
  expect(written[2]).not.toHaveProperty('clinicalStatus');
  expect(written[3]).toMatchObject({ status: 'entered-in-error' });
});

test('The Provenance names the verifier and everything that was signed.', () => {
  expect(written[4]).toMatchObject({
    agent: [{ who: { reference: 'Practitioner/d' } }],
    target: [{ reference: 'DocumentReference/n' }, {}, {}, {}],
  });
});

test('Text survives base64 whatever its script.', () => {
  const text = 'Ärztin: 你好 🙂'.repeat(20_000);
  expect(fromBase64(toBase64(text))).toBe(text);
});

test('Cues keep their ids, speakers and times.', () => {
  expect(parseVtt('WEBVTT\n\nc1\n00:00:00.000 --> 00:00:01.000\n<v Doctor>5 &lt; 6</v>\n')).toEqual([
    { id: 'c1', speaker: 'Doctor', text: '5 < 6', startMs: 0, endMs: 1_000 },
  ]);
  expect(noteText(sections)).toContain('SUBJECTIVE');
});

test('Who drafted is told by stage, and stages that no draft names are left out.', async () => {
  const provider = { transcribe: 'pocketsphinx 0.8 (demo quality)', draft: 'model 1', code: 'nobody' };
  const t = sayOf<typeof en>((await createI18n({ en }, ['en'])).getFixedT(null, 'app'));
  expect(draftedBy({ version: 1, provider, sections: [] }, t)).toBe(
    'Transcript: pocketsphinx 0.8 (demo quality). Note: model 1.',
  );
});
