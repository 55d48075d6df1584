/** Messages of offers that nobody has sent yet and that are over: taken, declined or past their time. */
import type { Appointment, Communication } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';
import { loadByReference } from '../appointment-reminder/by-reference.ts';
import { OFFER_SYSTEM } from './offer.ts';

const MESSAGES_MAX = 2_000;

/** Sets them to `not-done`, over the version that was read: a gateway that has begun to send one wins. */
export async function withdrawNotices(fhir: FhirApi): Promise<number> {
  const params = { identifier: `${OFFER_SYSTEM}|`, status: 'preparation', _count: '200' };
  const waiting = (await fhir.findAll('Communication', params, MESSAGES_MAX)).filter(
    (one) => one.resourceType === 'Communication',
  );
  const offers = await loadByReference<Appointment>(fhir, 'Appointment', waiting.map(offerReferenceOf));
  const over = waiting.filter((one) => offers.get(offerReferenceOf(one))?.status !== 'pending');
  for (const communication of over)
    await fhir.update(
      { ...communication, status: 'not-done', statusReason: { text: 'The time is offered no longer.' } },
      { ifMatch: communication.meta?.versionId ?? '' },
    );
  return over.length;
}

const offerReferenceOf = ({ identifier }: Communication): string =>
  identifier?.find(({ system }) => system === OFFER_SYSTEM)?.value ?? '';
