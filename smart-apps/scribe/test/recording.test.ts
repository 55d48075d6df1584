/** Consent to a recording, what a recording becomes, and when an upload is tried again. */
import { expect, test } from '@jest/globals';
import { isInForce, recordingConsent } from '../app/api/consent.ts';
import { isPassing, retryDelayMs } from '../app/recording/retry.ts';
import { recordingBundle } from '../app/recording/send-recording.ts';

const now = new Date('2026-11-30T10:00:00Z');
const visit = { patientId: 'p', encounterId: 'e', fhirUser: 'Practitioner/d' };
const consent = recordingConsent(visit, now);
const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);

test('A Consent counts for its encounter, for a day, and until it is withdrawn.', () => {
  expect(isInForce(consent, 'e', later(1))).toBe(true);
  expect(isInForce(consent, 'another', later(1))).toBe(false);
  expect(isInForce(consent, undefined, later(1))).toBe(false);
  expect(isInForce(consent, 'e', later(25))).toBe(false);
  expect(isInForce(consent, 'e', later(-1))).toBe(false);
  expect(isInForce({ ...consent, status: 'inactive' }, 'e', later(1))).toBe(false);
});

test('One without an encounter is for a visit without.', () => {
  const { encounterId: _, ...without } = visit;
  expect(isInForce(recordingConsent(without, now), undefined, now)).toBe(true);
  expect(isInForce(recordingConsent(without, now), 'e', now)).toBe(false);
});

test('Uploads wait longer and longer, at most a minute; refusals are not repeated.', () => {
  expect([1, 2, 3, 20].map((attempt) => retryDelayMs(attempt, 1))).toEqual([2_000, 4_000, 8_000, 60_000]);
  expect(retryDelayMs(1, 0)).toBe(1_500);
  expect([0, 429, 503, 400, 403, 413].map(isPassing)).toEqual([true, true, true, false, false, false]);
});

test('A recording is a Media that its UUID identifies, made under its Consent.', () => {
  const id = '0b9fca0f-5ad4-4b77-8c3a-8a7f1dd5b1b4';
  const recording = {
    ...{ id, owner: 'Practitioner/d', patientId: 'p', consentId: 'c', seconds: 61, isFinished: true },
    startedAt: now.toISOString(),
    contentType: 'audio/webm',
  };
  const [media, provenance] = recordingBundle(recording, 'b', now.toISOString()).entry ?? [];
  expect(media?.request?.ifNoneExist).toBe(`identifier=urn:ietf:rfc:3986|urn:uuid:${id}`);
  expect(media?.resource).toMatchObject({ duration: 61, content: { url: 'Binary/b' } });
  expect(media?.resource).not.toHaveProperty('encounter');
  expect(provenance?.resource).toMatchObject({
    target: [{ reference: media?.fullUrl }],
    entity: [{ role: 'source', what: { reference: 'Consent/c' } }],
  });
});
