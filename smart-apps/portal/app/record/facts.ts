/** Who the patient is, as names and values. Pure. */
import type { Patient } from '@medplum/fhirtypes';
import {
  formatAddress,
  formatAge,
  formatContactPoint,
  formatDate,
  formatGender,
  nameOf,
} from '@dr-assistant/ui/format';
import type { Words } from '@dr-assistant/ui/i18n';
import type { Text } from '../words.ts';

export function factsOf(patient: Patient, words: Words, t: Text): (readonly [string, string])[] {
  const { birthDate, gender, identifier, telecom, address, generalPractitioner, managingOrganization } =
    patient;
  const facts: (readonly [string, string | undefined])[] = [
    [t('home.name'), nameOf(patient, words)],
    [
      t('home.born'),
      birthDate &&
        t('home.born-age', {
          date: formatDate(birthDate, words),
          age: formatAge(birthDate, new Date(), words),
        }),
    ],
    [t('home.gender'), gender && formatGender(gender, words)],
    [t('home.number'), identifier?.map(({ value }) => value).join(', ')],
    [t('home.telecom'), telecom?.map((c) => formatContactPoint(c, words)).join(', ')],
    [t('home.address'), address?.map((a) => formatAddress(a, words)).join('; ')],
    [t('home.doctor'), generalPractitioner?.flatMap(({ display }) => display ?? []).join(', ')],
    [t('home.clinic'), managingOrganization?.display],
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  );
}
