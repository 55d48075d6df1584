/**
 * Patients who want no reminders have an active Flag with a code of ours. A Flag, since staff see Flags in every chart and
 * set them with the tools they have; a Consent would say what may be seen, which is another matter.
 */
import type { Flag } from '@medplum/fhirtypes';
import type { FhirApi } from '../../sdk/index.ts';

const FLAG_SYSTEM = 'https://dr-assistant.example/fhir/CodeSystem/flag';
const NO_REMINDERS = 'no-appointment-reminders';
const PATIENTS_AT_ONCE = 50;
const FLAGS_MAX = 2_000;

/** Those of the patients (`Patient/1`) who want none. @param timeZone of days without a time, which count from their start to their end */
export async function loadOptedOut(
  fhir: FhirApi,
  patients: readonly string[],
  now: Date,
  timeZone: string,
): Promise<ReadonlySet<string>> {
  const optedOut = new Set<string>();
  const unique = [...new Set(patients)];
  for (let from = 0; from < unique.length; from += PATIENTS_AT_ONCE) {
    const patient = unique.slice(from, from + PATIENTS_AT_ONCE).join(',');
    for (const flag of await fhir.findAll('Flag', { patient, _count: '200' }, FLAGS_MAX))
      if (flag.resourceType === 'Flag' && isOptOut(flag, now, timeZone))
        optedOut.add(flag.subject.reference ?? '');
  }
  return optedOut;
}

function isOptOut(flag: Flag, now: Date, timeZone: string): boolean {
  const { start, end } = flag.period ?? {};
  const isNow =
    (start === undefined || compare(start, now, timeZone) <= 0) &&
    (end === undefined || compare(end, now, timeZone) >= 0);
  const codings = flag.code.coding ?? [];
  return (
    flag.status === 'active' &&
    isNow &&
    codings.some((c) => c.system === FLAG_SYSTEM && c.code === NO_REMINDERS)
  );
}

/** Negative when it is over; 0 as well while a day, month or year without a time lasts. */
function compare(dateTime: string, now: Date, timeZone: string): number {
  if (dateTime.includes('T')) return Date.parse(dateTime) - now.getTime();
  // Swedish dates are ISO 8601.
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(now).slice(0, dateTime.length);
  return dateTime < today ? -1 : Number(dateTime > today);
}
