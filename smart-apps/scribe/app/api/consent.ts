/**
 * The patient's agreement to be recorded, as a Consent: https://hl7.org/fhir/R4/consent.html. Its scope is
 * patient-privacy, which is agreement to collect information; it permits and denies nothing else.
 */
import type { Bundle, Consent, Provenance } from '@medplum/fhirtypes';
import { callJson, resourcesOf, type PatientSession } from '@dr-assistant/ui/session';

const CATEGORY = 'https://dr-assistant.example/fhir/CodeSystem/consent-category';
const RECORDING = 'visit-recording';
/** A visit does not last longer; the next one asks again. */
const LASTS_MS = 24 * 3_600_000;

const coding = (system: string, code: string, display?: string) => ({
  coding: [
    {
      system: system.startsWith('http') ? system : `http://terminology.hl7.org/CodeSystem/${system}`,
      code,
      ...(display === undefined ? {} : { display }),
    },
  ],
});

type Visit = Pick<PatientSession, 'patientId' | 'encounterId' | 'fhirUser'>;

export function recordingConsent({ patientId, encounterId }: Visit, now: Date): Consent {
  const patient = { reference: `Patient/${patientId}` };
  const [start, end] = [now, new Date(now.getTime() + LASTS_MS)].map((d) => d.toISOString());
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: coding('consentscope', 'patient-privacy'),
    category: [
      { ...coding(CATEGORY, RECORDING), text: 'Recording of a visit' },
      coding('v3-ActCode', 'ICOL', 'information collection'),
    ],
    patient,
    dateTime: now.toISOString(),
    performer: [patient],
    policyRule: coding('v3-ActCode', 'OPTIN', 'opt-in'),
    verification: [{ verified: true, verifiedWith: patient, verificationDate: now.toISOString() }],
    provision: {
      type: 'permit',
      period: { start: start!, end: end! },
      action: [coding('consentaction', 'collect')],
      purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Media' }],
      ...(encounterId === undefined
        ? {}
        : { data: [{ meaning: 'related' as const, reference: { reference: `Encounter/${encounterId}` } }] }),
    },
  };
}

/** Whether it counts now, for this encounter; one that names no encounter is for a visit without. */
export function isInForce(consent: Consent, encounterId: string | undefined, now: Date): boolean {
  const { period, data, type } = consent.provision ?? {};
  const encounter = data?.find((d) => d.meaning === 'related')?.reference?.reference;
  const wanted = encounterId === undefined ? undefined : `Encounter/${encounterId}`;
  const [start, end] = [Date.parse(period?.start ?? ''), Date.parse(period?.end ?? '')];
  const isNow = start <= now.getTime() && now.getTime() <= end;
  return consent.status === 'active' && type === 'permit' && encounter === wanted && isNow;
}

/** Who confirmed it, or took it back, for which Consent has no place. */
const provenance = (target: string, fhirUser: string, text: string): Provenance => ({
  resourceType: 'Provenance',
  target: [{ reference: target }],
  recorded: new Date().toISOString(),
  activity: { text },
  agent: [
    { type: coding('provenance-participant-type', 'verifier', 'Verifier'), who: { reference: fhirUser } },
  ],
});

/** Null when there is none: nothing may be recorded. */
export async function loadConsent({ patientId, encounterId }: Visit): Promise<Consent | null> {
  const category = encodeURIComponent(`${CATEGORY}|${RECORDING}`);
  const found = await callJson<Bundle>(
    `Consent?patient=${patientId}&category=${category}&status=active&_sort=-date&_count=20`,
  );
  const now = new Date();
  return resourcesOf<Consent>(found).find((c) => isInForce(c, encounterId, now)) ?? null;
}

export async function giveConsent(visit: Visit): Promise<void> {
  const fullUrl = `urn:uuid:${crypto.randomUUID()}`;
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl, resource: recordingConsent(visit, new Date()), request: { method: 'POST', url: 'Consent' } },
      {
        resource: provenance(fullUrl, visit.fhirUser, 'Confirmed that the patient agrees'),
        request: { method: 'POST', url: 'Provenance' },
      },
    ],
  };
  await callJson('', { method: 'POST', resource: bundle });
}

export async function withdrawConsent(consent: Consent, fhirUser: string): Promise<void> {
  const url = `Consent/${consent.id ?? ''}`;
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        resource: { ...consent, status: 'inactive' },
        request: { method: 'PUT', url, ifMatch: `W/"${consent.meta?.versionId ?? ''}"` },
      },
      {
        resource: provenance(url, fhirUser, 'The patient took the agreement back'),
        request: { method: 'POST', url: 'Provenance' },
      },
    ],
  };
  await callJson('', { method: 'POST', resource: bundle });
}
