/** Which resources start the bot. */
import type { DocumentReference, Media } from '@medplum/fhirtypes';
import { expect, test } from '@jest/globals';
import { idFor, parseTrigger } from '../../bot/visit-scribe/trigger.ts';
import { withVisit } from '../../bot/visit-scribe/visit-of-transcript.ts';
import { aiMeta } from '../../bot/visit-scribe/vocabulary.ts';

const media: Media = {
  resourceType: 'Media',
  id: 'm1',
  meta: { versionId: '2', lastUpdated: '2026-05-04T10:00:00Z' },
  status: 'completed',
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  operator: { reference: 'Practitioner/d1' },
  content: { contentType: 'text/vtt', data: 'V0VCVlRU' },
};

const transcript: DocumentReference = {
  resourceType: 'DocumentReference',
  id: 't1',
  meta: { versionId: '1' },
  status: 'current',
  type: {
    coding: [
      { system: 'https://dr-assistant.example/fhir/CodeSystem/document-type', code: 'visit-transcript' },
    ],
  },
  subject: { reference: 'Patient/p1' },
  content: [{ attachment: { contentType: 'text/plain', data: 'aGk=' } }],
  context: { related: [{ reference: 'Media/m1' }] },
};

test('A completed recording starts the bot with its patient, encounter and author.', () => {
  expect(parseTrigger(media)).toMatchObject({
    kind: 'recording',
    reference: 'Media/m1',
    versionId: '2',
    recording: 'Media/m1',
    subject: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/e1' },
    author: { reference: 'Practitioner/d1' },
  });
});

test('Who wrote or recorded is known, also by a role.', () => {
  const byRole: Media = { ...media, operator: { reference: 'PractitionerRole/r1' } };
  expect(parseTrigger(byRole)).toMatchObject({ clinicians: ['PractitionerRole/r1'] });
  const author = ['Practitioner/d1', 'Patient/p1', 'PractitionerRole/r1', 'Practitioner/d2'];
  const written = { ...transcript, author: author.map((reference) => ({ reference })) };
  expect(parseTrigger(written)).toMatchObject({
    author: { reference: 'Practitioner/d1' },
    clinicians: ['Practitioner/d1', 'PractitionerRole/r1', 'Practitioner/d2'],
  });
});

test('A transcript written by a person belongs to the recording that it names.', () => {
  expect(parseTrigger(transcript)).toMatchObject({
    kind: 'transcript',
    reference: 'DocumentReference/t1',
    recording: 'Media/m1',
  });
});

test('A document with sound is a recording of its own.', () => {
  const document = { ...transcript, type: { text: 'Recording' }, context: {} };
  const content = [{ attachment: { contentType: 'audio/webm;codecs=opus', url: 'Binary/b1' } }];
  expect(parseTrigger({ ...document, content })).toMatchObject({
    kind: 'recording',
    recording: 'DocumentReference/t1',
  });
});

const ignored: [string, Media | DocumentReference][] = [
  ['a recording that is not finished', { ...media, status: 'in-progress' }],
  ['a recording of no patient', { ...media, subject: { reference: 'Group/g1' } }],
  ['a picture', { ...media, content: { contentType: 'image/jpeg' } }],
  ['a recording made by a machine', { ...media, meta: { ...media.meta, ...aiMeta() } }],
  ['the bot’s own transcript', { ...transcript, meta: { ...transcript.meta, ...aiMeta() } }],
  ['a superseded transcript', { ...transcript, status: 'superseded' }],
  ['a letter', { ...transcript, type: { text: 'Letter' } }],
];

test.each(ignored)('%s is ignored.', (_case, resource) => {
  expect(parseTrigger(resource)).toBeUndefined();
});

test('Ids follow from the trigger, its version and the role, and are valid FHIR ids.', () => {
  const one = parseTrigger(media);
  const two = parseTrigger({ ...media, meta: { ...media.meta, versionId: '3' } });
  if (one === undefined || two === undefined) throw new Error('not a trigger');
  expect(idFor(one, 'note')).toMatch(/^[0-9a-f]{32}$/);
  expect(idFor(one, 'note')).toBe(idFor(one, 'note'));
  expect(new Set([idFor(one, 'note'), idFor(one, 'transcript'), idFor(two, 'note')]).size).toBe(3);
});

test('A typed transcript is of the visit that was recorded, unless the recording is of somebody else.', () => {
  const recorded = parseTrigger({ ...media, createdDateTime: '2026-05-04T09:00:00Z' })!;
  const typed = parseTrigger({
    ...transcript,
    date: '2026-05-05T12:00:00Z',
    author: [{ reference: 'Practitioner/d2' }],
  })!;
  expect(withVisit(typed, recorded)).toMatchObject({
    reference: 'DocumentReference/t1',
    encounter: { reference: 'Encounter/e1' },
    date: '2026-05-04T09:00:00Z',
    author: { reference: 'Practitioner/d2' },
    clinicians: ['Practitioner/d2', 'Practitioner/d1'],
  });
  const ofOther = parseTrigger({ ...media, subject: { reference: 'Patient/p2' } });
  expect(withVisit(typed, ofOther)).toBe(typed);
  expect(withVisit(typed, undefined)).toBe(typed);
});
