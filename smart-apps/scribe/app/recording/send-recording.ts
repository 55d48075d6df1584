/** A kept recording becomes a Binary, and a Media with the Consent under which it was made; sent again, it stays one. */
import type { Bundle, Consent, Media, Provenance, Resource } from '@medplum/fhirtypes';
import { ApiError, call, callJson, resourcesOf } from '@dr-assistant/ui/session';
import { audioOf, changeRecording, type KeptRecording } from './recording-store.ts';

const identifierOf = ({ id }: KeptRecording) => ({ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${id}` });

async function sendSound(recording: KeptRecording): Promise<string> {
  if (recording.binaryId !== undefined) return recording.binaryId;
  const response = await call('Binary', {
    method: 'POST',
    body: await audioOf(recording),
    headers: {
      'Content-Type': recording.contentType,
      'X-Security-Context': `Patient/${recording.patientId}`,
    },
  });
  const { id = '' } = (await response.json()) as Resource;
  await changeRecording({ ...recording, binaryId: id });
  return id;
}

/** Media has no place for a Consent; a Provenance names it as the source of the right to record. */
export function recordingBundle(recording: KeptRecording, binaryId: string, now: string): Bundle {
  const { value, system } = identifierOf(recording);
  const media: Media = {
    resourceType: 'Media',
    identifier: [{ system, value }],
    status: 'completed',
    type: { text: 'Recorded visit' },
    subject: { reference: `Patient/${recording.patientId}` },
    ...(recording.encounterId === undefined
      ? {}
      : { encounter: { reference: `Encounter/${recording.encounterId}` } }),
    createdDateTime: recording.startedAt,
    operator: { reference: recording.owner },
    ...(recording.seconds > 0 ? { duration: recording.seconds } : {}),
    content: { contentType: recording.contentType, url: `Binary/${binaryId}` },
  };
  const provenance: Provenance = {
    resourceType: 'Provenance',
    target: [{ reference: value }],
    occurredDateTime: recording.startedAt,
    recorded: now,
    agent: [{ who: { reference: recording.owner } }],
    entity: [{ role: 'source', what: { reference: `Consent/${recording.consentId}` } }],
  };
  const ifNoneExist = `identifier=${system}|${value}`;
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: value, resource: media, request: { method: 'POST', url: 'Media', ifNoneExist } },
      { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
    ],
  };
}

async function checkConsent({ consentId }: KeptRecording): Promise<void> {
  const { status } = await callJson<Consent>(`Consent/${consentId}`);
  if (status !== 'active') throw new ApiError(409, '', 'consent-withdrawn');
}

/** Completes with the id of the Media when the server has acknowledged all of it. Throws ApiError. */
export async function sendRecording(recording: KeptRecording): Promise<string> {
  await checkConsent(recording);
  const { system, value } = identifierOf(recording);
  const [known] = resourcesOf<Media>(
    await callJson<Bundle>(`Media?identifier=${encodeURIComponent(`${system}|${value}`)}`),
  );
  if (known?.id !== undefined) return known.id;
  const bundle = recordingBundle(recording, await sendSound(recording), new Date().toISOString());
  const answer = await callJson<Bundle>('', { method: 'POST', resource: bundle });
  return /Media\/([^/]+)/.exec(answer.entry?.[0]?.response?.location ?? '')?.[1] ?? '';
}
